//! Moments as texts.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment as RFC 3339, in UTC.
pub(crate) fn rfc3339(moment: impl Into<OffsetDateTime>) -> String {
    // The format of a valid moment cannot fail.
    moment.into().format(&Rfc3339).unwrap_or_default()
}
