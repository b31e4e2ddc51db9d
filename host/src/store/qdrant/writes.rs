//! Writes, gathered into as few calls as their size allows.

use prost::Message as _;
use qdrant_client::qdrant::points_update_operation::{DeletePoints, Operation, PointStructList, SetPayload};
use qdrant_client::qdrant::{Condition, Filter, PointStruct, PointsUpdateOperation, UpdateBatchPoints};
use uuid::Uuid;

use super::conditions::above;
use super::layout::{self, Collection};
use super::rows::{self, Payload};
use super::server::point_id;

/// The size of a call, in bytes, from which the next write begins another: a quarter of what servers and proxies of
/// gRPC take when nobody tells them otherwise. A single point may be larger.
const CALL: usize = 1 << 20;
/// How many points one write names: their ids are 38 bytes each, so that this stays below [`CALL`].
const IDS: usize = 10_000;

/// Calls in the making.
pub(super) struct Writes<N> {
    name: N,
    /// The revision that the writes make, if they may not change what a later one has written.
    revision: Option<u64>,
    requests: Vec<UpdateBatchPoints>,
    /// Of the last request.
    bytes: usize,
}

impl<N: Fn(Collection) -> String> Writes<N> {
    pub(super) fn new(name: N) -> Self {
        Self {
            name,
            revision: None,
            requests: Vec::new(),
            bytes: 0,
        }
    }

    /// Marks what is written with this revision, and passes over points that a later one has written.
    pub(super) fn of_revision(self, revision: u64) -> Self {
        Self {
            revision: Some(revision),
            ..self
        }
    }

    /// Writes points in place of what was there under their ids.
    pub(super) fn put(&mut self, collection: Collection, points: impl IntoIterator<Item = PointStruct>) {
        for mut point in points {
            self.mark(&mut point.payload);
            let bytes = point.encoded_len();
            if let Some(list) = self.open_list(collection, bytes) {
                list.push(point);
                self.bytes += bytes;
                continue;
            }
            let list = PointStructList {
                points: vec![point],
                update_filter: self.not_later(),
                ..PointStructList::default()
            };
            self.push(collection, Operation::Upsert(list), bytes);
        }
    }

    /// Changes fields of points; those that are not there are passed over.
    pub(super) fn set(
        &mut self,
        collection: Collection,
        mut fields: Payload,
        points: impl IntoIterator<Item = Uuid>,
    ) {
        self.mark(&mut fields);
        let points: Vec<Uuid> = points.into_iter().collect();
        for points in points.chunks(IDS) {
            // Named outright, one that is not there would be an error.
            let change = SetPayload {
                payload: fields.clone(),
                points_selector: Some(self.changeable(points).into()),
                ..SetPayload::default()
            };
            let bytes = change.encoded_len();
            self.push(collection, Operation::SetPayload(change), bytes);
        }
    }

    /// Removes points; they need not be there.
    pub(super) fn remove(&mut self, collection: Collection, points: impl IntoIterator<Item = Uuid>) {
        let points: Vec<Uuid> = points.into_iter().collect();
        for points in points.chunks(IDS) {
            let removal = DeletePoints {
                points: Some(self.changeable(points).into()),
                ..DeletePoints::default()
            };
            let bytes = removal.encoded_len();
            self.push(collection, Operation::DeletePoints(removal), bytes);
        }
    }

    /// Removes the points that a filter finds when the call is made.
    pub(super) fn remove_found(&mut self, collection: Collection, filter: Filter) {
        let removal = DeletePoints {
            points: Some(filter.into()),
            ..DeletePoints::default()
        };
        let bytes = removal.encoded_len();
        self.push(collection, Operation::DeletePoints(removal), bytes);
    }

    fn mark(&self, fields: &mut Payload) {
        let written = self.revision.map(rows::integer);
        fields.extend(written.map(|revision| (layout::WRITTEN.to_owned(), revision)));
    }

    /// What no later revision has written.
    fn not_later(&self) -> Option<Filter> {
        let later = above(layout::WRITTEN, self.revision?);
        Some(Filter::must_not([later]))
    }

    /// Those of these points that are there, and may be changed.
    fn changeable(&self, points: &[Uuid]) -> Filter {
        let named = Condition::has_id(points.iter().copied().map(point_id));
        let mut filter = self.not_later().unwrap_or_default();
        filter.must.push(named);
        filter
    }

    /// The calls, in the order in which they must be made.
    pub(super) fn requests(self) -> Vec<UpdateBatchPoints> {
        self.requests
    }

    fn push(&mut self, collection: Collection, operation: Operation, bytes: usize) {
        let name = (self.name)(collection);
        let operation = PointsUpdateOperation {
            operation: Some(operation),
        };
        match self.requests.last_mut() {
            Some(last) if last.collection_name == name && self.bytes + bytes <= CALL => {
                last.operations.push(operation);
                self.bytes += bytes;
            }
            _ => {
                self.requests.push(UpdateBatchPoints {
                    collection_name: name,
                    operations: vec![operation],
                    ..UpdateBatchPoints::default()
                });
                self.bytes = bytes;
            }
        }
    }

    /// The points of the last write, if it puts points there and has room for this many bytes more.
    fn open_list(&mut self, collection: Collection, bytes: usize) -> Option<&mut Vec<PointStruct>> {
        if self.bytes + bytes > CALL {
            return None;
        }
        let name = (self.name)(collection);
        let last = self
            .requests
            .last_mut()
            .filter(|last| last.collection_name == name)?;
        match last.operations.last_mut()?.operation.as_mut()? {
            Operation::Upsert(list) => Some(&mut list.points),
            _ => None,
        }
    }
}
