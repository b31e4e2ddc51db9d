//! How much is remembered of jobs and failures.

use super::reader::Reader;
use crate::activity::ActivitySettings;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ActivitySettings> {
    let jobs_kept = reader.integer("JOBS_KEPT");
    let failures_kept = reader.integer("FAILURES_KEPT");
    Some(ActivitySettings {
        jobs_kept: jobs_kept?,
        failures_kept: failures_kept?,
    })
}
