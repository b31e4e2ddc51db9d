//! What a policy gets to see and whether its answer holds; the same for placing and for replaying.

use super::error::PeopleError;
use crate::domain::{Assignment, ClusterId, Embedding, Neighbour};
use crate::store::StoredFace;

/// The `wanted` most similar faces, most similar first: of other photos (`nearest`) and, marked as such, those of the
/// same photo that were decided on before. Beyond that number, those of the same photo whose cluster is among them: a
/// policy must see that a person it may join is in the photo already, also where many faces of the person are nearer.
pub(super) fn neighbours<'a>(
    mut nearest: Vec<Neighbour>,
    same_photo: impl Iterator<Item = &'a StoredFace>,
    embedding: &Embedding,
    wanted: usize,
) -> Vec<Neighbour> {
    nearest.extend(same_photo.map(|other| other.neighbour_of(embedding, true)));
    nearest.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    let mut beyond = nearest.split_off(wanted.min(nearest.len()));
    beyond
        .retain(|other| other.same_photo && nearest.iter().any(|shown| shown.cluster_id == other.cluster_id));
    nearest.extend(beyond);
    nearest
}

/// The cluster that an assignment means, and whether it is new.
///
/// # Errors
/// When it joins a cluster that was not among the neighbours.
pub(super) fn cluster(
    assignment: Assignment,
    neighbours: &[Neighbour],
) -> Result<(ClusterId, bool), PeopleError> {
    match assignment {
        Assignment::Create => Ok((ClusterId::random(), true)),
        Assignment::Join(cluster) if neighbours.iter().any(|shown| shown.cluster_id == cluster) => {
            Ok((cluster, false))
        }
        Assignment::Join(cluster) => Err(PeopleError::InvalidDecision(cluster)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::domain::{BoundingBox, FaceId, FileId};

    fn face(cluster_id: ClusterId, degrees: f32) -> StoredFace {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        StoredFace {
            face_id: FaceId::random(),
            file_id: FileId::new("a photo").unwrap(),
            cluster_id,
            embedding: Embedding::normalised(vec![cosine, sine]).unwrap(),
            bounding_box: BoundingBox {
                x1: 0,
                y1: 0,
                x2: 9,
                y2: 9,
            },
            confidence: 0.9,
            quality: 0.8,
            corrected: false,
            joined: 0,
        }
    }

    #[test]
    fn a_face_of_the_photo_is_shown_where_its_person_is() {
        let (anna, budi) = (ClusterId::random(), ClusterId::random());
        let candidate = face(anna, 0.0);
        let near = [10.0, 11.0].map(|degrees| {
            let face = face(anna, degrees);
            Neighbour {
                face_id: face.face_id,
                cluster_id: face.cluster_id,
                similarity: candidate.embedding.cosine(&face.embedding),
                quality: face.quality,
                same_photo: false,
            }
        });
        // Both are less similar than what was wanted, but one is of the person that is shown.
        let beside = [face(budi, 30.0), face(anna, 40.0)];
        let shown = neighbours(near.to_vec(), beside.iter(), &candidate.embedding, 2);
        assert_eq!(shown.len(), 3);
        assert_eq!((shown[2].face_id, shown[2].same_photo), (beside[1].face_id, true));
        assert!(shown.is_sorted_by(|a, b| a.similarity >= b.similarity));
    }
}
