//! People: faces in clusters, whatever store they are in.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tracing::Instrument as _;

use super::answers::KeysInUse;
use super::change::{Change, Cluster, ClusterOrder, Rejection};
use super::distinctions::origins;
use super::erasures::ErasureList;
use super::event::DEFAULT_CHANGES_KEPT;
use super::evidence::NewEvidence;
use super::flags::ClusterFilter;
use super::history::DEFAULT_CORRECTIONS_KEPT;
use super::placing::PolicyError;
use super::placing::ThumbnailError;
use super::record::{Explanation, PhotoDescription, PhotoRecord, SequencedFace, SequencedPhoto, StoredPhoto};
use super::store::{Counts, FaceStore, StoreError, StoredFace, Turn};
use crate::audit::{AuditLog, Who};
use crate::domain::{ClusterId, EmbeddingModel, FaceId, FileId};
use crate::moment::since_1970;

/// Why faces could not be placed, shown or corrected; nothing was stored.
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
    /// There is no such cluster, and never was.
    #[error("there is no cluster {0}")]
    UnknownCluster(ClusterId),
    /// There is no such face.
    #[error("there is no face {0}")]
    UnknownFace(FaceId),
    /// Nothing is stored of the photo.
    #[error("nothing is stored of this photo")]
    UnknownFile,
    /// A merge without sources.
    #[error("source_cluster_ids is empty; name at least one cluster to merge")]
    EmptyMerge,
    /// A merge of a cluster into itself.
    #[error("cluster {0} cannot be merged into itself; leave the target out of the sources")]
    SourceIsTarget(ClusterId),
    /// A cluster that was merged away has no face left that could be taken back.
    #[error(
        "none of the faces that cluster {0} had is in the cluster it was merged into, so it cannot come back"
    )]
    NothingToRestore(ClusterId),
    /// A cluster that was merged away into one that has no other faces by now.
    #[error(
        "every face of cluster {survivor} came from cluster {cluster}, so there is nobody to tell it from; both ids name it"
    )]
    NothingElse {
        /// What both ids name.
        survivor: ClusterId,
        /// The one that was to come back.
        cluster: ClusterId,
    },
    /// A split that names no face.
    #[error("face_ids is empty; name at least one face to take out of the cluster")]
    EmptySplit,
    /// A split that would leave nobody behind.
    #[error("the split names every face of cluster {0}; leave at least one face in it")]
    NothingStays(ClusterId),
    /// A face that is in another cluster than the caller thinks.
    #[error("face {face} is not in cluster {cluster}; ask for the cluster's faces and try again")]
    NotInCluster {
        /// The face.
        face: FaceId,
        /// Where it is not.
        cluster: ClusterId,
    },
    /// One face cannot be two people.
    #[error("a face is always the same person as itself; name two different ones")]
    SameFace,
    /// Two names of one cluster cannot be two people.
    #[error("clusters {0} and {1} are one person now; take faces out of it by a split first")]
    SameCluster(ClusterId, ClusterId),
    /// A list of changes that was to go on where it cannot.
    #[error(
        "changes after {after} are not kept, or not of this store; those after {earliest} to {latest} are: read everything anew, and go on after {latest}"
    )]
    ChangesGone {
        /// Where it was to go on.
        after: u64,
        /// The least number after which it can.
        earliest: u64,
        /// The position of the last change.
        latest: u64,
    },
    /// An entry that the history of a person has not.
    #[error("there is no correction {0} in the history of this cluster")]
    UnknownEntry(u64),
    /// A correction that cannot be undone as it was.
    #[error("correction {position} cannot be undone: {why}")]
    NotUndoable {
        /// Its place in the history.
        position: u64,
        /// Why, a clause.
        why: String,
    },
    /// A thumbnail could not be made.
    #[error("a thumbnail could not be made")]
    Thumbnail(#[source] ThumbnailError),
    /// The task was cancelled or panicked.
    #[error("the faces' task was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Faces, clusters and their pictures. Clones share everything.
#[derive(Clone)]
pub struct People {
    pub(super) store: Arc<dyn FaceStore>,
    pub(super) model: Arc<EmbeddingModel>,
    pub(super) keys: Arc<KeysInUse>,
    /// How long a photo waits for a store that is away.
    pub(super) patience: Duration,
    /// Clusters that wait for a second thought.
    pub(super) evidence: Arc<NewEvidence>,
    /// How many changes are kept, at least 1.
    pub(super) changes_kept: u64,
    /// How many corrections are kept.
    pub(super) corrections_kept: u64,
    /// Who is told of corrections.
    pub(super) audit: Option<Arc<AuditLog>>,
    /// Who makes them.
    pub(super) who: Who,
    /// Where deletions are written down before they are done.
    pub(super) erasures: Option<Arc<ErasureList>>,
}

impl People {
    /// The people of a store, whose vectors are those of `model`.
    #[must_use]
    pub fn new(store: Arc<dyn FaceStore>, model: EmbeddingModel) -> Self {
        Self {
            store,
            model: Arc::new(model),
            keys: Arc::default(),
            patience: Duration::ZERO,
            evidence: Arc::default(),
            changes_kept: DEFAULT_CHANGES_KEPT,
            corrections_kept: DEFAULT_CORRECTIONS_KEPT,
            audit: None,
            who: Who::default(),
            erasures: None,
        }
    }

    /// Lets photos that were looked at already wait for so long for a store that is away.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Keeps so many changes for [`Self::events`], at least 1.
    #[must_use]
    pub fn with_changes_kept(self, changes_kept: u64) -> Self {
        Self {
            changes_kept: changes_kept.max(1),
            ..self
        }
    }

    /// Writes deletions down here before they are done.
    #[must_use]
    pub fn with_erasures(self, erasures: Arc<ErasureList>) -> Self {
        Self {
            erasures: Some(erasures),
            ..self
        }
    }

    /// Says at once when the store is known to be away or not to take photos, before anything is done in vain.
    ///
    /// # Errors
    /// When it kept failing, so that it is not asked for a moment, or what keeps it from taking photos.
    pub fn expect_store(&self) -> Result<(), StoreError> {
        if self.is_store_left_alone() {
            return Err(StoreError::LeftAlone);
        }
        self.store.can_store()
    }

    /// Asks the store for next to nothing, to see whether it answers.
    ///
    /// # Errors
    /// When it does not, or is known not to take photos.
    pub async fn ask_store(&self) -> Result<(), StoreError> {
        self.store.can_store()?;
        self.store.revision().await.map(drop)
    }

    /// Whether the store kept failing, so that it is not asked for a moment.
    #[must_use]
    pub fn is_store_left_alone(&self) -> bool {
        self.store.is_left_alone()
    }

    /// The store's short name.
    #[must_use]
    pub fn store_kind(&self) -> &'static str {
        self.store.kind()
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
    pub async fn photos(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedPhoto>, StoreError> {
        self.store.photos(after, limit).await
    }

    /// The next faces in the order of storing; see [`FaceStore::faces`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError> {
        self.store.faces(after, limit).await
    }

    /// The latest records; see [`FaceStore::latest_photos`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn latest_photos(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedPhoto>, StoreError> {
        self.store.latest_photos(before, limit).await
    }

    /// The latest faces; see [`FaceStore::latest_faces`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn latest_faces(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        self.store.latest_faces(before, limit).await
    }

    /// The next clusters in the order of their ids; see [`FaceStore::clusters`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn clusters(
        &self,
        after: Option<&ClusterId>,
        limit: usize,
    ) -> Result<Vec<Cluster>, StoreError> {
        self.store.clusters(after, limit).await
    }

    /// The next of those clusters that a filter lets through, in an order; see [`FaceStore::clusters_by`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn clusters_by(
        &self,
        order: ClusterOrder,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        self.store.clusters_by(order, filter, after, limit).await
    }

    /// A cluster, also by the id of one that was merged into it.
    ///
    /// # Errors
    /// When there is no such cluster, or the store does not answer.
    pub async fn cluster(&self, cluster: &ClusterId) -> Result<Cluster, FacesError> {
        let survivor = self.survivor(cluster).await?;
        self.store
            .cluster(&survivor)
            .await?
            .ok_or(FacesError::UnknownCluster(*cluster))
    }

    /// The next faces of a cluster in the order of storing, also by the id of one that was merged into it; see
    /// [`FaceStore::faces_of_cluster`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn faces_of_cluster(
        &self,
        cluster: &ClusterId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        let survivor = self.survivor(cluster).await?;
        self.store.faces_of_cluster(&survivor, after, limit).await
    }

    /// The ids under which a cluster answers besides its own: those of all clusters that were merged into it, and into
    /// those.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn former_ids(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let mut origins = origins(&*self.store, cluster).await?;
        Ok(origins.split_off(1))
    }

    /// One face.
    ///
    /// # Errors
    /// When there is no such face, or the store does not answer.
    pub async fn face(&self, face: &FaceId) -> Result<StoredFace, FacesError> {
        self.store.face(face).await?.ok_or(FacesError::UnknownFace(*face))
    }

    /// Why a face is where it is; none when it was stored by a version that did not keep that. Neighbours that have
    /// been deleted since are left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn explanation(&self, face: &FaceId) -> Result<Option<Explanation>, StoreError> {
        let Some(mut explanation) = self.store.explanation(face).await? else {
            return Ok(None);
        };
        let mut there = Vec::new();
        for neighbour in std::mem::take(&mut explanation.neighbours) {
            if self.store.face(&neighbour.face_id).await?.is_some() {
                there.push(neighbour);
            }
        }
        explanation.neighbours = there;
        Ok(Some(explanation))
    }

    /// The boxes of a photo that somebody said are no faces.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn rejections(&self, file: &FileId) -> Result<Vec<Rejection>, StoreError> {
        self.store.rejections(file).await
    }

    /// The JPEG of a cluster and the id under which it lives now.
    ///
    /// # Errors
    /// When there is no such cluster or it has no picture, or the store does not answer.
    pub async fn thumbnail(&self, cluster: &ClusterId) -> Result<(ClusterId, Vec<u8>), FacesError> {
        let Cluster {
            cluster_id,
            representative,
            ..
        } = self.cluster(cluster).await?;
        match self.store.portrait(&representative).await? {
            Some(jpeg) => Ok((cluster_id, jpeg)),
            None => Err(FacesError::UnknownCluster(*cluster)),
        }
    }

    /// The JPEG of a face.
    ///
    /// # Errors
    /// When there is no such face or it has no picture, or the store does not answer.
    pub async fn portrait(&self, face: &FaceId) -> Result<Vec<u8>, FacesError> {
        self.store
            .portrait(face)
            .await?
            .ok_or(FacesError::UnknownFace(*face))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.store.counts().await
    }

    /// Copies all of one moment into a new file; see [`FaceStore::back_up`].
    ///
    /// # Errors
    /// When the file cannot be written, or the store is backed up in a way of its own.
    pub async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
        self.store.back_up(file).await
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
        self.during_turn(move |people, mut turn| async move {
            let file = seen.file_id.clone();
            let now = people.store.photo(&file).await?.and_then(|photo| photo.record);
            let unchanged = now.as_ref() == Some(&seen);
            if unchanged {
                turn.apply(vec![Change::Describe(file, description)]).await?;
            }
            Ok(unchanged)
        })
        .await
    }

    /// Where a cluster is now: itself, or what it was merged into.
    ///
    /// # Errors
    /// When the store does not answer, or the merges lead in a circle.
    pub(super) async fn survivor(&self, cluster: &ClusterId) -> Result<ClusterId, StoreError> {
        let mut current = *cluster;
        let mut passed = HashSet::from([current]);
        while let Some(redirect) = self.store.redirect(&current).await? {
            current = redirect.target;
            if !passed.insert(current) {
                return Err(StoreError::Circle(*cluster));
            }
        }
        Ok(current)
    }

    /// Waits for the turn, then works to the end even when the caller is gone. A caller that leaves while it waits
    /// leaves nothing behind.
    pub(super) async fn during_turn<T, W, F>(&self, work: W) -> Result<T, FacesError>
    where
        T: Send + 'static,
        W: FnOnce(Self, Box<dyn Turn>) -> F + Send + 'static,
        F: Future<Output = Result<T, FacesError>> + Send + 'static,
    {
        let turn = self.store.turn().await?;
        tokio::spawn(work(self.clone(), turn).in_current_span()).await?
    }
}

/// Now, in microseconds since 1970, and later than whatever this process was told before: what happens in turn is in
/// order, also where two things happen within a tick of the clock or the clock is set back.
pub(super) fn moment() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = u64::try_from(since_1970(SystemTime::now()).as_micros()).unwrap_or(u64::MAX >> 1);
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(now.max(last + 1))
        })
        .unwrap_or_default();
    now.max(last + 1)
}
