//! What every store of faces can do.

use async_trait::async_trait;

use super::record::{PhotoDescription, PhotoRecord, SequencedFace, StoredPhoto};
use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId, Neighbour};

/// A face as it is kept. Every stored face is in exactly one cluster; a cluster exists as long as it has a face.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFace {
    /// Its identity.
    pub face_id: FaceId,
    /// The photo it is in.
    pub file_id: FileId,
    /// The person.
    pub cluster_id: ClusterId,
    /// Its vector.
    pub embedding: Embedding,
    /// Where it is in the photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// How well it can be told from others, 0 to 1.
    pub quality: f32,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Faces.
    pub faces: u64,
    /// Clusters.
    pub clusters: u64,
    /// Photos with a record.
    pub photos: u64,
}

/// What a merge did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// How many faces moved; 0 when the same merge was done before.
    pub moved: u64,
    /// The cluster the faces are in now: the target, or what the target itself was merged into.
    pub target: ClusterId,
    /// The clusters that no longer exist because of this merge.
    pub removed: Vec<ClusterId>,
}

/// Why a store did not do what it was asked; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store was made with another embedder, whose vectors cannot be compared.
    #[error(
        "the store holds vectors of {stored} and the model set gives vectors of {active}; choose the set the store was made with, or another DATA_DIR"
    )]
    OtherModel {
        /// What the store was made with.
        stored: String,
        /// What was asked for.
        active: String,
    },
    /// Another process has the store open.
    #[error("the store in {0} is in use by another worker; give each worker its own DATA_DIR")]
    InUse(String),
    /// The store's directory cannot be used.
    #[error("the store in {directory} cannot be opened; check that the directory can be written")]
    Directory {
        /// The directory.
        directory: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The database failed or is damaged.
    #[error("the face database failed; see the log, and restore a backup if it is damaged")]
    Database(#[from] rusqlite::Error),
    /// What was read is not what was written.
    #[error("the face database holds an invalid entry ({0}); restore a backup")]
    Damaged(String),
    /// The store's own task was cancelled.
    #[error("the store was stopped")]
    Stopped(#[from] tokio::task::JoinError),
    /// There is no such cluster, and never was.
    #[error("there is no cluster {0}")]
    UnknownCluster(ClusterId),
    /// A merge without sources.
    #[error("source_cluster_ids is empty; name at least one cluster to merge")]
    EmptyMerge,
    /// A merge of a cluster into itself.
    #[error("cluster {0} cannot be merged into itself; leave the target out of the sources")]
    SourceIsTarget(ClusterId),
}

/// A store of faces. All changes are atomic and durable when their call returns.
#[async_trait]
pub trait FaceStore: Send + Sync {
    /// A short name for `/health`.
    fn kind(&self) -> &'static str;

    /// The `limit` most similar faces, most similar first, leaving out those of one photo.
    async fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
    ) -> Result<Vec<Neighbour>, StoreError>;

    /// The faces of a photo.
    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError>;

    /// The faces of a cluster; empty when there is no such cluster.
    async fn faces_of_cluster(&self, cluster: &ClusterId) -> Result<Vec<StoredFace>, StoreError>;

    /// Replaces a photo's record and all its faces, which are those of the record's scene in its order; gives the
    /// clusters that have no face any more and so are gone.
    async fn replace_file(
        &self,
        photo: PhotoRecord,
        faces: Vec<StoredFace>,
    ) -> Result<Vec<ClusterId>, StoreError>;

    /// What is stored of a photo, of one moment; none when nothing is.
    async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError>;

    /// Up to `limit` records after a photo (none: from the first), in the order of the bytes of their names. Fewer
    /// than `limit` are the last.
    async fn photos(&self, after: Option<&FileId>, limit: usize) -> Result<Vec<PhotoRecord>, StoreError>;

    /// Replaces what is said about a photo and leaves what was seen in it; false when it has no record.
    async fn set_description(&self, file: &FileId, description: PhotoDescription)
    -> Result<bool, StoreError>;

    /// Up to `limit` faces after a position (none: from the first), in the order in which they were written last; the
    /// faces of a photo follow one another. Fewer than `limit` are the last.
    async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError>;

    /// Puts one face into a cluster; gives its old cluster if that is gone now.
    async fn set_cluster(&self, face: &FaceId, cluster: &ClusterId) -> Result<Option<ClusterId>, StoreError>;

    /// Moves every face of the sources to the target, all or nothing. A source that was merged into the
    /// target before is no error, so that a merge may be repeated.
    async fn merge(&self, sources: &[ClusterId], target: &ClusterId) -> Result<Merged, StoreError>;

    /// Deletes a cluster with its faces, also from the scenes of their photos, whose tags and contexts stay as they
    /// were answered; gives how many faces there were.
    async fn delete_cluster(&self, cluster: &ClusterId) -> Result<u64, StoreError>;

    /// How much there is.
    async fn counts(&self) -> Result<Counts, StoreError>;
}
