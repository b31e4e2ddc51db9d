//! The embedded store's tables (its schema), and the migrations that bring older ones up to date.

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{corrections, flag_tables, photo_table, tag_tables};
use crate::domain::{EmbeddingModel, PREPROCESSING};
use crate::store::error::StoreError;
use crate::store::preprocessing::warn_of_preprocessing;

/// Raised whenever the tables change; [`migrate`] leads from every earlier version to this one.
const VERSION: &str = "6";

/// Row numbers are never used twice, so that they are positions in the order of writing, and keys of the index.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS face (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        face_id TEXT NOT NULL UNIQUE,
        file_id TEXT NOT NULL,
        cluster_id TEXT NOT NULL,
        embedding BLOB NOT NULL,
        x1 INTEGER NOT NULL, y1 INTEGER NOT NULL, x2 INTEGER NOT NULL, y2 INTEGER NOT NULL,
        confidence REAL NOT NULL,
        quality REAL NOT NULL,
        corrected INTEGER NOT NULL,
        joined INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS face_by_file ON face (file_id);
    CREATE INDEX IF NOT EXISTS face_by_cluster ON face (cluster_id);
    -- Apart from the faces, so that reading many of them does not read these.
    CREATE TABLE IF NOT EXISTS portrait (face_id TEXT PRIMARY KEY, jpeg BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS explanation (face_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS cluster (
        cluster_id TEXT PRIMARY KEY,
        representative TEXT NOT NULL,
        hidden INTEGER NOT NULL DEFAULT 0,
        provisional INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    -- How many faces a cluster has, and which was written last: triggers see to it.
    CREATE TABLE IF NOT EXISTS cluster_size (
        cluster_id TEXT PRIMARY KEY,
        faces INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        hidden INTEGER NOT NULL DEFAULT 0,
        provisional INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS cluster_by_faces ON cluster_size (faces DESC, cluster_id);
    CREATE INDEX IF NOT EXISTS cluster_by_latest ON cluster_size (latest DESC, cluster_id);
    CREATE TRIGGER IF NOT EXISTS face_comes AFTER INSERT ON face BEGIN
        INSERT INTO cluster_size (cluster_id, faces, latest) VALUES (new.cluster_id, 1, new.row)
            ON CONFLICT (cluster_id) DO UPDATE SET faces = faces + 1, latest = max(latest, excluded.latest);
    END;
    CREATE TRIGGER IF NOT EXISTS face_goes AFTER DELETE ON face BEGIN
        UPDATE cluster_size SET faces = faces - 1 WHERE cluster_id = old.cluster_id;
        DELETE FROM cluster_size WHERE cluster_id = old.cluster_id AND faces = 0;
        UPDATE cluster_size SET latest = (SELECT max(row) FROM face WHERE cluster_id = old.cluster_id)
            WHERE cluster_id = old.cluster_id AND latest = old.row;
    END;
    CREATE TRIGGER IF NOT EXISTS face_moves AFTER UPDATE OF cluster_id ON face
        WHEN old.cluster_id <> new.cluster_id BEGIN
        UPDATE cluster_size SET faces = faces - 1 WHERE cluster_id = old.cluster_id;
        DELETE FROM cluster_size WHERE cluster_id = old.cluster_id AND faces = 0;
        UPDATE cluster_size SET latest = (SELECT max(row) FROM face WHERE cluster_id = old.cluster_id)
            WHERE cluster_id = old.cluster_id AND latest = old.row;
        INSERT INTO cluster_size (cluster_id, faces, latest) VALUES (new.cluster_id, 1, new.row)
            ON CONFLICT (cluster_id) DO UPDATE SET faces = faces + 1, latest = max(latest, excluded.latest);
    END;
    -- Where a cluster went that was merged away; chains are followed. Lists are JSON.
    CREATE TABLE IF NOT EXISTS redirect (
        source TEXT PRIMARY KEY,
        target TEXT NOT NULL,
        representative TEXT,
        faces TEXT NOT NULL,
        distinctions TEXT NOT NULL,
        moment INTEGER NOT NULL DEFAULT 0,
        automatic INTEGER NOT NULL DEFAULT 0,
        hidden INTEGER NOT NULL DEFAULT 0,
        provisional INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS redirect_by_target ON redirect (target);
    -- Each pair is there in both directions. Either id may have been merged away.
    CREATE TABLE IF NOT EXISTS distinction (
        one TEXT NOT NULL,
        other TEXT NOT NULL,
        PRIMARY KEY (one, other)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS rejection (
        face_id TEXT PRIMARY KEY,
        file_id TEXT NOT NULL,
        x1 INTEGER NOT NULL, y1 INTEGER NOT NULL, x2 INTEGER NOT NULL, y2 INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS rejection_by_file ON rejection (file_id);
    CREATE TABLE IF NOT EXISTS answer (
        key TEXT PRIMARY KEY,
        request TEXT NOT NULL,
        body TEXT NOT NULL,
        file_id TEXT,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS answer_by_file ON answer (file_id);
    CREATE INDEX IF NOT EXISTS answer_by_time ON answer (at);
    -- What happened, in order. A position is never used twice.
    CREATE TABLE IF NOT EXISTS event (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        json TEXT NOT NULL
    ) STRICT;
    -- What was seen in a photo and said about it. Scene and tags are JSON.
    CREATE TABLE IF NOT EXISTS photo (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        file_id TEXT NOT NULL UNIQUE,
        scene TEXT NOT NULL,
        prompts_of TEXT NOT NULL,
        tags TEXT NOT NULL,
        phrase TEXT NOT NULL,
        confidence REAL NOT NULL,
        tagger TEXT NOT NULL,
        context_mapper TEXT NOT NULL,
        cluster_policy TEXT NOT NULL,
        model_set TEXT NOT NULL,
        source_url TEXT
    ) STRICT;
";

/// From version 2 (and 1, which had no photos): row numbers, corrections, and clusters as rows of their own.
const FROM_VERSION_2: [&str; 2] = [
    "
    DROP INDEX IF EXISTS face_by_file;
    DROP INDEX IF EXISTS face_by_cluster;
    ALTER TABLE face RENAME TO old_face;
    ALTER TABLE redirect RENAME TO old_redirect;
    CREATE TABLE IF NOT EXISTS photo (
        file_id TEXT PRIMARY KEY, scene TEXT, prompts_of TEXT, tags TEXT, phrase TEXT, confidence REAL, tagger TEXT,
        context_mapper TEXT, cluster_policy TEXT, model_set TEXT
    );
    ALTER TABLE photo RENAME TO old_photo;
    ",
    "
    INSERT INTO face (face_id, file_id, cluster_id, embedding, x1, y1, x2, y2, confidence, quality, corrected)
        SELECT face_id, file_id, cluster_id, embedding, x1, y1, x2, y2, confidence, quality, 0
        FROM old_face ORDER BY rowid;
    INSERT INTO cluster (cluster_id, representative)
        SELECT cluster_id, face_id FROM face WHERE row IN (SELECT min(row) FROM face GROUP BY cluster_id);
    -- Which faces such a merge had moved was not kept, so it cannot be undone.
    INSERT INTO redirect (source, target, representative, faces, distinctions)
        SELECT source, target, NULL, '[]', '[]' FROM old_redirect;
    INSERT INTO photo (file_id, scene, prompts_of, tags, phrase, confidence, tagger, context_mapper, cluster_policy,
                       model_set)
        SELECT file_id, scene, prompts_of, tags, phrase, confidence, tagger, context_mapper, cluster_policy, model_set
        FROM old_photo ORDER BY file_id;
    DROP TABLE old_face;
    DROP TABLE old_redirect;
    DROP TABLE old_photo;
    ",
];

/// From version 3: when faces came and clusters were merged, how large clusters are, and where photos came from.
const FROM_VERSION_3: [&str; 2] = [
    "
    ALTER TABLE photo ADD COLUMN source_url TEXT;
    ALTER TABLE face ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE redirect ADD COLUMN moment INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE redirect ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;
    ",
    "
    INSERT INTO cluster_size (cluster_id, faces, latest)
        SELECT cluster_id, count(*), max(row) FROM face GROUP BY cluster_id;
    ",
];

/// From version 4: where photos came from.
const FROM_VERSION_4: &str = "ALTER TABLE photo ADD COLUMN source_url TEXT;";

/// Opens a connection that writes: an acknowledged write survives a power cut, and what is deleted is overwritten.
pub(super) fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

/// Makes the tables in a new database and brings an older one up to date; refuses one of a later version or another
/// embedder. All or nothing.
pub(super) fn prepare(connection: &mut Connection, model: &EmbeddingModel) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    match stored(&transaction, "version")?.as_deref() {
        None | Some(VERSION) => make(&transaction)?,
        Some(from) => migrate(&transaction, from)?,
    }
    let active = format!("{} ({} dimensions)", model.name, model.dimension);
    let model = stored(&transaction, "embedding_model")?;
    let is_new = model.is_none();
    match model {
        Some(stored) if stored != active => return Err(StoreError::OtherModel { stored, active }),
        _ => {}
    }
    let preprocessing = match stored(&transaction, "preprocessing")? {
        Some(text) => text
            .parse()
            .map_err(|_| StoreError::Damaged(format!("preprocessing {text:?} that is no number")))?,
        None if is_new => PREPROCESSING,
        // Of a worker that knew of no other.
        None => 1,
    };
    warn_of_preprocessing(preprocessing);
    let preprocessing = preprocessing.to_string();
    for (key, value) in [
        ("version", VERSION),
        ("embedding_model", active.as_str()),
        ("preprocessing", preprocessing.as_str()),
    ] {
        transaction.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            [key, value],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// Makes the tables, and the columns of digests, that are not there.
fn make(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for tables in [
        TABLES,
        flag_tables::TABLES,
        tag_tables::TABLES,
        corrections::TABLES,
    ] {
        transaction.execute_batch(tables)?;
    }
    photo_table::add_digests(transaction)
}

/// Counts a batch of changes, in its transaction.
pub(super) fn count_change(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES ('revision', '1') \
             ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
        )?
        .execute([])?;
    Ok(())
}

/// How many batches of changes there were.
pub(super) fn revision(connection: &Connection) -> Result<u64, StoreError> {
    match stored(connection, "revision")? {
        None => Ok(0),
        Some(text) => text
            .parse()
            .map_err(|_| StoreError::Damaged(format!("a revision {text:?} that is no number"))),
    }
}

fn stored(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let is_new = !connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'")?
        .exists([])?;
    if is_new {
        return Ok(None);
    }
    Ok(connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()?)
}

/// Brings the tables of an earlier version up to date.
fn migrate(transaction: &Transaction<'_>, from: &str) -> Result<(), StoreError> {
    let (before, after): (&[&str], &[&str]) = match from {
        "1" | "2" => (&[FROM_VERSION_2[0]], &[FROM_VERSION_2[1]]),
        "3" => (
            &[FROM_VERSION_3[0], flag_tables::COLUMNS],
            &[FROM_VERSION_3[1], flag_tables::FILL],
        ),
        "4" => (
            &[FROM_VERSION_4, flag_tables::COLUMNS, flag_tables::SIZE_COLUMNS],
            &[flag_tables::FILL],
        ),
        "5" => (
            &[flag_tables::COLUMNS, flag_tables::SIZE_COLUMNS],
            &[flag_tables::FILL],
        ),
        _ => {
            return Err(StoreError::Damaged(format!(
                "tables of version {from}, and this worker knows 1 to {VERSION}"
            )));
        }
    };
    transaction.execute_batch(&before.concat())?;
    make(transaction)?;
    transaction.execute_batch(&after.concat())?;
    transaction.execute_batch(tag_tables::FILL)?;
    tracing::info!(
        from,
        to = VERSION,
        "the face database was migrated to the current version"
    );
    Ok(())
}
