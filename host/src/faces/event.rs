//! What happened to people, in order, for whoever keeps a copy of who is who.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::people::{FacesError, People};
use crate::domain::{ClusterId, FaceId};

/// How many changes are kept unless `CHANGES_KEPT` says otherwise. One takes some 250 bytes.
pub const DEFAULT_CHANGES_KEPT: u64 = 1_000_000;

/// Something that happened to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
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
    pub(super) fn is_of(&self, clusters: &HashSet<ClusterId>, faces: &HashSet<FaceId>) -> bool {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// From 1; the next one's is greater by one.
    pub position: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// What.
    pub event: Event,
}

/// A page of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// In order.
    pub events: Vec<LoggedEvent>,
    /// Where to go on: the position of the last of these, or where the page was to begin.
    pub next: u64,
    /// The position of the last thing that happened.
    pub latest: u64,
}

impl People {
    /// The next things that happened after a position (none: from the earliest that is kept).
    ///
    /// # Errors
    /// When what comes after the position is not kept any more, or is not of this store; when the store does not answer.
    pub async fn events(&self, after: Option<u64>, limit: usize) -> Result<EventPage, FacesError> {
        let (earliest, latest) = self.store.event_range().await?.unwrap_or((1, 0));
        // The setting may have become less since the last change.
        let earliest = earliest.max(latest.saturating_sub(self.changes_kept) + 1);
        let before = earliest - 1;
        let after = after.unwrap_or(before);
        if after < before || after > latest {
            return Err(FacesError::ChangesGone {
                after,
                earliest: before,
                latest,
            });
        }
        // Whoever follows asks mostly for nothing.
        let events = if after < latest {
            self.store.events(after, limit).await?
        } else {
            Vec::new()
        };
        Ok(EventPage {
            next: events.last().map_or(after, |last| last.position),
            // More may have happened between the two reads.
            latest: latest.max(events.last().map_or(0, |last| last.position)),
            events,
        })
    }
}
