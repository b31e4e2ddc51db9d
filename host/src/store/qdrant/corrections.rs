//! The history of corrections.

use std::collections::BTreeMap;

use qdrant_client::qdrant::{Condition, Direction, Filter, PointStruct, RetrievedPoint, Value};

use super::Inner;
use super::conditions::{above, below, found_by, of_kind};
use super::layout::{self, Collection, Kind};
use super::rows::{self, read_all};
use super::state::State;
use crate::store::correction::Correction;
use crate::store::error::StoreError;

/// How many keys are looked for in one call, of some 40 bytes each.
const KEYS: usize = 5_000;

impl Inner {
    pub(super) async fn correction(&self, position: u64) -> Result<Option<Correction>, StoreError> {
        let point = self.record(layout::correction(position)).await?;
        point.as_ref().map(read).transpose()
    }

    pub(super) async fn corrections(&self, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError> {
        let after = above(layout::CORRECTION, after);
        self.in_history([after], Direction::Asc, limit).await
    }

    /// Entries that any of these keys finds, newest first.
    pub(super) async fn corrections_of(
        &self,
        keys: &[String],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Correction>, StoreError> {
        let mut found = BTreeMap::new();
        for keys in keys.chunks(KEYS) {
            let before = before.map(|before| below(layout::CORRECTION, before));
            let wanted = [found_by(keys)].into_iter().chain(before);
            for correction in self.in_history(wanted, Direction::Desc, limit).await? {
                found.insert(correction.position, correction);
            }
        }
        Ok(found.into_values().rev().take(limit).collect())
    }

    /// The position of the first entry after one that any of these keys finds, and that undoes nothing from there on.
    pub(super) async fn later_correction(
        &self,
        keys: &[String],
        after: u64,
    ) -> Result<Option<u64>, StoreError> {
        let mut first: Option<u64> = None;
        for keys in keys.chunks(KEYS) {
            let wanted = [
                found_by(keys),
                above(layout::CORRECTION, after),
                below(layout::UNDOES, after),
            ];
            let found = self.in_history(wanted, Direction::Asc, 1).await?;
            let found = found.first().map(|correction| correction.position);
            first = [first, found].into_iter().flatten().min();
        }
        Ok(first)
    }

    /// The last position that was given.
    pub(super) async fn last_correction(&self) -> Result<u64, StoreError> {
        let known = State::read_from(&self.server, 0).await?.correction;
        if known > 0 {
            return Ok(known);
        }
        // A worker of an earlier version may have forgotten it.
        let last = self.in_history([], Direction::Desc, 1).await?;
        Ok(last.first().map_or(0, |correction| correction.position))
    }

    async fn in_history(
        &self,
        wanted: impl IntoIterator<Item = Condition>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Correction>, StoreError> {
        let mut filter = Filter::must([of_kind(Kind::Correction)]);
        filter.must.extend(wanted);
        let (collection, key) = (Collection::Records, layout::CORRECTION);
        let points = self
            .ordered(collection, key, filter, direction, limit, false)
            .await?;
        read_all(&points, read)
    }
}

pub(super) fn row(correction: &Correction) -> Result<PointStruct, StoreError> {
    let keys = correction.keys().into_iter().map(Value::from).collect();
    let fields = [
        (layout::KIND, Kind::Correction.name().into()),
        (layout::CORRECTION, rows::integer(correction.position)),
        (layout::UNDOES, rows::integer(correction.undoes)),
        (layout::KEYS, rows::list(keys)),
        (rows::CONTENT, rows::to_json(correction)?),
    ];
    Ok(rows::bare(
        layout::correction(correction.position),
        rows::payload(fields),
    ))
}

pub(super) fn read(point: &RetrievedPoint) -> Result<Correction, StoreError> {
    rows::read_json(&point.payload, rows::CONTENT)
}
