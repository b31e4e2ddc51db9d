//! How a plugin has been doing since it was loaded.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::usage::{CallUsage, LatestUsage};

/// How many of the latest calls the percentiles are taken from.
const LATEST: usize = 1_024;

/// Counts and times of one plugin's calls. All methods may be called from any thread.
#[derive(Default)]
pub(super) struct Statistics {
    calls: AtomicU64,
    failures: AtomicU64,
    failures_in_a_row: AtomicU32,
    busy_microseconds: AtomicU64,
    latest: Mutex<Latest>,
    usage: Arc<LatestUsage>,
}

/// A ring of microseconds.
#[derive(Default)]
struct Latest {
    microseconds: Vec<u32>,
    next: usize,
}

/// Statistics of a plugin's calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallReport {
    /// Calls since the plugin was loaded, without those of its golden cases and its trial before it was put into its
    /// slot.
    pub calls: u64,
    /// How many of these calls failed: they trapped, timed out, were declined or had an answer outside the contract.
    pub failures: u64,
    /// Total time of all calls, in milliseconds.
    pub busy_ms: f64,
    /// Median of the latest 1,024 calls, in microseconds; null before the first call.
    pub p50_us: Option<u32>,
    /// 99th percentile of the latest 1,024 calls, in microseconds; null before the first call.
    pub p99_us: Option<u32>,
}

impl Statistics {
    /// Counts one call.
    pub(super) fn record(&self, took: Duration, succeeded: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if succeeded {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
            self.failures_in_a_row.fetch_add(1, Ordering::Relaxed);
        }
        let microseconds = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.busy_microseconds
            .fetch_add(u64::from(microseconds), Ordering::Relaxed);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.microseconds.len() < LATEST {
            latest.microseconds.push(microseconds);
        } else {
            let next = latest.next;
            latest.microseconds[next] = microseconds;
            latest.next = (next + 1) % LATEST;
        }
    }

    /// Where each call leaves what it used.
    pub(super) fn usage_of_calls(&self) -> Arc<LatestUsage> {
        Arc::clone(&self.usage)
    }

    /// What the latest call used.
    pub(super) fn usage(&self) -> CallUsage {
        self.usage.get()
    }

    /// How many calls have failed since the last one that did not.
    pub(super) fn failures_in_a_row(&self) -> u32 {
        self.failures_in_a_row.load(Ordering::Relaxed)
    }

    /// Starts counting failures in a row anew.
    pub(super) fn forgive(&self) {
        self.failures_in_a_row.store(0, Ordering::Relaxed);
    }

    /// Forgets everything. Nobody else may call the plugin meanwhile.
    pub(super) fn restart(&self) {
        self.calls.store(0, Ordering::Relaxed);
        self.failures.store(0, Ordering::Relaxed);
        self.busy_microseconds.store(0, Ordering::Relaxed);
        self.forgive();
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Latest::default();
    }

    pub(super) fn report(&self) -> CallReport {
        let mut latest = self
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .microseconds
            .clone();
        latest.sort_unstable();
        let percentile = |percent: usize| {
            latest
                .get((latest.len() * percent / 100).min(latest.len().max(1) - 1))
                .copied()
        };
        CallReport {
            calls: self.calls.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            busy_ms: self.busy_microseconds.load(Ordering::Relaxed) as f64 / 1e3,
            p50_us: percentile(50),
            p99_us: percentile(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_latest_calls() {
        let statistics = Statistics::default();
        assert_eq!(statistics.report().p50_us, None);
        for microseconds in 0..3 * LATEST as u64 {
            statistics.record(Duration::from_micros(microseconds), microseconds % 2 == 0);
        }
        let report = statistics.report();
        assert_eq!((report.calls, report.failures), (3_072, 1_536));
        assert_eq!(report.p50_us, Some(2_048 + 512));
        assert_eq!(report.p99_us, Some(2_048 + 1_013));
        assert_eq!(statistics.failures_in_a_row(), 1);
    }
}
