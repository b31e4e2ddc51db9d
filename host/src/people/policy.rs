//! What decides where a face goes.

use super::error::PolicyError;
use crate::domain::{Decision, EmbeddingModel, Neighbour, SceneFace};

/// Decides where a face goes. Called from a blocking thread.
pub trait Policy: Send + Sync {
    /// SHA-256 of its component file in hexadecimal.
    fn digest(&self) -> &str;

    /// How many of the most similar faces it wants to see.
    fn neighbours(&self) -> usize;

    /// Decides on one face; `neighbours` are most similar first.
    ///
    /// # Errors
    /// When it cannot decide; then nothing of the photo is stored.
    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError>;

    /// Decides on a face that is stored in a cluster of so many faces, none of which is among the neighbours; as on one
    /// that comes now, unless the policy looks at such faces otherwise.
    ///
    /// # Errors
    /// When it cannot decide; then the face stays where it is.
    fn review(
        &self,
        face: &SceneFace,
        _cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        self.decide(face, neighbours, model)
    }
}
