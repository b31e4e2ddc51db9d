//! Moments as numbers and texts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How long after the beginning of 1970 a moment is; nothing for one before.
pub(crate) fn since_1970(moment: SystemTime) -> Duration {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Now, in seconds since 1970.
pub(crate) fn now() -> u64 {
    since_1970(SystemTime::now()).as_secs()
}

/// A moment as RFC 3339, in UTC.
pub(crate) fn rfc3339(moment: impl Into<OffsetDateTime>) -> String {
    // The format of a valid moment cannot fail.
    moment.into().format(&Rfc3339).unwrap_or_default()
}
