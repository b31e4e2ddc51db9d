//! The embedded store: SQLite is the truth, a matrix in memory finds neighbours.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::{Connection, Transaction};

use super::matrix::Matrix;
use super::record::{PhotoDescription, PhotoRecord, SequencedFace, StoredPhoto};
use super::store::{Counts, FaceStore, Merged, StoreError, StoredFace};
use super::{photo_table, schema};
use crate::domain::{ClusterId, Embedding, EmbeddingModel, FaceId, FileId, Neighbour};

/// Faces in a directory of this machine. Clones share one store.
#[derive(Clone)]
pub struct EmbeddedStore {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    connection: Connection,
    matrix: Matrix<FaceId>,
    faces: HashMap<FaceId, Placement>,
    clusters: HashMap<ClusterId, u64>,
    /// Held for as long as the store is open.
    _lock: File,
}

/// What neighbour search says of a face besides its similarity.
struct Placement {
    file: FileId,
    cluster: ClusterId,
    quality: f32,
}

impl EmbeddedStore {
    /// Opens or creates the store in a directory and reads every vector into memory. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be used, another process uses it, the database is damaged, or it holds vectors
    /// of another embedder.
    pub fn open(directory: &Path, model: &EmbeddingModel) -> Result<Self, StoreError> {
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
        let mut connection = Connection::open(directory.join("faces.sqlite"))?;
        schema::prepare(&mut connection, model)?;
        let mut inner = Inner {
            connection,
            matrix: Matrix::new(model.dimension),
            faces: HashMap::new(),
            clusters: HashMap::new(),
            _lock: lock,
        };
        for face in inner.read_all()? {
            if face.embedding.dimension() != model.dimension {
                return Err(StoreError::Damaged(format!(
                    "face {} has a vector of another width",
                    face.face_id
                )));
            }
            inner.remember(&face);
        }
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
        })
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            // Memory is changed only after a commit, so a panic leaves nothing half done.
            work(&mut inner.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await?
    }
}

impl Inner {
    fn read_all(&self) -> Result<Vec<StoredFace>, StoreError> {
        let query = format!("SELECT {} FROM face ORDER BY rowid", schema::COLUMNS);
        let mut statement = self.connection.prepare(&query)?;
        let mut rows = statement.query([])?;
        let mut faces = Vec::new();
        while let Some(row) = rows.next()? {
            faces.push(schema::face(row)?);
        }
        Ok(faces)
    }

    fn remember(&mut self, face: &StoredFace) {
        self.matrix.insert(face.face_id, face.embedding.as_slice());
        *self.clusters.entry(face.cluster_id).or_default() += 1;
        let (file, cluster, quality) = (face.file_id.clone(), face.cluster_id, face.quality);
        self.faces.insert(
            face.face_id,
            Placement {
                file,
                cluster,
                quality,
            },
        );
    }

    /// Forgets a face; gives its cluster when that is empty now.
    fn forget(&mut self, face: &FaceId) -> Option<ClusterId> {
        self.matrix.remove(face);
        let cluster = self.faces.remove(face)?.cluster;
        self.leave(cluster)
    }

    /// Counts one face less; gives the cluster when it is empty now.
    fn leave(&mut self, cluster: ClusterId) -> Option<ClusterId> {
        let count = self.clusters.get_mut(&cluster)?;
        *count -= 1;
        (*count == 0).then(|| {
            self.clusters.remove(&cluster);
            cluster
        })
    }

    fn move_face(&mut self, face: &FaceId, cluster: ClusterId) -> Option<ClusterId> {
        let placement = self.faces.get_mut(face)?;
        let before = std::mem::replace(&mut placement.cluster, cluster);
        *self.clusters.entry(cluster).or_default() += 1;
        self.leave(before)
    }
}

fn merge_in(
    transaction: &Transaction<'_>,
    sources: &[ClusterId],
    target: &ClusterId,
) -> Result<Merged, StoreError> {
    if sources.is_empty() {
        return Err(StoreError::EmptyMerge);
    }
    let survivor = schema::survivor(transaction, *target)?;
    if !schema::cluster_exists(transaction, &survivor)? {
        return Err(StoreError::UnknownCluster(*target));
    }
    let mut merged = Merged {
        moved: 0,
        target: survivor,
        removed: Vec::new(),
    };
    let mut seen = HashSet::new();
    for source in sources {
        if source == target || *source == survivor {
            return Err(StoreError::SourceIsTarget(*source));
        }
        if !seen.insert(*source) {
            continue;
        }
        let source_now = schema::survivor(transaction, *source)?;
        if source_now == survivor {
            continue;
        }
        if !schema::cluster_exists(transaction, &source_now)? {
            return Err(StoreError::UnknownCluster(*source));
        }
        let (from, to) = (source_now.to_string(), survivor.to_string());
        merged.moved += transaction.execute(
            "UPDATE face SET cluster_id = ?2 WHERE cluster_id = ?1",
            [&from, &to],
        )? as u64;
        transaction.execute(
            "INSERT INTO redirect (source, target) VALUES (?1, ?2)",
            [&from, &to],
        )?;
        merged.removed.push(source_now);
    }
    Ok(merged)
}

#[async_trait]
impl FaceStore for EmbeddedStore {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    async fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let (embedding, excluding) = (embedding.clone(), excluding.clone());
        self.with(move |inner| {
            let wanted = |id: &FaceId| inner.faces.get(id).is_some_and(|face| face.file != excluding);
            let found = inner.matrix.nearest(embedding.as_slice(), limit, wanted);
            Ok(found
                .into_iter()
                .filter_map(|(face_id, similarity)| {
                    let face = inner.faces.get(&face_id)?;
                    Some(Neighbour {
                        face_id,
                        cluster_id: face.cluster,
                        similarity: similarity.clamp(-1.0, 1.0),
                        quality: face.quality,
                        same_photo: false,
                    })
                })
                .collect())
        })
        .await
    }

    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
        let file = file.clone();
        self.with(move |inner| schema::faces_where(&inner.connection, "file_id", file.as_str()))
            .await
    }

    async fn faces_of_cluster(&self, cluster: &ClusterId) -> Result<Vec<StoredFace>, StoreError> {
        let cluster = cluster.to_string();
        self.with(move |inner| schema::faces_where(&inner.connection, "cluster_id", &cluster))
            .await
    }

    async fn replace_file(
        &self,
        photo: PhotoRecord,
        faces: Vec<StoredFace>,
    ) -> Result<Vec<ClusterId>, StoreError> {
        self.with(move |inner| {
            let transaction = inner.connection.transaction()?;
            let file = photo.file_id.as_str();
            let old = schema::faces_where(&transaction, "file_id", file)?;
            transaction.execute("DELETE FROM face WHERE file_id = ?1", [file])?;
            for face in &faces {
                schema::insert(&transaction, face)?;
            }
            photo_table::replace(&transaction, &photo)?;
            transaction.commit()?;
            // New faces first, so that a cluster they keep alive is never empty.
            let emptied: Vec<ClusterId> = {
                let kept: HashSet<ClusterId> = faces.iter().map(|face| face.cluster_id).collect();
                let emptied: Vec<_> = old
                    .iter()
                    .filter_map(|face| inner.forget(&face.face_id))
                    .collect();
                emptied
                    .into_iter()
                    .filter(|cluster| !kept.contains(cluster))
                    .collect()
            };
            for face in &faces {
                inner.remember(face);
            }
            Ok(emptied)
        })
        .await
    }

    async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError> {
        let file = file.clone();
        self.with(move |inner| {
            let faces = schema::faces_where(&inner.connection, "file_id", file.as_str())?;
            let record = photo_table::read(&inner.connection, &file)?;
            let known = record.is_some() || !faces.is_empty();
            Ok(known.then_some(StoredPhoto { faces, record }))
        })
        .await
    }

    async fn photos(&self, after: Option<&FileId>, limit: usize) -> Result<Vec<PhotoRecord>, StoreError> {
        let after = after.cloned();
        self.with(move |inner| photo_table::page(&inner.connection, after.as_ref(), limit))
            .await
    }

    async fn set_description(
        &self,
        file: &FileId,
        description: PhotoDescription,
    ) -> Result<bool, StoreError> {
        let file = file.clone();
        self.with(move |inner| photo_table::set_description(&inner.connection, &file, &description))
            .await
    }

    async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError> {
        self.with(move |inner| schema::faces_after(&inner.connection, after, limit))
            .await
    }

    async fn set_cluster(&self, face: &FaceId, cluster: &ClusterId) -> Result<Option<ClusterId>, StoreError> {
        let (face, cluster) = (*face, *cluster);
        self.with(move |inner| {
            inner.connection.execute(
                "UPDATE face SET cluster_id = ?2 WHERE face_id = ?1",
                [face.to_string(), cluster.to_string()],
            )?;
            Ok(inner.move_face(&face, cluster))
        })
        .await
    }

    async fn merge(&self, sources: &[ClusterId], target: &ClusterId) -> Result<Merged, StoreError> {
        let (sources, target) = (sources.to_vec(), *target);
        self.with(move |inner| {
            let transaction = inner.connection.transaction()?;
            let merged = merge_in(&transaction, &sources, &target)?;
            transaction.commit()?;
            let moving: Vec<FaceId> = inner
                .faces
                .iter()
                .filter(|(_, face)| merged.removed.contains(&face.cluster))
                .map(|(id, _)| *id)
                .collect();
            for face in moving {
                inner.move_face(&face, merged.target);
            }
            Ok(merged)
        })
        .await
    }

    async fn delete_cluster(&self, cluster: &ClusterId) -> Result<u64, StoreError> {
        let cluster = *cluster;
        self.with(move |inner| {
            let transaction = inner.connection.transaction()?;
            let name = cluster.to_string();
            let faces = schema::faces_where(&transaction, "cluster_id", &name)?;
            let files: HashSet<FileId> = faces.iter().map(|face| face.file_id.clone()).collect();
            photo_table::forget_cluster(&transaction, &cluster, &files)?;
            transaction.execute("DELETE FROM face WHERE cluster_id = ?1", [&name])?;
            transaction.commit()?;
            for face in &faces {
                inner.forget(&face.face_id);
            }
            Ok(faces.len() as u64)
        })
        .await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.with(|inner| {
            // Asks the database, so that one that does not answer is noticed.
            let (faces, photos): (i64, i64) = inner.connection.query_row(
                "SELECT (SELECT count(*) FROM face), (SELECT count(*) FROM photo)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(Counts {
                faces: faces.unsigned_abs(),
                clusters: inner.clusters.len() as u64,
                photos: photos.unsigned_abs(),
            })
        })
        .await
    }
}
