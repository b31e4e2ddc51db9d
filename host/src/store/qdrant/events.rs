//! What happened, in order.

use qdrant_client::qdrant::{Direction, Filter, PointStruct, RetrievedPoint};

use super::conditions::of_kind;
use super::layout::{self, Collection, Kind};
use super::{Inner, rows};
use crate::store::error::StoreError;
use crate::store::event::LoggedEvent;

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
        let event = point.as_ref().map(read).transpose()?;
        Ok(event.map(|event| event.position))
    }
}

pub(super) fn row(logged: &LoggedEvent) -> Result<PointStruct, StoreError> {
    let fields = [
        (layout::KIND, Kind::Event.name().into()),
        (layout::EVENT, rows::integer(logged.position)),
        (layout::AT, rows::integer(logged.at)),
        (rows::CONTENT, rows::to_json(&logged.event)?),
    ];
    Ok(rows::bare(layout::event(logged.position), rows::payload(fields)))
}

pub(super) fn read(point: &RetrievedPoint) -> Result<LoggedEvent, StoreError> {
    let fields = &point.payload;
    Ok(LoggedEvent {
        position: rows::read_integer(fields, layout::EVENT)?,
        at: rows::read_integer(fields, layout::AT)?,
        event: rows::read_json(fields, rows::CONTENT)?,
    })
}
