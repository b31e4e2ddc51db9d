//! A policy that is asked again what it would be asked of a photo that comes now; nothing is written.

use std::sync::Arc;

use super::decision;
use super::error::PeopleError;
use super::policy::Policy;
use super::service::People;
use crate::domain::SceneFace;
use crate::store::StoredFace;

impl People {
    /// Asks a policy about one face of a stored photo as if the photo came now: with its neighbours in the store, and with
    /// those faces of the photo that come before it, which are where they are stored. The answer must hold and is dropped.
    ///
    /// # Errors
    /// When the policy fails or joins a cluster it was not shown, or the store does not answer.
    pub async fn rehearse(
        &self,
        faces: &[(StoredFace, SceneFace)],
        index: usize,
        policy: &Arc<dyn Policy>,
    ) -> Result<(), PeopleError> {
        let (before, rest) = faces.split_at(index.min(faces.len()));
        let Some((face, scene)) = rest.first() else {
            return Ok(());
        };
        let same_photo: Vec<&StoredFace> = before.iter().map(|(face, _)| face).collect();
        let seen = (scene, &face.embedding);
        let (decision, neighbours) = self.consult(policy, &face.file_id, seen, &same_photo).await?;
        decision::cluster(decision.assignment, &neighbours).map(drop)
    }
}
