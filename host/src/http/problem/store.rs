//! Problems of backing up and checking the store.

use std::time::Duration;

use super::{Problem, STORE_RETURN};
use crate::http::code::Code;
use crate::store::StoreError;

/// About the time in which somebody may have made room.
const ROOM: Duration = Duration::from_secs(30);

impl Problem {
    pub(super) fn store_unavailable() -> Self {
        Self::new(
            Code::StoreUnavailable,
            "The vector store does not answer, or cannot write; try again, and see the log for the cause.",
        )
        .after(STORE_RETURN)
    }

    pub(super) fn store_not_writable() -> Self {
        Self::new(
            Code::StoreNotWritable,
            "The store cannot be written, as when its disk is full; make room: deletions go on. The log has the cause.",
        )
        .after(ROOM)
    }

    pub(super) fn store_lost() -> Self {
        Self::new(
            Code::StoreLost,
            "The store's database was deleted, renamed or replaced while the worker runs; the log has its name.",
        )
    }

    pub(in crate::http) fn store_job_running() -> Self {
        Self::new(
            Code::StoreJobRunning,
            "A backup or a check of the store runs; GET says when it is done.",
        )
    }

    pub(in crate::http) fn no_store_job() -> Self {
        Self::new(
            Code::NoStoreJob,
            "None was asked for since the worker started; start one with POST.",
        )
    }

    pub(in crate::http) fn backup_not_supported(error: &StoreError) -> Self {
        Self::new(Code::BackupNotSupported, error.to_string())
    }
}
