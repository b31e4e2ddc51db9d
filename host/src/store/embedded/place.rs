//! Whether the database is still where it was opened: what is written to a file that was deleted is gone when it is
//! closed, and what is written to one that was renamed is not found at the next start.

use std::fs;
use std::path::{Path, PathBuf};

use crate::store::error::StoreError;

/// The files that must not change their names, and what had these names at the start.
pub(super) struct Place(Vec<(PathBuf, Option<Identity>)>);

/// Which file a name leads to: on Unix device and number, elsewhere only that there is one.
type Identity = (u64, u64);

impl Place {
    /// Of a database that is open, with its write-ahead log.
    pub(super) fn of(database: &Path) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let files = [database.to_owned(), PathBuf::from(log)];
        Self(files.map(|file| (file.clone(), identity(&file))).to_vec())
    }

    /// Fails when one of them has another name now, or none.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let gone = self.0.iter().find(|(file, before)| identity(file) != *before);
        gone.map_or(Ok(()), |(file, _)| {
            Err(StoreError::Lost(file.display().to_string()))
        })
    }
}

fn identity(file: &Path) -> Option<Identity> {
    let metadata = fs::metadata(file).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Some((0, 0))
    }
}
