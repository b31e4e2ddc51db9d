//! What the worker is doing, and what failed lately: in memory, of this worker since its start. Like the log, it is for all
//! modules.

mod failures;
mod jobs;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

pub use failures::{FailureKind, FailureReport};
use jobs::Ended;
pub use jobs::{Job, JobKind, JobReport, JobState};

/// How much is remembered.
#[derive(Clone, Copy, Debug)]
pub struct ActivitySettings {
    /// `JOBS_KEPT`: jobs that have ended.
    pub jobs_kept: usize,
    /// `FAILURES_KEPT`.
    pub failures_kept: usize,
}

/// Jobs and failures.
#[derive(Debug)]
pub struct Activity {
    settings: ActivitySettings,
    jobs: Mutex<Jobs>,
    /// The latest last.
    failures: Mutex<VecDeque<FailureReport>>,
}

#[derive(Debug, Default)]
struct Jobs {
    running: Vec<JobReport>,
    /// The latest last.
    ended: VecDeque<Ended>,
}

impl Activity {
    /// Nothing yet.
    #[must_use]
    pub fn new(settings: ActivitySettings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            jobs: Mutex::default(),
            failures: Mutex::default(),
        })
    }
}
