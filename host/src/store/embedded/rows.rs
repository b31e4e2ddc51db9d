//! How rows become faces, clusters and the rest.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId};
use crate::store::error::StoreError;
use crate::store::event::LoggedEvent;
use crate::store::flags::ClusterFlags;
use crate::store::format::{Stored, from_text};
use crate::store::record::{Cluster, Redirect, Rejection, SequencedFace, StoredAnswer, StoredFace};

/// The columns in the order in which [`face`] reads them.
pub(super) const FACE: &str =
    "face_id, file_id, cluster_id, embedding, x1, y1, x2, y2, confidence, quality, corrected, joined, row";
/// The columns in the order in which [`cluster`] reads them.
pub(super) const CLUSTER: &str = "cluster_id, representative, coalesce((SELECT faces FROM cluster_size AS size WHERE size.cluster_id = cluster.cluster_id), 0), hidden, provisional";
/// The columns in the order in which [`ordered_cluster`] reads them.
pub(super) const ORDERED_CLUSTER: &str =
    "size.cluster_id, representative, faces, size.hidden, size.provisional, latest";
/// The columns in the order in which [`redirect`] reads them.
pub(super) const REDIRECT: &str =
    "source, target, representative, faces, distinctions, moment, automatic, hidden, provisional";
/// The columns in the order in which [`rejection`] reads them.
pub(super) const REJECTION: &str = "face_id, file_id, x1, y1, x2, y2";
/// The columns in the order in which [`answer`] reads them.
pub(super) const ANSWER: &str = "key, request, body, file_id, at";

/// The columns in the order in which [`event`] reads them.
pub(super) const EVENT: &str = "position, at, json";

/// Runs a query and reads every row.
pub(super) fn all<T>(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Runs a query that finds at most one row.
pub(super) fn one<T>(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    connection
        .prepare_cached(query)?
        .query_row(parameters, |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// A limit as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A position as SQLite takes it; row numbers begin at 1.
pub(super) fn position(position: Option<u64>) -> i64 {
    position.map_or(0, |position| i64::try_from(position).unwrap_or(i64::MAX))
}

/// A position before which something is, as SQLite takes it; every row is before none.
pub(super) fn end(position: Option<u64>) -> i64 {
    position
        .and_then(|position| i64::try_from(position).ok())
        .unwrap_or(i64::MAX)
}

pub(super) fn face(row: &Row<'_>) -> Result<StoredFace, StoreError> {
    let vector = row
        .get_ref(3)?
        .as_blob()
        .map_err(|_| StoreError::Damaged("a vector that is not binary".to_owned()))?;
    Ok(StoredFace {
        face_id: face_id(row, 0)?,
        file_id: file_id(row, 1)?,
        cluster_id: cluster_id(row, 2)?,
        embedding: Embedding::from_bytes(vector).map_err(damaged)?,
        bounding_box: bounding_box(row, 4)?,
        confidence: row.get(8)?,
        quality: row.get(9)?,
        corrected: row.get(10)?,
        joined: row.get::<_, i64>(11)?.unsigned_abs(),
    })
}

pub(super) fn sequenced_face(row: &Row<'_>) -> Result<SequencedFace, StoreError> {
    Ok(SequencedFace {
        position: row.get::<_, i64>(12)?.unsigned_abs(),
        face: face(row)?,
    })
}

pub(super) fn cluster(row: &Row<'_>) -> Result<Cluster, StoreError> {
    Ok(Cluster {
        cluster_id: cluster_id(row, 0)?,
        representative: face_id(row, 1)?,
        faces: row.get::<_, i64>(2)?.unsigned_abs(),
        flags: flags(row, 3)?,
    })
}

/// A cluster with the position of its face that was written last.
pub(super) fn ordered_cluster(row: &Row<'_>) -> Result<(u64, Cluster), StoreError> {
    Ok((row.get::<_, i64>(5)?.unsigned_abs(), cluster(row)?))
}

pub(super) fn redirect(row: &Row<'_>) -> Result<Redirect, StoreError> {
    let representative: Option<String> = row.get(2)?;
    Ok(Redirect {
        source: cluster_id(row, 0)?,
        target: cluster_id(row, 1)?,
        representative: representative
            .as_deref()
            .map(FaceId::parse)
            .transpose()
            .map_err(damaged)?,
        faces: from_json(row, 3)?,
        distinctions: from_json(row, 4)?,
        moment: row.get::<_, i64>(5)?.unsigned_abs(),
        automatic: row.get(6)?,
        flags: flags(row, 7)?,
    })
}

fn flags(row: &Row<'_>, first: usize) -> Result<ClusterFlags, StoreError> {
    Ok(ClusterFlags {
        hidden: row.get(first)?,
        provisional: row.get(first + 1)?,
    })
}

pub(super) fn rejection(row: &Row<'_>) -> Result<Rejection, StoreError> {
    Ok(Rejection {
        face_id: face_id(row, 0)?,
        file_id: file_id(row, 1)?,
        bounding_box: bounding_box(row, 2)?,
    })
}

pub(super) fn answer(row: &Row<'_>) -> Result<StoredAnswer, StoreError> {
    let file: Option<String> = row.get(3)?;
    Ok(StoredAnswer {
        key: row.get(0)?,
        request: row.get(1)?,
        body: row.get(2)?,
        file_id: file.map(FileId::new).transpose().map_err(damaged)?,
        at: row.get::<_, i64>(4)?.unsigned_abs(),
    })
}

pub(super) fn event(row: &Row<'_>) -> Result<LoggedEvent, StoreError> {
    Ok(LoggedEvent {
        position: row.get::<_, i64>(0)?.unsigned_abs(),
        at: row.get::<_, i64>(1)?.unsigned_abs(),
        event: from_json(row, 2)?,
    })
}

/// The positions of the earliest and of the last thing that happened.
pub(super) fn event_range(connection: &Connection) -> Result<Option<(u64, u64)>, StoreError> {
    let query = "SELECT (SELECT min(position) FROM event), (SELECT max(position) FROM event)";
    let ends: (Option<i64>, Option<i64>) = connection
        .prepare_cached(query)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (earliest, latest) = ends;
    Ok(earliest
        .zip(latest)
        .map(|(earliest, latest)| (earliest.unsigned_abs(), latest.unsigned_abs())))
}

pub(super) fn cluster_id(row: &Row<'_>, column: usize) -> Result<ClusterId, StoreError> {
    ClusterId::parse(text(row, column)?).map_err(damaged)
}

fn face_id(row: &Row<'_>, column: usize) -> Result<FaceId, StoreError> {
    FaceId::parse(text(row, column)?).map_err(damaged)
}

pub(super) fn file_id(row: &Row<'_>, column: usize) -> Result<FileId, StoreError> {
    FileId::new(text(row, column)?).map_err(damaged)
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(damaged)
}

fn bounding_box(row: &Row<'_>, first: usize) -> Result<BoundingBox, StoreError> {
    Ok(BoundingBox {
        x1: row.get(first)?,
        y1: row.get(first + 1)?,
        x2: row.get(first + 2)?,
        y2: row.get(first + 3)?,
    })
}

pub(super) fn from_json<T: Stored>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    from_text(text(row, column)?)
}

fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}

/// The faces of a photo, in the order in which they were stored.
pub(super) fn faces_of_file(connection: &Connection, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
    let query = format!("SELECT {} FROM face WHERE file_id = ?1 ORDER BY row", FACE);
    all(connection, &query, [file.as_str()], face)
}
