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
    let audit = reader.duration("AUDIT_KEEP_DAYS");
    let backups = reader.duration("BACKUP_KEEP_DAYS");
    Some(RetentionSettings {
        audit: Some(audit?).filter(|kept| !kept.is_zero()),
        backups: backups?,
    })
}
