//! The embedded store: SQLite is the truth, an index in memory finds neighbours.

mod apply;
mod opening;
mod photo_table;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod thumbnail_files;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tokio::sync::OwnedMutexGuard;

use self::apply::IndexChanges;
use super::change::{Change, Cluster, Redirect, Rejection, StoredAnswer};
use super::index::{IndexSettings, NeighbourIndex};
use super::record::{Explanation, SequencedFace, SequencedPhoto, StoredPhoto};
use super::store::{Counts, FaceStore, StoreError, StoredFace, Turn};
use crate::domain::{ClusterId, Embedding, EmbeddingModel, FaceId, FileId, Neighbour};

/// The index knows neither photos nor clusters, so as many more faces are asked for as are left out. Of a cluster
/// with more faces than this, so many may be left out that fewer neighbours than wanted remain.
const MOST_EXCLUDED: usize = 1_000;

/// The index's similarities are of half precision, so what it gives last is not quite the least similar.
const MORE: usize = 10;

/// After this many new faces the index is written, so that a crash costs at most seconds at the next start.
const SAVE_AFTER: u64 = 50_000;

/// Faces in a directory of this machine. Clones share one store.
#[derive(Clone)]
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// Reads see what was committed last and do not wait for a commit.
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
    index: NeighbourIndex,
    /// Faces added since the index was written last.
    unsaved: AtomicU64,
    /// A thread will write the index before long, so that it does not hold what was erased.
    erasing: AtomicBool,
    erased_within: Duration,
    deciding: Arc<tokio::sync::Mutex<()>>,
    /// Held for as long as the store is open.
    _lock: File,
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
        let named = |source| StoreError::Directory {
            directory: directory.display().to_string(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(named)?;
        let lock = File::create(directory.join("lock")).map_err(named)?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => StoreError::InUse(directory.display().to_string()),
            std::fs::TryLockError::Error(source) => named(source),
        })?;
        let path = directory.join("faces.sqlite");
        let mut writer = Connection::open(&path)?;
        schema::configure(&writer)?;
        schema::prepare(&mut writer, model)?;
        let reader = Connection::open(&path)?;
        reader.pragma_update(None, "query_only", true)?;
        let index = opening::index(&reader, directory, model, settings)?;
        Ok(Self {
            inner: Arc::new(Inner {
                reader: Mutex::new(reader),
                writer: Mutex::new(writer),
                index,
                unsaved: AtomicU64::new(0),
                erasing: AtomicBool::new(false),
                erased_within: settings.erased_within,
                deciding: Arc::default(),
                _lock: lock,
            }),
        })
    }

    /// Takes over the thumbnails that earlier versions kept as files, then removes their directory. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read or the database fails; then the files are still there.
    pub fn import_thumbnails(&self, directory: &Path) -> Result<(), StoreError> {
        let mut writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        thumbnail_files::import(&mut writer, directory)
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
        tokio::task::spawn_blocking(move || work(&inner.reader())).await?
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

impl Inner {
    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves nothing half done.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes in one transaction, then in the index.
    fn apply(self: &Arc<Self>, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction()?;
        let mut found = IndexChanges::default();
        for change in changes {
            apply::apply(&transaction, change, &mut found)?;
        }
        schema::count_change(&transaction)?;
        transaction.commit()?;
        for row in found.removed {
            self.index.remove(row);
        }
        let added = found.added.len() as u64;
        for (row, face) in found.added {
            self.index.add(row, face.embedding.as_slice());
        }
        let unsaved = self.unsaved.fetch_add(added, Ordering::Relaxed) + added;
        if unsaved >= SAVE_AFTER {
            self.unsaved.store(0, Ordering::Relaxed);
            self.save_index_after(Duration::ZERO);
        } else if found.erased && !self.erasing.swap(true, Ordering::Relaxed) {
            self.save_index_after(self.erased_within);
        }
        Ok(())
    }

    /// Writes the index after a while, with everything that happens until then.
    fn save_index_after(self: &Arc<Self>, pause: Duration) {
        let inner = Arc::downgrade(self);
        // On a thread of its own: it takes long and nobody waits for it. A store that was closed meanwhile has written
        // the index itself.
        std::thread::spawn(move || {
            std::thread::sleep(pause);
            if let Some(inner) = inner.upgrade() {
                // What is erased from now on is for another thread.
                inner.erasing.store(false, Ordering::Relaxed);
                inner.save_index();
            }
        });
    }

    /// Writes the index, which is a cache: that it could not be written costs time at the next start and nothing else.
    fn save_index(&self) {
        if let Err(error) = self.index.save() {
            tracing::warn!(
                error = crate::report(&error),
                "the neighbour index was not written"
            );
        }
    }

    /// Neighbours by the index, read from the database.
    fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
        excluding_cluster: Option<&ClusterId>,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let excluded: i64 = self
            .reader()
            .prepare_cached("SELECT count(*) FROM face WHERE file_id = ?1 OR cluster_id = ?2")?
            .query_row(
                [
                    Some(excluding.as_str().to_owned()),
                    excluding_cluster.map(ToString::to_string),
                ],
                |row| row.get(0),
            )?;
        let excluded = usize::try_from(excluded).unwrap_or_default().min(MOST_EXCLUDED);
        // Others may read meanwhile.
        let found = self
            .index
            .nearest(embedding.as_slice(), limit + excluded + MORE)?;
        let reader = self.reader();
        let query = format!("SELECT {} FROM face WHERE row = ?1", rows::FACE);
        let mut statement = reader.prepare_cached(&query)?;
        let mut neighbours = Vec::with_capacity(found.len());
        for (row, _) in found {
            let face = statement
                .query_row([rows::position(Some(row))], |row| Ok(rows::face(row)))
                .optional()?;
            // A face that was removed a moment ago is no neighbour any more.
            let Some(face) = face.transpose()? else { continue };
            if face.file_id != *excluding && excluding_cluster != Some(&face.cluster_id) {
                neighbours.push(Neighbour {
                    face_id: face.face_id,
                    cluster_id: face.cluster_id,
                    similarity: embedding.cosine(&face.embedding).clamp(-1.0, 1.0),
                    quality: face.quality,
                    same_photo: false,
                });
            }
        }
        neighbours.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        neighbours.truncate(limit);
        Ok(neighbours)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.save_index();
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
        self.read(move |connection| faces_of_file(connection, &file))
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
            let faces = faces_of_file(&transaction, &file)?;
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

    async fn cluster(&self, cluster: &ClusterId) -> Result<Option<Cluster>, StoreError> {
        let query = format!("SELECT {} FROM cluster WHERE cluster_id = ?1", rows::CLUSTER);
        self.one(query, cluster, rows::cluster).await
    }

    async fn clusters(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Cluster>, StoreError> {
        let from = (rows::CLUSTER, "cluster", "cluster_id");
        self.page(from, after, limit, rows::cluster).await
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
        let query = "SELECT (SELECT count(*) FROM face), (SELECT count(*) FROM cluster), (SELECT count(*) FROM photo)";
        self.read(move |connection| {
            Ok(connection.prepare_cached(query)?.query_row([], |row| {
                let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                Ok(Counts {
                    faces: count(0)?,
                    clusters: count(1)?,
                    photos: count(2)?,
                })
            })?)
        })
        .await
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        self.read(schema::revision).await
    }
}

fn faces_of_file(connection: &Connection, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
    let query = format!("SELECT {} FROM face WHERE file_id = ?1 ORDER BY row", rows::FACE);
    rows::all(connection, &query, [file.as_str()], rows::face)
}
