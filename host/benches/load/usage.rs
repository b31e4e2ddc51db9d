//! What a process uses of the machine, as Linux tells it in `/proc`.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The unit of processor times in `/proc`, whatever the kernel's own is (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// A worker's process.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Memory in RAM, in MiB.
    pub(crate) fn resident(self) -> f64 {
        self.mebibytes("VmRSS:")
    }

    /// The most memory in RAM since [`Self::forget_peak`], in MiB.
    pub(crate) fn peak(self) -> f64 {
        self.mebibytes("VmHWM:")
    }

    pub(crate) fn forget_peak(self) {
        // As of proc(5).
        std::fs::write(format!("/proc/{}/clear_refs", self.0), "5").unwrap();
    }

    fn mebibytes(self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        let kibibytes: f64 = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        kibibytes / 1_024.0
    }

    /// Processor time so far.
    fn processor_time(self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap();
        // The name before may contain anything; user and system time are the 14th and 15th field of all.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks: f64 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<f64>().unwrap())
            .sum();
        Duration::from_secs_f64(ticks / TICKS_PER_SECOND)
    }
}

/// How busy a worker and this process are from a moment on.
pub(crate) struct Meter {
    worker: Process,
    started: Instant,
    before: (Duration, Duration),
}

impl Meter {
    pub(crate) fn start(worker: Process) -> Self {
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
