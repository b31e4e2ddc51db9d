//! What becomes of people besides placing them.

use std::time::Duration;

use super::reader::Reader;

/// How people are looked after.
#[derive(Clone, Copy, Debug)]
pub struct PeopleSettings {
    /// `CONSOLIDATE_MINUTES`; none: only when asked.
    pub consolidate_every: Option<Duration>,
    /// `CHANGES_KEPT`.
    pub changes_kept: u64,
    /// `IDEMPOTENCY_HOURS`.
    pub answers_kept: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<PeopleSettings> {
    let minutes = reader.within("CONSOLIDATE_MINUTES", 0_u64, 525_600);
    let changes = reader.within("CHANGES_KEPT", 1_u64, 1_000_000_000);
    let hours = reader.within("IDEMPOTENCY_HOURS", 1_u64, 8_760);
    Some(PeopleSettings {
        consolidate_every: Some(Duration::from_secs(minutes? * 60)).filter(|every| !every.is_zero()),
        changes_kept: changes?,
        answers_kept: Duration::from_secs(hours? * 3_600),
    })
}
