//! The sole right to a store's directory.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::faces::store::StoreError;

/// Held for as long as a store is open, or is being replaced.
#[derive(Debug)]
pub struct StoreLock {
    _file: File,
}

impl StoreLock {
    /// Takes it, and makes the directory when it is not there.
    pub(super) fn take(directory: &Path) -> Result<Self, StoreError> {
        let named = |source| StoreError::Directory {
            directory: directory.display().to_string(),
            source,
        };
        fs::create_dir_all(directory).map_err(named)?;
        let file = File::create(directory.join("lock")).map_err(named)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::InUse(directory.display().to_string()),
            TryLockError::Error(source) => named(source),
        })?;
        Ok(Self { _file: file })
    }
}
