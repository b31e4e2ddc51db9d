//! What failed lately, and why. Nothing that a plugin wrote, that was read in a photo or that a URL holds may be in it.

use super::Activity;
use crate::domain::FileId;
use crate::moment::now;

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A photo, which was not stored.
    Photo,
    /// A call of a plugin; with a `file_id` the photo was not stored, without one the answer did without the plugin.
    Plugin,
    /// A job as a whole.
    Job,
}

/// One failure.
#[derive(Clone, Debug)]
pub struct FailureReport {
    /// When, in seconds since 1970.
    pub at: u64,
    /// What.
    pub kind: FailureKind,
    /// Stable, for programs: the code of the photo's problem, `plugin_failed`, or the job's kind followed by `_failed`.
    pub code: String,
    /// One sentence for people. It never contains text that a plugin wrote, text that was read in a photo, or parts of
    /// a URL.
    pub detail: String,
    /// The photo.
    pub file_id: Option<FileId>,
    /// The id of the request; the log has more under this id.
    pub request_id: Option<String>,
    /// The slot of the plugin, or of the job.
    pub slot: Option<&'static str>,
}

impl FailureReport {
    /// A failure of this moment, of no photo, request or slot.
    #[must_use]
    pub fn new(kind: FailureKind, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            at: now(),
            kind,
            code: code.into(),
            detail: detail.into(),
            file_id: None,
            request_id: None,
            slot: None,
        }
    }
}

impl Activity {
    /// Remembers a failure; the earliest is forgotten when there are more than are kept.
    pub fn failed(&self, failure: FailureReport) {
        let mut failures = self.failures.lock();
        failures.push_back(failure);
        while failures.len() > self.settings.failures_kept {
            failures.pop_front();
        }
    }

    /// The latest failures, the latest first.
    #[must_use]
    pub fn failures(&self, limit: usize) -> Vec<FailureReport> {
        self.failures.lock().iter().rev().take(limit).cloned().collect()
    }

    /// Forgets every failure of a photo, which is deleted.
    pub fn forget(&self, file: &FileId) {
        self.failures
            .lock()
            .retain(|failure| failure.file_id.as_ref() != Some(file));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::activity::ActivitySettings;

    fn of(file: &str) -> FailureReport {
        FailureReport {
            file_id: Some(FileId::new(file).unwrap()),
            ..FailureReport::new(FailureKind::Photo, "photo_damaged", "the photo is damaged")
        }
    }

    #[test]
    fn the_last_ones_are_kept_and_those_of_a_deleted_photo_are_not() {
        let activity = Activity::new(ActivitySettings {
            jobs_kept: 0,
            failures_kept: 3,
        });
        for file in ["one", "two", "three", "two"] {
            activity.failed(of(file));
        }
        let names = |limit| -> Vec<String> {
            let failures = activity.failures(limit);
            let names = failures
                .into_iter()
                .map(|failure| failure.file_id.unwrap().into());
            names.collect()
        };
        assert_eq!(names(10), ["two", "three", "two"]);
        assert_eq!(names(1), ["two"]);
        activity.forget(&FileId::new("two").unwrap());
        assert_eq!(names(10), ["three"]);
    }
}
