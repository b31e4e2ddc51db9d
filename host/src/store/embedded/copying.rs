//! Copying the database while others read and write it, by SQLite's own online backup.

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::error::StoreError;
use crate::store::record::Counts;

/// Pages that are copied at a time.
const PAGES: c_int = 1_000;

/// How long is waited for a lock that somebody else holds for a moment.
const PAUSE: Duration = Duration::from_millis(10);

/// Copies what is committed at this moment into a new file, which needs no log beside it; says what it holds.
///
/// # Errors
/// When the database cannot be read, or the file not be written, which is told of the file.
pub(super) fn copy(database: &Path, file: &Path) -> Result<Counts, StoreError> {
    let named = |source| StoreError::Directory {
        directory: file.display().to_string(),
        source,
    };
    let unwritable = |error: rusqlite::Error| named(io::Error::other(error));
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // A read that stays open shows one moment: commits meanwhile neither get into the copy nor make it begin anew.
    let moment = source.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut copy = Connection::open(file).map_err(unwritable)?;
    {
        let backup = Backup::new(&moment, &mut copy)?;
        loop {
            match backup.step(PAGES) {
                Ok(StepResult::Done) => break,
                Ok(StepResult::More) => {}
                // Busy or locked.
                Ok(_) => thread::sleep(PAUSE),
                // Reading fills no disk.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                    return Err(unwritable(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    copy.pragma_update(None, "journal_mode", "DELETE")
        .map_err(unwritable)?;
    let counts = counts(&copy)?;
    drop(copy);
    let sync = || File::open(file)?.sync_all();
    sync().map_err(named)?;
    Ok(counts)
}

/// How much a database holds.
pub(super) fn counts(connection: &Connection) -> Result<Counts, StoreError> {
    let query =
        "SELECT (SELECT count(*) FROM face), (SELECT count(*) FROM cluster), (SELECT count(*) FROM photo)";
    Ok(connection.prepare_cached(query)?.query_row([], |row| {
        let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        Ok(Counts {
            faces: count(0)?,
            clusters: count(1)?,
            photos: count(2)?,
        })
    })?)
}
