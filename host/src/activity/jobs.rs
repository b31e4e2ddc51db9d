//! What takes longer than a request, while it runs and for a while after.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::{Activity, FailureKind, FailureReport};
use crate::moment::now;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Describes the photos of a batch.
    Batch,
    /// Runs a candidate plugin over everything stored.
    Replay,
    /// Asks the policy again about clusters that resemble each other.
    Consolidation,
    /// Backs up the store.
    Backup,
    /// Looks whether the store is sound.
    Verification,
}

impl JobKind {
    fn failed(self) -> &'static str {
        match self {
            Self::Batch => "batch_failed",
            Self::Replay => "replay_failed",
            Self::Consolidation => "consolidation_failed",
            Self::Backup => "backup_failed",
            Self::Verification => "verification_failed",
        }
    }
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It goes on.
    Running,
    /// It did what it was asked for; `failures` says of how much of that it could not.
    Done,
    /// It was given up; `reason` says why.
    Failed,
    /// Nobody waits for it any more, or another one took its place.
    Stopped,
}

/// One job.
#[derive(Clone, Debug)]
pub struct JobReport {
    /// Its name, a UUID.
    pub id: String,
    /// What it does.
    pub kind: JobKind,
    /// How it is.
    pub state: JobState,
    /// When it began, in seconds since 1970.
    pub started_at: u64,
    /// When it ended, in seconds since 1970; null while it runs.
    pub ended_at: Option<u64>,
    /// How many items are done: photos for a batch and for the replay of a tagger or a context mapper, faces for the
    /// replay of a cluster policy, clusters for a consolidation; null for other jobs.
    pub done: Option<u64>,
    /// How many items there are; null until they are counted, and for other jobs.
    pub total: Option<u64>,
    /// How many failed: photos, or faults that a verification found.
    pub failures: u64,
    /// Why the job failed or stopped; null otherwise.
    pub reason: Option<String>,
    /// The plugin slot of a replay; null for others.
    pub slot: Option<&'static str>,
}

/// A job that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    report: JobReport,
    /// Where a later request may go on with it.
    next: Option<String>,
}

/// A job that runs. One that is dropped before its end was told has stopped.
#[derive(Debug)]
pub struct Job {
    activity: Arc<Activity>,
    id: String,
    over: AtomicBool,
}

impl Activity {
    /// Begins a job.
    #[must_use]
    pub fn begin(self: &Arc<Self>, kind: JobKind, slot: Option<&'static str>) -> Job {
        let id = Uuid::new_v4().to_string();
        self.jobs.lock().running.push(JobReport {
            id: id.clone(),
            kind,
            state: JobState::Running,
            started_at: now(),
            ended_at: None,
            done: None,
            total: None,
            failures: 0,
            reason: None,
            slot,
        });
        self.job(id)
    }

    /// Goes on with a job of this kind that ended with so much to go on with; begins one when there is none.
    #[must_use]
    pub fn go_on(self: &Arc<Self>, kind: JobKind, next: &str) -> Job {
        let mut jobs = self.jobs.lock();
        let is_meant = |ended: &Ended| ended.report.kind == kind && ended.next.as_deref() == Some(next);
        let place = jobs.ended.iter().rposition(is_meant);
        let Some(ended) = place.and_then(|place| jobs.ended.remove(place)) else {
            drop(jobs);
            return self.begin(kind, None);
        };
        let report = JobReport {
            state: JobState::Running,
            ended_at: None,
            ..ended.report
        };
        let id = report.id.clone();
        jobs.running.push(report);
        drop(jobs);
        self.job(id)
    }

    fn job(self: &Arc<Self>, id: String) -> Job {
        Job {
            activity: Arc::clone(self),
            id,
            over: AtomicBool::new(false),
        }
    }

    /// Those that run, the one that began last first, then those that have ended, the one that ended last first.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobReport> {
        let jobs = self.jobs.lock();
        let running = jobs.running.iter().rev();
        let ended = jobs.ended.iter().rev().map(|ended| &ended.report);
        running.chain(ended).cloned().collect()
    }

    fn ended(&self, id: &str, state: JobState, reason: Option<String>, next: Option<String>) {
        let mut jobs = self.jobs.lock();
        let Some(place) = jobs.running.iter().position(|job| job.id == id) else {
            return;
        };
        let report = JobReport {
            state,
            reason,
            ended_at: Some(now()),
            ..jobs.running.remove(place)
        };
        let (kind, slot, reason) = (report.kind, report.slot, report.reason.clone());
        jobs.ended.push_back(Ended { report, next });
        while jobs.ended.len() > self.settings.jobs_kept {
            jobs.ended.pop_front();
        }
        drop(jobs);
        if state == JobState::Failed {
            self.failed(FailureReport {
                slot,
                ..FailureReport::new(FailureKind::Job, kind.failed(), reason.unwrap_or_default())
            });
        }
    }
}

impl Job {
    fn change(&self, change: impl FnOnce(&mut JobReport)) {
        let mut jobs = self.activity.jobs.lock();
        if let Some(report) = jobs.running.iter_mut().find(|job| job.id == self.id) {
            change(report);
        }
    }

    /// So much is done, and of so much.
    pub fn progress(&self, done: u64, total: u64) {
        self.change(|job| (job.done, job.total) = (Some(done), Some(total)));
    }

    /// So much more is done.
    pub fn done(&self, more: u64) {
        self.change(|job| job.done = Some(job.done.unwrap_or_default() + more));
    }

    /// So much more could not be done.
    pub fn failures(&self, more: u64) {
        self.change(|job| job.failures += more);
    }

    /// Ends it, failed with a reason or done. Only the first end counts.
    pub fn end(&self, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.end_with(JobState::Done, None, None),
            Err(reason) => self.end_with(JobState::Failed, Some(reason), None),
        }
    }

    /// Ends it for now: a later request may go on with it, which names this.
    pub fn pause(&self, next: String) {
        self.end_with(JobState::Done, None, Some(next));
    }

    fn end_with(&self, state: JobState, reason: Option<String>, next: Option<String>) {
        if !self.over.swap(true, Ordering::Relaxed) {
            self.activity.ended(&self.id, state, reason, next);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let reason = "nobody waited for it any more, another one took its place, or it broke off";
        self.end_with(JobState::Stopped, Some(reason.to_owned()), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::ActivitySettings;

    fn activity() -> Arc<Activity> {
        Activity::new(ActivitySettings {
            jobs_kept: 2,
            failures_kept: 10,
        })
    }

    #[test]
    fn running_jobs_come_first_and_the_last_ended_ones_are_kept() {
        let activity = activity();
        let backup = activity.begin(JobKind::Backup, None);
        activity.begin(JobKind::Verification, None).end(Ok(()));
        let replay = activity.begin(JobKind::Replay, Some("tagger"));
        replay.progress(3, 7);
        replay.failures(1);
        drop(replay);
        activity
            .begin(JobKind::Consolidation, None)
            .end(Err("the store is away".to_owned()));
        let jobs = activity.jobs();
        let kinds: Vec<_> = jobs.iter().map(|job| (job.kind, job.state)).collect();
        assert_eq!(
            kinds,
            [
                (JobKind::Backup, JobState::Running),
                (JobKind::Consolidation, JobState::Failed),
                (JobKind::Replay, JobState::Stopped),
            ]
        );
        let stopped = &jobs[2];
        assert_eq!(
            (stopped.done, stopped.total, stopped.failures, stopped.slot),
            (Some(3), Some(7), 1, Some("tagger"))
        );
        assert!(stopped.ended_at.is_some() && stopped.reason.is_some() && jobs[0].ended_at.is_none());
        let failures = activity.failures(10);
        assert_eq!(failures.len(), 1);
        assert_eq!(
            (failures[0].kind, &*failures[0].code, &*failures[0].detail),
            (FailureKind::Job, "consolidation_failed", "the store is away")
        );
        // The first end counts.
        backup.end(Ok(()));
        backup.end(Err("no".to_owned()));
        drop(backup);
        assert_eq!(activity.jobs()[0].state, JobState::Done);
    }

    #[test]
    fn a_walk_in_pages_is_one_job() {
        let activity = activity();
        let first = activity.begin(JobKind::Consolidation, None);
        first.progress(100, 250);
        first.pause("b".to_owned());
        let second = activity.go_on(JobKind::Consolidation, "b");
        assert_eq!(activity.jobs().len(), 1);
        second.done(100);
        second.pause("c".to_owned());
        // Somebody else's walk.
        activity.go_on(JobKind::Consolidation, "b").end(Ok(()));
        let third = activity.go_on(JobKind::Consolidation, "c");
        third.done(50);
        third.end(Ok(()));
        let jobs = activity.jobs();
        let done: Vec<_> = jobs.iter().map(|job| (job.done, job.total, job.state)).collect();
        assert_eq!(
            done,
            [
                (Some(250), Some(250), JobState::Done),
                (None, None, JobState::Done)
            ]
        );
    }
}
