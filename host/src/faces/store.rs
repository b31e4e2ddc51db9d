//! What every store of faces can do: read, and write batches of simple changes, one writer at a time.

use std::path::Path;

use async_trait::async_trait;

use super::change::{Change, Cluster, ClusterOrder, Redirect, Rejection, StoredAnswer};
use super::event::LoggedEvent;
use super::flags::ClusterFilter;
use super::history::Correction;
use super::index::IndexError;
use super::listing::PhotoLists;
use super::record::{Explanation, SequencedFace, SequencedPhoto, StoredPhoto};
use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId, Neighbour, PREPROCESSING};

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
    /// Somebody put it where it is; nothing automatic moves it.
    pub corrected: bool,
    /// When it was first placed, in microseconds since 1970; 0 when that was by a version that did not keep it.
    pub joined: u64,
}

impl StoredFace {
    /// It as a neighbour of a vector, in whose photo it is or not.
    pub(super) fn neighbour_of(&self, embedding: &Embedding, same_photo: bool) -> Neighbour {
        Neighbour {
            face_id: self.face_id,
            cluster_id: self.cluster_id,
            similarity: embedding.cosine(&self.embedding).clamp(-1.0, 1.0),
            quality: self.quality,
            same_photo,
        }
    }
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

/// Whatever a server or its client fails with.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what it was asked. Nothing has changed then, with two exceptions, which only a store on
/// another machine has: [`Self::Unfinished`], and [`Self::Unreachable`] when the connection broke before the answer
/// came. All of the change or nothing of it comes to be in either case, before anybody decides anything else.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store was made with another embedder, whose vectors cannot be compared.
    #[error(
        "the store holds vectors of {stored} and the model set gives vectors of {active}; choose the set the store was made with, or another store"
    )]
    OtherModel {
        /// What the store was made with.
        stored: String,
        /// What was asked for.
        active: String,
    },
    /// Another process has the store open.
    #[error(
        "the store in {0} is in use by another worker, or by a program that has its database open; end that, and give \
         each worker its own DATA_DIR"
    )]
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
    /// A deletion cannot be written down, without which a restore would take it back.
    #[error(
        "the list of deletions, {file}, cannot be written, so that nothing was deleted; make room on the disk"
    )]
    Erasures {
        /// The list.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// There is no thread for what the store does beside its callers.
    #[error("the store could not start a thread; raise the limit on threads")]
    Thread(#[source] std::io::Error),
    /// Writing fails, as it does when the disk is full.
    #[error("the store cannot be written ({0}); make room on its disk: until then photos are refused")]
    NotWritable(String),
    /// The database is not where it was when it was opened.
    #[error(
        "{0} was deleted, renamed or replaced while the worker runs; put it back, or stop the worker and restore a backup"
    )]
    Lost(String),
    /// What was read is not what was written.
    #[error("the face database holds an invalid entry ({0}); restore a backup")]
    Damaged(String),
    /// Following where a cluster was merged leads back to where it led before.
    #[error("cluster {0} was merged in a circle; stop the workers and run `ai-worker store repair`")]
    Circle(ClusterId),
    /// The Qdrant server does not answer.
    #[error("Qdrant at {url} does not answer; check QDRANT_URL, and that the server runs")]
    Unreachable {
        /// Its address.
        url: String,
        /// What the client said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server wants another key.
    #[error("Qdrant at {url} refuses the key; set QDRANT_API_KEY to one that may read and write")]
    WrongKey {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server refused a call, or answered nonsense.
    #[error("Qdrant at {url} could not do what it was asked; see the log")]
    Qdrant {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server failed at a call, as it does for a moment when one of its other nodes goes away.
    #[error(
        "Qdrant at {url} fails at the moment; check that more than half of its nodes run, and see the log"
    )]
    Faltering {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// Copies on a Qdrant cluster say different things of who may write.
    #[error(
        "the copies on Qdrant's nodes disagree; they are brought together within QDRANT_LEASE_MS, if more than half of \
         the nodes run and QDRANT_URL names each of them"
    )]
    CopiesDisagree,
    /// The Qdrant server is too old.
    #[error("Qdrant at {url} has version {version}, which lacks updates on a condition; use 1.16 or later")]
    OldQdrant {
        /// Its address.
        url: String,
        /// Its version.
        version: String,
    },
    /// Copies of a Qdrant server's data are made there.
    #[error(
        "the people are on Qdrant, which is backed up by its own snapshots of the collections; see docs/operations.md"
    )]
    CopiedElsewhere,
    /// Another worker took the right to write.
    #[error(
        "another worker took over the right to write, because this one did not renew it in time; try again"
    )]
    TurnLost,
    /// Changes that are written down and not carried out yet.
    #[error(
        "the change is written down, but Qdrant stopped answering before it was done; it will be: ask again"
    )]
    Unfinished(#[source] Box<StoreError>),
    /// It kept failing, so that it is not asked for a moment.
    #[error("the store kept failing and is left alone for a moment; try again")]
    LeftAlone,
    /// The neighbours could not be found.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store's own task was cancelled.
    #[error("the store was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StoreError {
    /// Whether something was read that nobody wrote.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Database(rusqlite::Error::SqliteFailure(error, _)) => {
                use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
                matches!(error.code, DatabaseCorrupt | NotADatabase)
            }
            // A value of another type than its column's.
            Self::Database(error) => error.sqlite_error_code().is_none(),
            _ => false,
        }
    }

    /// Whether the store itself fails, and not what it was asked: another call would fail, too, until it is better.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Faltering { .. }
            | Self::CopiesDisagree
            | Self::Qdrant { .. }
            | Self::Unfinished(_) => true,
            Self::Database(error) => error.sqlite_error_code().is_some_and(|code| {
                use rusqlite::ErrorCode::{
                    CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, PermissionDenied, ReadOnly,
                    SystemIoFailure,
                };
                matches!(
                    code,
                    CannotOpen
                        | DatabaseBusy
                        | DatabaseLocked
                        | DiskFull
                        | PermissionDenied
                        | ReadOnly
                        | SystemIoFailure
                )
            }),
            _ => false,
        }
    }
}

/// A store of faces.
///
/// Whatever depends on what is stored is decided during a [`Turn`], so that no two decisions of two photos, or of two
/// workers on one store, miss each other. Reads need no turn; what they show may change at once.
#[async_trait]
pub trait FaceStore: PhotoLists + Send + Sync {
    /// A short name for `/health`.
    fn kind(&self) -> &'static str;

    /// Whether it kept failing, so that it is not asked for a moment.
    fn is_left_alone(&self) -> bool {
        false
    }

    /// Fails when the store is known not to take photos at this moment; asks nobody.
    ///
    /// # Errors
    /// What keeps it from that.
    fn can_store(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Gives back the room that is kept for deletions, because something that goes before one does not fit on the disk.
    /// Photos are refused until there is room again. Blocks.
    fn make_room(&self, _reason: &str) {}

    /// Waits for the sole right to decide and write.
    async fn turn(&self) -> Result<Box<dyn Turn>, StoreError>;

    /// The `limit` most similar faces, most similar first, leaving out those of one photo and of one cluster.
    async fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
        excluding_cluster: Option<&ClusterId>,
    ) -> Result<Vec<Neighbour>, StoreError>;

    /// One face.
    async fn face(&self, face: &FaceId) -> Result<Option<StoredFace>, StoreError>;

    /// The faces of a photo, in the order in which they were written.
    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError>;

    /// Up to `limit` faces of a cluster after a position (none: from the first), in the order in which they were
    /// written last; empty when there is no such cluster. Fewer than `limit` are the last.
    async fn faces_of_cluster(
        &self,
        cluster: &ClusterId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError>;

    /// Up to `limit` faces after a position (none: from the first), in the order in which they were written last; the
    /// faces of a photo follow one another. Fewer than `limit` are the last.
    async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError>;

    /// Up to `limit` faces before a position (none: from the last), those that were written last first. Fewer than `limit`
    /// are the first.
    async fn latest_faces(&self, before: Option<u64>, limit: usize)
    -> Result<Vec<SequencedFace>, StoreError>;

    /// The JPEG of a face.
    async fn portrait(&self, face: &FaceId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Why a face is where it is.
    async fn explanation(&self, face: &FaceId) -> Result<Option<Explanation>, StoreError>;

    /// What is stored of a photo; none when nothing is.
    async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError>;

    /// Up to `limit` records after a position (none: from the first), in the order in which they were written last.
    /// Fewer than `limit` are the last.
    async fn photos(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedPhoto>, StoreError>;

    /// Up to `limit` records before a position (none: from the last), those that were written last first. Fewer than
    /// `limit` are the first.
    async fn latest_photos(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedPhoto>, StoreError>;

    /// One cluster.
    async fn cluster(&self, cluster: &ClusterId) -> Result<Option<Cluster>, StoreError>;

    /// Up to `limit` clusters after one (none: from the first), in the order of their ids. Fewer than `limit` are the
    /// last.
    async fn clusters(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Cluster>, StoreError>;

    /// Up to `limit` of those clusters that a filter lets through, in an order, each with what it is ordered by: the
    /// number of its faces, or the position of the one that was written last; by ids it is 0. After such a number and a
    /// cluster (none: from the first); of equals the cluster with the lesser id comes first. Fewer than `limit` are the
    /// last.
    async fn clusters_by(
        &self,
        order: ClusterOrder,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError>;

    /// Where a cluster went that was merged away; one step of what may be a chain.
    async fn redirect(&self, source: &ClusterId) -> Result<Option<Redirect>, StoreError>;

    /// The clusters that were merged into this one directly.
    async fn redirects_to(&self, target: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

    /// Up to `limit` redirects after a source (none: from the first), in the order of the sources. Fewer than `limit`
    /// are the last.
    async fn redirects(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Redirect>, StoreError>;

    /// The ids that were said to be other people than what had this id then, in the order of the ids. Either may have
    /// been merged away since; see [`People::distinct_from`](super::People::distinct_from) for what follows from it.
    async fn distinct_from(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

    /// The ids of which somebody could not say whether they are other people than what had this id then, in the order of
    /// the ids. Either may have been merged away since.
    async fn unsure_of(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

    /// The boxes of a photo that are no faces.
    async fn rejections(&self, file: &FileId) -> Result<Vec<Rejection>, StoreError>;

    /// The rejection that a face became.
    async fn rejection(&self, face: &FaceId) -> Result<Option<Rejection>, StoreError>;

    /// Up to `limit` rejections after one (none: from the first), in the order of their faces' ids. Fewer than `limit`
    /// are the last.
    async fn all_rejections(
        &self,
        after: Option<&FaceId>,
        limit: usize,
    ) -> Result<Vec<Rejection>, StoreError>;

    /// The answer that was given under an idempotency key.
    async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError>;

    /// Up to `limit` things that happened after a position, in order. Fewer than `limit` are the last.
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<LoggedEvent>, StoreError>;

    /// The positions of the earliest and of the last thing that happened and is kept; none when there is none.
    async fn event_range(&self) -> Result<Option<(u64, u64)>, StoreError>;

    /// The entry of the history at a position.
    async fn correction(&self, position: u64) -> Result<Option<Correction>, StoreError>;

    /// Up to `limit` entries of the history after a position, in order. Fewer than `limit` are the last.
    async fn corrections(&self, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError>;

    /// Up to `limit` entries that are found by any of these keys, before a position (none: from the last), newest first.
    /// Fewer than `limit` are the first.
    async fn corrections_of(
        &self,
        keys: &[String],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Correction>, StoreError>;

    /// The position of the first entry after a position that is found by any of these keys, but for those that undo
    /// something at or after the position.
    async fn later_correction(&self, keys: &[String], after: u64) -> Result<Option<u64>, StoreError>;

    /// The last position that was given to an entry, whether it is still there or not; 0 when there was none.
    async fn last_correction(&self) -> Result<u64, StoreError>;

    /// How many faces have a portrait.
    async fn portraits(&self) -> Result<u64, StoreError>;

    /// How much there is.
    async fn counts(&self) -> Result<Counts, StoreError>;

    /// How often the store was changed. Two equal answers mean that nothing has changed in between, if both were asked
    /// for during a turn.
    async fn revision(&self) -> Result<u64, StoreError>;

    /// What is wrong with how the store itself keeps its data, a sentence each.
    async fn examine(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Puts right what can be of that, and says what it did; to be called during a turn.
    async fn mend(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Copies all of one moment into a new file, while others go on reading and writing; says how much that is.
    ///
    /// # Errors
    /// When the file cannot be written, or the store has a way of its own to make copies.
    async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
        let _ = file;
        Err(StoreError::CopiedElsewhere)
    }
}

/// The sole right to decide and write, until it is dropped.
#[async_trait]
pub trait Turn: Send {
    /// Makes changes in their order: all or none, durable when the call returns. Every change may be repeated.
    ///
    /// # Errors
    /// When the store fails, or the right was lost because it was held too long; then nothing has changed.
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Gives the right back and waits until others may have it. Dropping the turn gives it back, too, without waiting.
    async fn end(self: Box<Self>);
}

/// Says what it means when a store has vectors of faces that were cut out in another way than faces are now.
pub(super) fn warn_of_preprocessing(stored: u32) {
    if stored != PREPROCESSING {
        tracing::warn!(
            stored,
            active = PREPROCESSING,
            "the store has vectors of faces that an earlier version cut out in another way (preprocessing {stored}); \
            nothing is lost, but an old and a new vector of a face agree a little less than two of one version, so that \
            a person may come in more pieces; photos that are processed again get new vectors"
        );
    }
}
