//! Writing a damaged database anew, as far as its tables can be read: indexes, and pages that nobody uses, hold nothing
//! that the tables do not.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::lock::DATABASE;
use super::{examine, rows};
use crate::files::{remove_if_there, sync_folder};
use crate::store::error::StoreError;

/// The new database, until it takes its place.
const REBUILT: &str = "faces.rebuilt.sqlite";
/// What it took the place of.
pub(super) const DAMAGED: &str = "faces.damaged.sqlite";

/// Says what it did; nothing of a database in which SQLite finds no fault. The caller holds the lock, and nobody has the
/// store open.
pub(super) fn rebuild(directory: &Path) -> Result<Vec<String>, StoreError> {
    let database = directory.join(DATABASE);
    if !database.exists() {
        return Ok(Vec::new());
    }
    let named = |source| StoreError::Directory {
        directory: directory.display().to_string(),
        source,
    };
    let damaged = Connection::open(&database)?;
    if examine::sqlite(&damaged)?.is_empty() {
        return Ok(Vec::new());
    }
    let rebuilt = directory.join(REBUILT);
    remove_if_there(&rebuilt).map_err(named)?;
    copy(&database, &rebuilt)?;
    // A log that is left would be taken for the new database's.
    damaged.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    damaged.close().map_err(|(_, error)| error)?;
    let take_place = || {
        remove_if_there(&directory.join("faces.sqlite-wal"))?;
        let kept = directory.join(DAMAGED);
        remove_if_there(&kept)?;
        fs::hard_link(&database, &kept)?;
        // There is a database at every moment.
        fs::rename(&rebuilt, &database)?;
        remove_if_there(&directory.join("neighbours.index"))?;
        sync_folder(directory)
    };
    take_place().map_err(named)?;
    Ok(vec![format!(
        "the database was damaged and was rebuilt; the damaged one is in {}",
        directory.join(DAMAGED).display()
    )])
}

/// Copies every row of every table into a new database, then makes indexes and triggers. SQLite's own `VACUUM` copies
/// indexes as they are.
fn copy(damaged: &Path, rebuilt: &Path) -> Result<(), StoreError> {
    let connection = Connection::open(rebuilt)?;
    connection.execute("ATTACH ?1 AS damaged", [damaged.display().to_string()])?;
    let parts = rows::all(
        &connection,
        "SELECT type = 'table', name, sql FROM damaged.sqlite_schema \
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        [],
        |row| {
            Ok((
                row.get::<_, bool>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        },
    )?;
    let (tables, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(is_table, ..)| *is_table);
    let transaction = connection.unchecked_transaction()?;
    for (_, _, statement) in &tables {
        transaction.execute_batch(statement)?;
    }
    let names = tables.iter().map(|(_, name, _)| name.as_str());
    for name in names.chain(["sqlite_sequence"]) {
        // With a limit, rows are read one by one and not taken over with their indexes.
        transaction.execute_batch(&format!(
            "DELETE FROM main.{name}; INSERT INTO main.{name} SELECT * FROM damaged.{name} NOT INDEXED LIMIT -1"
        ))?;
    }
    for (_, _, statement) in &others {
        transaction.execute_batch(statement)?;
    }
    transaction.commit()?;
    connection.execute("DETACH damaged", [])?;
    match examine::sqlite(&connection)?.first() {
        Some(fault) => Err(StoreError::Damaged(fault.clone())),
        None => Ok(()),
    }
}
