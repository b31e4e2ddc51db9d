//! Why faces could not be placed, shown or corrected.

use crate::domain::{ClusterId, FaceId};
use crate::store::StoreError;

/// Whatever a policy fails with.
pub type PolicyError = Box<dyn std::error::Error + Send + Sync>;
/// Whatever making a thumbnail fails with.
pub type ThumbnailError = Box<dyn std::error::Error + Send + Sync>;
/// Why faces could not be placed, shown or corrected; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy did not decide.
    #[error("the clustering policy failed")]
    Policy(#[source] PolicyError),
    /// The policy named a cluster it was not shown.
    #[error("the clustering policy chose cluster {0}, which was not among the neighbours")]
    InvalidDecision(ClusterId),
    /// There is no such cluster, and never was.
    #[error("there is no cluster {0}")]
    UnknownCluster(ClusterId),
    /// There is no such face.
    #[error("there is no face {0}")]
    UnknownFace(FaceId),
    /// Nothing is stored of the photo.
    #[error("nothing is stored for this photo")]
    UnknownFile,
    /// A merge without sources.
    #[error("source_cluster_ids is empty; name at least one cluster to merge")]
    EmptyMerge,
    /// A merge of a cluster into itself.
    #[error("cluster {0} cannot be merged into itself; leave the target out of the sources")]
    SourceIsTarget(ClusterId),
    /// A cluster that was merged away has no face left that could be taken back.
    #[error(
        "cluster {0} cannot be restored, because none of its earlier faces is in the cluster that it was merged into"
    )]
    NothingToRestore(ClusterId),
    /// A cluster that was merged away into one that has no other faces by now.
    #[error(
        "cluster {cluster} cannot be separated, because every face of cluster {survivor} came from it; both ids are \
         the same person"
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
    #[error("face {face} is not in cluster {cluster}; list the cluster's faces and try again")]
    NotInCluster {
        /// The face.
        face: FaceId,
        /// Where it is not.
        cluster: ClusterId,
    },
    /// One face cannot be two people.
    #[error("both ids are the same face; send the ids of two different faces")]
    SameFace,
    /// Two names of one cluster cannot be two people.
    #[error("clusters {0} and {1} are the same cluster now; split faces off first")]
    SameCluster(ClusterId, ClusterId),
    /// A list of changes that was to go on where it cannot.
    #[error(
        "changes after {after} are no longer kept, or belong to another store; changes after {earliest} to {latest} \
         are kept: read all data again, then continue after {latest}"
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
    #[error("the task that works on the faces was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}
