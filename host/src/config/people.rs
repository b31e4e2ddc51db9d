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
    let within = reader.duration("CONSOLIDATE_MINUTES");
    let clusters_per_minute = reader.integer("CONSOLIDATE_PER_MINUTE");
    let changes = reader.integer("CHANGES_KEPT");
    let corrections = reader.integer("CORRECTIONS_KEPT");
    let answers_kept = reader.duration("IDEMPOTENCY_HOURS");
    Some(PeopleSettings {
        consolidation: Some(ConsolidationSettings {
            within: within?,
            clusters_per_minute: clusters_per_minute?,
        })
        .filter(|settings| !settings.within.is_zero()),
        changes_kept: changes?,
        corrections_kept: corrections?,
        answers_kept: answers_kept?,
    })
}
