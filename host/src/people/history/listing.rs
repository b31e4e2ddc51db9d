//! What was corrected about a person.

use crate::domain::{ClusterId, FaceId};
use crate::people::error::PeopleError;
use crate::people::origins::origins;
use crate::people::service::People;
use crate::store::{Correction, StoreError, of_cluster, of_face};

/// An entry as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The entry.
    pub correction: Correction,
    /// Why it cannot be undone now, as a clause for people; none when it can.
    pub why_not: Option<String>,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The person, after all merges.
    pub cluster: ClusterId,
    /// The entries.
    pub entries: Vec<HistoryEntry>,
    /// Before which position the next page begins; none at the end.
    pub next: Option<u64>,
}

impl People {
    /// Keeps so many corrections for [`Self::history`]; 0 for none, and then nothing can be undone.
    #[must_use]
    pub fn with_corrections_kept(self, corrections_kept: u64) -> Self {
        Self {
            corrections_kept,
            ..self
        }
    }

    /// What was corrected about a person and all who were merged into it, before a position (none: from the last), newest
    /// first. Also of a cluster that is there no more, for as long as entries speak of it.
    ///
    /// # Errors
    /// When there is neither such a cluster nor an entry that speaks of it, or the store does not answer.
    pub async fn history(
        &self,
        cluster: &ClusterId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<HistoryPage, PeopleError> {
        let (id, keys) = self.known_as(cluster).await?;
        let corrections = self.store.corrections_of(&keys, before, limit).await?;
        let next = corrections.last().filter(|_| corrections.len() == limit);
        let next = next.map(|last| last.position);
        let mut entries = Vec::with_capacity(corrections.len());
        for correction in corrections {
            entries.push(self.entry(correction).await?);
        }
        Ok(HistoryPage {
            cluster: id,
            entries,
            next,
        })
    }

    /// Whether an entry speaks of one of these.
    pub(in crate::people) async fn is_in_history(&self, clusters: &[ClusterId]) -> Result<bool, StoreError> {
        let keys: Vec<String> = clusters.iter().map(of_cluster).collect();
        Ok(!self.store.corrections_of(&keys, None, 1).await?.is_empty())
    }

    /// The clusters that a face was in which was rejected, as the history has it.
    pub(in crate::people) async fn rejected_from(&self, face: &FaceId) -> Result<Vec<ClusterId>, StoreError> {
        let mut clusters = Vec::new();
        for entry in self.store.corrections_of(&of_face(face), None, 1).await? {
            for cluster in entry.cluster_ids {
                let survivor = self.survivor(&cluster).await?;
                let is_there = self.store.cluster(&survivor).await?.is_some();
                clusters.push(if is_there { survivor } else { cluster });
            }
        }
        Ok(clusters)
    }

    pub(super) async fn entry(&self, correction: Correction) -> Result<HistoryEntry, StoreError> {
        let why_not = self.why_not(&correction).await?;
        Ok(HistoryEntry { correction, why_not })
    }

    /// A cluster's id of now, and the keys of what was corrected about it.
    pub(super) async fn known_as(
        &self,
        cluster: &ClusterId,
    ) -> Result<(ClusterId, Vec<String>), PeopleError> {
        let survivor = self.survivor(cluster).await?;
        let is_there = self.store.cluster(&survivor).await?.is_some();
        let id = if is_there { survivor } else { *cluster };
        let keys: Vec<String> = origins(&*self.store, &id).await?.iter().map(of_cluster).collect();
        if !is_there && self.store.corrections_of(&keys, None, 1).await?.is_empty() {
            return Err(PeopleError::UnknownCluster(*cluster));
        }
        Ok((id, keys))
    }
}
