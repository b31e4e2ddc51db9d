//! The table of photos and how its rows become records.

use rusqlite::{Connection, Row, ToSql};

use super::rows;
use crate::domain::{FileId, Slot, SourceUrl};
use crate::store::error::StoreError;
use crate::store::format::to_text;
use crate::store::record::{PhotoDescription, PhotoRecord, PluginDigests, SequencedPhoto, StoredContext};

/// How many columns a photo has before those of digests.
const BEFORE_DIGESTS: usize = 8;

/// The columns in the order in which [`record`] reads them; the last ones have the digest of each slot's plugin.
fn columns() -> String {
    let digests = Slot::ALL.map(Slot::field).join(", ");
    format!("file_id, scene, prompts_of, tags, phrase, confidence, model_set, source_url, {digests}")
}

/// Adds the columns of slots that came after the table was made. They are empty for what was stored before, and an earlier
/// worker, which does not know them, leaves them so.
pub(super) fn add_digests(connection: &Connection) -> Result<(), StoreError> {
    for column in Slot::ALL.map(Slot::field) {
        let is_there = connection
            .prepare_cached("SELECT 1 FROM pragma_table_info('photo') WHERE name = ?1")?
            .exists([column])?;
        if !is_there {
            let add = format!("ALTER TABLE photo ADD COLUMN {column} TEXT NOT NULL DEFAULT ''");
            connection.execute_batch(&add)?;
        }
    }
    Ok(())
}

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
    let (file, scene, tags) = (photo.file_id.as_str(), to_text(&photo.scene)?, to_text(tags)?);
    let source_url = photo.source_url.as_ref().map(SourceUrl::as_str);
    let before_digests: [&dyn ToSql; BEFORE_DIGESTS] = [
        &file,
        &scene,
        &photo.prompts_of,
        &tags,
        &context.phrase,
        &context.confidence,
        &photo.model_set,
        &source_url,
    ];
    let digests = plugins.iter().map(|(_, digest)| digest as &dyn ToSql);
    let values: Vec<&dyn ToSql> = before_digests.into_iter().chain(digests).collect();
    let places = vec!["?"; values.len()].join(", ");
    connection
        .prepare_cached(&format!("INSERT INTO photo ({}) VALUES ({places})", columns()))?
        .execute(&*values)?;
    Ok(())
}

/// The record of a photo.
pub(super) fn read(connection: &Connection, file: &FileId) -> Result<Option<PhotoRecord>, StoreError> {
    let query = format!("SELECT {} FROM photo WHERE file_id = ?1", columns());
    rows::one(connection, &query, [file.as_str()], record)
}

/// The next photos in the order in which they were written.
pub(super) fn page(
    connection: &Connection,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<SequencedPhoto>, StoreError> {
    let query = format!(
        "SELECT {}, row FROM photo WHERE row > ?1 ORDER BY row LIMIT ?2",
        columns()
    );
    let parameters = [rows::position(after), rows::limit(limit)];
    rows::all(connection, &query, parameters, sequenced)
}

/// The photos before a position, those that were written last first.
pub(super) fn latest(
    connection: &Connection,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<SequencedPhoto>, StoreError> {
    let query = format!(
        "SELECT {}, row FROM photo WHERE row < ?1 ORDER BY row DESC LIMIT ?2",
        columns()
    );
    let parameters = [rows::end(before), rows::limit(limit)];
    rows::all(connection, &query, parameters, sequenced)
}

fn sequenced(row: &Row<'_>) -> Result<SequencedPhoto, StoreError> {
    Ok(SequencedPhoto {
        position: row.get::<_, i64>("row")?.unsigned_abs(),
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
    let (file, tags) = (file.as_str(), to_text(tags)?);
    let mut values: Vec<&dyn ToSql> = vec![&tags, &context.phrase, &context.confidence];
    values.extend(plugins.iter().map(|(_, digest)| digest as &dyn ToSql));
    values.push(&file);
    let digests = Slot::ALL.map(|slot| format!("{} = ?", slot.field())).join(", ");
    connection
        .prepare_cached(&format!(
            "UPDATE photo SET tags = ?, phrase = ?, confidence = ?, {digests} WHERE file_id = ?"
        ))?
        .execute(&*values)?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<PhotoRecord, StoreError> {
    let file = rows::file_id(row, 0)?;
    let damaged = |error| StoreError::Damaged(format!("photo {}: {error}", file.as_str()));
    let mut plugins = PluginDigests::default();
    for slot in Slot::ALL {
        plugins[slot] = row.get(BEFORE_DIGESTS + slot as usize)?;
    }
    Ok(PhotoRecord {
        scene: rows::from_json(row, 1).map_err(damaged)?,
        prompts_of: row.get(2)?,
        description: PhotoDescription {
            tags: rows::from_json(row, 3).map_err(damaged)?,
            context: StoredContext {
                phrase: row.get(4)?,
                confidence: row.get(5)?,
            },
            plugins,
        },
        model_set: row.get(6)?,
        source_url: row.get::<_, Option<String>>(7)?.map(SourceUrl::stored),
        file_id: file,
    })
}
