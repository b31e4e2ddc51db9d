//! Retries with exponential backoff and jitter: waiting for a store that is away, without coming back all at once.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::error::StoreError;

/// The first pause, at most; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause, so that a store that is back is noticed soon.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Tries again until the store has been away for too long.
pub(crate) struct Retry {
    until: Instant,
    pause: Duration,
}

impl Retry {
    /// Waits for so long in all.
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            until: Instant::now() + limit,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits until what failed may be tried again; gives the error back when that is no use, or the time is over.
    pub(crate) async fn wait_after(&mut self, error: StoreError) -> Result<(), StoreError> {
        let pause = jitter(self.pause);
        let may_pass = error.is_outage() || matches!(error, StoreError::CircuitOpen | StoreError::TurnLost);
        if !may_pass || Instant::now() + pause > self.until {
            return Err(error);
        }
        tracing::debug!(
            error = %crate::report(&error),
            "the vector store failed; a photo waits and retries"
        );
        tokio::time::sleep(pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// A time between half of the given one and all of it, so that those who failed together do not return together.
pub(crate) fn jitter(longest: Duration) -> Duration {
    // A random identifier is randomness enough.
    let share = Uuid::new_v4().as_bytes()[0];
    longest.mul_f64(0.5 + f64::from(share) / 510.0)
}
