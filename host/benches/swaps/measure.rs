//! Times and memory.

use std::fmt;
use std::time::Instant;

use ai_worker::metrics::resident_memory;

/// Microseconds, sorted.
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn of(count: usize, mut work: impl FnMut()) -> Self {
        let mut times: Vec<f64> = (0..count)
            .map(|_| {
                let started = Instant::now();
                work();
                started.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "p50 {:.0} us, p99 {:.0} us",
            self.percentile(50),
            self.percentile(99)
        )
    }
}

/// Memory of this process; 0 where there is no /proc.
pub(crate) fn resident_kb() -> i64 {
    resident_memory().map_or(0, |bytes| i64::try_from(bytes >> 10).unwrap())
}
