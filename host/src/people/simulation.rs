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
    /// Blocks, and takes time in proportion to the faces placed so far. Gives the simulated cluster of each face.
    ///
    /// # Errors
    /// When the policy fails or joins a cluster it was not shown; then no face of the photo is placed.
    pub fn place(
        &mut self,
        faces: &[(StoredFace, SceneFace)],
        policy: &dyn Policy,
    ) -> Result<Vec<ClusterId>, PeopleError> {
        let mut decided: Vec<StoredFace> = Vec::with_capacity(faces.len());
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
        }
        for face in &decided {
            self.matrix.insert(face.face_id, face.embedding.as_slice());
            self.placed.insert(face.face_id, (face.cluster_id, face.quality));
        }
        Ok(decided.into_iter().map(|face| face.cluster_id).collect())
    }

    /// Whether this face was placed.
    #[must_use]
    pub fn holds(&self, face: &FaceId) -> bool {
        self.placed.contains_key(face)
    }

    fn nearest(&self, face: &StoredFace, wanted: usize) -> Vec<Neighbour> {
        let found = self.matrix.nearest(face.embedding.as_slice(), wanted);
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
