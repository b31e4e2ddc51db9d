//! Backups and checks of the store that a running worker was asked for: one at a time, looked at by whoever asks.

use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use super::{BackupError, BackupReport};
use crate::activity::Job;
use crate::moment::rfc3339;
use crate::people::Integrity;

/// The state of the latest backup.
#[derive(Clone, Debug)]
pub struct BackupStatus {
    /// When it was requested, as RFC 3339.
    pub started: String,
    /// What was backed up, once it is done.
    pub report: Option<BackupReport>,
    /// Why the backup failed, if it did.
    pub error: Option<String>,
}

/// The state of the latest check of the store.
#[derive(Clone, Debug)]
pub struct VerificationStatus {
    /// When it was requested, as RFC 3339.
    pub started: String,
    /// What was found, once it is done.
    pub report: Option<Integrity>,
    /// Why the store could not be checked, if the check failed.
    pub error: Option<String>,
}

/// The latest of each kind.
#[derive(Clone, Default)]
pub struct StoreJobs(Arc<Mutex<Jobs>>);

#[derive(Default)]
struct Jobs {
    /// Both copy the whole store, so that there is one of them at a time.
    running: bool,
    backup: Option<BackupStatus>,
    verification: Option<VerificationStatus>,
}

impl StoreJobs {
    /// Starts a backup, as a job that is begun then; none while one, or a check, runs. It goes on whatever becomes of the
    /// caller. Must be called within a tokio runtime.
    pub fn back_up(
        &self,
        job: impl FnOnce() -> Job,
        work: impl Future<Output = Result<BackupReport, BackupError>> + Send + 'static,
    ) -> Option<BackupStatus> {
        let begun = BackupStatus {
            started: rfc3339(SystemTime::now()),
            report: None,
            error: None,
        };
        let ended = begun.clone();
        self.start(
            |jobs| jobs.backup = Some(begun.clone()),
            job,
            work,
            |jobs, job, outcome| {
                let (report, error) = outcome;
                job.end(error.clone().map_or(Ok(()), Err));
                jobs.backup = Some(BackupStatus {
                    report,
                    error,
                    ..ended
                });
            },
        )?;
        Some(begun)
    }

    /// Starts a check; as [`Self::back_up`].
    pub fn verify(
        &self,
        job: impl FnOnce() -> Job,
        work: impl Future<Output = Result<Integrity, BackupError>> + Send + 'static,
    ) -> Option<VerificationStatus> {
        let begun = VerificationStatus {
            started: rfc3339(SystemTime::now()),
            report: None,
            error: None,
        };
        let ended = begun.clone();
        self.start(
            |jobs| jobs.verification = Some(begun.clone()),
            job,
            work,
            |jobs, job, outcome| {
                let (report, error) = outcome;
                job.failures(report.as_ref().map_or(0, |found| found.faults.len() as u64));
                job.end(error.clone().map_or(Ok(()), Err));
                jobs.verification = Some(VerificationStatus {
                    report,
                    error,
                    ..ended
                });
            },
        )?;
        Some(begun)
    }

    /// How the latest backup is; none when none was asked for since the start.
    #[must_use]
    pub fn backup(&self) -> Option<BackupStatus> {
        self.0.lock().backup.clone()
    }

    /// How the latest check is; none when none was asked for since the start.
    #[must_use]
    pub fn verification(&self) -> Option<VerificationStatus> {
        self.0.lock().verification.clone()
    }

    fn start<T: Send + 'static>(
        &self,
        begin: impl FnOnce(&mut Jobs),
        job: impl FnOnce() -> Job,
        work: impl Future<Output = Result<T, BackupError>> + Send + 'static,
        end: impl FnOnce(&mut Jobs, &Job, (Option<T>, Option<String>)) + Send + 'static,
    ) -> Option<()> {
        let mut state = self.0.lock();
        if state.running {
            return None;
        }
        state.running = true;
        begin(&mut state);
        drop(state);
        let job = job();
        let jobs = Arc::clone(&self.0);
        tokio::spawn(async move {
            // A panic is an outcome, too: the next one may run.
            let outcome = match tokio::spawn(work).await {
                Ok(Ok(report)) => (Some(report), None),
                Ok(Err(error)) => {
                    tracing::error!(
                        error = crate::report(&error),
                        "backing up or checking the store failed"
                    );
                    (None, Some(error.to_string()))
                }
                Err(error) => (None, Some(error.to_string())),
            };
            let mut state = jobs.lock();
            state.running = false;
            end(&mut state, &job, outcome);
        });
        Some(())
    }
}
