//! People as another policy would have made them: decided in memory, with nothing written.

use std::collections::HashMap;

use super::decision;
use super::error::PeopleError;
use super::policy::Policy;
use crate::domain::{ClusterId, EmbeddingModel, FaceId, Neighbour, SceneFace};
use crate::store::{Matrix, StoredFace};

/// Faces and the clusters a policy put them into. Holds every vector in memory, as the embedded store does.
pub struct Simulation {
    model: EmbeddingModel,
    matrix: Matrix<FaceId>,
    placed: HashMap<FaceId, (ClusterId, f32)>,
}

/// Where a simulated policy put a stored face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedFace {
    /// The cluster in which the face is stored.
    pub stored_cluster: ClusterId,
    /// The cluster into which the policy put the face.
    pub simulated_cluster: ClusterId,
}

impl Simulation {
    /// Nobody yet; `model` is what the policy is told.
    #[must_use]
    pub fn new(model: EmbeddingModel) -> Self {
        Self {
            matrix: Matrix::new(model.dimension),
            placed: HashMap::new(),
            model,
        }
    }

    /// Lets a policy decide on the faces of one photo, which must come after all photos that were stored before it.
    /// Blocks, and takes time in proportion to the faces placed so far. Returns one entry for each face, in their order.
    ///
    /// # Errors
    /// When the policy fails or joins a cluster it was not shown; then no face of the photo is placed.
    pub fn place(
        &mut self,
        faces: &[(StoredFace, SceneFace)],
        policy: &dyn Policy,
    ) -> Result<Vec<SimulatedFace>, PeopleError> {
        let mut decided: Vec<StoredFace> = Vec::with_capacity(faces.len());
        let mut simulated = Vec::with_capacity(faces.len());
        for (face, scene) in faces {
            let wanted = policy.neighbours();
            let neighbours = decision::neighbours(
                self.nearest(face, wanted),
                decided.iter(),
                &face.embedding,
                wanted,
            );
            let answer = policy
                .decide(scene, &neighbours, &self.model)
                .map_err(PeopleError::Policy)?;
            let (cluster_id, _) = decision::cluster(answer.assignment, &neighbours)?;
            decided.push(StoredFace {
                cluster_id,
                ..face.clone()
            });
            simulated.push(SimulatedFace {
                stored_cluster: face.cluster_id,
                simulated_cluster: cluster_id,
            });
        }
        for face in &decided {
            self.matrix.insert(face.face_id, face.embedding.as_slice());
            self.placed.insert(face.face_id, (face.cluster_id, face.quality));
        }
        Ok(simulated)
    }

    /// Whether this face was placed.
    #[must_use]
    pub fn holds(&self, face: &FaceId) -> bool {
        self.placed.contains_key(face)
    }

    fn nearest(&self, face: &StoredFace, wanted: usize) -> Vec<Neighbour> {
        let found = self.matrix.nearest(face.embedding.as_slice(), wanted, |_| true);
        found
            .into_iter()
            .filter_map(|(face_id, similarity)| {
                let (cluster_id, quality) = *self.placed.get(&face_id)?;
                Some(Neighbour {
                    face_id,
                    cluster_id,
                    similarity: similarity.clamp(-1.0, 1.0),
                    quality,
                    same_photo: false,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::domain::{Assignment, BoundingBox, Decision, Embedding, FileId};
    use crate::people::PolicyError;

    /// Joins the most similar face if the similarity reaches the threshold.
    struct NearestForTests;

    impl Policy for NearestForTests {
        fn digest(&self) -> &str {
            "nearest"
        }

        fn neighbours(&self) -> usize {
            5
        }

        fn decide(
            &self,
            _face: &SceneFace,
            neighbours: &[Neighbour],
            model: &EmbeddingModel,
        ) -> Result<Decision, PolicyError> {
            let nearest = neighbours
                .first()
                .filter(|nearest| nearest.similarity >= model.threshold);
            Ok(Decision {
                assignment: nearest
                    .map_or(Assignment::Create, |nearest| Assignment::Join(nearest.cluster_id)),
                reason: String::new(),
            })
        }
    }

    fn face(cluster_id: ClusterId, degrees: f32) -> (StoredFace, SceneFace) {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let bounding_box = BoundingBox {
            x1: 0,
            y1: 0,
            x2: 9,
            y2: 9,
        };
        let stored = StoredFace {
            face_id: FaceId::random(),
            file_id: FileId::new("a photo").unwrap(),
            cluster_id,
            embedding: Embedding::normalised(vec![cosine, sine]).unwrap(),
            bounding_box,
            confidence: 0.9,
            quality: 0.8,
            corrected: false,
            joined: 0,
        };
        let seen = SceneFace {
            bounding_box,
            confidence: 0.9,
            age: None,
            gender: None,
            quality: 0.8,
        };
        (stored, seen)
    }

    #[test]
    fn each_face_keeps_its_stored_cluster_beside_the_simulated_one() {
        let mut simulation = Simulation::new(EmbeddingModel {
            name: "two-dimensions".to_owned(),
            dimension: 2,
            threshold: 0.9,
        });
        let (anna, budi, citra) = (ClusterId::random(), ClusterId::random(), ClusterId::random());
        let earlier = simulation.place(&[face(anna, 0.0)], &NearestForTests).unwrap();
        // A stranger comes first, so that a list out of step would show; the third face is stored as somebody else.
        let photo = [face(budi, 90.0), face(anna, 1.0), face(citra, 2.0)];
        let placed = simulation.place(&photo, &NearestForTests).unwrap();
        let stored: Vec<ClusterId> = placed.iter().map(|face| face.stored_cluster).collect();
        assert_eq!(stored, [budi, anna, citra]);
        let again = earlier[0].simulated_cluster;
        let simulated: Vec<ClusterId> = placed.iter().map(|face| face.simulated_cluster).collect();
        assert_eq!(simulated[1..], [again, again]);
        assert_ne!(simulated[0], again);
    }
}
