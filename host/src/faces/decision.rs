//! What a policy gets to see and whether its answer holds; the same for placing and for replaying.

use super::people::FacesError;
use super::store::StoredFace;
use crate::domain::{Assignment, ClusterId, Embedding, Neighbour};

/// The `wanted` most similar faces, most similar first: of other photos (`nearest`) and, marked as such, those of the
/// same photo that were decided on before.
pub(super) fn neighbours<'a>(
    mut nearest: Vec<Neighbour>,
    same_photo: impl Iterator<Item = &'a StoredFace>,
    embedding: &Embedding,
    wanted: usize,
) -> Vec<Neighbour> {
    nearest.extend(same_photo.map(|other| Neighbour {
        face_id: other.face_id,
        cluster_id: other.cluster_id,
        similarity: embedding.cosine(&other.embedding).clamp(-1.0, 1.0),
        quality: other.quality,
        same_photo: true,
    }));
    nearest.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    nearest.truncate(wanted);
    nearest
}

/// The cluster that an assignment means, and whether it is new.
///
/// # Errors
/// When it joins a cluster that was not among the neighbours.
pub(super) fn cluster(
    assignment: Assignment,
    neighbours: &[Neighbour],
) -> Result<(ClusterId, bool), FacesError> {
    match assignment {
        Assignment::Create => Ok((ClusterId::random(), true)),
        Assignment::Join(cluster) if neighbours.iter().any(|shown| shown.cluster_id == cluster) => {
            Ok((cluster, false))
        }
        Assignment::Join(cluster) => Err(FacesError::InvalidDecision(cluster)),
    }
}
