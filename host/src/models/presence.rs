//! Which files are on disk and right.
//!
//! Hashing a set's hundred megabytes at every start would be slow, so what was once found right is written down
//! in [`RECORD`] with its size and modification time, and only hashed again when one of the two has changed.
//! The record saves time and guards against accidents; `verify` does not trust it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

use super::{
    lock_file::LockFile,
    manifest::{Manifest, ManifestError, ModelDirectory, Set},
    wanted::{self, Wanted},
};
use crate::{digest::digest_of_file, files::write_whole_readable};

/// The record's name in the directory.
const RECORD: &str = ".verified";

/// What was known of a file when it was last hashed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Seen {
    /// SHA-256 in hexadecimal.
    sha256: String,
    /// Size in bytes.
    bytes: u64,
    /// Modification time in nanoseconds since 1970; a time outside 1970 to 2554 is never believed.
    modified: u64,
}

impl Seen {
    /// Size and time of a file with a hash that the caller vouches for.
    fn new(path: &Path, sha256: String) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let since_1970 = metadata
            .modified()?
            .duration_since(UNIX_EPOCH)
            .map_err(io::Error::other)?;
        Ok(Self {
            sha256,
            bytes: metadata.len(),
            modified: u64::try_from(since_1970.as_nanos()).map_err(io::Error::other)?,
        })
    }
}

/// What a directory holds, as far as the manifest is concerned.
#[derive(Debug)]
pub(super) struct Presence<'d> {
    directory: &'d Path,
    seen: BTreeMap<String, Seen>,
    lock: LockFile,
    changed: bool,
}

impl<'d> Presence<'d> {
    /// Reads the directory's record and its lock file; what is missing or unreadable counts as empty.
    pub(super) fn read(directory: &'d Path) -> Self {
        let lock = LockFile::read(directory).unwrap_or_else(|error| {
            tracing::error!(
                error = crate::report(&error),
                "files without a hash in the manifest are treated as missing"
            );
            LockFile::default()
        });
        let seen = fs::read(directory.join(RECORD))
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default();
        Self {
            directory,
            seen,
            lock,
            changed: false,
        }
    }

    /// The SHA-256 that a file must have: the manifest's, or else the lock file's.
    pub(super) fn expected<'a>(&'a self, wanted: &Wanted<'a>) -> Option<&'a str> {
        wanted.sha256().or_else(|| self.lock.sha256(wanted.name))
    }

    /// Whether a file is there and right. Hashes it only when the record does not already say so.
    pub(super) fn has(&mut self, wanted: &Wanted<'_>) -> bool {
        let path = self.directory.join(wanted.name);
        let Some(expected) = self.expected(wanted).map(str::to_owned) else {
            return false;
        };
        let Ok(now) = Seen::new(&path, expected) else {
            return false;
        };
        if self.seen.get(wanted.name) == Some(&now) {
            return true;
        }
        if wanted.bytes().is_some_and(|bytes| bytes != now.bytes) {
            return false;
        }
        let right = sha256(&path).is_ok_and(|hash| hash == now.sha256);
        if right {
            self.seen.insert(wanted.name.to_owned(), now);
            self.changed = true;
        }
        right
    }

    /// Writes down that a file was put there with this hash, which is the right one.
    ///
    /// # Errors
    /// When the file cannot be looked at.
    pub(super) fn put(&mut self, name: &str, sha256: String) -> io::Result<()> {
        let seen = Seen::new(&self.directory.join(name), sha256)?;
        self.seen.insert(name.to_owned(), seen);
        self.changed = true;
        Ok(())
    }

    /// Takes back what was written down of a file, so that the next look hashes it.
    pub(super) fn forget(&mut self, name: &str) {
        self.changed |= self.seen.remove(name).is_some();
    }

    /// Saves the record when it has changed. In a read-only directory that fails, and the next start hashes again.
    pub(super) fn save(&self) {
        let path = self.directory.join(RECORD);
        let write = || write_whole_readable(&path, &serde_json::to_vec_pretty(&self.seen)?);
        if self.changed
            && let Err(error) = write()
        {
            tracing::debug!(%error, "the record of verified files was not saved");
        }
    }
}

/// SHA-256 of a file, in lower-case hexadecimal.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    Ok(digest_of_file(path)?.1)
}

/// Names of the files that a set needs and that are absent or wrong; its optional models do not count, and neither do
/// rewritten graphs, in whose place those run that were published ([`with_present_graphs`]).
///
/// # Errors
/// When the manifest refers to something that it does not define.
pub fn missing_files(
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
) -> Result<Vec<String>, ManifestError> {
    let mut presence = Presence::read(&directory.0);
    let missing = wanted::required(manifest, set)?
        .iter()
        .filter(|file| file.rewrite.is_none() && !presence.has(file))
        .map(|file| file.name.to_owned())
        .collect();
    presence.save();
    Ok(missing)
}

/// The manifest with the rewritten graphs of a set that are there and right; in the place of the others the published
/// ones run, which a warning says.
///
/// # Errors
/// When the manifest refers to something that it does not define.
pub fn with_present_graphs(
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
) -> Result<Manifest, ManifestError> {
    let mut presence = Presence::read(&directory.0);
    let mut present = manifest.clone();
    for file in wanted::all(manifest, set)? {
        let Some((model, _)) = file.rewrite else { continue };
        if presence.has(&file) {
            continue;
        }
        if directory.path(&model.file).exists() {
            tracing::warn!(
                model = model.name,
                file = file.name,
                "this network runs in its published form, which is slower; run `ai-worker models pull`, which makes \
                 the faster form without a download"
            );
        }
        for other in present.models.iter_mut().filter(|other| other.name == model.name) {
            other.rewritten = None;
        }
    }
    presence.save();
    Ok(present)
}

/// The SHA-256 of a file in the directory: as it was when the file was last found right, where it has not changed since;
/// otherwise the file is hashed.
///
/// # Errors
/// When it cannot be read.
pub fn sha256_of(directory: &ModelDirectory, name: &str) -> io::Result<String> {
    let presence = Presence::read(&directory.0);
    let path = directory.path(name);
    let known = presence.seen.get(name).filter(|seen| {
        let now = Seen::new(&path, seen.sha256.clone());
        now.is_ok_and(|now| now == **seen)
    });
    known.map_or_else(|| sha256(&path), |seen| Ok(seen.sha256.clone()))
}

/// Where ONNX Runtime's library for this platform lies, when it is there and right.
#[must_use]
pub fn runtime_library(manifest: &Manifest, directory: &ModelDirectory) -> Option<PathBuf> {
    let library = wanted::runtime(manifest, std::env::consts::OS, std::env::consts::ARCH).ok()??;
    let mut presence = Presence::read(&directory.0);
    let present = presence.has(&library);
    presence.save();
    present.then(|| directory.path(library.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::manifest::{Package, PackageKind};

    /// SHA-256 of the three bytes `abc` (FIPS 180-4, example B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn package() -> Package {
        Package {
            id: "p".into(),
            name: "p".into(),
            version: "1".into(),
            kind: PackageKind::Wheel,
            platform: None,
            bytes: Some(3),
            sha256: None,
        }
    }

    fn wanted(package: &Package) -> Wanted<'_> {
        Wanted {
            name: "a.onnx",
            package,
            path: "a",
            source_sha256: Some(ABC),
            source_bytes: 3,
            licence: "MIT",
            licence_note: None,
            convert: None,
            made_of: None,
            rewrite: None,
        }
    }

    #[test]
    fn hashes_and_remembers() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let package = package();
        let wanted = wanted(&package);
        let mut presence = Presence::read(directory.path());
        assert!(!presence.has(&wanted), "absent");

        let path = directory.path().join("a.onnx");
        fs::write(&path, "abd")?;
        assert!(!presence.has(&wanted), "right size, wrong content");
        fs::write(&path, "abc")?;
        assert!(presence.has(&wanted));
        presence.save();

        // The same size and time: the record is believed, which shows that nothing was hashed.
        let modified = fs::metadata(&path)?.modified()?;
        fs::write(&path, "abd")?;
        fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(modified)?;
        assert!(Presence::read(directory.path()).has(&wanted));

        // Another time: it is hashed again.
        fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(modified + std::time::Duration::from_secs(1))?;
        assert!(!Presence::read(directory.path()).has(&wanted));
        Ok(())
    }

    #[test]
    fn an_unreadable_record_counts_as_empty() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join(RECORD), "{")?;
        fs::write(directory.path().join("a.onnx"), "abc")?;
        let package = package();
        assert!(Presence::read(directory.path()).has(&wanted(&package)));
        Ok(())
    }
}
