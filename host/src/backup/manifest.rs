//! What a backup says about itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::digest::digest_of_file;
use crate::files::write_whole;
use crate::moment::{rfc3339, since_1970};
use crate::store::Counts;

/// The manifest's file in a backup.
const FILE: &str = "manifest.json";
/// What this worker writes. Fields may be added without another number.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// In which form it is.
    pub format: u32,
    /// When it was begun, as RFC 3339. Everything that was acknowledged before is in it.
    pub made_at: String,
    /// The same in microseconds since 1970, as the store keeps moments. What happened later may be missing from it.
    pub made_at_us: u64,
    /// The worker's version.
    pub worker: String,
    /// The network whose vectors it holds.
    pub embedding_model: String,
    /// Stored faces.
    pub faces: u64,
    /// Clusters.
    pub clusters: u64,
    /// Photos with a record.
    pub photos: u64,
    /// Every other file of the backup.
    pub files: Vec<FileEntry>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the backup, with slashes.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its hash, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Of what lies in a folder.
    pub(super) fn of(
        folder: &Path,
        made_at: SystemTime,
        embedding_model: &str,
        counts: Counts,
    ) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(folder, "", &mut files)?;
        Ok(Self {
            format: FORMAT,
            made_at: rfc3339(made_at),
            made_at_us: u64::try_from(since_1970(made_at).as_micros()).unwrap_or(u64::MAX),
            worker: env!("CARGO_PKG_VERSION").to_owned(),
            embedding_model: embedding_model.to_owned(),
            faces: counts.faces,
            clusters: counts.clusters,
            photos: counts.photos,
            files,
        })
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write_whole(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads what a backup says.
    ///
    /// # Errors
    /// When it is none, or one of a later worker.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let unreadable = || BackupError::NotABackup(folder.to_owned());
        let text = fs::read(folder.join(FILE)).map_err(|_| unreadable())?;
        let form: Form = serde_json::from_slice(&text).map_err(|_| unreadable())?;
        if form.format > FORMAT {
            return Err(BackupError::Later {
                folder: folder.to_owned(),
                format: form.format,
            });
        }
        serde_json::from_slice(&text).map_err(|_| unreadable())
    }

    /// Holds every file against its hash. Blocks.
    ///
    /// # Errors
    /// When one is missing, or not as it was.
    pub fn check(&self, folder: &Path) -> Result<(), BackupError> {
        for entry in &self.files {
            let path = folder.join(&entry.path);
            let found = digest_of_file(&path).map_err(|_| BackupError::Damaged(path.clone()))?;
            if found != (entry.bytes, entry.sha256.clone()) {
                return Err(BackupError::Damaged(path));
            }
        }
        Ok(())
    }

    /// When it was begun.
    #[must_use]
    pub fn made_at(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.made_at_us)
    }

    /// How many bytes its files have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }
}

/// The backups in a folder, the oldest first. What is not readable as a backup is left out. Blocks.
///
/// # Errors
/// When the folder cannot be read; one that is not there has no backups.
pub fn list(root: &Path) -> io::Result<Vec<(PathBuf, Manifest)>> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        // One that was cut off may have a manifest, and not its name.
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if let Ok(manifest) = Manifest::read(&entry.path()) {
            found.push((entry.path(), manifest));
        }
    }
    found.sort_by_key(|(_, manifest)| manifest.made_at_us);
    Ok(found)
}

/// The folder of a backup: by its path, or by its name in `BACKUP_DIR`.
#[must_use]
pub fn find(root: &Path, backup: &Path) -> PathBuf {
    if backup.join(FILE).exists() {
        backup.to_owned()
    } else {
        root.join(backup)
    }
}

/// Every file below a folder, in the order of their paths.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<FileEntry>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            let (bytes, sha256) = digest_of_file(&entry.path())?;
            files.push(FileEntry { path, bytes, sha256 });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_manifest_is_written_as_it_always_was() {
        let manifest = Manifest {
            format: FORMAT,
            made_at: "2026-01-02T03:04:05Z".to_owned(),
            made_at_us: 1_767_323_045_000_000,
            worker: "0.1.0".to_owned(),
            embedding_model: "arcface".to_owned(),
            faces: 1,
            clusters: 2,
            photos: 3,
            files: vec![FileEntry {
                path: "faces.sqlite".to_owned(),
                bytes: 4,
                sha256: "ab".to_owned(),
            }],
        };
        let expected = r#"{
  "format": 1,
  "made_at": "2026-01-02T03:04:05Z",
  "made_at_us": 1767323045000000,
  "worker": "0.1.0",
  "embedding_model": "arcface",
  "faces": 1,
  "clusters": 2,
  "photos": 3,
  "files": [
    {
      "path": "faces.sqlite",
      "bytes": 4,
      "sha256": "ab"
    }
  ]
}"#;
        let folder = tempfile::tempdir().unwrap();
        manifest.write(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), expected);
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    }
}
