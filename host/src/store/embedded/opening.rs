//! The index at the start: what the cache file knows, and what the database knows beyond it.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::index::{IndexSettings, NeighbourIndex};
use super::rows;
use crate::domain::EmbeddingModel;
use crate::store::error::StoreError;
use crate::store::record::SequencedFace;

/// How often the log says how far reading is.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// The vectors of every stored face.
pub(super) fn index(
    connection: &Connection,
    directory: &Path,
    model: &EmbeddingModel,
    settings: IndexSettings,
) -> Result<NeighbourIndex, StoreError> {
    let index = NeighbourIndex::open(directory, model, settings)?;
    let covered = rows::position(Some(index.covered()));
    let missing: i64 =
        connection.query_row("SELECT count(*) FROM face WHERE row > ?1", [covered], |row| {
            row.get(0)
        })?;
    let query = format!("SELECT {} FROM face WHERE row > ?1 ORDER BY row", rows::FACE);
    let mut statement = connection.prepare(&query)?;
    let mut found = statement.query([covered])?;
    let (mut read, mut said) = (0_i64, Instant::now());
    while let Some(row) = found.next()? {
        let SequencedFace { position, face } = rows::sequenced_face(row)?;
        if face.embedding.dimension() != model.dimension {
            return Err(StoreError::Damaged(format!(
                "face {} has a vector of another width",
                face.face_id
            )));
        }
        index.add(position, face.embedding.as_slice());
        read += 1;
        if said.elapsed() >= PROGRESS_EVERY {
            said = Instant::now();
            tracing::info!(read, of = missing, "reading faces into the neighbour index");
        }
    }
    if index.covered() > 0 {
        let stored = stored_rows(connection, covered)?;
        index.retain(|row| stored.contains(&row));
    }
    Ok(index)
}

/// The rows up to one. Read from an index of the table, which has no vectors in it.
fn stored_rows(connection: &Connection, up_to: i64) -> Result<HashSet<u64>, StoreError> {
    let query = "SELECT row FROM face INDEXED BY face_by_cluster WHERE row <= ?1";
    let rows = rows::all(connection, query, [up_to], |row| {
        Ok(row.get::<_, i64>(0)?.unsigned_abs())
    })?;
    Ok(rows.into_iter().collect())
}
