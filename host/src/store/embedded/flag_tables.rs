//! What version 6 of the tables keeps of people: whether they are hidden or provisional, and pairs that are uncertain.

use rusqlite::{Connection, params};

use crate::domain::ClusterId;
use crate::store::error::StoreError;

/// What stands beside the tables of earlier versions. Flags are said of a cluster's row, and kept with its size, too, so
/// that one index finds who is listed in an order; triggers see to it.
pub(super) const TABLES: &str = "
    CREATE INDEX IF NOT EXISTS cluster_by_flags ON cluster (hidden, provisional, cluster_id);
    CREATE INDEX IF NOT EXISTS cluster_by_flags_and_faces
        ON cluster_size (hidden, provisional, faces DESC, cluster_id);
    CREATE INDEX IF NOT EXISTS cluster_by_flags_and_latest
        ON cluster_size (hidden, provisional, latest DESC, cluster_id);
    CREATE TRIGGER IF NOT EXISTS cluster_comes AFTER INSERT ON cluster BEGIN
        UPDATE cluster_size SET hidden = new.hidden, provisional = new.provisional
            WHERE cluster_id = new.cluster_id;
    END;
    CREATE TRIGGER IF NOT EXISTS cluster_changes AFTER UPDATE OF hidden, provisional ON cluster
        WHEN old.hidden <> new.hidden OR old.provisional <> new.provisional BEGIN
        UPDATE cluster_size SET hidden = new.hidden, provisional = new.provisional
            WHERE cluster_id = new.cluster_id;
    END;
    -- A face that is written anew takes the size of a cluster of one face away for a moment.
    CREATE TRIGGER IF NOT EXISTS cluster_size_comes AFTER INSERT ON cluster_size
        WHEN EXISTS (SELECT 1 FROM cluster WHERE cluster_id = new.cluster_id AND hidden + provisional > 0) BEGIN
        UPDATE cluster_size SET (hidden, provisional) =
            (SELECT hidden, provisional FROM cluster WHERE cluster_id = new.cluster_id)
            WHERE cluster_id = new.cluster_id;
    END;
    -- Each pair is there in both directions. Either id may have been merged away.
    CREATE TABLE IF NOT EXISTS unsure (
        one TEXT NOT NULL,
        other TEXT NOT NULL,
        PRIMARY KEY (one, other)
    ) STRICT, WITHOUT ROWID;
";

/// From versions 3 to 5, before [`TABLES`].
pub(super) const COLUMNS: &str = "
    ALTER TABLE cluster ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE cluster ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE redirect ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE redirect ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
";

/// From versions 4 and 5, which had sizes, before [`TABLES`].
pub(super) const SIZE_COLUMNS: &str = "
    ALTER TABLE cluster_size ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE cluster_size ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
";

/// From versions 3 to 5, after [`TABLES`]: who is provisional shows in why the only face is there. An explanation that
/// cannot be read says nothing here; `store verify` says so.
pub(super) const FILL: &str = "
    UPDATE cluster SET provisional = 1 WHERE cluster_id IN (
        SELECT size.cluster_id FROM cluster_size AS size
            JOIN face ON face.cluster_id = size.cluster_id
            JOIN explanation ON explanation.face_id = face.face_id
        WHERE size.faces = 1 AND NOT face.corrected AND CASE WHEN json_valid(explanation.json) THEN
            json_extract(explanation.json, '$.decided_by') = 'policy'
            AND substr(json_extract(explanation.json, '$.reason'), 1, 11) = 'Provisional' END
    );
";

/// Keeps that a pair is uncertain.
pub(super) fn put_unsure(
    connection: &Connection,
    one: &ClusterId,
    other: &ClusterId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO unsure (one, other) VALUES (?1, ?2), (?2, ?1)")?
        .execute(params![one.to_string(), other.to_string()])?;
    Ok(())
}

/// Takes that back.
pub(super) fn remove_unsure(
    connection: &Connection,
    one: &ClusterId,
    other: &ClusterId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM unsure WHERE (one = ?1 AND other = ?2) OR (one = ?2 AND other = ?1)")?
        .execute(params![one.to_string(), other.to_string()])?;
    Ok(())
}
