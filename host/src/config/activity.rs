//! How much is remembered of jobs and failures.

use super::reader::Reader;
use crate::activity::ActivitySettings;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ActivitySettings> {
    let jobs_kept = reader.within("JOBS_KEPT", 0, 10_000);
    let failures_kept = reader.within("FAILURES_KEPT", 0, 10_000);
    Some(ActivitySettings {
        jobs_kept: jobs_kept?,
        failures_kept: failures_kept?,
    })
}
