//! Why faces are where they are, and what was corrected.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClusterId, FaceId, each};
use crate::{domain, store};

/// A stored face that resembles a candidate; mirrors `neighbour` of the WIT package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Neighbour {
    /// The stored face.
    face_id: FaceId,
    /// The cluster that the face is in.
    cluster_id: ClusterId,
    /// Cosine similarity with the candidate.
    similarity: f32,
    /// Its quality, 0 to 1.
    quality: f32,
    /// Whether the face is in the same photo as the candidate.
    same_photo: bool,
}

impl From<domain::Neighbour> for Neighbour {
    fn from(neighbour: domain::Neighbour) -> Self {
        Self {
            face_id: neighbour.face_id.into(),
            cluster_id: neighbour.cluster_id.into(),
            similarity: neighbour.similarity,
            quality: neighbour.quality,
            same_photo: neighbour.same_photo,
        }
    }
}

sent! {
    /// Who put a face into its cluster.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    store::DecidedBy as DecidedBy {
        /// The clustering policy, when the photo was processed.
        Policy,
        /// The clustering policy, asked again when clusters were consolidated.
        Consolidation,
        /// Somebody who corrected it.
        Person,
        /// A comparison of two people, when their merge was taken back.
        Unmerge,
    }
}

/// Why a face is in its cluster. Merges of whole clusters do not change it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// Who decided.
    decided_by: DecidedBy,
    /// The rule that decided, in one sentence.
    reason: String,
    /// When, in seconds since 1970.
    at: u64,
    /// SHA-256 of the policy's component file in hexadecimal; null if no policy decided.
    #[schema(required)]
    policy: Option<String>,
    /// The network that made the vectors.
    embedding_model: String,
    /// The similarity threshold that the policy was given: at or above it, two faces are one person.
    threshold: f32,
    /// The most similar faces that the policy saw, most similar first, at most 10.
    neighbours: Vec<Neighbour>,
}

impl From<store::Explanation> for Explanation {
    fn from(explanation: store::Explanation) -> Self {
        Self {
            decided_by: explanation.decided_by.into(),
            reason: explanation.reason,
            at: explanation.at,
            policy: explanation.policy,
            embedding_model: explanation.embedding_model,
            threshold: explanation.threshold,
            neighbours: each(explanation.neighbours),
        }
    }
}

sent! {
    /// What was corrected.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    store::CorrectionKind as CorrectionKind {
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
}
