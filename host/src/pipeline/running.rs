//! Running networks: callers wait for an inference permit on the async side, so that one that leaves is dropped.

use std::sync::Arc;
use std::time::Duration;

use super::error::PipelineError;
use super::memory::DecodedPhoto;
use super::stages::{Pipeline, blocking};
use crate::inference::Inference;
use crate::models::manifest::Role;
use crate::photo::Photo;

impl Pipeline {
    /// Runs networks on a photo, on a blocking thread, when a session is free. A caller that leaves while it waits is
    /// dropped before anything runs for it.
    pub(super) async fn infer<T: Send + 'static>(
        &self,
        photo: &Arc<DecodedPhoto>,
        work: impl FnOnce(&Inference, &Photo) -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, PipelineError> {
        let photo = Arc::clone(photo);
        self.run(move |inference| work(inference, &photo)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inference) -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, PipelineError> {
        let permit = self.permits.acquire().await;
        let inference = Arc::clone(&self.inference);
        let outcome = blocking(move || {
            let outcome = work(&inference);
            drop(permit);
            outcome
        })
        .await;
        if outcome.is_ok() {
            self.permits.note_success();
        }
        outcome
    }

    /// Whether a network has run within this time.
    #[must_use]
    pub fn ran_within(&self, time: Duration) -> bool {
        self.permits.succeeded_within(time)
    }

    /// Runs the face detector on a grey picture: a real inference.
    ///
    /// # Errors
    /// When it fails.
    pub async fn try_networks(&self) -> Result<(), PipelineError> {
        self.run(|inference| Ok(inference.try_out(Role::FaceDetector)?))
            .await
    }
}
