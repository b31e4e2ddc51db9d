//! The history of corrections, and what each entry is found by.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};

use super::rows::{self, from_json};
use crate::store::correction::Correction;
use crate::store::error::StoreError;
use crate::store::format::to_text;

/// The tables. A position is never used twice.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS correction (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        json TEXT NOT NULL
    ) STRICT;
    -- What each entry names, has written and needs; made from its JSON.
    CREATE TABLE IF NOT EXISTS correction_key (
        key TEXT NOT NULL,
        position INTEGER NOT NULL,
        undoes INTEGER NOT NULL,
        PRIMARY KEY (key, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS correction_key_by_position ON correction_key (position);
    CREATE TRIGGER IF NOT EXISTS correction_goes AFTER DELETE ON correction BEGIN
        DELETE FROM correction_key WHERE position = old.position;
    END;
";

/// Writes an entry in place of what was there.
pub(super) fn put(connection: &Connection, correction: &Correction) -> Result<(), StoreError> {
    let position = rows::position(Some(correction.position));
    remove(connection, correction.position)?;
    connection
        .prepare_cached("INSERT INTO correction (position, json) VALUES (?1, ?2)")?
        .execute(params![position, to_text(correction)?])?;
    index(connection, correction)
}

fn index(connection: &Connection, correction: &Correction) -> Result<(), StoreError> {
    let position = rows::position(Some(correction.position));
    let undoes = rows::position(Some(correction.undoes));
    let mut insert = connection
        .prepare_cached("INSERT INTO correction_key (key, position, undoes) VALUES (?1, ?2, ?3)")?;
    for key in correction.keys() {
        insert.execute(params![key, position, undoes])?;
    }
    Ok(())
}

/// Removes an entry; says whether it was there.
pub(super) fn remove(connection: &Connection, position: u64) -> Result<bool, StoreError> {
    let removed = connection
        .prepare_cached("DELETE FROM correction WHERE position = ?1")?
        .execute([rows::position(Some(position))])?;
    Ok(removed > 0)
}

/// Removes entries but for the last so many positions; says whether any was there.
pub(super) fn trim(connection: &Connection, kept: u64) -> Result<bool, StoreError> {
    let first = last(connection)?.saturating_sub(kept);
    let removed = connection
        .prepare_cached("DELETE FROM correction WHERE position <= ?1")?
        .execute([rows::position(Some(first))])?;
    Ok(removed > 0)
}

pub(super) fn one(connection: &Connection, position: u64) -> Result<Option<Correction>, StoreError> {
    let query = "SELECT json FROM correction WHERE position = ?1";
    rows::one(connection, query, [rows::position(Some(position))], read)
}

pub(super) fn page(connection: &Connection, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError> {
    let query = "SELECT json FROM correction WHERE position > ?1 ORDER BY position LIMIT ?2";
    let parameters = [rows::position(Some(after)), rows::limit(limit)];
    rows::all(connection, query, parameters, read)
}

/// Entries that any of these keys finds, newest first.
pub(super) fn found(
    connection: &Connection,
    keys: &[String],
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Correction>, StoreError> {
    // One moment, so that what is found is there.
    let transaction = connection.unchecked_transaction()?;
    let query = "SELECT position FROM correction_key WHERE key = ?1 AND position < ?2 ORDER BY position DESC LIMIT ?3";
    let mut positions = BTreeSet::new();
    for key in keys {
        let parameters = params![key, rows::end(before), rows::limit(limit)];
        positions.extend(rows::all(&transaction, query, parameters, |row| {
            Ok(row.get::<_, i64>(0)?.unsigned_abs())
        })?);
        while positions.len() > limit {
            positions.pop_first();
        }
    }
    let mut corrections = Vec::with_capacity(positions.len());
    for position in positions.into_iter().rev() {
        corrections.extend(one(&transaction, position)?);
    }
    Ok(corrections)
}

/// The position of the first entry after one that any of these keys finds, and that undoes nothing from there on.
pub(super) fn later(connection: &Connection, keys: &[String], after: u64) -> Result<Option<u64>, StoreError> {
    let query = "SELECT min(position) FROM correction_key WHERE key = ?1 AND position > ?2 AND undoes < ?2";
    let mut first: Option<u64> = None;
    for key in keys {
        let found = rows::one(
            connection,
            query,
            params![key, rows::position(Some(after))],
            |row| Ok(row.get::<_, Option<i64>>(0)?.map(i64::unsigned_abs)),
        )?;
        first = [first, found.flatten()].into_iter().flatten().min();
    }
    Ok(first)
}

/// The last position that was given.
pub(super) fn last(connection: &Connection) -> Result<u64, StoreError> {
    let query = "SELECT seq FROM sqlite_sequence WHERE name = 'correction'";
    let last = rows::one(connection, query, [], |row| {
        Ok(row.get::<_, i64>(0)?.unsigned_abs())
    })?;
    Ok(last.unwrap_or_default())
}

pub(super) fn read(row: &Row<'_>) -> Result<Correction, StoreError> {
    from_json(row, 0)
}

/// How many entries are found by other keys than they have, and keys find no entry.
pub(super) fn misfiled(connection: &Connection) -> Result<u64, StoreError> {
    let query = "SELECT count(DISTINCT position) FROM correction_key
                 WHERE position NOT IN (SELECT position FROM correction)";
    let strays: i64 = connection.query_row(query, [], |row| row.get(0))?;
    let mut count = strays.unsigned_abs();
    let mut statement = connection.prepare("SELECT json FROM correction")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let correction = read(row)?;
        let query = "SELECT key FROM correction_key WHERE position = ?1 AND undoes = ?2";
        let parameters = [correction.position, correction.undoes].map(|number| rows::position(Some(number)));
        let stored = rows::all(connection, query, parameters, |row| Ok(row.get::<_, String>(0)?))?;
        count += u64::from(stored.into_iter().collect::<BTreeSet<_>>() != correction.keys());
    }
    Ok(count)
}

/// Makes all keys anew.
pub(super) fn file_anew(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("DELETE FROM correction_key", [])?;
    for correction in page(connection, 0, usize::MAX)? {
        index(connection, &correction)?;
    }
    Ok(())
}
