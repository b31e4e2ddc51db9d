//! Moments as numbers and texts.

use std::sync::atomic::{AtomicU64, Ordering};
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

/// Now, in microseconds since 1970, and later than whatever this process was told before: what happens in turn is in
/// order, also where two things happen within a tick of the clock or the clock is set back.
pub(crate) fn increasing_micros() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = u64::try_from(since_1970(SystemTime::now()).as_micros()).unwrap_or(u64::MAX >> 1);
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(now.max(last + 1))
        })
        .unwrap_or_default();
    now.max(last + 1)
}

/// A moment as RFC 3339, in UTC.
pub(crate) fn rfc3339(moment: impl Into<OffsetDateTime>) -> String {
    // The format of a valid moment cannot fail.
    moment.into().format(&Rfc3339).unwrap_or_default()
}
