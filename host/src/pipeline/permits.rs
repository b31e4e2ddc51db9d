//! Permits for running networks: callers wait for an inference session on the async side, so that one that leaves is dropped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::error::PipelineError;
use super::memory::DecodedPhoto;
use super::{Pipeline, blocking};
use crate::inference::Inference;
use crate::models::manifest::Role;
use crate::photo::Photo;

/// As many permits as images may be in inferences at a time, and when one succeeded last.
pub struct InferencePermits {
    free: Arc<Semaphore>,
    succeeded: Mutex<Option<Instant>>,
}

impl InferencePermits {
    /// So many at a time.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            succeeded: Mutex::new(None),
        }
    }
}

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
        // It is never closed, so waiting cannot fail.
        let session = Arc::clone(&self.sessions.free).acquire_owned().await.ok();
        let inference = Arc::clone(&self.inference);
        let outcome = blocking(move || {
            let outcome = work(&inference);
            drop(session);
            outcome
        })
        .await;
        if outcome.is_ok() {
            *self.sessions.succeeded.lock() = Some(Instant::now());
        }
        outcome
    }

    /// Whether a network has run within this time.
    #[must_use]
    pub fn ran_within(&self, time: Duration) -> bool {
        let succeeded = *self.sessions.succeeded.lock();
        succeeded.is_some_and(|succeeded| succeeded.elapsed() < time)
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
