//! What a photo would be answered with, and how alike two photos are; nothing is stored.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use tracing::{Instrument as _, info_span};

use super::admission::Place;
use super::answer::Description;
use super::error::PipelineError;
use super::perceiving::Perceived;
use super::stages::{Pipeline, done};
use crate::domain::{Embedding, Evidence, SceneFace};
use crate::metrics::Stage;
use crate::people::{Identified, PeopleError};
use crate::plugins::Slot;
use crate::store::StoreError;

/// A face whose person was looked for.
#[derive(Clone, Debug)]
pub struct IdentifiedFace {
    /// What was seen.
    pub scene: SceneFace,
    /// Whose it may be.
    pub identified: Identified,
}

/// The faces of a photo, largest first.
#[derive(Clone, Debug)]
pub struct FoundFaces {
    /// Width and height of the upright photo in pixels.
    pub size: (u32, u32),
    /// Each with its vector.
    pub faces: Vec<(SceneFace, Embedding)>,
}

impl Pipeline {
    /// Describes a photo file as if it came to be stored, and ranks the people whom each face resembles, at most so many.
    ///
    /// # Errors
    /// When any stage fails.
    pub async fn identify(
        &self,
        place: Place,
        bytes: Bytes,
        people: usize,
    ) -> Result<Description<IdentifiedFace>, PipelineError> {
        // A store that takes no photos, because its disk is full, can be asked all the same.
        if self.people.is_store_circuit_open() {
            return Err(PeopleError::from(StoreError::CircuitOpen).into());
        }
        let plugins = self.plugins.snapshot();
        let Perceived { faces, mut account } = self.perceive(&place, bytes, &plugins, None).await?;
        // Nobody asks for their pictures, which need the photo's pixels.
        let faces = faces
            .into_iter()
            .map(|face| (face.scene, face.embedding))
            .collect();

        let started = Instant::now();
        let policy = Arc::new(self.policy(plugins));
        let identified = self
            .people
            .identify(faces, Arc::<super::ActivePolicy>::clone(&policy), people)
            .instrument(info_span!("faces"))
            .await?;
        account.timings.faces = done(Stage::Faces, started);
        if policy.degraded.load(Ordering::Relaxed) {
            account.degraded.push(Slot::ClusterPolicy);
        }
        let faces = identified.into_iter();
        let faces = faces.map(|(scene, identified)| IdentifiedFace { scene, identified });
        Ok(account.with_faces(faces.collect()))
    }

    /// The faces of a photo file, with nothing else said of it.
    ///
    /// # Errors
    /// When the photo cannot be decoded or a network fails.
    pub async fn find_faces(&self, place: &Place, bytes: Bytes) -> Result<FoundFaces, PipelineError> {
        let plugins = self.plugins.snapshot();
        let photo = self.decode(place, bytes, self.look()).await?;
        let seen = self
            .see(&photo, Evidence::default(), &plugins.tagger, &[])
            .await?;
        let faces = seen.faces.into_iter();
        Ok(FoundFaces {
            size: photo.dimensions(),
            faces: faces.map(|face| (face.scene, face.embedding)).collect(),
        })
    }
}
