//! Lists of photos without their scenes.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::{EmbeddedStore, rows};
use crate::domain::{ClusterId, FileId, ScoredTag};
use crate::store::error::StoreError;
use crate::store::photo_list::{ListedPhoto, PhotoLists, TagCount};

/// The columns in the order in which [`listed`] reads them.
const COLUMNS: &str = "photo.file_id, photo.tags, photo.phrase, photo.source_url IS NOT NULL, photo.row";

#[async_trait]
impl PhotoLists for EmbeddedStore {
    async fn list_photos(
        &self,
        tag: Option<&str>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, ListedPhoto)>, StoreError> {
        let tag = tag.map(str::to_owned);
        self.read(move |connection| page(connection, tag.as_deref(), before, limit))
            .await
    }

    async fn photos_named(&self, files: &[FileId]) -> Result<Vec<ListedPhoto>, StoreError> {
        let files = files.to_vec();
        self.read(move |connection| named(connection, &files)).await
    }

    async fn latest_files(
        &self,
        cluster: &ClusterId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, FileId)>, StoreError> {
        let cluster = *cluster;
        self.read(move |connection| of_cluster(connection, &cluster, before, limit))
            .await
    }

    async fn tags(&self, limit: usize) -> Result<Vec<TagCount>, StoreError> {
        self.read(move |connection| tags(connection, limit)).await
    }
}

fn page(
    connection: &Connection,
    tag: Option<&str>,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, ListedPhoto)>, StoreError> {
    // Both of one moment.
    let moment = connection.unchecked_transaction()?;
    let (before, limit) = (rows::end(before), rows::limit(limit));
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(4)?.unsigned_abs(), listed(&moment, row)?));
    match tag {
        None => {
            let query = format!("SELECT {COLUMNS} FROM photo WHERE row < ?1 ORDER BY row DESC LIMIT ?2");
            rows::all(&moment, &query, params![before, limit], read)
        }
        Some(tag) => {
            let query = format!(
                "SELECT {COLUMNS} FROM photo_tag AS found CROSS JOIN photo ON photo.row = found.row \
                 WHERE found.name = ?3 AND found.row < ?1 ORDER BY found.row DESC LIMIT ?2"
            );
            rows::all(&moment, &query, params![before, limit, tag], read)
        }
    }
}

fn named(connection: &Connection, files: &[FileId]) -> Result<Vec<ListedPhoto>, StoreError> {
    let moment = connection.unchecked_transaction()?;
    let query = format!("SELECT {COLUMNS} FROM photo WHERE file_id = ?1");
    let mut found = Vec::new();
    for file in files {
        let photo = rows::one(&moment, &query, [file.as_str()], |row| listed(&moment, row))?;
        match photo {
            Some(photo) => found.push(photo),
            None => found.extend(unrecorded(&moment, file)?),
        }
    }
    Ok(found)
}

/// A photo of a version that kept faces only; none when it was deleted.
fn unrecorded(connection: &Connection, file: &FileId) -> Result<Option<ListedPhoto>, StoreError> {
    let clusters = clusters(connection, file)?;
    Ok((!clusters.is_empty()).then(|| ListedPhoto {
        file_id: file.clone(),
        tags: None,
        context: None,
        clusters,
        has_url: false,
    }))
}

fn of_cluster(
    connection: &Connection,
    cluster: &ClusterId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, FileId)>, StoreError> {
    let query = "SELECT row, file_id FROM face WHERE cluster_id = ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3";
    let parameters = params![cluster.to_string(), rows::end(before), rows::limit(limit)];
    rows::all(connection, query, parameters, |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), rows::file_id(row, 1)?))
    })
}

fn tags(connection: &Connection, limit: usize) -> Result<Vec<TagCount>, StoreError> {
    let query = "SELECT name, photos FROM tag ORDER BY photos DESC, name LIMIT ?1";
    rows::all(connection, query, [rows::limit(limit)], |row| {
        Ok(TagCount {
            name: row.get(0)?,
            photos: row.get::<_, i64>(1)?.unsigned_abs(),
        })
    })
}

fn listed(connection: &Connection, row: &Row<'_>) -> Result<ListedPhoto, StoreError> {
    let file_id = rows::file_id(row, 0)?;
    let tags: Vec<ScoredTag> = rows::from_json(row, 1)?;
    Ok(ListedPhoto {
        tags: Some(tags.into_iter().map(|tag| tag.name).collect()),
        context: Some(row.get(2)?),
        has_url: row.get(3)?,
        clusters: clusters(connection, &file_id)?,
        file_id,
    })
}

fn clusters(connection: &Connection, file: &FileId) -> Result<Vec<ClusterId>, StoreError> {
    let query = "SELECT cluster_id FROM face WHERE file_id = ?1 ORDER BY row";
    rows::all(connection, query, [file.as_str()], |row| rows::cluster_id(row, 0))
}
