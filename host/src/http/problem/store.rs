//! Problems of backing up and checking the store.

use super::Problem;
use crate::faces::StoreError;
use crate::http::code::Code;

impl Problem {
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
