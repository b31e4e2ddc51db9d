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
            "The vector store does not answer or cannot write; retry after the time in Retry-After. The worker's log \
             has the cause.",
        )
        .after(STORE_RETURN)
    }

    pub(super) fn store_not_writable() -> Self {
        Self::new(
            Code::StoreNotWritable,
            "The store cannot be written, for example because its disk is full; free disk space. Deletions still work. \
             The worker's log has the cause.",
        )
        .after(ROOM)
    }

    pub(super) fn store_lost() -> Self {
        Self::new(
            Code::StoreLost,
            "The store's database file was deleted, renamed or replaced while the worker was running; put it back, or \
             stop the worker and restore a backup. The log has the file's name.",
        )
    }

    pub(in crate::http) fn store_job_running() -> Self {
        Self::new(
            Code::StoreJobRunning,
            "A backup or a check of the store is already running; GET on this path says when it is done.",
        )
    }

    pub(in crate::http) fn no_store_job() -> Self {
        Self::new(
            Code::NoStoreJob,
            "None was started since the worker started; start one with POST on this path.",
        )
    }

    pub(in crate::http) fn backup_not_supported(error: &StoreError) -> Self {
        Self::new(Code::BackupNotSupported, error.to_string())
    }
}
