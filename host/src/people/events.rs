//! What happened to people, page by page, for whoever keeps a copy of who is who.

use super::error::PeopleError;
use super::service::People;
use crate::store::LoggedEvent;

/// A page of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// In order.
    pub events: Vec<LoggedEvent>,
    /// Where to go on: the position of the last of these, or where the page was to begin.
    pub next: u64,
    /// The position of the last thing that happened.
    pub latest: u64,
}

impl People {
    /// The next things that happened after a position (none: from the earliest that is kept).
    ///
    /// # Errors
    /// When what comes after the position is not kept any more, or is not of this store; when the store does not answer.
    pub async fn events(&self, after: Option<u64>, limit: usize) -> Result<EventPage, PeopleError> {
        let (earliest, latest) = self.store.event_range().await?.unwrap_or((1, 0));
        // The setting may have become less since the last change.
        let earliest = earliest.max(latest.saturating_sub(self.changes_kept) + 1);
        let before = earliest - 1;
        let after = after.unwrap_or(before);
        if after < before || after > latest {
            return Err(PeopleError::ChangesGone {
                after,
                earliest: before,
                latest,
            });
        }
        // Whoever follows asks mostly for nothing.
        let events = if after < latest {
            self.store.events(after, limit).await?
        } else {
            Vec::new()
        };
        Ok(EventPage {
            next: events.last().map_or(after, |last| last.position),
            // More may have happened between the two reads.
            latest: latest.max(events.last().map_or(0, |last| last.position)),
            events,
        })
    }
}
