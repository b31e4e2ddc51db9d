//! What a worker and this process use of the machine.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use test_support::worker::Worker;

/// A value of [`Worker::memory_kib`] in MiB.
pub(crate) fn mebibytes(worker: &Worker, name: &str) -> f64 {
    worker.memory_kib(name) as f64 / 1_024.0
}

/// How busy a worker and this process are from a moment on.
pub(crate) struct Meter<'a> {
    worker: &'a Worker,
    started: Instant,
    before: (Duration, Duration),
}

impl<'a> Meter<'a> {
    pub(crate) fn start(worker: &'a Worker) -> Self {
        Self {
            worker,
            started: Instant::now(),
            before: (worker.processor_time(), own_time()),
        }
    }

    /// Cores in use by the worker and by this process, on average until now.
    pub(crate) fn cores(&self) -> (f64, f64) {
        let wall = self.started.elapsed().as_secs_f64();
        let share = |now: Duration, before: Duration| (now - before).as_secs_f64() / wall;
        (
            share(self.worker.processor_time(), self.before.0),
            share(own_time(), self.before.1),
        )
    }
}

fn own_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}
