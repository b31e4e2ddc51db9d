//! How long is kept what outlives a deletion.

use std::time::Duration;

use super::reader::Reader;

/// How long is kept what outlives a deletion.
#[derive(Clone, Copy, Debug)]
pub struct RetentionSettings {
    /// `AUDIT_KEEP_DAYS`; none: for ever.
    pub audit: Option<Duration>,
    /// `BACKUP_KEEP_DAYS`.
    pub backups: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<RetentionSettings> {
    let audit = reader.within("AUDIT_KEEP_DAYS", 0_u64, 36_500);
    let backups = reader.within("BACKUP_KEEP_DAYS", 1_u64, 36_500);
    Some(RetentionSettings {
        audit: Some(days(audit?)).filter(|kept| !kept.is_zero()),
        backups: days(backups?),
    })
}

fn days(number: u64) -> Duration {
    Duration::from_secs(number * 86_400)
}
