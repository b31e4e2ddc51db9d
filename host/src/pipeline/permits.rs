//! Permits for running networks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

    /// Waits for a permit.
    pub(super) async fn acquire(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed, so waiting cannot fail.
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Notes that an inference succeeded now.
    pub(super) fn note_success(&self) {
        *self.succeeded.lock() = Some(Instant::now());
    }

    /// Whether an inference has succeeded within this time.
    pub(super) fn succeeded_within(&self, time: Duration) -> bool {
        let succeeded = *self.succeeded.lock();
        succeeded.is_some_and(|succeeded| succeeded.elapsed() < time)
    }
}
