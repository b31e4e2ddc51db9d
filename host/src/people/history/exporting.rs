//! What the history has of one person.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use serde::Serialize;

use crate::domain::{ClusterId, FaceId};
use crate::people::service::People;
use crate::store::{Correction, CorrectionKind, Step, StoreError, WholeFace, as_stored, of_cluster, pages};

/// What was corrected about a person, without the ids of others.
#[derive(Debug, Serialize)]
pub struct CorrectionExport {
    /// When, in seconds since 1970.
    pub at: u64,
    /// The name of the key with which it was asked for.
    pub key: Option<String>,
    /// What was corrected.
    #[serde(serialize_with = "as_stored")]
    pub kind: CorrectionKind,
    /// The person's ids.
    pub cluster_ids: Vec<ClusterId>,
    /// The person's faces.
    pub face_ids: Vec<FaceId>,
    /// It was undone.
    pub undone: bool,
    /// Faces that were said to be none, as they are kept for an undo: with vectors and pictures, in base64.
    #[serde(serialize_with = "as_stored")]
    rejected: Vec<WholeFace>,
}

impl People {
    /// What was corrected about a person with these ids and faces, newest first.
    pub(in crate::people) async fn corrections_about(
        &self,
        ids: &HashSet<ClusterId>,
        own: &HashSet<FaceId>,
    ) -> Result<Vec<CorrectionExport>, StoreError> {
        let keys: Vec<String> = ids.iter().map(of_cluster).collect();
        let read = |before, limit| self.store.corrections_of(&keys, before, limit);
        let mut corrections = pages(None, read, |last: &Correction| last.position);
        let mut found = Vec::new();
        while let Some(page) = corrections.try_next().await? {
            found.extend(page.into_iter().map(|correction| correction.exported(ids, own)));
        }
        Ok(found)
    }
}

impl Correction {
    fn exported(self, ids: &HashSet<ClusterId>, own: &HashSet<FaceId>) -> CorrectionExport {
        let rejected = self.steps.into_iter().filter_map(|step| match step {
            Step::Removed(held) if ids.contains(&held.whole.face.cluster_id) => Some(WholeFace {
                explanation: None,
                ..held.whole
            }),
            _ => None,
        });
        let rejected: Vec<WholeFace> = rejected.collect();
        let is_own =
            |face: &FaceId| own.contains(face) || rejected.iter().any(|line| line.face.face_id == *face);
        CorrectionExport {
            at: self.at,
            key: self.key,
            kind: self.kind,
            cluster_ids: self
                .cluster_ids
                .into_iter()
                .filter(|id| ids.contains(id))
                .collect(),
            face_ids: self.face_ids.into_iter().filter(is_own).collect(),
            undone: self.undone,
            rejected,
        }
    }
}
