//! Which person a face belongs to: asks the policy, checks its answer, writes. One photo at a time.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::decision;
use super::record::{PhotoDescription, PhotoRecord, SequencedFace, StoredPhoto};
use super::store::{Counts, FaceStore, Merged, StoreError, StoredFace};
use super::thumbnails::Thumbnails;
use crate::domain::{ClusterId, Decision, Embedding, EmbeddingModel, FaceId, FileId, Neighbour, SceneFace};

/// Whatever a policy fails with.
pub type PolicyError = Box<dyn std::error::Error + Send + Sync>;
/// Whatever making a thumbnail fails with.
pub type ThumbnailError = Box<dyn std::error::Error + Send + Sync>;
/// Makes a face's JPEG; called only for a face that founds a cluster.
pub type MakeThumbnail = Box<dyn FnOnce() -> Result<Vec<u8>, ThumbnailError> + Send>;

/// Decides where a face goes. Called from a blocking thread.
pub trait Policy: Send + Sync {
    /// How many of the most similar faces it wants to see.
    fn neighbours(&self) -> usize;

    /// Decides on one face; `neighbours` are most similar first.
    ///
    /// # Errors
    /// When it cannot decide; then nothing of the photo is stored.
    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError>;
}

/// A face that was just seen.
pub struct NewFace {
    /// What was seen.
    pub scene: SceneFace,
    /// Its vector.
    pub embedding: Embedding,
    /// Its picture.
    pub thumbnail: MakeThumbnail,
}

/// Where a face went.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedFace {
    /// Its identity; the old one when the photo held the same face before.
    pub face_id: FaceId,
    /// The person.
    pub cluster_id: ClusterId,
    /// The face founded the cluster.
    pub is_new_cluster: bool,
    /// Why, in one sentence.
    pub reason: String,
}

/// Why faces could not be placed, or a cluster not be shown; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum FacesError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy did not decide.
    #[error("the clustering policy failed")]
    Policy(#[source] PolicyError),
    /// The policy named a cluster it was not shown.
    #[error("the clustering policy joined cluster {0}, which was not among the neighbours")]
    InvalidDecision(ClusterId),
    /// There is no such cluster.
    #[error("there is no cluster {0}")]
    UnknownCluster(ClusterId),
    /// A thumbnail could not be made.
    #[error("a thumbnail could not be made")]
    Thumbnail(#[source] ThumbnailError),
    /// A thumbnail could not be written or read.
    #[error("a thumbnail could not be written or read; check the data directory")]
    Files(#[from] std::io::Error),
    /// The task was cancelled or panicked.
    #[error("the faces' task was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Faces, clusters and thumbnails. Clones share everything.
#[derive(Clone)]
pub struct People {
    store: Arc<dyn FaceStore>,
    thumbnails: Thumbnails,
    model: Arc<EmbeddingModel>,
    /// Held while deciding and writing: two photos of a new person at once must make one cluster.
    deciding: Arc<Mutex<()>>,
}

impl People {
    /// Puts a store and a directory of thumbnails together. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(
        store: Arc<dyn FaceStore>,
        thumbnails: &Path,
        model: EmbeddingModel,
    ) -> Result<Self, FacesError> {
        Ok(Self {
            store,
            thumbnails: Thumbnails::open(thumbnails)?,
            model: Arc::new(model),
            deciding: Arc::new(Mutex::new(())),
        })
    }

    /// The store's short name.
    #[must_use]
    pub fn store_kind(&self) -> &'static str {
        self.store.kind()
    }

    /// Decides on every face of a photo and replaces what was stored of it, its record included. The faces are those
    /// of the record's scene, in its order.
    ///
    /// A face that the photo held before keeps its identity and its person. Once started, the work is done to its
    /// end even when the caller is gone.
    ///
    /// # Errors
    /// When the policy, a thumbnail or the store fails; then everything is as before.
    pub async fn place(
        &self,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        // A caller that leaves while it waits for its turn leaves nothing behind.
        let turn = Arc::clone(&self.deciding).lock_owned().await;
        let people = self.clone();
        tokio::spawn(async move { people.place_alone(photo, faces, &policy, turn).await }).await?
    }

    async fn place_alone(
        &self,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: &Arc<dyn Policy>,
        _turn: OwnedMutexGuard<()>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        let file = &photo.file_id;
        let previous = self.store.faces_of_file(file).await?;
        let known = match_previous(&faces, &previous, self.model.threshold);
        let mut placed: Vec<(PlacedFace, StoredFace)> = Vec::with_capacity(faces.len());
        let mut founders = Vec::new();
        for (face, known) in faces.into_iter().zip(known) {
            let decided = match known {
                Some(index) => {
                    let StoredFace {
                        face_id, cluster_id, ..
                    } = previous[index];
                    let reason = "The photo was processed before and held the same face.".to_owned();
                    PlacedFace {
                        face_id,
                        cluster_id,
                        is_new_cluster: false,
                        reason,
                    }
                }
                None => {
                    self.decide(file, &face.scene, &face.embedding, &placed, policy)
                        .await?
                }
            };
            let stored = StoredFace {
                face_id: decided.face_id,
                file_id: file.clone(),
                cluster_id: decided.cluster_id,
                embedding: face.embedding,
                bounding_box: face.scene.bounding_box,
                confidence: face.scene.confidence,
                quality: face.scene.quality,
            };
            if decided.is_new_cluster {
                founders.push((decided.cluster_id, face.thumbnail));
            }
            placed.push((decided, stored));
        }
        let (placed, stored): (Vec<PlacedFace>, Vec<StoredFace>) = placed.into_iter().unzip();
        self.write(photo, stored, founders).await?;
        Ok(placed)
    }

    /// Asks the policy about a face, with its neighbours in the store and in the same photo.
    async fn decide(
        &self,
        file: &FileId,
        scene: &SceneFace,
        embedding: &Embedding,
        placed: &[(PlacedFace, StoredFace)],
        policy: &Arc<dyn Policy>,
    ) -> Result<PlacedFace, FacesError> {
        let wanted = policy.neighbours();
        let nearest = self.store.nearest(embedding, wanted, file).await?;
        let placed = placed.iter().map(|(_, other)| other);
        let neighbours = decision::neighbours(nearest, placed, embedding, wanted);
        let neighbours = Arc::new(neighbours);
        let decision = {
            let (policy, scene) = (Arc::clone(policy), scene.clone());
            let (neighbours, model) = (Arc::clone(&neighbours), Arc::clone(&self.model));
            tokio::task::spawn_blocking(move || policy.decide(&scene, &neighbours, &model)).await?
        };
        let Decision { assignment, reason } = decision.map_err(FacesError::Policy)?;
        let (cluster_id, is_new_cluster) = decision::cluster(assignment, &neighbours)?;
        Ok(PlacedFace {
            face_id: FaceId::random(),
            cluster_id,
            is_new_cluster,
            reason,
        })
    }

    /// Thumbnails of new clusters first, then the record and the faces in one transaction, then the thumbnails of clusters that
    /// are gone: a cluster never lacks its thumbnail.
    async fn write(
        &self,
        photo: PhotoRecord,
        stored: Vec<StoredFace>,
        founders: Vec<(ClusterId, MakeThumbnail)>,
    ) -> Result<(), FacesError> {
        let founded: Vec<ClusterId> = founders.iter().map(|(cluster, _)| *cluster).collect();
        let thumbnails = self.thumbnails.clone();
        let written = tokio::task::spawn_blocking(move || {
            for (cluster, make) in founders {
                let jpeg = make().map_err(FacesError::Thumbnail)?;
                thumbnails.write(&cluster, &jpeg)?;
            }
            Ok::<_, FacesError>(())
        })
        .await?;
        let outcome = match written {
            Ok(()) => self
                .store
                .replace_file(photo, stored)
                .await
                .map_err(FacesError::from),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(emptied) => self.remove_thumbnails(emptied).await,
            Err(error) => {
                self.remove_thumbnails(founded).await?;
                Err(error)
            }
        }
    }

    async fn remove_thumbnails(&self, clusters: Vec<ClusterId>) -> Result<(), FacesError> {
        let thumbnails = self.thumbnails.clone();
        Ok(tokio::task::spawn_blocking(move || thumbnails.remove(&clusters)).await?)
    }

    /// Moves every face of the sources to the target; see [`FaceStore::merge`].
    ///
    /// # Errors
    /// When the merge cannot be done; then nothing has changed.
    pub async fn merge(&self, sources: &[ClusterId], target: &ClusterId) -> Result<Merged, FacesError> {
        let _turn = self.deciding.lock().await;
        let merged = self.store.merge(sources, target).await?;
        self.remove_thumbnails(merged.removed.clone()).await?;
        Ok(merged)
    }

    /// The network whose vectors are stored, and the threshold policies are told.
    #[must_use]
    pub fn embedding_model(&self) -> &EmbeddingModel {
        &self.model
    }

    /// What is stored of a photo; none when nothing is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError> {
        self.store.photo(file).await
    }

    /// The next records; see [`FaceStore::photos`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn photos(&self, after: Option<&FileId>, limit: usize) -> Result<Vec<PhotoRecord>, StoreError> {
        self.store.photos(after, limit).await
    }

    /// The next faces in the order of storing; see [`FaceStore::faces`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError> {
        self.store.faces(after, limit).await
    }

    /// Replaces what is said about a photo, unless its record is no longer `seen`, from which the new description was
    /// made; then nothing changes and the answer is false.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn describe_anew(
        &self,
        seen: PhotoRecord,
        description: PhotoDescription,
    ) -> Result<bool, FacesError> {
        let turn = Arc::clone(&self.deciding).lock_owned().await;
        let store = Arc::clone(&self.store);
        // To its end even when the caller is gone, so that the write never falls into another photo's turn.
        tokio::spawn(async move {
            let _turn = turn;
            let file = seen.file_id.clone();
            let now = store.photo(&file).await?.and_then(|photo| photo.record);
            Ok::<_, FacesError>(
                now.as_ref() == Some(&seen) && store.set_description(&file, description).await?,
            )
        })
        .await?
    }

    /// The JPEG of a cluster.
    ///
    /// # Errors
    /// When there is no such cluster, or the file cannot be read.
    pub async fn thumbnail(&self, cluster: &ClusterId) -> Result<Vec<u8>, FacesError> {
        let (thumbnails, wanted) = (self.thumbnails.clone(), *cluster);
        tokio::task::spawn_blocking(move || thumbnails.read(&wanted))
            .await??
            .ok_or(FacesError::UnknownCluster(*cluster))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.store.counts().await
    }
}

/// For each new face the previous face of the same photo that it is: most similar pairs first, each used once.
fn match_previous(new: &[NewFace], previous: &[StoredFace], threshold: f32) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f32, usize, usize)> = new
        .iter()
        .enumerate()
        .flat_map(|(index, face)| {
            previous
                .iter()
                .enumerate()
                .map(move |(old, stored)| (face.embedding.cosine(&stored.embedding), index, old))
        })
        .filter(|(similarity, ..)| *similarity >= threshold)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut matched = vec![None; new.len()];
    let mut taken = vec![false; previous.len()];
    for (_, index, old) in pairs {
        if matched[index].is_none() && !taken[old] {
            matched[index] = Some(old);
            taken[old] = true;
        }
    }
    matched
}
