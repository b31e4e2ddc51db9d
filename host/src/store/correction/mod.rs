//! An entry of the history of corrections, as it is stored.

mod keys;
mod steps;

pub(crate) use self::keys::{Names, beside_cluster, of_cluster, of_face, of_file};
pub(crate) use self::steps::{HeldFace, Lead, Place, Row, Step};
use crate::domain::{ClusterId, FaceId};

/// What was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrectionKind {
    /// Clusters were merged into the first one.
    Merged,
    /// The first cluster was brought back, which had been merged into the second.
    Unmerged,
    /// Faces were taken out of the first cluster into the second, a new one.
    Split,
    /// A face was moved from the first cluster to the second, or confirmed in its own.
    FaceMoved,
    /// The face that stands for the cluster was chosen.
    RepresentativeChosen,
    /// Two clusters were said to be different people.
    ClustersDistinguished,
    /// That was taken back.
    ClusterDistinctionWithdrawn,
    /// Two faces were said to be different people.
    FacesDistinguished,
    /// That was taken back.
    FaceDistinctionWithdrawn,
    /// A face of the cluster was said to be none.
    FaceRejected,
    /// That was taken back.
    FaceRejectionWithdrawn,
    /// The person was put out of the way.
    Hidden,
    /// That was taken back.
    Shown,
    /// Somebody could not say whether two clusters are one person.
    MarkedUnsure,
    /// That was taken back.
    UnsureWithdrawn,
    /// The worker merged the second cluster into the first by itself.
    Consolidated,
}

/// Why an entry cannot be undone any more, whatever else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Somebody or something that it speaks of was deleted.
    Deleted,
    /// It has a vector of another embedder.
    Embedder,
}

/// One entry. Ids of what was deleted since are not in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Its place in the order, from 1. None is given twice.
    pub position: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// The name of the key with which it was asked for; none where no key was needed, or nobody asked.
    pub key: Option<String>,
    /// What was done; of an undo, what it undid.
    pub kind: CorrectionKind,
    /// The clusters that it is about; in which order, `kind` says.
    pub cluster_ids: Vec<ClusterId>,
    /// The faces that it is about, at most 100.
    pub face_ids: Vec<FaceId>,
    /// How many faces the correction concerns.
    pub faces: u64,
    /// The entry that this one undoes; 0 for none.
    pub undoes: u64,
    /// Whether the correction is undone (and the undo was not undone in turn).
    pub undone: bool,
    /// Why it cannot be undone any more; none where it is only a question of what came later.
    pub lost: Option<Lost>,
    /// What it changed.
    pub(crate) steps: Vec<Step>,
}
