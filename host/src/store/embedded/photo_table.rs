//! The table of photos and how its rows become records.

use rusqlite::{Connection, Row, params};

use super::rows;
use crate::domain::{FileId, SourceUrl};
use crate::store::error::StoreError;
use crate::store::format::to_text;
use crate::store::record::{PhotoDescription, PhotoRecord, PluginDigests, SequencedPhoto, StoredContext};

/// The columns in the order in which [`record`] reads them.
const COLUMNS: &str = "file_id, scene, prompts_of, tags, phrase, confidence, tagger, context_mapper, cluster_policy, \
                       model_set, source_url";

/// Writes a photo in place of what was there under its name.
pub(super) fn replace(connection: &Connection, photo: &PhotoRecord) -> Result<(), StoreError> {
    let PhotoDescription {
        tags,
        context,
        plugins,
    } = &photo.description;
    // Not replaced in one, which would run no trigger for the row that goes.
    connection
        .prepare_cached("DELETE FROM photo WHERE file_id = ?1")?
        .execute([photo.file_id.as_str()])?;
    connection
        .prepare_cached(&format!(
            "INSERT INTO photo ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"
        ))?
        .execute(params![
            photo.file_id.as_str(),
            to_text(&photo.scene)?,
            photo.prompts_of,
            to_text(tags)?,
            context.phrase,
            context.confidence,
            plugins.tagger,
            plugins.context_mapper,
            plugins.cluster_policy,
            photo.model_set,
            photo.source_url.as_ref().map(SourceUrl::as_str),
        ])?;
    Ok(())
}

/// The record of a photo.
pub(super) fn read(connection: &Connection, file: &FileId) -> Result<Option<PhotoRecord>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM photo WHERE file_id = ?1");
    rows::one(connection, &query, [file.as_str()], record)
}

/// The next photos in the order in which they were written.
pub(super) fn page(
    connection: &Connection,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<SequencedPhoto>, StoreError> {
    let query = format!("SELECT {COLUMNS}, row FROM photo WHERE row > ?1 ORDER BY row LIMIT ?2");
    let parameters = [rows::position(after), rows::limit(limit)];
    rows::all(connection, &query, parameters, sequenced)
}

/// The photos before a position, those that were written last first.
pub(super) fn latest(
    connection: &Connection,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<SequencedPhoto>, StoreError> {
    let query = format!("SELECT {COLUMNS}, row FROM photo WHERE row < ?1 ORDER BY row DESC LIMIT ?2");
    let parameters = [rows::end(before), rows::limit(limit)];
    rows::all(connection, &query, parameters, sequenced)
}

fn sequenced(row: &Row<'_>) -> Result<SequencedPhoto, StoreError> {
    Ok(SequencedPhoto {
        position: row.get::<_, i64>(11)?.unsigned_abs(),
        photo: record(row)?,
    })
}

/// Replaces what is said about a photo, if it is there.
pub(super) fn describe(
    connection: &Connection,
    file: &FileId,
    description: &PhotoDescription,
) -> Result<(), StoreError> {
    let PhotoDescription {
        tags,
        context,
        plugins,
    } = description;
    connection
        .prepare_cached(
            "UPDATE photo SET tags = ?2, phrase = ?3, confidence = ?4, tagger = ?5, context_mapper = ?6, \
             cluster_policy = ?7 WHERE file_id = ?1",
        )?
        .execute(params![
            file.as_str(),
            to_text(tags)?,
            context.phrase,
            context.confidence,
            plugins.tagger,
            plugins.context_mapper,
            plugins.cluster_policy,
        ])?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<PhotoRecord, StoreError> {
    let file = rows::file_id(row, 0)?;
    let damaged = |error| StoreError::Damaged(format!("photo {}: {error}", file.as_str()));
    Ok(PhotoRecord {
        scene: rows::from_json(row, 1).map_err(damaged)?,
        prompts_of: row.get(2)?,
        description: PhotoDescription {
            tags: rows::from_json(row, 3).map_err(damaged)?,
            context: StoredContext {
                phrase: row.get(4)?,
                confidence: row.get(5)?,
            },
            plugins: PluginDigests {
                tagger: row.get(6)?,
                context_mapper: row.get(7)?,
                cluster_policy: row.get(8)?,
            },
        },
        model_set: row.get(9)?,
        source_url: row.get::<_, Option<String>>(10)?.map(SourceUrl::stored),
        file_id: file,
    })
}
