//! Writing and reading points.
//!
//! As a server does, it refuses points that say nothing of vectors, vectors of another width, orders and facets over
//! what is not indexed, an order together with an offset, and changes to named points that are not there. Beyond a
//! server, it refuses writes that do not wait, or that leave their order open, and counts of values from several copies.

use std::collections::BTreeMap;

use qdrant_client::qdrant::points_server::Points;
use qdrant_client::qdrant::read_consistency::Value;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{
    self, CountPoints, CountResponse, CountResult, CreateFieldIndexCollection, Direction, FacetCounts,
    FacetHit, FacetResponse, FacetValue, FieldType, Filter, GetPoints, GetResponse, PointsOperationResponse,
    QueryPoints, QueryResponse, ScoredPoint, ScrollPoints, ScrollResponse, UpdateBatchPoints,
    UpdateBatchResponse, UpdateResult, UpdateStatus, WithVectorsSelector, WriteOrdering, WriteOrderingType,
    facet_value, query, vector_input, with_vectors_selector,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::data::{Collection, Point, id, retrieved, texts};
use super::{Passage, Service, filter, gone};

calls! { Points
    {
        async fn update_batch(
            &self,
            request: Request<UpdateBatchPoints>,
        ) -> Result<Response<UpdateBatchResponse>, Status> {
            let passage = self.enter_to_write(&request)?;
            if passage == Passage::Held {
                self.held.lock().unwrap().push(request.into_inner());
                return Err(gone());
            }
            let UpdateBatchPoints { collection_name, wait, operations, ordering, .. } = request.into_inner();
            waits_and_is_ordered(wait, ordering)?;
            let copies = self.copies.written_to(self.node, ordering)?;
            let mut result = Vec::new();
            for operation in operations {
                // One after the other, and each by itself: a batch is not made as a whole.
                let operation = operation.operation.unwrap();
                self.copies.change(&copies, &collection_name, &operation)?;
                tokio::task::yield_now().await;
                result.push(UpdateResult { operation_id: None, status: UpdateStatus::Completed.into() });
            }
            if passage == Passage::Lost {
                return Err(gone());
            }
            Ok(Response::new(UpdateBatchResponse { result, ..UpdateBatchResponse::default() }))
        }

        async fn create_field_index(
            &self,
            request: Request<CreateFieldIndexCollection>,
        ) -> Result<Response<PointsOperationResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            waits_and_is_ordered(request.wait, request.ordering)?;
            let kind = FieldType::try_from(request.field_type.unwrap()).unwrap();
            for copy in &self.copies.data {
                copy.with(&request.collection_name, |collection| {
                    collection.indexed.insert(request.field_name.clone(), kind);
                    Ok(())
                })?;
            }
            Ok(Response::new(PointsOperationResponse::default()))
        }

        async fn get(&self, request: Request<GetPoints>) -> Result<Response<GetResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            let with_vectors = wants_vectors(request.with_vectors);
            let consistency = request.read_consistency.as_ref();
            let result = self.copies.read(self.node, consistency, &request.collection_name, |collection| {
                let mut found = Vec::new();
                for wanted in &request.ids {
                    let id = id(Some(wanted))?;
                    found.extend(collection.points.get(&id).map(|point| retrieved(&id, point, with_vectors)));
                }
                Ok(found)
            })?;
            Ok(Response::new(GetResponse { result, ..GetResponse::default() }))
        }

        async fn scroll(&self, request: Request<ScrollPoints>) -> Result<Response<ScrollResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            let consistency = request.read_consistency.as_ref();
            self.copies
                .read(self.node, consistency, &request.collection_name, |collection| scroll(collection, &request))
                .map(Response::new)
        }

        async fn count(&self, request: Request<CountPoints>) -> Result<Response<CountResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            let consistency = request.read_consistency.as_ref();
            let count = self.copies.read(self.node, consistency, &request.collection_name, |collection| {
                Ok(found(collection, request.filter.as_ref()).count() as u64)
            })?;
            Ok(Response::new(CountResponse {
                result: Some(CountResult { count }),
                ..CountResponse::default()
            }))
        }

        async fn facet(&self, request: Request<FacetCounts>) -> Result<Response<FacetResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            let consistency = request.read_consistency.as_ref();
            if consistency.and_then(|consistency| consistency.value) != Some(Value::Factor(1)) {
                // A server of release 1.18 adds up what copies say that name values in another order.
                return Err(Status::invalid_argument("counts of more than one copy"));
            }
            let hits = self.copies.read(self.node, consistency, &request.collection_name, |collection| facet(collection, &request))?;
            Ok(Response::new(FacetResponse { hits, ..FacetResponse::default() }))
        }

        async fn query(&self, request: Request<QueryPoints>) -> Result<Response<QueryResponse>, Status> {
            self.enter(&request)?;
            let request = request.into_inner();
            let consistency = request.read_consistency.as_ref();
            let result = self.copies.read(self.node, consistency, &request.collection_name, |collection| nearest(collection, &request))?;
            Ok(Response::new(QueryResponse { result, ..QueryResponse::default() }))
        }
    }
    upsert(UpsertPoints) -> PointsOperationResponse;
    delete(DeletePoints) -> PointsOperationResponse;
    update_vectors(UpdatePointVectors) -> PointsOperationResponse;
    delete_vectors(DeletePointVectors) -> PointsOperationResponse;
    set_payload(SetPayloadPoints) -> PointsOperationResponse;
    overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
    delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
    clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
    delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
    create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
    delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
    search(SearchPoints) -> SearchResponse;
    search_batch(SearchBatchPoints) -> SearchBatchResponse;
    search_groups(SearchPointGroups) -> SearchGroupsResponse;
    recommend(RecommendPoints) -> RecommendResponse;
    recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
    recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
    discover(DiscoverPoints) -> DiscoverResponse;
    discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
    query_batch(QueryBatchPoints) -> QueryBatchResponse;
    query_groups(QueryPointGroups) -> QueryGroupsResponse;
    search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
    search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
}

fn waits_and_is_ordered(wait: Option<bool>, ordering: Option<WriteOrdering>) -> Result<(), Status> {
    let is_weak = ordering.is_none_or(|ordering| ordering.r#type == i32::from(WriteOrderingType::Weak));
    if wait == Some(true) && !is_weak {
        return Ok(());
    }
    Err(Status::invalid_argument(
        "a write that does not wait, or is not ordered by a leader",
    ))
}

fn wants_vectors(selector: Option<WithVectorsSelector>) -> bool {
    let options = selector.and_then(|selector| selector.selector_options);
    matches!(
        options,
        Some(with_vectors_selector::SelectorOptions::Enable(true))
    )
}

fn found<'a>(
    collection: &'a Collection,
    wanted: Option<&'a Filter>,
) -> impl Iterator<Item = (&'a Uuid, &'a Point)> {
    let fits = move |(id, point): &(&Uuid, &Point)| {
        wanted.is_none_or(|wanted| filter::matches(wanted, id, &point.payload))
    };
    collection.points.iter().filter(fits)
}

fn scroll(collection: &Collection, request: &ScrollPoints) -> Result<ScrollResponse, Status> {
    let with_vectors = wants_vectors(request.with_vectors.clone());
    let limit = request.limit.unwrap_or(10) as usize;
    let mut points: Vec<(&Uuid, &Point)> = found(collection, request.filter.as_ref()).collect();
    let mut next_page_offset = None;
    if let Some(order) = &request.order_by {
        if collection.indexed.get(&order.key) != Some(&FieldType::Integer) {
            let text = format!("No range index for `order_by` key: `{}`", order.key);
            return Err(Status::invalid_argument(text));
        }
        if request.offset.is_some() {
            return Err(Status::invalid_argument(
                "Cannot use an `offset` when using `order_by`",
            ));
        }
        let value = |point: &Point| match point.payload.get(&order.key)?.kind {
            Some(Kind::IntegerValue(value)) => Some(value),
            _ => None,
        };
        points.retain(|(_, point)| value(point).is_some());
        points.sort_by_key(|(_, point)| value(point));
        if order.direction == Some(Direction::Desc.into()) {
            points.reverse();
        }
    } else {
        if let Some(offset) = &request.offset {
            let first = id(Some(offset))?;
            points.retain(|(id, _)| **id >= first);
        }
        next_page_offset = points.get(limit).map(|(id, _)| id.to_string().into());
    }
    points.truncate(limit);
    let result = points
        .into_iter()
        .map(|(id, point)| retrieved(id, point, with_vectors))
        .collect();
    Ok(ScrollResponse {
        next_page_offset,
        result,
        ..ScrollResponse::default()
    })
}

fn facet(collection: &Collection, request: &FacetCounts) -> Result<Vec<FacetHit>, Status> {
    if collection.indexed.get(&request.key) != Some(&FieldType::Keyword) {
        return Err(Status::invalid_argument("No appropriate index for faceting"));
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, point) in found(collection, request.filter.as_ref()) {
        for value in texts(&point.payload, &request.key) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(request.limit.unwrap_or(10) as usize);
    let hit = |(value, count): (&str, u64)| FacetHit {
        value: Some(FacetValue {
            variant: Some(facet_value::Variant::StringValue(value.to_owned())),
        }),
        count,
    };
    Ok(counts.into_iter().map(hit).collect())
}

fn nearest(collection: &Collection, request: &QueryPoints) -> Result<Vec<ScoredPoint>, Status> {
    let variant = request.query.as_ref().and_then(|query| query.variant.as_ref());
    let Some(query::Variant::Nearest(input)) = variant else {
        return Err(Status::unimplemented("the stand-in finds nearest points only"));
    };
    let Some(vector_input::Variant::Dense(wanted)) = &input.variant else {
        return Err(Status::unimplemented("the stand-in knows dense vectors only"));
    };
    if Some(wanted.data.len() as u64) != collection.width() {
        return Err(Status::invalid_argument("Wrong input: Vector dimension error"));
    }
    let mut scored: Vec<ScoredPoint> = found(collection, request.filter.as_ref())
        .filter_map(|(id, point)| {
            let vector = point.vector.as_ref()?;
            Some(ScoredPoint {
                id: Some(id.to_string().into()),
                payload: point.payload.clone(),
                score: vector.iter().zip(&wanted.data).map(|(a, b)| a * b).sum(),
                ..ScoredPoint::default()
            })
        })
        .collect();
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    scored.truncate(request.limit.unwrap_or(10) as usize);
    Ok(scored)
}
