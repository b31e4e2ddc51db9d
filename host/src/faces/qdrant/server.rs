//! Calls to the server, with the chosen consistency; what fails for a moment is tried again.
//!
//! Every call may be repeated: reads anyway, and writes because each either replaces whole points, or sets or removes
//! something by id.

use std::time::Duration;

use qdrant_client::qdrant::{
    CountPoints, FacetCounts, Filter, GetPoints, PointId, PointsSelector, QueryPoints, RetrievedPoint,
    ScoredPoint, ScrollPoints, UpdateBatchPoints, UpdateStatus, WithPayloadSelector, WithVectorsSelector,
    WriteOrdering, WriteOrderingType, facet_value,
};
use qdrant_client::{Qdrant, QdrantError};
use tonic::Code;
use uuid::Uuid;

use super::layout::Collection;
use super::settings::QdrantSettings;
use crate::faces::patience::jitter;
use crate::faces::store::StoreError;

/// How often a call is begun.
const TRIES: u32 = 3;
/// The longest pause before the second try; twice that before the third.
const PAUSE: Duration = Duration::from_millis(100);
/// How many points are read at a time where all of them are wanted.
const PAGE: u32 = 1_000;

/// The server, as this store uses it.
pub(super) struct Server {
    client: Qdrant,
    pub(super) settings: QdrantSettings,
}

impl Server {
    /// Prepares to call; nothing is sent yet.
    pub(super) fn new(settings: QdrantSettings) -> Result<Self, StoreError> {
        let client = Qdrant::from_url(&settings.url)
            .api_key(settings.api_key.clone())
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout)
            // It would print, and would block.
            .skip_compatibility_check()
            .build()
            .map_err(|error| failure(&settings.url, error))?;
        Ok(Self { client, settings })
    }

    pub(super) fn name(&self, collection: Collection) -> String {
        collection.name(&self.settings.collection)
    }

    /// Makes a call, several times if need be.
    pub(super) async fn call<T, F>(&self, call: impl Fn(Qdrant) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        let mut tries = Tries::default();
        loop {
            match self.once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.again_after(error).await?,
            }
        }
    }

    /// Makes a call. The client may send it twice by itself; the time limit holds for both together.
    pub(super) async fn once<T, F>(&self, call: &impl Fn(Qdrant) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        match tokio::time::timeout(self.settings.timeout, call(self.client.clone())).await {
            Ok(answer) => answer.map_err(|error| failure(&self.settings.url, error)),
            Err(elapsed) => Err(StoreError::Unreachable {
                url: self.settings.url.clone(),
                source: Box::new(elapsed),
            }),
        }
    }

    /// Points by their ids, in any order; those that are not there are left out.
    pub(super) async fn points(
        &self,
        collection: Collection,
        ids: Vec<Uuid>,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        let request = GetPoints {
            collection_name: self.name(collection),
            ids: ids.into_iter().map(point_id).collect(),
            with_payload: Some(WithPayloadSelector::from(true)),
            with_vectors: Some(WithVectorsSelector::from(with_vectors)),
            read_consistency: Some(self.settings.read_consistency.on_the_wire()),
            ..GetPoints::default()
        };
        let answer = self
            .call(|client| {
                let request = request.clone();
                async move { client.get_points(request).await }
            })
            .await?;
        Ok(answer.result)
    }

    /// One point by its id.
    pub(super) async fn point(
        &self,
        collection: Collection,
        id: Uuid,
        with_vectors: bool,
    ) -> Result<Option<RetrievedPoint>, StoreError> {
        Ok(self.points(collection, vec![id], with_vectors).await?.pop())
    }

    /// One page of points; the caller says which and in what order.
    pub(super) async fn page(
        &self,
        collection: Collection,
        request: ScrollPoints,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        Ok(self.scroll(collection, request).await?.0)
    }

    /// Every point that a filter finds, in the order of the ids, without vectors.
    pub(super) async fn all(
        &self,
        collection: Collection,
        filter: Filter,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        let (mut found, mut offset) = (Vec::new(), None);
        loop {
            let request = ScrollPoints {
                filter: Some(filter.clone()),
                offset,
                limit: Some(PAGE),
                ..ScrollPoints::default()
            };
            let (points, next) = self.scroll(collection, request).await?;
            found.extend(points);
            if next.is_none() {
                return Ok(found);
            }
            offset = next;
        }
    }

    async fn scroll(
        &self,
        collection: Collection,
        request: ScrollPoints,
    ) -> Result<(Vec<RetrievedPoint>, Option<PointId>), StoreError> {
        let request = ScrollPoints {
            collection_name: self.name(collection),
            with_payload: Some(WithPayloadSelector::from(true)),
            read_consistency: Some(self.settings.read_consistency.on_the_wire()),
            ..request
        };
        let answer = self
            .call(|client| {
                let request = request.clone();
                async move { client.scroll(request).await }
            })
            .await?;
        Ok((answer.result, answer.next_page_offset))
    }

    /// The most similar points.
    pub(super) async fn query(&self, request: QueryPoints) -> Result<Vec<ScoredPoint>, StoreError> {
        let request = QueryPoints {
            collection_name: self.name(Collection::Faces),
            read_consistency: Some(self.settings.read_consistency.on_the_wire()),
            ..request
        };
        let answer = self
            .call(|client| {
                let request = request.clone();
                async move { client.query(request).await }
            })
            .await?;
        Ok(answer.result)
    }

    /// How many points a filter finds, exactly.
    pub(super) async fn count(
        &self,
        collection: Collection,
        filter: Option<Filter>,
    ) -> Result<u64, StoreError> {
        let request = CountPoints {
            collection_name: self.name(collection),
            filter,
            exact: Some(true),
            read_consistency: Some(self.settings.read_consistency.on_the_wire()),
            ..CountPoints::default()
        };
        let answer = self
            .call(|client| {
                let request = request.clone();
                async move { client.count(request).await }
            })
            .await?;
        Ok(answer.result.map_or(0, |result| result.count))
    }

    /// How many faces have each value of a key, exactly, among those that a filter finds; values without any are left
    /// out.
    pub(super) async fn count_each(
        &self,
        key: &str,
        filter: Filter,
        values: usize,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let request = FacetCounts {
            collection_name: self.name(Collection::Faces),
            key: key.to_owned(),
            filter: Some(filter),
            limit: Some(values as u64),
            exact: Some(true),
            read_consistency: Some(self.settings.read_consistency.on_the_wire()),
            ..FacetCounts::default()
        };
        let answer = self
            .call(|client| {
                let request = request.clone();
                async move { client.facet(request).await }
            })
            .await?;
        Ok(answer
            .hits
            .into_iter()
            .filter_map(|hit| match hit.value?.variant? {
                facet_value::Variant::StringValue(value) => Some((value, hit.count)),
                _ => None,
            })
            .collect())
    }

    /// A write, sent once. Every copy of a point makes its changes in one order, which a permanent leader decides, and
    /// the answer comes when as many copies as the collection wants have made it.
    pub(super) async fn write_once(&self, request: &UpdateBatchPoints) -> Result<(), StoreError> {
        let request = UpdateBatchPoints {
            wait: Some(true),
            ordering: Some(WriteOrdering {
                r#type: WriteOrderingType::Strong.into(),
            }),
            ..request.clone()
        };
        let answer = self
            .once(&|client: Qdrant| {
                let request = request.clone();
                async move { client.update_points_batch(request).await }
            })
            .await?;
        match answer
            .result
            .iter()
            .find(|result| result.status != i32::from(UpdateStatus::Completed))
        {
            None => Ok(()),
            // What is not done yet may be sent again.
            Some(result) => Err(StoreError::Unreachable {
                url: self.settings.url.clone(),
                source: format!("an update ended with status {}", result.status).into(),
            }),
        }
    }

    /// A write, several times if need be.
    pub(super) async fn write(&self, request: &UpdateBatchPoints) -> Result<(), StoreError> {
        let mut tries = Tries::default();
        while let Err(error) = self.write_once(request).await {
            tries.again_after(error).await?;
        }
        Ok(())
    }
}

/// How often a call has failed.
#[derive(Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Waits until a call that failed may be tried again; gives the error back when that is no use, or was tried often
    /// enough.
    pub(super) async fn again_after(&mut self, error: StoreError) -> Result<(), StoreError> {
        self.0 += 1;
        if self.0 == TRIES || !matches!(error, StoreError::Unreachable { .. }) {
            return Err(error);
        }
        tracing::debug!(error = %crate::report(&error), "a call to Qdrant is tried again");
        tokio::time::sleep(jitter(PAUSE * self.0)).await;
        Ok(())
    }
}

/// What a failed call means for who called.
fn failure(url: &str, error: QdrantError) -> StoreError {
    let url = url.to_owned();
    let code = match &error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => {
            // The client calls a connection that it could not make an internal error.
            let no_connection = status.message().starts_with("Failed to connect");
            if no_connection {
                Code::Unavailable
            } else {
                status.code()
            }
        }
        QdrantError::Io(_) | QdrantError::InvalidUri(_) => Code::Unavailable,
        _ => Code::Internal,
    };
    let source = Box::new(error);
    match code {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::Cancelled
        | Code::Unknown
        | Code::ResourceExhausted
        | Code::Aborted => StoreError::Unreachable { url, source },
        Code::Unauthenticated | Code::PermissionDenied => StoreError::WrongKey { url, source },
        _ => StoreError::Qdrant { url, source },
    }
}

pub(super) fn point_id(id: Uuid) -> PointId {
    PointId::from(id.to_string())
}

/// These points.
pub(super) fn select(ids: impl IntoIterator<Item = Uuid>) -> PointsSelector {
    PointsSelector::from(ids.into_iter().map(point_id).collect::<Vec<_>>())
}
