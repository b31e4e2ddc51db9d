//! How long the processor has worked for a thread: with a budget in it, as much is done on a busy machine as on an idle one.

use std::time::Duration;

/// A moment in the processor time of the thread that asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadTime(Duration);

impl ThreadTime {
    pub(crate) fn now() -> Self {
        Self(thread_time())
    }

    /// How long the processor has worked for this thread since then.
    pub(crate) fn elapsed(&self) -> Duration {
        thread_time().saturating_sub(self.0)
    }
}

#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // A clock that only grows from 0: neither is negative. `as` is right: nanoseconds are below 2^30.
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Where the system has no such clock, the time of everybody.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
