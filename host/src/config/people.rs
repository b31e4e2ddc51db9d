//! What becomes of people besides placing them.

use std::time::Duration;

use super::reader::Reader;

/// How people are looked after.
#[derive(Clone, Copy, Debug)]
pub struct PeopleSettings {
    /// When clusters are consolidated without being asked; none: never.
    pub consolidation: Option<ConsolidationSettings>,
    /// `CHANGES_KEPT`.
    pub changes_kept: u64,
    /// `CORRECTIONS_KEPT`.
    pub corrections_kept: u64,
    /// `IDEMPOTENCY_HOURS`.
    pub answers_kept: Duration,
}

/// When clusters are consolidated.
#[derive(Clone, Copy, Debug)]
pub struct ConsolidationSettings {
    /// `CONSOLIDATE_MINUTES`: new evidence waits no longer, busy as the worker may be.
    pub within: Duration,
    /// `CONSOLIDATE_PER_MINUTE`, at least 1.
    pub clusters_per_minute: u32,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<PeopleSettings> {
    let minutes = reader.within("CONSOLIDATE_MINUTES", 0_u64, 525_600);
    let clusters_per_minute = reader.within("CONSOLIDATE_PER_MINUTE", 1_u32, 60_000);
    let changes = reader.within("CHANGES_KEPT", 1_u64, 1_000_000_000);
    let corrections = reader.within("CORRECTIONS_KEPT", 0_u64, 1_000_000_000);
    let hours = reader.within("IDEMPOTENCY_HOURS", 1_u64, 8_760);
    Some(PeopleSettings {
        consolidation: Some(ConsolidationSettings {
            within: Duration::from_secs(minutes? * 60),
            clusters_per_minute: clusters_per_minute?,
        })
        .filter(|settings| !settings.within.is_zero()),
        changes_kept: changes?,
        corrections_kept: corrections?,
        answers_kept: Duration::from_secs(hours? * 3_600),
    })
}
