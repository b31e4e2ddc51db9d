//! How long a call may take: of the processor for itself, and by the clock on the wall.
//!
//! What a guest used of the processor is its own doing, on a busy machine as on an idle one. How long it waited for the
//! processor, or for the host, is not: that is bounded much more generously.

use std::time::{Duration, Instant};

use crate::cpu_time::ThreadTime;

/// The clocks of one call, which must be made, run and checked on one thread.
pub(super) struct CallClock {
    began: ThreadTime,
    /// What the host did on the same thread, in the guest's name: running a network, resizing the photo.
    host: Duration,
    processor: Duration,
    deadline: Instant,
}

/// Which of its clocks a call overran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Overrun {
    /// The processor's.
    #[error("it used the processor for too long")]
    Processor,
    /// The one on the wall.
    #[error("it did not answer for too long")]
    Wall,
}

impl CallClock {
    /// Starts both clocks.
    pub(super) fn start(processor: Duration, wall: Duration) -> Self {
        Self {
            began: ThreadTime::now(),
            host: Duration::ZERO,
            processor,
            deadline: Instant::now() + wall,
        }
    }

    /// Runs what the guest asked the host for; the processor's time for it is not the guest's.
    pub(super) fn host<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let began = ThreadTime::now();
        let done = work();
        self.host += began.elapsed();
        done
    }

    /// Processor time of the guest itself so far.
    pub(super) fn used(&self) -> Duration {
        self.began.elapsed().saturating_sub(self.host)
    }

    /// Whether the call may go on.
    pub(super) fn check(&self) -> Result<(), Overrun> {
        if self.used() > self.processor {
            return Err(Overrun::Processor);
        }
        if Instant::now() >= self.deadline {
            return Err(Overrun::Wall);
        }
        Ok(())
    }
}
