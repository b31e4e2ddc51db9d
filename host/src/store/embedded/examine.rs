//! Whether the database is sound: by SQLite's own check, and what SQLite does not know of it; and putting the
//! latter right.

use rusqlite::{Connection, Row};

use super::{corrections, rows, schema, tag_tables};
use crate::store::error::StoreError;
use crate::store::record::Explanation;

/// After so many, SQLite's check stops.
const MOST: u32 = 100;

/// Something that follows from something else.
struct Check {
    /// Counts what does not.
    count: &'static str,
    /// What is wrong, after their number.
    fault: &'static str,
    /// Puts it right.
    mend: &'static str,
}

const CHECKS: [Check; 7] = [
    Check {
        count: "WITH counted AS (SELECT cluster_id, count(*), max(row) FROM face GROUP BY cluster_id),
                     kept AS (SELECT cluster_id, faces, latest FROM cluster_size)
                SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept))
                     + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))",
        fault: "cluster sizes were counted wrongly",
        mend: "DELETE FROM cluster_size;
               INSERT INTO cluster_size (cluster_id, faces, latest)
                   SELECT cluster_id, count(*), max(row) FROM face GROUP BY cluster_id;",
    },
    Check {
        count: tag_tables::COUNT_FAULTS,
        fault: "photo tags were listed or counted wrongly",
        mend: tag_tables::FILL,
    },
    Check {
        count: "SELECT count(*) FROM portrait WHERE face_id NOT IN (SELECT face_id FROM face)",
        fault: "pictures belonged to no face",
        mend: "DELETE FROM portrait WHERE face_id NOT IN (SELECT face_id FROM face)",
    },
    Check {
        count: "SELECT count(*) FROM explanation WHERE face_id NOT IN (SELECT face_id FROM face)",
        fault: "explanations belonged to no face",
        mend: "DELETE FROM explanation WHERE face_id NOT IN (SELECT face_id FROM face)",
    },
    Check {
        count: "SELECT count(*) FROM distinction AS said WHERE NOT EXISTS
                    (SELECT 1 FROM distinction WHERE one = said.other AND other = said.one)",
        fault: "distinctions were stored for only one of the two people",
        mend: "INSERT OR IGNORE INTO distinction (one, other) SELECT other, one FROM distinction",
    },
    Check {
        count: "SELECT count(*) FROM unsure AS said WHERE NOT EXISTS
                    (SELECT 1 FROM unsure WHERE one = said.other AND other = said.one)",
        fault: "uncertain pairs were stored for only one of the two people",
        mend: "INSERT OR IGNORE INTO unsure (one, other) SELECT other, one FROM unsure",
    },
    Check {
        count: "SELECT count(*) FROM cluster JOIN cluster_size AS size USING (cluster_id)
                WHERE size.hidden <> cluster.hidden OR size.provisional <> cluster.provisional",
        fault: "people were listed with wrong hidden or provisional flags",
        mend: "UPDATE cluster_size SET (hidden, provisional) =
                   (SELECT hidden, provisional FROM cluster WHERE cluster_id = cluster_size.cluster_id)
               WHERE cluster_id IN (SELECT cluster_id FROM cluster)",
    },
];

/// What is wrong when the keys of corrections are not those that follow from them, after their number.
const MISFILED: &str = "corrections were missing from the index of people, faces and photos";

/// Reads a row, and says whether that can be done.
type Read<'a> = &'a dyn Fn(&Row<'_>) -> Result<(), StoreError>;

/// What is wrong, a sentence each; nothing of a sound database.
pub(super) fn faults(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut faults: Vec<String> = sqlite(connection)?
        .into_iter()
        .map(|fault| format!("SQLite's integrity check found: {fault}"))
        .collect();
    for check in &CHECKS {
        match connection.query_row(check.count, [], |row| row.get::<_, i64>(0)) {
            Ok(0) => {}
            Ok(count) => faults.push(format!("{count} {}; run `ai-worker store repair`", check.fault)),
            Err(error) => note(error.into(), "the database", &mut faults)?,
        }
    }
    match corrections::misfiled(connection) {
        Ok(0) => {}
        Ok(count) => faults.push(format!("{count} {MISFILED}; run `ai-worker store repair`")),
        Err(error) => note(error, "the history", &mut faults)?,
    }
    let json = |row: &Row<'_>| rows::from_json::<Explanation>(row, 0).map(drop);
    let contents: [(&str, String, Read<'_>); 5] = [
        ("explanation", "json".to_owned(), &json),
        ("rejection", rows::REJECTION.to_owned(), &|row| {
            rows::rejection(row).map(drop)
        }),
        ("answer", rows::ANSWER.to_owned(), &|row| {
            rows::answer(row).map(drop)
        }),
        ("event", rows::EVENT.to_owned(), &|row| rows::event(row).map(drop)),
        ("correction", "json".to_owned(), &|row| {
            corrections::read(row).map(drop)
        }),
    ];
    for (table, columns, read) in contents {
        let all = rows::all(connection, &format!("SELECT {columns} FROM {table}"), [], read);
        if let Err(error) = all {
            note(error, &format!("the table {table:?}"), &mut faults)?;
        }
    }
    Ok(faults)
}

/// Damage is a fault; what keeps from looking for it is an error.
fn note(error: StoreError, what: &str, faults: &mut Vec<String>) -> Result<(), StoreError> {
    if !error.is_damage() {
        return Err(error);
    }
    faults.push(format!("{what} cannot be read: {}", crate::report(&error)));
    Ok(())
}

/// What SQLite's own check says.
pub(super) fn sqlite(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let said = rows::all(
        connection,
        &format!("PRAGMA integrity_check({MOST})"),
        [],
        |row| Ok(row.get::<_, String>(0)?),
    );
    match said {
        Ok(said) => faults.extend(said.into_iter().filter(|line| line != "ok")),
        Err(error) => note(error, "the database", &mut faults)?,
    }
    Ok(faults)
}

/// Puts right what can be, all or nothing; says what it did.
pub(super) fn mend(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let mut done = Vec::new();
    let transaction = connection.transaction()?;
    for check in &CHECKS {
        let count: i64 = transaction.query_row(check.count, [], |row| row.get(0))?;
        if count > 0 {
            transaction.execute_batch(check.mend)?;
            done.push(format!("{count} {}; repaired", check.fault));
        }
    }
    let misfiled = corrections::misfiled(&transaction)?;
    if misfiled > 0 {
        corrections::file_anew(&transaction)?;
        done.push(format!("{misfiled} {MISFILED}; repaired"));
    }
    if !done.is_empty() {
        schema::count_change(&transaction)?;
    }
    transaction.commit()?;
    Ok(done)
}
