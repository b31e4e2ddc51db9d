//! Keys of callers at rest: a file of names, roles and digests.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::digest::{hexadecimal, is_sha256};

/// What a key may do; each role also includes the rights of the role before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Have photos described, and read.
    Process,
    /// Correct, merge and delete.
    Curate,
    /// Change plugins.
    Admin,
}

impl Role {
    /// As the file and problems write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Curate => "curate",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Process, Self::Curate, Self::Admin]
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or("unknown role; use process, curate or admin")
    }
}

/// What a key is called in the log: 1 to 64 lower-case letters, digits, hyphens and dots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyName(Arc<str>);

impl FromStr for KeyName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err("invalid name; use 1 to 64 lower-case letters, digits, hyphens and dots")
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The SHA-256 of a key. A key that was generated has 244 random bits, so that no slower hash is needed: nobody can try
/// them out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Hashes a key.
    #[must_use]
    pub fn of(key: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether it is this key's; takes the same time whatever the key is.
    #[must_use]
    pub fn matches(&self, key: &[u8]) -> bool {
        self.0.ct_eq(&Self::of(key).0).into()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Digest")
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "invalid digest; write the key's SHA-256 as 64 hexadecimal digits";
        if !is_sha256(text) {
            return Err(SHAPE);
        }
        let mut digest = [0; 32];
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| SHAPE)?;
        }
        Ok(Self(digest))
    }
}

/// A key that nobody has yet. Its text is shown once and kept nowhere.
pub struct NewKey(String);

impl NewKey {
    /// Draws 244 bits from the system: two UUIDs of version 4, each with 122.
    #[must_use]
    pub fn generate() -> Self {
        let bits = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
        // The prefix lets scanners of leaked secrets find it.
        Self(format!("aiw_{}", BASE64_URL_SAFE_NO_PAD.encode(bits)))
    }

    /// What the caller sends.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the file keeps.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

/// Why a file of keys cannot be used. Says nothing of what is in it but line numbers and names.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It cannot be read or written.
    #[error("the key file {path} cannot be read or written; check API_KEYS_FILE")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A line is none of `NAME ROLE SHA256`.
    #[error("line {line} of the key file is not a valid key: {reason}; write NAME ROLE SHA256")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The name is there already.
    #[error("the key file already has a key named {0}; choose another name, or delete its line first")]
    Taken(String),
}

#[derive(Clone, Debug)]
struct Entry {
    name: KeyName,
    role: Role,
    digest: Digest,
}

/// What a file of keys holds: a line a key, `NAME ROLE SHA256`; empty lines and those that begin with `#` say nothing.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Entry>);

impl Keys {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or has a mistake.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let text = std::fs::read_to_string(path).map_err(|source| KeysError::File {
            path: path.display().to_string(),
            source,
        })?;
        text.parse()
    }

    /// Adds a key to a file, which is made when there is none, readable by its owner only.
    ///
    /// # Errors
    /// When the name is taken, or the file cannot be written or has a mistake.
    pub fn add(path: &Path, name: &KeyName, role: Role, key: &NewKey) -> Result<(), KeysError> {
        let failed = |source| KeysError::File {
            path: path.display().to_string(),
            source,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(error)),
        };
        if text.parse::<Self>()?.0.iter().any(|entry| entry.name == *name) {
            return Err(KeysError::Taken(name.to_string()));
        }
        let separator = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let line = format!("{separator}{name} {} {}\n", role.name(), key.digest());
        append(path, line.as_bytes()).map_err(failed)
    }

    /// Whose key this is.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<(Arc<str>, Role)> {
        if key.is_empty() {
            return None;
        }
        let digest = Digest::of(key);
        // All are looked at, so that the time tells nothing of where a key stands.
        self.0.iter().fold(None, |found, entry| {
            let same: bool = entry.digest.0.ct_eq(&digest.0).into();
            if same {
                Some((Arc::clone(&entry.name.0), entry.role))
            } else {
                found
            }
        })
    }

    /// Whether there is a key of this role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.iter().any(|entry| entry.role == role)
    }

    /// Every key's name and role.
    pub fn list(&self) -> impl Iterator<Item = (&KeyName, Role)> {
        self.0.iter().map(|entry| (&entry.name, entry.role))
    }
}

/// Appends in one write, so that whoever reads meanwhile sees all of the line or nothing.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, line)?;
    file.sync_all()
}

impl FromStr for Keys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut entries = Vec::new();
        let (mut names, mut digests) = (HashSet::new(), HashSet::new());
        for (index, line) in text.lines().enumerate() {
            let line_error = |reason| KeysError::Line {
                line: index + 1,
                reason,
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [name, role, digest] = parts[..] else {
                return Err(line_error("it does not have three parts"));
            };
            let entry = Entry {
                name: name.parse().map_err(line_error)?,
                role: role.parse().map_err(line_error)?,
                digest: digest.parse().map_err(line_error)?,
            };
            if !names.insert(entry.name.clone()) {
                return Err(KeysError::Taken(entry.name.to_string()));
            }
            if !digests.insert(entry.digest) {
                return Err(line_error("the same key is listed above under another name"));
            }
            entries.push(entry);
        }
        Ok(Self(entries))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn a_file_has_a_line_a_key() {
        let (one, two) = (NewKey::generate(), NewKey::generate());
        let text = format!(
            "# who calls\n\nbackend process {}\n  team.b-2   curate {}\n",
            one.digest(),
            two.digest().to_string().to_uppercase()
        );
        let keys: Keys = text.parse().unwrap();
        assert_eq!(
            keys.find(one.text().as_bytes()).unwrap(),
            ("backend".into(), Role::Process)
        );
        assert_eq!(
            keys.find(two.text().as_bytes()).unwrap(),
            ("team.b-2".into(), Role::Curate)
        );
        assert!(keys.find(b"").is_none() && keys.find(b"aiw_").is_none());
        assert!(keys.has(Role::Curate) && !keys.has(Role::Admin));
        assert!(!format!("{keys:?}").contains(&one.digest().to_string()));
    }

    #[test]
    fn a_mistake_is_told_by_its_line_and_without_the_digest() {
        let digest = Digest::of("key");
        for (text, part) in [
            (format!("\nbackend process\n{digest}"), "line 2"),
            (format!("backend owner {digest}"), "role"),
            (format!("Backend process {digest}"), "name"),
            ("backend process 1234".to_owned(), "64"),
            (
                format!("a process {digest}\na admin {}", Digest::of("b")),
                "already",
            ),
            (format!("a process {digest}\nb admin {digest}"), "another name"),
        ] {
            let error = text.parse::<Keys>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
            assert!(!error.contains(&digest.to_string()), "{error}");
        }
        // SHA-256 of "key", by another implementation (`printf key | sha256sum`).
        assert_eq!(
            digest.to_string(),
            "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"
        );
    }

    #[test]
    fn keys_are_added_to_a_file_of_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let key = NewKey::generate();
        let name: KeyName = "backend".parse().unwrap();
        Keys::add(&file, &name, Role::Process, &key).unwrap();
        let other: KeyName = "ops".parse().unwrap();
        Keys::add(&file, &other, Role::Admin, &NewKey::generate()).unwrap();
        assert!(matches!(
            Keys::add(&file, &name, Role::Admin, &key),
            Err(KeysError::Taken(_))
        ));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains(key.text()), "{text}");
        let roles: Vec<Role> = Keys::read(&file).unwrap().list().map(|(_, role)| role).collect();
        assert_eq!(roles, [Role::Process, Role::Admin]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
