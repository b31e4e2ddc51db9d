//! Replays that run while the worker serves: one a slot at a time, looked at by whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use super::{Mode, Progress, Replay, ReplayError, ReplayReport};
use crate::activity::Job as Activity;
use crate::domain::BySlot;
use crate::plugins::{Candidate, ClusterPolicy, ContextMapper, PluginSet, Slot, Tagger};

/// The progress of a replay.
#[derive(Clone, Debug)]
pub struct ReplayStatus {
    /// How many photos (for a policy: faces) are done.
    pub done: u64,
    /// How many there are; 0 until they are counted.
    pub total: u64,
    /// The result, once the replay is done.
    pub report: Option<ReplayReport>,
    /// Why the replay was stopped, if it was.
    pub error: Option<String>,
}

/// The latest replay of each slot.
#[derive(Default)]
pub struct ReplayJobs(Mutex<BySlot<Option<Arc<Job>>>>);

struct Job {
    done: AtomicU64,
    total: AtomicU64,
    outcome: Mutex<Option<Result<ReplayReport, ReplayError>>>,
    task: Mutex<Option<AbortHandle>>,
}

impl Replay {
    /// Compares a candidate with what is stored, in the way of its slot.
    ///
    /// # Errors
    /// When the store fails, a policy's decisions are to be applied, which they cannot be, or the slot has no replay.
    pub async fn run(
        &self,
        candidate: Candidate,
        active: Arc<PluginSet>,
        mode: Mode,
        progress: Progress,
    ) -> Result<ReplayReport, ReplayError> {
        if let Some(tagger) = candidate.get::<Tagger>() {
            self.tagger(Arc::clone(tagger), active, mode, progress).await
        } else if let Some(mapper) = candidate.get::<ContextMapper>() {
            self.context_mapper(Arc::clone(mapper), mode, progress).await
        } else if let Some(policy) = candidate.get::<ClusterPolicy>() {
            if mode == Mode::Apply {
                return Err(ReplayError::PolicyNotApplied);
            }
            self.cluster_policy(Arc::clone(policy), progress).await
        } else {
            Err(ReplayError::NoReplay(candidate.slot()))
        }
    }
}

impl ReplayJobs {
    /// Starts a replay, whose progress `activity` is told; the one before of the same slot is given up. Must be called
    /// within a tokio runtime.
    pub fn start(
        &self,
        activity: Activity,
        replay: Replay,
        candidate: Candidate,
        active: Arc<PluginSet>,
        mode: Mode,
    ) -> ReplayStatus {
        let slot = candidate.slot();
        let job = Arc::new(Job {
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            outcome: Mutex::default(),
            task: Mutex::default(),
        });
        let (running, told) = (Arc::clone(&job), Arc::clone(&job));
        let activity = Arc::new(activity);
        let progressing = Arc::clone(&activity);
        let progress: Progress = Arc::new(move |done, total| {
            told.done.store(done, Ordering::Relaxed);
            told.total.store(total, Ordering::Relaxed);
            progressing.progress(done, total);
        });
        let task = tokio::spawn(async move {
            let outcome = replay.run(candidate, active, mode, progress).await;
            if let Err(error) = &outcome {
                tracing::error!(%slot, error = crate::report(error), "a replay failed");
            }
            let ended = match &outcome {
                Ok(report) => {
                    activity.failures(report.failed());
                    Ok(())
                }
                Err(error) => Err(error.to_string()),
            };
            *lock(&running.outcome) = Some(outcome);
            activity.end(ended);
        });
        *lock(&job.task) = Some(task.abort_handle());
        let status = job.status();
        let before = lock(&self.0)[slot].replace(job);
        if let Some(task) = before.and_then(|job| lock(&job.task).take()) {
            task.abort();
        }
        status
    }

    /// How far the latest replay of a slot is; none when there was none.
    #[must_use]
    pub fn status(&self, slot: Slot) -> Option<ReplayStatus> {
        lock(&self.0)[slot].as_ref().map(|job| job.status())
    }
}

impl Job {
    fn status(&self) -> ReplayStatus {
        let outcome = lock(&self.outcome);
        ReplayStatus {
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            report: outcome
                .as_ref()
                .and_then(|outcome| outcome.as_ref().ok())
                .cloned(),
            error: outcome
                .as_ref()
                .and_then(|outcome| outcome.as_ref().err())
                .map(ToString::to_string),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each is changed by single assignments.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
