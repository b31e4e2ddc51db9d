//! What a correction changed, row by row, with what was there before.

use crate::domain::{ClusterId, FaceId, FileId, SceneFace};
use crate::store::flags::ClusterFlags;
use crate::store::mark::Mark;
use crate::store::record::{Explanation, Redirect, Rejection, StoredFace, WholeFace};

/// Where a face is, and whether somebody wants it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) cluster: ClusterId,
    pub(crate) corrected: bool,
}

impl Place {
    pub(crate) fn of(face: &StoredFace) -> Self {
        Self {
            cluster: face.cluster_id,
            corrected: face.corrected,
        }
    }
}

/// A cluster's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What stood for the person; none when that face was deleted since.
    pub(crate) representative: Option<FaceId>,
    /// What else was known of the person.
    pub(crate) flags: ClusterFlags,
}

/// Where an id led, as far as it tells one redirect from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) target: ClusterId,
    pub(crate) moment: u64,
}

impl From<&Redirect> for Lead {
    fn from(redirect: &Redirect) -> Self {
        Self {
            target: redirect.target,
            moment: redirect.moment,
        }
    }
}

/// A face that is not in the store any more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeldFace {
    /// The face.
    pub(crate) whole: WholeFace,
    /// What was seen of it, and at which place among the faces of its photo; none of a photo without a record.
    pub(crate) scene: Option<(usize, SceneFace)>,
}

/// One change, in the order in which they are undone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Faces went from one place to another.
    Placed {
        faces: Vec<FaceId>,
        from: Place,
        to: Place,
    },
    /// A face was removed.
    Removed(Box<HeldFace>),
    /// A face that had been removed came back.
    Returned {
        face: FaceId,
        file: FileId,
        cluster: ClusterId,
    },
    /// Why a face is where it is was said anew.
    Explained {
        face: FaceId,
        before: Option<Box<Explanation>>,
    },
    /// An id led elsewhere.
    Led {
        source: ClusterId,
        before: Option<Redirect>,
        after: Option<Lead>,
    },
    /// Something was said of two ids, or `before` and not any more.
    Said {
        mark: Mark,
        one: ClusterId,
        other: ClusterId,
        before: bool,
    },
    /// Something was said to be no face, or `before` and not any more.
    Rejected { rejection: Rejection, before: bool },
    /// A cluster came, went, or got another representative or other flags.
    Stood {
        cluster: ClusterId,
        before: Option<Row>,
        after: Option<Row>,
    },
}

impl Step {
    /// Why a face was where it was before.
    pub(crate) fn explanation(&self) -> Option<&Explanation> {
        match self {
            Self::Explained { before, .. } => before.as_deref(),
            Self::Removed(held) => held.whole.explanation.as_ref(),
            _ => None,
        }
    }

    pub(crate) fn explanation_mut(&mut self) -> Option<&mut Explanation> {
        match self {
            Self::Explained { before, .. } => before.as_deref_mut(),
            Self::Removed(held) => held.whole.explanation.as_mut(),
            _ => None,
        }
    }
}
