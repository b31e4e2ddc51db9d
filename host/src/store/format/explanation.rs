//! Why a face is in its cluster.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stored::Stored;
use crate::domain::Neighbour;
use crate::store::error::Cause;
use crate::store::record::{DecidedBy, Explanation};

/// Why a face is in its cluster.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExplanationJson {
    decided_by: DecidedByJson,
    reason: String,
    at: u64,
    policy: Option<String>,
    embedding_model: String,
    threshold: f32,
    neighbours: Vec<NeighbourJson>,
}

words! {
    /// Who decided.
    pub DecidedBy as DecidedByJson {
        Policy = "policy",
        Consolidation = "consolidation",
        Person = "person",
        Unmerge = "unmerge",
    }
}

/// A face that resembled it.
#[derive(Debug, Serialize, Deserialize)]
pub struct NeighbourJson {
    face_id: Uuid,
    cluster_id: Uuid,
    similarity: f32,
    quality: f32,
    same_photo: bool,
}

impl Stored for Explanation {
    type Json = ExplanationJson;

    fn to_stored(&self) -> ExplanationJson {
        ExplanationJson {
            decided_by: self.decided_by.to_stored(),
            reason: self.reason.clone(),
            at: self.at,
            policy: self.policy.clone(),
            embedding_model: self.embedding_model.clone(),
            threshold: self.threshold,
            neighbours: self.neighbours.to_stored(),
        }
    }

    fn from_stored(json: ExplanationJson) -> Result<Self, Cause> {
        Ok(Self {
            decided_by: Stored::from_stored(json.decided_by)?,
            reason: json.reason,
            at: json.at,
            policy: json.policy,
            embedding_model: json.embedding_model,
            threshold: json.threshold,
            neighbours: Stored::from_stored(json.neighbours)?,
        })
    }
}

impl Stored for Neighbour {
    type Json = NeighbourJson;

    fn to_stored(&self) -> NeighbourJson {
        NeighbourJson {
            face_id: self.face_id.to_stored(),
            cluster_id: self.cluster_id.to_stored(),
            similarity: self.similarity,
            quality: self.quality,
            same_photo: self.same_photo,
        }
    }

    fn from_stored(json: NeighbourJson) -> Result<Self, Cause> {
        Ok(Self {
            face_id: Stored::from_stored(json.face_id)?,
            cluster_id: Stored::from_stored(json.cluster_id)?,
            similarity: json.similarity,
            quality: json.quality,
            same_photo: json.same_photo,
        })
    }
}
