//! The table of photos and how its rows become records.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{PhotoDescription, PhotoRecord, PluginDigests, StoredContext};
use super::schema;
use super::store::StoreError;
use crate::domain::{ClusterId, FileId};

/// The columns in the order in which [`record`] reads them.
const COLUMNS: &str = "file_id, scene, prompts_of, tags, phrase, confidence, tagger, context_mapper, cluster_policy, \
                       model_set";

/// Writes a photo in place of what was there under its name.
pub(super) fn replace(connection: &Connection, photo: &PhotoRecord) -> Result<(), StoreError> {
    let PhotoDescription {
        tags,
        context,
        plugins,
    } = &photo.description;
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO photo ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
        ))?
        .execute(params![
            photo.file_id.as_str(),
            to_json(&photo.scene)?,
            photo.prompts_of,
            to_json(tags)?,
            context.phrase,
            context.confidence,
            plugins.tagger,
            plugins.context_mapper,
            plugins.cluster_policy,
            photo.model_set,
        ])?;
    Ok(())
}

/// The record of a photo.
pub(super) fn read(connection: &Connection, file: &FileId) -> Result<Option<PhotoRecord>, StoreError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM photo WHERE file_id = ?1"))?
        .query_row([file.as_str()], |row| Ok(record(row)))
        .optional()?
        .transpose()
}

/// The next photos in the order of the bytes of their names.
pub(super) fn page(
    connection: &Connection,
    after: Option<&FileId>,
    limit: usize,
) -> Result<Vec<PhotoRecord>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM photo WHERE file_id > ?1 ORDER BY file_id LIMIT ?2");
    let mut statement = connection.prepare_cached(&query)?;
    // No name is empty, so every name comes after the empty one.
    let after = after.map_or("", FileId::as_str);
    let mut rows = statement.query(params![after, schema::limit(limit)])?;
    let mut photos = Vec::new();
    while let Some(row) = rows.next()? {
        photos.push(record(row)?);
    }
    Ok(photos)
}

/// Replaces what is said about a photo; false when there is no such photo.
pub(super) fn set_description(
    connection: &Connection,
    file: &FileId,
    description: &PhotoDescription,
) -> Result<bool, StoreError> {
    let PhotoDescription {
        tags,
        context,
        plugins,
    } = description;
    let changed = connection
        .prepare_cached(
            "UPDATE photo SET tags = ?2, phrase = ?3, confidence = ?4, tagger = ?5, context_mapper = ?6, \
             cluster_policy = ?7 WHERE file_id = ?1",
        )?
        .execute(params![
            file.as_str(),
            to_json(tags)?,
            context.phrase,
            context.confidence,
            plugins.tagger,
            plugins.context_mapper,
            plugins.cluster_policy,
        ])?;
    Ok(changed > 0)
}

/// Takes the faces of a cluster, which are about to be deleted, out of their photos' scenes, so that the scenes' faces
/// stay in step with the stored ones and nothing of the person is kept.
pub(super) fn forget_cluster(
    connection: &Connection,
    cluster: &ClusterId,
    files: &HashSet<FileId>,
) -> Result<(), StoreError> {
    for file in files {
        let Some(mut photo) = read(connection, file)? else {
            continue;
        };
        let faces = schema::faces_where(connection, "file_id", file.as_str())?;
        let mut stays = faces.iter().map(|face| face.cluster_id != *cluster);
        photo.scene.faces.retain(|_| stays.next().unwrap_or(true));
        replace(connection, &photo)?;
    }
    Ok(())
}

fn record(row: &Row<'_>) -> Result<PhotoRecord, StoreError> {
    let file =
        FileId::new(row.get::<_, String>(0)?).map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(PhotoRecord {
        scene: from_json(row, 1, &file)?,
        prompts_of: row.get(2)?,
        description: PhotoDescription {
            tags: from_json(row, 3, &file)?,
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
        file_id: file,
    })
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Damaged(format!("a photo that cannot be written as JSON: {error}")))
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize, file: &FileId) -> Result<T, StoreError> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|_| StoreError::Damaged(format!("photo {} is not text", file.as_str())))?;
    serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged(format!("photo {}: {error}", file.as_str())))
}
