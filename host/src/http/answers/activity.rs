//! What the worker is doing, and what failed lately.

use serde::Serialize;
use utoipa::ToSchema;

use super::FileId;
use crate::activity;

/// One job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobReport {
    /// Its name, a UUID.
    id: String,
    /// What it does.
    kind: JobKind,
    /// How it is.
    state: JobState,
    /// When it began, in seconds since 1970.
    started_at: u64,
    /// When it ended, in seconds since 1970; null while it runs.
    #[schema(required)]
    ended_at: Option<u64>,
    /// How many items are done: photos for a batch and for the replay of a tagger or a context mapper, faces for the
    /// replay of a cluster policy, clusters for a consolidation; null for other jobs.
    #[schema(required)]
    done: Option<u64>,
    /// How many items there are; null until they are counted, and for other jobs.
    #[schema(required)]
    total: Option<u64>,
    /// How many failed: photos, or faults that a verification found.
    failures: u64,
    /// Why the job failed or stopped; null otherwise.
    #[schema(required)]
    reason: Option<String>,
    /// The plugin slot of a replay; null for others.
    #[schema(required)]
    slot: Option<&'static str>,
}

impl From<activity::JobReport> for JobReport {
    fn from(job: activity::JobReport) -> Self {
        Self {
            id: job.id,
            kind: job.kind.into(),
            state: job.state.into(),
            started_at: job.started_at,
            ended_at: job.ended_at,
            done: job.done,
            total: job.total,
            failures: job.failures,
            reason: job.reason,
            slot: job.slot,
        }
    }
}

sent! {
    /// What a job does.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    activity::JobKind as JobKind {
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
}

sent! {
    /// The state of a job.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    activity::JobState as JobState {
        /// It goes on.
        Running,
        /// It did what it was asked for; `failures` says of how much of that it could not.
        Done,
        /// It was given up; `reason` says why.
        Failed,
        /// Nobody waits for it any more, or another one took its place.
        Stopped,
    }
}

/// One failure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureReport {
    /// When, in seconds since 1970.
    at: u64,
    /// What.
    kind: FailureKind,
    /// Stable, for programs: the code of the photo's problem, `plugin_failed`, or the job's kind followed by `_failed`.
    code: String,
    /// One sentence for people. It never contains text that a plugin wrote, text that was read in a photo, or parts
    /// of a URL.
    detail: String,
    /// The photo.
    #[schema(required)]
    file_id: Option<FileId>,
    /// The id of the request; the log has more under this id.
    #[schema(required)]
    request_id: Option<String>,
    /// The slot of the plugin, or of the job.
    #[schema(required)]
    slot: Option<&'static str>,
}

impl From<activity::FailureReport> for FailureReport {
    fn from(failure: activity::FailureReport) -> Self {
        Self {
            at: failure.at,
            kind: failure.kind.into(),
            code: failure.code,
            detail: failure.detail,
            file_id: failure.file_id.map(Into::into),
            request_id: failure.request_id,
            slot: failure.slot,
        }
    }
}

sent! {
    /// What failed.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    activity::FailureKind as FailureKind {
        /// A photo, which was not stored.
        Photo,
        /// A call of a plugin; with a `file_id` the photo was not stored, without one the answer did without the plugin.
        Plugin,
        /// A job as a whole.
        Job,
    }
}
