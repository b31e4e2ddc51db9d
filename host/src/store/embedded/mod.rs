//! The embedded store: SQLite is the truth, an index in memory finds neighbours.

mod apply;
mod checkpoints;
mod cluster_order;
mod copying;
mod corrections;
mod examine;
mod flag_tables;
pub(super) mod index;
mod inner;
mod lock;
mod opening;
mod photo_list;
mod photo_table;
mod place;
mod readers;
mod rebuilding;
mod room;
mod rows;
mod schema;
mod tag_tables;
#[cfg(test)]
mod tests;
mod thumbnail_files;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use tokio::sync::OwnedMutexGuard;

use self::index::IndexSettings;
use self::inner::Inner;
use self::lock::DATABASE;
pub use self::lock::StoreLock;
use super::change::Change;
use super::correction::Correction;
use super::error::StoreError;
use super::event::LoggedEvent;
use super::face_store::{FaceStore, Turn};
use super::flags::ClusterFilter;
use super::reads::StoreReads;
use super::record::{
    Cluster, ClusterOrder, Counts, Explanation, Redirect, Rejection, SequencedFace, SequencedPhoto,
    StoredAnswer, StoredFace, StoredPhoto,
};
use crate::domain::{ClusterId, Embedding, EmbeddingModel, FaceId, FileId, Neighbour};

/// Faces in a directory of this machine. Clones share one store.
#[derive(Clone)]
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

impl EmbeddedStore {
    /// Opens or creates the store in a directory; reads the vectors that the index does not know. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be used, another process uses it, the database is damaged, or it holds vectors
    /// of another embedder.
    pub fn open(
        directory: &Path,
        model: &EmbeddingModel,
        settings: IndexSettings,
    ) -> Result<Self, StoreError> {
        let inner = Inner::open(directory, model, settings)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether there is a store in a directory: its database, since the directory alone is made by whoever takes its lock.
    #[must_use]
    pub fn is_in(directory: &Path) -> bool {
        directory.join(DATABASE).exists()
    }

    /// What a repair keeps of a damaged database, beside the one that it wrote anew.
    #[must_use]
    pub fn damaged(directory: &Path) -> PathBuf {
        directory.join(rebuilding::DAMAGED)
    }

    /// Takes the sole right to the store in a directory, which is made when it is not there, without opening it.
    ///
    /// # Errors
    /// When the directory cannot be used, or a worker holds the store.
    pub fn lock(directory: &Path) -> Result<StoreLock, StoreError> {
        StoreLock::take(directory)
    }

    /// Keeps so many bytes of the disk back, so that deletions find room when it is full; 0 for none. Blocks.
    pub fn keep_room(&self, bytes: u64) {
        self.inner.condition.room.keep(bytes);
    }

    /// What SQLite says of a database that cannot be opened as a store. Blocks.
    ///
    /// # Errors
    /// When the file cannot be opened at all.
    pub fn examine_file(directory: &Path) -> Result<Vec<String>, StoreError> {
        examine::sqlite(&Connection::open(directory.join(DATABASE))?)
    }

    /// Writes the database of a store that nobody has open anew when SQLite finds it damaged, as far as its tables can be
    /// read; says what it did. Blocks.
    ///
    /// # Errors
    /// When a worker holds the store, or the tables themselves are damaged; then it is as before.
    pub fn rebuild(directory: &Path) -> Result<Vec<String>, StoreError> {
        let _lock = Self::lock(directory)?;
        rebuilding::rebuild(directory)
    }

    /// Takes over the thumbnails that earlier versions kept as files, then removes their directory. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read or the database fails; then the files are still there.
    pub fn import_thumbnails(&self, directory: &Path) -> Result<(), StoreError> {
        thumbnail_files::import(&mut self.inner.writer(), directory)
    }

    /// How many faces wait for the neighbour graph. Searching them takes time in proportion; they are found all the
    /// same.
    #[must_use]
    pub fn waiting_for_graph(&self) -> usize {
        self.inner.index.waiting()
    }

    /// Runs reads off the async threads.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner.readers.one())).await?
    }

    /// The row that a query finds by a key, if there is one.
    async fn one<T: Send + 'static>(
        &self,
        query: String,
        key: impl ToString,
        read: fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let key = key.to_string();
        self.read(move |connection| rows::one(connection, &query, [key], read))
            .await
    }

    /// The rows that a query finds by a key.
    async fn all<T: Send + 'static>(
        &self,
        query: String,
        key: impl ToString,
        read: fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let key = key.to_string();
        self.read(move |connection| rows::all(connection, &query, [key], read))
            .await
    }

    /// Up to `limit` rows whose key comes after another (none: from the first), in the order of the keys.
    async fn page<T: Send + 'static>(
        &self,
        (columns, table, key): (&str, &str, &str),
        after: Option<impl ToString>,
        limit: usize,
        read: fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let query = format!("SELECT {columns} FROM {table} WHERE {key} > ?1 ORDER BY {key} LIMIT ?2");
        // Every key comes after the empty text.
        let after = after.map_or_else(String::new, |after| after.to_string());
        let limit = rows::limit(limit);
        self.read(move |connection| rows::all(connection, &query, params![after, limit], read))
            .await
    }
}

/// The embedded store's turn: one process, one lock.
struct EmbeddedTurn {
    inner: Arc<Inner>,
    _deciding: OwnedMutexGuard<()>,
}

#[async_trait]
impl Turn for EmbeddedTurn {
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.apply(changes)).await?
    }

    async fn end(self: Box<Self>) {}
}

#[async_trait]
impl StoreReads for EmbeddedStore {
    async fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
        excluding_cluster: Option<&ClusterId>,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let (inner, embedding, excluding) = (Arc::clone(&self.inner), embedding.clone(), excluding.clone());
        let excluding_cluster = excluding_cluster.copied();
        tokio::task::spawn_blocking(move || {
            inner.nearest(&embedding, limit, &excluding, excluding_cluster.as_ref())
        })
        .await?
    }

    async fn face(&self, face: &FaceId) -> Result<Option<StoredFace>, StoreError> {
        let query = format!("SELECT {} FROM face WHERE face_id = ?1", rows::FACE);
        self.one(query, face, rows::face).await
    }

    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
        let file = file.clone();
        self.read(move |connection| rows::faces_of_file(connection, &file))
            .await
    }

    async fn faces_of_cluster(
        &self,
        cluster: &ClusterId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        let cluster = cluster.to_string();
        let (after, limit) = (rows::position(after), rows::limit(limit));
        let query = format!(
            "SELECT {} FROM face WHERE cluster_id = ?1 AND row > ?2 ORDER BY row LIMIT ?3",
            rows::FACE
        );
        self.read(move |connection| {
            rows::all(
                connection,
                &query,
                params![cluster, after, limit],
                rows::sequenced_face,
            )
        })
        .await
    }

    async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError> {
        let parameters = [rows::position(after), rows::limit(limit)];
        let query = format!(
            "SELECT {} FROM face WHERE row > ?1 ORDER BY row LIMIT ?2",
            rows::FACE
        );
        self.read(move |connection| rows::all(connection, &query, parameters, rows::sequenced_face))
            .await
    }

    async fn latest_faces(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        let parameters = [rows::end(before), rows::limit(limit)];
        let query = format!(
            "SELECT {} FROM face WHERE row < ?1 ORDER BY row DESC LIMIT ?2",
            rows::FACE
        );
        self.read(move |connection| rows::all(connection, &query, parameters, rows::sequenced_face))
            .await
    }

    async fn portrait(&self, face: &FaceId) -> Result<Option<Vec<u8>>, StoreError> {
        let query = "SELECT jpeg FROM portrait WHERE face_id = ?1".to_owned();
        self.one(query, face, |row| Ok(row.get(0)?)).await
    }

    async fn explanation(&self, face: &FaceId) -> Result<Option<Explanation>, StoreError> {
        let query = "SELECT json FROM explanation WHERE face_id = ?1".to_owned();
        self.one(query, face, |row| rows::from_json(row, 0)).await
    }

    async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError> {
        let file = file.clone();
        self.read(move |connection| {
            // Both of one moment.
            let transaction = connection.unchecked_transaction()?;
            let faces = rows::faces_of_file(&transaction, &file)?;
            let record = photo_table::read(&transaction, &file)?;
            let known = record.is_some() || !faces.is_empty();
            Ok(known.then_some(StoredPhoto { faces, record }))
        })
        .await
    }

    async fn photos(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedPhoto>, StoreError> {
        self.read(move |connection| photo_table::page(connection, after, limit))
            .await
    }

    async fn latest_photos(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedPhoto>, StoreError> {
        self.read(move |connection| photo_table::latest(connection, before, limit))
            .await
    }

    async fn cluster(&self, cluster: &ClusterId) -> Result<Option<Cluster>, StoreError> {
        let query = format!("SELECT {} FROM cluster WHERE cluster_id = ?1", rows::CLUSTER);
        self.one(query, cluster, rows::cluster).await
    }

    async fn clusters(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Cluster>, StoreError> {
        let from = (rows::CLUSTER, "cluster", "cluster_id");
        self.page(from, after, limit, rows::cluster).await
    }

    async fn clusters_by(
        &self,
        order: ClusterOrder,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        self.read(move |connection| cluster_order::page(connection, order, filter, after, limit))
            .await
    }

    async fn redirect(&self, source: &ClusterId) -> Result<Option<Redirect>, StoreError> {
        let query = format!("SELECT {} FROM redirect WHERE source = ?1", rows::REDIRECT);
        self.one(query, source, rows::redirect).await
    }

    async fn redirects_to(&self, target: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let query = "SELECT source FROM redirect WHERE target = ?1 ORDER BY source".to_owned();
        self.all(query, target, |row| rows::cluster_id(row, 0)).await
    }

    async fn redirects(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Redirect>, StoreError> {
        let from = (rows::REDIRECT, "redirect", "source");
        self.page(from, after, limit, rows::redirect).await
    }

    async fn distinct_from(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let query = "SELECT other FROM distinction WHERE one = ?1 ORDER BY other".to_owned();
        self.all(query, cluster, |row| rows::cluster_id(row, 0)).await
    }

    async fn unsure_of(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let query = "SELECT other FROM unsure WHERE one = ?1 ORDER BY other".to_owned();
        self.all(query, cluster, |row| rows::cluster_id(row, 0)).await
    }

    async fn rejections(&self, file: &FileId) -> Result<Vec<Rejection>, StoreError> {
        let query = format!(
            "SELECT {} FROM rejection WHERE file_id = ?1 ORDER BY face_id",
            rows::REJECTION
        );
        self.all(query, file.as_str(), rows::rejection).await
    }

    async fn rejection(&self, face: &FaceId) -> Result<Option<Rejection>, StoreError> {
        let query = format!("SELECT {} FROM rejection WHERE face_id = ?1", rows::REJECTION);
        self.one(query, face, rows::rejection).await
    }

    async fn all_rejections(
        &self,
        after: Option<&FaceId>,
        limit: usize,
    ) -> Result<Vec<Rejection>, StoreError> {
        let from = (rows::REJECTION, "rejection", "face_id");
        self.page(from, after, limit, rows::rejection).await
    }

    async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
        let query = format!("SELECT {} FROM answer WHERE key = ?1", rows::ANSWER);
        self.one(query, key, rows::answer).await
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<LoggedEvent>, StoreError> {
        let parameters = [rows::position(Some(after)), rows::limit(limit)];
        let query = format!(
            "SELECT {} FROM event WHERE position > ?1 ORDER BY position LIMIT ?2",
            rows::EVENT
        );
        self.read(move |connection| rows::all(connection, &query, parameters, rows::event))
            .await
    }

    async fn event_range(&self) -> Result<Option<(u64, u64)>, StoreError> {
        self.read(rows::event_range).await
    }

    async fn correction(&self, position: u64) -> Result<Option<Correction>, StoreError> {
        self.read(move |connection| corrections::one(connection, position))
            .await
    }

    async fn corrections(&self, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError> {
        self.read(move |connection| corrections::page(connection, after, limit))
            .await
    }

    async fn corrections_of(
        &self,
        keys: &[String],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Correction>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |connection| corrections::found(connection, &keys, before, limit))
            .await
    }

    async fn later_correction(&self, keys: &[String], after: u64) -> Result<Option<u64>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |connection| corrections::later(connection, &keys, after))
            .await
    }

    async fn last_correction(&self) -> Result<u64, StoreError> {
        self.read(corrections::last).await
    }

    async fn portraits(&self) -> Result<u64, StoreError> {
        let query = "SELECT count(*) FROM portrait";
        self.read(move |connection| {
            let count: i64 = connection
                .prepare_cached(query)?
                .query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
        .await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(copying::counts).await
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        self.read(schema::revision).await
    }
}

#[async_trait]
impl FaceStore for EmbeddedStore {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    async fn turn(&self) -> Result<Box<dyn Turn>, StoreError> {
        Ok(Box::new(EmbeddedTurn {
            _deciding: Arc::clone(&self.inner.deciding).lock_owned().await,
            inner: Arc::clone(&self.inner),
        }))
    }

    fn can_store(&self) -> Result<(), StoreError> {
        self.inner.condition.known()
    }

    fn make_room(&self, reason: &str) {
        // Not while what is kept back is being written again, which takes all the room there is.
        let _writer = self.inner.writer();
        self.inner.condition.room.failed(reason);
    }

    async fn examine(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = self.read(examine::faults).await?;
        let indexed = self.inner.index.len() as u64;
        match self.counts().await {
            Ok(Counts { faces, .. }) if faces != indexed => faults.push(format!(
                "the neighbour index has {indexed} of {faces} faces; delete neighbours.index, so that it is rebuilt"
            )),
            Err(error) if !error.is_damage() => return Err(error),
            // Damage was told of.
            _ => {}
        }
        Ok(faults)
    }

    async fn mend(&self) -> Result<Vec<String>, StoreError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || examine::mend(&mut inner.writer())).await?
    }

    async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
        let (inner, file) = (Arc::clone(&self.inner), file.to_owned());
        tokio::task::spawn_blocking(move || {
            // A copy of another database would pass for one of this store.
            inner.condition.check_place()?;
            copying::copy(&inner.database, &file)
        })
        .await?
    }
}
