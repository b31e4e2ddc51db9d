//! What is remembered of a failure: why, without what a plugin wrote, was read in a photo or stands in a URL.

use crate::activity::{FailureKind, FailureReport, Job};
use crate::domain::FileId;
use crate::people::{Consolidation, PeopleError};
use crate::photo::PhotoError;
use crate::pipeline::PipelineError;
use crate::plugins::{PluginError, Slot};

/// What is said where only the log has the cause.
const IN_THE_LOG: &str = "an internal error occurred; the worker's log has the cause under the request id";

/// Why something failed, and whose plugin it was, if it was one.
pub(crate) struct Cause {
    slot: Option<Slot>,
    detail: String,
}

impl Cause {
    /// Of a photo that was not described.
    pub(crate) fn of(error: &PipelineError) -> Self {
        match error {
            // The address is a part of the URL.
            PipelineError::Photo(PhotoError::AddressRefused(_) | PhotoError::HostRefused(_)) => {
                Self::plain("photos may not be fetched from this address")
            }
            PipelineError::Photo(error) => Self::plain(error.to_string()),
            PipelineError::Plugin(error) => Self::of_plugin(error),
            PipelineError::Faces(error) => Self::of_faces(error),
            PipelineError::Inference(_) | PipelineError::Vocabulary(_) => Self::plain(
                "a model failed on this photo; the worker's log has the cause under the request id",
            ),
            PipelineError::Stage(_) => Self::plain(IN_THE_LOG),
        }
    }

    /// It as a failure of a photo, for the request with this id; `code` is that of the photo's problem.
    pub(crate) fn of_photo(self, code: &str, file: &FileId, request: &str) -> FailureReport {
        let kind = if self.slot.is_some() {
            FailureKind::Plugin
        } else {
            FailureKind::Photo
        };
        FailureReport {
            file_id: Some(file.clone()),
            request_id: Some(request.to_owned()),
            slot: self.slot.map(Slot::name),
            ..FailureReport::new(kind, code, self.detail)
        }
    }

    fn of_plugin(error: &PluginError) -> Self {
        Self {
            slot: error.slot(),
            detail: error.without_words(),
        }
    }

    fn of_faces(error: &PeopleError) -> Self {
        match error {
            PeopleError::Policy(source) => match source.downcast_ref() {
                Some(error) => Self::of_plugin(error),
                None => Self::policy(error.to_string()),
            },
            PeopleError::InvalidDecision(_) => {
                Self::policy("the clustering policy chose a cluster that was not among the neighbours")
            }
            PeopleError::Thumbnail(_) | PeopleError::Stopped(_) => Self::plain(IN_THE_LOG),
            error => Self::plain(error.to_string()),
        }
    }

    fn policy(detail: impl Into<String>) -> Self {
        Self {
            slot: Some(Slot::ClusterPolicy),
            detail: detail.into(),
        }
    }

    fn plain(detail: impl Into<String>) -> Self {
        Self {
            slot: None,
            detail: detail.into(),
        }
    }
}

/// Tells a consolidation's job what came of a page.
pub(super) fn note(job: &Job, outcome: &Result<Consolidation, PeopleError>) {
    match outcome {
        Ok(page) => {
            job.done(page.clusters);
            match page.next {
                Some(next) => job.pause(next.to_string()),
                None => job.end(Ok(())),
            }
        }
        Err(error) => job.end(Err(Cause::of_faces(error).detail)),
    }
}

/// A consolidation of clusters that waited, which is no job of its own, has failed.
pub(super) fn of_waiting(error: &PeopleError) -> FailureReport {
    let Cause { slot, detail } = Cause::of_faces(error);
    FailureReport {
        slot: slot.map(Slot::name),
        ..FailureReport::new(FailureKind::Job, "consolidation_failed", detail)
    }
}
