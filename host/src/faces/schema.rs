//! The embedded store's tables and how rows become faces.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::record::SequencedFace;
use super::store::{StoreError, StoredFace};
use crate::domain::{BoundingBox, ClusterId, Embedding, EmbeddingModel, FaceId, FileId};

/// Raised whenever the tables change; [`migrate`] leads from every earlier version to this one.
const VERSION: &str = "2";

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS face (
        face_id TEXT PRIMARY KEY,
        file_id TEXT NOT NULL,
        cluster_id TEXT NOT NULL,
        embedding BLOB NOT NULL,
        x1 INTEGER NOT NULL, y1 INTEGER NOT NULL, x2 INTEGER NOT NULL, y2 INTEGER NOT NULL,
        confidence REAL NOT NULL,
        quality REAL NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS face_by_file ON face (file_id);
    CREATE INDEX IF NOT EXISTS face_by_cluster ON face (cluster_id);
    -- Where a cluster went that was merged away; chains are followed.
    CREATE TABLE IF NOT EXISTS redirect (source TEXT PRIMARY KEY, target TEXT NOT NULL) STRICT;
    -- What was seen in a photo and said about it. Scene and tags are JSON.
    CREATE TABLE IF NOT EXISTS photo (
        file_id TEXT PRIMARY KEY,
        scene TEXT NOT NULL,
        prompts_of TEXT NOT NULL,
        tags TEXT NOT NULL,
        phrase TEXT NOT NULL,
        confidence REAL NOT NULL,
        tagger TEXT NOT NULL,
        context_mapper TEXT NOT NULL,
        cluster_policy TEXT NOT NULL,
        model_set TEXT NOT NULL
    ) STRICT;
";

/// The columns in the order in which [`face`] reads them.
pub(super) const COLUMNS: &str =
    "face_id, file_id, cluster_id, embedding, x1, y1, x2, y2, confidence, quality";

/// Makes the tables in a new database and brings an older one up to date; refuses one of a later version or another
/// embedder. All or nothing.
pub(super) fn prepare(connection: &mut Connection, model: &EmbeddingModel) -> Result<(), StoreError> {
    // Write-ahead log with a sync at every commit: an acknowledged write survives a power cut.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    let active = format!("{} ({} dimensions)", model.name, model.dimension);
    for (key, value) in [("version", VERSION), ("embedding_model", active.as_str())] {
        let stored: Option<String> = transaction
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()?;
        match stored {
            None => {
                transaction.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", [key, value])?;
            }
            Some(stored) if stored == value => {}
            Some(stored) if key == "version" => migrate(&transaction, &stored)?,
            Some(stored) => {
                return Err(StoreError::OtherModel {
                    stored,
                    active: value.to_owned(),
                });
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Brings the tables of an earlier version up to date.
fn migrate(transaction: &Transaction<'_>, from: &str) -> Result<(), StoreError> {
    if from != "1" {
        return Err(StoreError::Damaged(format!(
            "tables of version {from}, and this worker knows 1 to {VERSION}"
        )));
    }
    // Version 2 only added the table of photos, which is there by now; it fills as photos are processed again.
    transaction.execute("UPDATE meta SET value = ?1 WHERE key = 'version'", [VERSION])?;
    tracing::info!(from, to = VERSION, "the face database was brought up to date");
    Ok(())
}

/// Writes one face.
pub(super) fn insert(connection: &Connection, face: &StoredFace) -> Result<(), StoreError> {
    let bytes: Vec<u8> = face
        .embedding
        .as_slice()
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let BoundingBox { x1, y1, x2, y2 } = face.bounding_box;
    connection
        .prepare_cached(&format!(
            "INSERT INTO face ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
        ))?
        .execute(params![
            face.face_id.to_string(),
            face.file_id.as_str(),
            face.cluster_id.to_string(),
            bytes,
            x1,
            y1,
            x2,
            y2,
            face.confidence,
            face.quality,
        ])?;
    Ok(())
}

/// Reads the faces for which a column has a value.
pub(super) fn faces_where(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Vec<StoredFace>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM face WHERE {column} = ?1 ORDER BY rowid");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query([value])?;
    let mut faces = Vec::new();
    while let Some(row) = rows.next()? {
        faces.push(face(row)?);
    }
    Ok(faces)
}

/// The next faces in the order in which they were written.
pub(super) fn faces_after(
    connection: &Connection,
    position: Option<u64>,
    limit: usize,
) -> Result<Vec<SequencedFace>, StoreError> {
    let query = format!("SELECT {COLUMNS}, rowid FROM face WHERE rowid > ?1 ORDER BY rowid LIMIT ?2");
    let mut statement = connection.prepare_cached(&query)?;
    let after = position.map_or(0, |position| i64::try_from(position).unwrap_or(i64::MAX));
    let mut rows = statement.query([after, self::limit(limit)])?;
    let mut faces = Vec::new();
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(10)?;
        faces.push(SequencedFace {
            position: position.unsigned_abs(),
            face: face(row)?,
        });
    }
    Ok(faces)
}

/// A limit as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads one face.
pub(super) fn face(row: &Row<'_>) -> Result<StoredFace, StoreError> {
    let damaged = |error: crate::domain::InvalidValue| StoreError::Damaged(error.to_string());
    let text = |index: usize| row.get::<_, String>(index);
    let values = row
        .get_ref(3)?
        .as_blob()
        .map_err(|_| StoreError::Damaged("a vector that is not binary".to_owned()))?
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    Ok(StoredFace {
        face_id: FaceId::parse(&text(0)?).map_err(damaged)?,
        file_id: FileId::new(text(1)?).map_err(damaged)?,
        cluster_id: ClusterId::parse(&text(2)?).map_err(damaged)?,
        embedding: Embedding::stored(values).map_err(damaged)?,
        bounding_box: BoundingBox {
            x1: row.get(4)?,
            y1: row.get(5)?,
            x2: row.get(6)?,
            y2: row.get(7)?,
        },
        confidence: row.get(8)?,
        quality: row.get(9)?,
    })
}

/// Whether a cluster has a face.
pub(super) fn cluster_exists(connection: &Connection, cluster: &ClusterId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM face WHERE cluster_id = ?1 LIMIT 1")?
        .exists([cluster.to_string()])?)
}

/// Where a cluster is now: itself, or what it was merged into.
pub(super) fn survivor(connection: &Connection, cluster: ClusterId) -> Result<ClusterId, StoreError> {
    let mut current = cluster;
    let mut statement = connection.prepare_cached("SELECT target FROM redirect WHERE source = ?1")?;
    while let Some(next) = statement
        .query_row([current.to_string()], |row| row.get::<_, String>(0))
        .optional()?
    {
        current = ClusterId::parse(&next).map_err(|error| StoreError::Damaged(error.to_string()))?;
        if current == cluster {
            return Err(StoreError::Damaged(format!(
                "cluster {cluster} was merged in a circle"
            )));
        }
    }
    Ok(current)
}
