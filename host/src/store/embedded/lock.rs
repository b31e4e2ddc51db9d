//! The sole right to a store: to its directory, and to the database itself.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::error::StoreError;

/// The database's file in the directory.
pub(super) const DATABASE: &str = "faces.sqlite";

/// Held for as long as a store is open, or is being replaced.
#[derive(Debug)]
pub struct StoreLock {
    _file: File,
}

impl StoreLock {
    /// Takes it, and makes the directory when it is not there.
    ///
    /// The lock file keeps two workers from starting at the same moment. It may be deleted while a worker runs; but then
    /// that worker still has the database open, which is seen at the database itself.
    pub(super) fn take(directory: &Path) -> Result<Self, StoreError> {
        let named = |source| StoreError::Directory {
            directory: directory.display().to_string(),
            source,
        };
        let in_use = || StoreError::InUse(directory.display().to_string());
        fs::create_dir_all(directory).map_err(named)?;
        let file = File::create(directory.join("lock")).map_err(named)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => in_use(),
            TryLockError::Error(source) => named(source),
        })?;
        if is_open(&directory.join(DATABASE)) {
            return Err(in_use());
        }
        Ok(Self { _file: file })
    }
}

/// Whether somebody has a database open, whatever its name is by now.
///
/// Every connection to a database with a write-ahead log holds a lock on the file for as long as it is open. Whoever asks
/// for the file alone, as `locking_mode=EXCLUSIVE` does, is refused then, in this process as in others. The file must not
/// be opened by other means than SQLite's: closing it would take these locks away from this process.
fn is_open(database: &Path) -> bool {
    let ask = || {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")
    };
    // That it is not there, or damaged, is found when it is opened.
    ask().is_err_and(|error: rusqlite::Error| {
        matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    })
}
