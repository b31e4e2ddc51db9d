//! Which photos are in work: so many at a time, with a bounded queue before them, and a few batches beside that queue.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::LoadSettings;

/// Why a photo was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many as allowed are in work and waiting.
    Busy,
}

/// The places for photos in work. Whoever waits for one is served in the order of coming.
pub struct Admissions {
    working: Arc<Semaphore>,
    queue: Semaphore,
    batches: Arc<Semaphore>,
}

/// A photo's place among those in work; free again when it is dropped.
pub struct Place {
    _working: OwnedSemaphorePermit,
}

/// A batch's right to send its photos into work, until it is dropped.
pub struct Batch {
    working: Arc<Semaphore>,
    _batch: OwnedSemaphorePermit,
}

impl Admissions {
    /// All places free.
    #[must_use]
    pub fn new(settings: &LoadSettings) -> Self {
        Self {
            working: Arc::new(Semaphore::new(settings.concurrent_photos)),
            queue: Semaphore::new(settings.queued_photos),
            batches: Arc::new(Semaphore::new(settings.concurrent_batches)),
        }
    }

    /// Waits for a place in the queue's order. A caller that leaves while it waits leaves nothing behind.
    ///
    /// # Errors
    /// At once, when every place is taken and the queue is full.
    pub async fn photo(&self) -> Result<Place, Refusal> {
        if let Ok(working) = Arc::clone(&self.working).try_acquire_owned() {
            return Ok(Place { _working: working });
        }
        let _queued = self.queue.try_acquire().map_err(|_| Refusal::Busy)?;
        place(&self.working).await
    }

    /// Lets a batch in.
    ///
    /// # Errors
    /// At once, when as many batches as allowed are being answered.
    pub fn batch(&self) -> Result<Batch, Refusal> {
        let batch = Arc::clone(&self.batches)
            .try_acquire_owned()
            .map_err(|_| Refusal::Busy)?;
        Ok(Batch {
            working: Arc::clone(&self.working),
            _batch: batch,
        })
    }
}

impl Batch {
    /// Waits for a place for the batch's next photo. A batch waits beside the queue, with one photo at a time: it fills
    /// nobody's queue, and stands before no other photo with more than one of its own.
    ///
    /// # Errors
    /// None while the worker runs.
    pub async fn photo(&mut self) -> Result<Place, Refusal> {
        place(&self.working).await
    }
}

async fn place(working: &Arc<Semaphore>) -> Result<Place, Refusal> {
    let working = Arc::clone(working).acquire_owned().await;
    // It is never closed, so waiting cannot fail.
    working
        .map(|working| Place { _working: working })
        .map_err(|_| Refusal::Busy)
}
