//! What happened to people, in order, for whoever keeps a copy of who is who.

use std::collections::HashSet;

use crate::domain::{ClusterId, FaceId};

/// Something that happened to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A face is in another cluster than before.
    Face {
        /// The face.
        face: FaceId,
        /// Where it was; none when it has come.
        from: Option<ClusterId>,
        /// Where it is; none when it is gone.
        to: Option<ClusterId>,
    },
    /// A cluster's id answers for another one from now on. Its faces have moved.
    Merged {
        /// The cluster that is gone.
        from: ClusterId,
        /// What its id answers for.
        to: ClusterId,
    },
    /// A cluster that was merged away is there again.
    Unmerged {
        /// What its id answered for.
        from: ClusterId,
        /// The cluster.
        to: ClusterId,
    },
    /// Faces were taken out of a cluster into a new one.
    Split {
        /// The cluster.
        from: ClusterId,
        /// The new one.
        to: ClusterId,
    },
    /// An id answers no more.
    Deleted {
        /// What it was the id of.
        from: ClusterId,
    },
}

impl Event {
    /// Whether it speaks of one of these.
    pub(crate) fn is_of(&self, clusters: &HashSet<ClusterId>, faces: &HashSet<FaceId>) -> bool {
        match self {
            Self::Face { face, from, to } => {
                faces.contains(face) || [from, to].into_iter().flatten().any(|id| clusters.contains(id))
            }
            Self::Merged { from, to } | Self::Unmerged { from, to } | Self::Split { from, to } => {
                clusters.contains(from) || clusters.contains(to)
            }
            Self::Deleted { from } => clusters.contains(from),
        }
    }
}

/// Something that happened, and its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// From 1; the next one's is greater by one.
    pub position: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// What.
    pub event: Event,
}
