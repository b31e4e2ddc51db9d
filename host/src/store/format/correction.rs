//! The history of corrections.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::step::StepJson;
use super::stored::Stored;
use crate::store::correction::{Correction, CorrectionKind, Lost};
use crate::store::error::Cause;

/// An entry.
#[derive(Serialize, Deserialize)]
pub struct CorrectionJson {
    pub(in crate::store) position: u64,
    at: u64,
    key: Option<String>,
    kind: CorrectionKindJson,
    cluster_ids: Vec<Uuid>,
    face_ids: Vec<Uuid>,
    faces: u64,
    undoes: u64,
    undone: bool,
    lost: Option<LostJson>,
    steps: Vec<StepJson>,
}

impl Stored for Correction {
    type Json = CorrectionJson;

    fn to_stored(&self) -> CorrectionJson {
        CorrectionJson {
            position: self.position,
            at: self.at,
            key: self.key.clone(),
            kind: self.kind.to_stored(),
            cluster_ids: self.cluster_ids.to_stored(),
            face_ids: self.face_ids.to_stored(),
            faces: self.faces,
            undoes: self.undoes,
            undone: self.undone,
            lost: self.lost.to_stored(),
            steps: self.steps.to_stored(),
        }
    }

    fn from_stored(json: CorrectionJson) -> Result<Self, Cause> {
        Ok(Self {
            position: json.position,
            at: json.at,
            key: json.key,
            kind: Stored::from_stored(json.kind)?,
            cluster_ids: Stored::from_stored(json.cluster_ids)?,
            face_ids: Stored::from_stored(json.face_ids)?,
            faces: json.faces,
            undoes: json.undoes,
            undone: json.undone,
            lost: Stored::from_stored(json.lost)?,
            steps: Stored::from_stored(json.steps)?,
        })
    }
}

words! {
    /// What was corrected.
    pub CorrectionKind as CorrectionKindJson {
        Merged = "merged",
        Unmerged = "unmerged",
        Split = "split",
        FaceMoved = "face_moved",
        RepresentativeChosen = "representative_chosen",
        ClustersDistinguished = "clusters_distinguished",
        ClusterDistinctionWithdrawn = "cluster_distinction_withdrawn",
        FacesDistinguished = "faces_distinguished",
        FaceDistinctionWithdrawn = "face_distinction_withdrawn",
        FaceRejected = "face_rejected",
        FaceRejectionWithdrawn = "face_rejection_withdrawn",
        Hidden = "hidden",
        Shown = "shown",
        MarkedUnsure = "marked_unsure",
        UnsureWithdrawn = "unsure_withdrawn",
        Consolidated = "consolidated",
    }
}

words! {
    /// Why an entry cannot be undone any more.
    pub Lost as LostJson {
        Deleted = "deleted",
        Embedder = "embedder",
    }
}
