//! `models.lock`: what was found of files whose hash the manifest does not state, and which licences were accepted.
//!
//! The first pull or import of such a file writes its hash down; every later one, and every start, is held to it.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::files::write_whole_readable;

/// Its name in the models directory.
pub(super) const NAME: &str = "models.lock";

/// What stands above its entries.
const HEADER: &str = "# Written by `ai-worker models`. Later pulls accept only the content of its entries; remove an entry to accept \
                      other content.\n\n";

/// A lock file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// It cannot be read or written.
    #[error("{NAME} in the models directory cannot be read or written; check its permissions")]
    Io(#[from] io::Error),
    /// It is not what was written.
    #[error("{NAME} in the models directory is damaged; restore it, or remove it and pull again")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The file's content.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct LockFile {
    /// The licences that were accepted.
    #[serde(default)]
    pub(super) accepted: Vec<String>,
    /// Files by their names.
    #[serde(default, rename = "file")]
    pub(super) files: BTreeMap<String, Locked>,
}

/// One file as it was found first.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Locked {
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
    /// Where it came from, for people.
    pub(super) from: String,
}

impl LockFile {
    /// Reads a directory's lock file; one that is missing is empty.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(super) fn read(directory: &Path) -> Result<Self, LockFileError> {
        match fs::read_to_string(directory.join(NAME)) {
            Ok(text) => toml::from_str(&text).map_err(|error| LockFileError::Damaged(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// The hash of a file that was locked.
    pub(super) fn sha256(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|locked| locked.sha256.as_str())
    }

    /// Writes the file as a whole.
    ///
    /// # Errors
    /// When it cannot be written; then it is as before.
    pub(super) fn save(&self, directory: &Path) -> Result<(), LockFileError> {
        let entries = toml::to_string(self).map_err(|error| LockFileError::Damaged(error.into()))?;
        write_whole_readable(&directory.join(NAME), format!("{HEADER}{entries}").as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_read_again() -> Result<(), LockFileError> {
        let directory = tempfile::tempdir()?;
        assert_eq!(LockFile::read(directory.path())?, LockFile::default());
        let locked = Locked {
            sha256: "0".repeat(64),
            from: "owner/name@0123".into(),
        };
        let lock = LockFile {
            accepted: vec!["MIT".into()],
            files: [("a.onnx".into(), locked)].into(),
        };
        lock.save(directory.path())?;
        assert_eq!(LockFile::read(directory.path())?, lock);
        fs::write(directory.path().join(NAME), "[file")?;
        assert!(matches!(
            LockFile::read(directory.path()),
            Err(LockFileError::Damaged(_))
        ));
        Ok(())
    }
}
