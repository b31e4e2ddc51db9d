//! What happened, in order.

use qdrant_client::qdrant::{Direction, Filter, RetrievedPoint};

use super::Inner;
use super::conditions::of_kind;
use super::layout::{self, Collection, Kind};
use super::rows;
use crate::faces::store::StoreError;

impl Inner {
    pub(super) async fn events(
        &self,
        filter: Filter,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        self.ordered(
            Collection::Records,
            layout::EVENT,
            filter,
            direction,
            limit,
            false,
        )
        .await
    }

    /// The position of what happened first or last, and is kept.
    pub(super) async fn end_of_events(&self, direction: Direction) -> Result<Option<u64>, StoreError> {
        let filter = Filter::must([of_kind(Kind::Event)]);
        let point = self.events(filter, direction, 1).await?.pop();
        let event = point.as_ref().map(rows::read_event).transpose()?;
        Ok(event.map(|event| event.position))
    }
}
