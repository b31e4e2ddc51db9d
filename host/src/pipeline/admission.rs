//! Which photos are in work: so many at a time, with a bounded queue before them, and a few batches beside that queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::config::LoadSettings;
use crate::metrics::{self, Stage};

/// The longest time that a refused caller is told to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What the newest photo weighs in the mean time of a photo, as a divisor: the smoothing of round-trip times in TCP
/// (RFC 6298).
const SMOOTHING: u64 = 8;
/// The part of a request's time, as a divisor, in which a photo that is let into the queue will probably be described.
/// The estimate is a mean, and photos differ.
const PROMISED: u32 = 2;

/// Why a photo was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// As many as allowed are in work and waiting, or as many as can be described in a request's time.
    #[error("too many photos are running and queued; try again later")]
    Busy {
        /// When a place may be free.
        retry_after: Duration,
    },
    /// The worker stops: it finishes what is in work and begins nothing.
    #[error("the worker is shutting down and starts no new photo")]
    ShuttingDown,
}

/// The places for photos in work. Whoever waits for one is served in the order of coming.
pub struct Admissions {
    working: Arc<Semaphore>,
    queue: Semaphore,
    batches: Arc<Semaphore>,
    pace: Arc<Pace>,
    settings: LoadSettings,
    request_timeout: Duration,
}

/// How long a photo is in work.
#[derive(Default)]
struct Pace {
    /// The smoothed mean, in microseconds; 0 before the first photo.
    mean: AtomicU64,
}

/// A photo's place among those in work; free again when its last clone is dropped.
#[derive(Clone)]
pub struct Place {
    _held: Arc<Held>,
}

struct Held {
    _working: OwnedSemaphorePermit,
    since: Instant,
    pace: Arc<Pace>,
}

/// A batch's right to send its photos into work, until it is dropped.
pub struct Batch {
    working: Arc<Semaphore>,
    pace: Arc<Pace>,
    _batch: OwnedSemaphorePermit,
}

/// How full the worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Photos in work.
    pub working: usize,
    /// Single photos that wait.
    pub queued: usize,
    /// Batches that are being answered.
    pub batches: usize,
}

impl Admissions {
    /// All places free, for requests that may take so long.
    #[must_use]
    pub fn new(settings: &LoadSettings, request_timeout: Duration) -> Self {
        Self {
            working: Arc::new(Semaphore::new(settings.concurrent_photos)),
            queue: Semaphore::new(settings.queued_photos),
            batches: Arc::new(Semaphore::new(settings.concurrent_batches)),
            pace: Arc::default(),
            settings: *settings,
            request_timeout,
        }
    }

    /// Waits for a place in the queue's order. A caller that leaves while it waits leaves nothing behind.
    ///
    /// A queue that takes longer than a request may would keep the worker busy with photos whose answers nobody gets.
    ///
    /// # Errors
    /// At once, when every place is taken and the queue is full, or too long for the time of a photo, and whenever the
    /// worker begins to stop. In the end, when it took longer than expected, so that no time is left for the photo.
    pub async fn photo(&self) -> Result<Place, NotAdmitted> {
        let started = Instant::now();
        match Arc::clone(&self.working).try_acquire_owned() {
            Ok(working) => return Ok(Place::new(working, &self.pace)),
            Err(TryAcquireError::Closed) => return Err(NotAdmitted::ShuttingDown),
            Err(TryAcquireError::NoPermits) => {}
        }
        let _queued = self.queue.try_acquire().map_err(|error| self.refusal(&error))?;
        if self.until_described() > self.request_timeout / PROMISED {
            return Err(self.busy());
        }
        let working = wait(&self.working).await?;
        let waited = started.elapsed();
        if waited.saturating_add(self.pace.mean()) > self.request_timeout {
            return Err(self.busy());
        }
        metrics::stage(Stage::Queue, waited);
        Ok(Place::new(working, &self.pace))
    }

    /// Lets a batch in.
    ///
    /// # Errors
    /// At once, when as many batches as allowed are being answered, or the worker stops.
    pub fn batch(&self) -> Result<Batch, NotAdmitted> {
        let batch = Arc::clone(&self.batches).try_acquire_owned();
        Ok(Batch {
            _batch: batch.map_err(|error| self.refusal(&error))?,
            working: Arc::clone(&self.working),
            pace: Arc::clone(&self.pace),
        })
    }

    /// Lets nobody in any more, and sends away who waits. Photos in work are not touched.
    pub fn close(&self) {
        self.working.close();
        self.queue.close();
        self.batches.close();
    }

    /// Whether the worker stops.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.working.is_closed()
    }

    /// How full the worker is.
    #[must_use]
    pub fn occupancy(&self) -> Occupancy {
        let LoadSettings {
            concurrent_photos,
            queued_photos,
            concurrent_batches,
            ..
        } = self.settings;
        Occupancy {
            working: concurrent_photos.saturating_sub(self.working.available_permits()),
            queued: queued_photos.saturating_sub(self.queue.available_permits()),
            batches: concurrent_batches.saturating_sub(self.batches.available_permits()),
        }
    }

    fn refusal(&self, error: &TryAcquireError) -> NotAdmitted {
        match error {
            TryAcquireError::Closed => NotAdmitted::ShuttingDown,
            TryAcquireError::NoPermits => self.busy(),
        }
    }

    fn busy(&self) -> NotAdmitted {
        NotAdmitted::Busy {
            retry_after: self.retry_after(),
        }
    }

    /// The time until all who wait now are described, if photos go on to take as long as they do.
    fn until_described(&self) -> Duration {
        let waiting = u32::try_from(self.occupancy().queued).unwrap_or(u32::MAX);
        self.until_free(waiting).saturating_add(self.pace.mean())
    }

    /// The time until so many who wait have their place.
    fn until_free(&self, waiting: u32) -> Duration {
        let places = u32::try_from(self.settings.concurrent_photos).unwrap_or(u32::MAX);
        self.pace.mean().saturating_mul(waiting) / places
    }

    /// The time in which all who wait now get their place, if photos go on to take as long as they do: until then
    /// another attempt would find the queue as full. Between one second, which is the header's unit, and
    /// [`LONGEST_WAIT`].
    fn retry_after(&self) -> Duration {
        let waiting = u32::try_from(self.occupancy().queued + 1).unwrap_or(u32::MAX);
        self.until_free(waiting)
            .clamp(Duration::from_secs(1), LONGEST_WAIT)
    }
}

impl Batch {
    /// Waits for a place for the batch's next photo. A batch waits beside the queue, with one photo at a time: it fills
    /// nobody's queue, and stands before no other photo with more than one of its own.
    ///
    /// # Errors
    /// When the worker stops.
    pub async fn photo(&mut self) -> Result<Place, NotAdmitted> {
        Ok(Place::new(wait(&self.working).await?, &self.pace))
    }
}

async fn wait(working: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, NotAdmitted> {
    let acquired = Arc::clone(working).acquire_owned().await;
    acquired.map_err(|_closed| NotAdmitted::ShuttingDown)
}

impl Place {
    fn new(working: OwnedSemaphorePermit, pace: &Arc<Pace>) -> Self {
        Self {
            _held: Arc::new(Held {
                _working: working,
                since: Instant::now(),
                pace: Arc::clone(pace),
            }),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.pace.record(self.since.elapsed());
    }
}

impl Pace {
    fn mean(&self) -> Duration {
        Duration::from_micros(self.mean.load(Ordering::Relaxed))
    }

    fn record(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX / SMOOTHING);
        // A photo that comes between is lost, which an estimate can bear.
        let mean = match self.mean.load(Ordering::Relaxed) {
            0 => took,
            mean => mean - mean / SMOOTHING + took / SMOOTHING,
        };
        self.mean.store(mean, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    fn settings(concurrent_photos: usize, queued_photos: usize) -> LoadSettings {
        LoadSettings {
            concurrent_photos,
            queued_photos,
            concurrent_batches: 1,
            ..LoadSettings::for_testing()
        }
    }

    /// Lets every other task run until it waits.
    async fn settle() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn beyond_the_queue_is_refused_and_who_leaves_makes_room() {
        let admissions = Arc::new(Admissions::new(&settings(1, 1), TIMEOUT));
        let working = admissions.photo().await.unwrap();
        let waiting = tokio::spawn({
            let admissions = Arc::clone(&admissions);
            async move { admissions.photo().await.map(drop) }
        });
        settle().await;
        assert_eq!(
            admissions.occupancy(),
            Occupancy {
                working: 1,
                queued: 1,
                batches: 0
            }
        );
        assert!(matches!(admissions.photo().await, Err(NotAdmitted::Busy { .. })));
        waiting.abort();
        settle().await;
        assert_eq!(admissions.occupancy().queued, 0);
        let last_clone = working.clone();
        drop(working);
        assert_eq!(admissions.occupancy().working, 1);
        drop(last_clone);
        assert_eq!(admissions.occupancy().working, 0);
    }

    #[tokio::test]
    async fn closing_sends_the_queue_away_and_leaves_what_is_in_work() {
        let admissions = Arc::new(Admissions::new(&settings(1, 1), TIMEOUT));
        let working = admissions.photo().await.unwrap();
        let mut batch = admissions.batch().unwrap();
        assert!(matches!(admissions.batch(), Err(NotAdmitted::Busy { .. })));
        let (queued, in_batch, ()) = tokio::join!(admissions.photo(), batch.photo(), async {
            settle().await;
            admissions.close();
        });
        for outcome in [queued, in_batch, admissions.photo().await] {
            assert_eq!(outcome.err(), Some(NotAdmitted::ShuttingDown));
        }
        assert_eq!(admissions.occupancy().working, 1);
        drop(working);
        assert_eq!(admissions.photo().await.err(), Some(NotAdmitted::ShuttingDown));
    }

    #[tokio::test]
    async fn a_batch_stands_before_single_photos_with_one_of_its_own() {
        let admissions = Arc::new(Admissions::new(&settings(1, 4), TIMEOUT));
        let mut batch = admissions.batch().unwrap();
        let first = batch.photo().await.unwrap();
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (came, singles) = (Arc::clone(&order), Arc::clone(&admissions));
        let of_batch = tokio::spawn(async move {
            for _ in 0..2 {
                let place = batch.photo().await.unwrap();
                came.lock().unwrap().push("batch");
                drop(place);
            }
        });
        settle().await;
        let came = Arc::clone(&order);
        let single = tokio::spawn(async move {
            let place = singles.photo().await.unwrap();
            came.lock().unwrap().push("single");
            drop(place);
        });
        settle().await;
        drop(first);
        of_batch.await.unwrap();
        single.await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["batch", "single", "batch"]);
    }

    #[tokio::test]
    async fn the_queue_is_no_longer_than_can_be_described_in_time() {
        let admissions = Arc::new(Admissions::new(&settings(1, 64), TIMEOUT));
        admissions.pace.record(Duration::from_secs(4));
        let _working = admissions.photo().await.unwrap();
        let mut queued = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let admissions = Arc::clone(&admissions);
            queued.spawn(async move { admissions.photo().await.map(drop) });
        }
        settle().await;
        // The sixth waits for six times four seconds and takes four more; a seventh would be later than in 30 seconds.
        assert_eq!(admissions.occupancy().queued, 6);
        for _ in 0..58 {
            let refused = queued.join_next().await.unwrap().unwrap();
            assert!(matches!(refused, Err(NotAdmitted::Busy { .. })));
        }
    }

    #[tokio::test]
    async fn who_has_waited_for_too_long_takes_no_place() {
        let admissions = Admissions::new(&settings(1, 64), Duration::from_millis(50));
        let working = admissions.photo().await.unwrap();
        let (late, ()) = tokio::join!(admissions.photo(), async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            drop(working);
        });
        assert!(matches!(late, Err(NotAdmitted::Busy { .. })));
        assert_eq!(
            admissions.occupancy(),
            Occupancy {
                working: 0,
                queued: 0,
                batches: 0
            }
        );
        // It was in work for no time, which says nothing about photos.
        assert!(admissions.pace.mean() >= Duration::from_millis(60));
    }

    #[test]
    fn the_wait_grows_with_the_queue_and_the_time_of_a_photo() {
        let admissions = Admissions::new(&settings(2, 8), TIMEOUT);
        assert_eq!(admissions.retry_after(), Duration::from_secs(1));
        for _ in 0..100 {
            admissions.pace.record(Duration::from_secs(4));
        }
        let empty = admissions.retry_after();
        assert!(
            empty.abs_diff(Duration::from_secs(2)) < Duration::from_millis(50),
            "{empty:?}"
        );
        let queued: Vec<_> = (0..7).map(|_| admissions.queue.try_acquire().unwrap()).collect();
        let full = admissions.retry_after();
        assert!(
            full.abs_diff(Duration::from_secs(16)) < Duration::from_millis(400),
            "{full:?}"
        );
        drop(queued);
        admissions.pace.record(Duration::from_secs(86_400));
        assert_eq!(admissions.retry_after(), LONGEST_WAIT);
    }
}
