//! What is kept of two clusters together: that they are different people, or that nobody can tell.

use super::change::Change;
use super::error::StoreError;
use super::face_store::FaceStore;
use crate::domain::ClusterId;

/// What somebody said of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// They are different people.
    Distinct,
    /// Whether they are different people cannot be said.
    Unsure,
}

impl Mark {
    /// The ids of which that was said, and of what had this id.
    pub(crate) async fn read(
        self,
        store: &dyn FaceStore,
        cluster: &ClusterId,
    ) -> Result<Vec<ClusterId>, StoreError> {
        match self {
            Self::Distinct => store.distinct_from(cluster).await,
            Self::Unsure => store.unsure_of(cluster).await,
        }
    }

    pub(crate) fn put(self, one: ClusterId, other: ClusterId) -> Change {
        match self {
            Self::Distinct => Change::PutDistinction(one, other),
            Self::Unsure => Change::PutUnsure(one, other),
        }
    }

    pub(crate) fn remove(self, one: ClusterId, other: ClusterId) -> Change {
        match self {
            Self::Distinct => Change::RemoveDistinction(one, other),
            Self::Unsure => Change::RemoveUnsure(one, other),
        }
    }
}
