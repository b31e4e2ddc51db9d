//! Calls to the server, with the chosen consistency; what fails for a moment is tried again, at another node if there is
//! one.
//!
//! Every call may be repeated: reads anyway, and writes because each either replaces whole points, or sets or removes
//! something by id.
//!
//! Where one copy is away, a majority cannot be read: the server then asks all copies and wants an answer of each. Such
//! a read falls back to a quorum, which asks more than half and wants them to agree.

use std::time::{Duration, Instant};

use qdrant_client::qdrant::{
    CountPoints, FacetCounts, Filter, GetPoints, PointId, QueryPoints, ReadConsistency as Consistency,
    RetrievedPoint, ScoredPoint, ScrollPoints, UpdateBatchPoints, UpdateStatus, WithPayloadSelector,
    WithVectorsSelector, WriteOrdering, WriteOrderingType, facet_value,
};
use qdrant_client::{Qdrant, QdrantError};
use tonic::Code;
use uuid::Uuid;

use super::layout::Collection;
use super::nodes::{Node, Nodes};
use super::settings::{QdrantSettings, ReadConsistency};
use crate::store::error::{Cause, StoreError};
use crate::store::retry::jitter;

/// How often a call is begun at least, and at most for each node that does not answer.
const TRIES: u32 = 3;
/// The longest pause before the second try; twice that before the third, and so on up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How long a cluster is given to notice a dead node and to choose new leaders, in time limits of a call.
const TIMEOUTS_TO_RECOVER: u32 = 2;
/// The part of the time limit of a call that the cluster has to agree in the first try.
const SHARE_TO_AGREE: u32 = 4;
/// How many points are read at a time where all of them are wanted.
const PAGE: u32 = 1_000;

/// The server, as this store uses it.
pub(super) struct Server {
    pub(super) nodes: Nodes,
    pub(super) settings: QdrantSettings,
}

impl Server {
    /// Prepares to call; nothing is sent yet.
    pub(super) fn new(settings: QdrantSettings) -> Result<Self, StoreError> {
        let nodes = Nodes::new(&settings)?;
        Ok(Self { nodes, settings })
    }

    pub(super) fn name(&self, collection: Collection) -> String {
        collection.name(&self.settings.collection)
    }

    /// What is said where no node can be named.
    pub(super) fn unreachable(&self, source: impl Into<Cause>) -> StoreError {
        StoreError::Unreachable {
            url: self.nodes.current().0.url.clone(),
            source: source.into(),
        }
    }

    /// Makes a call, several times if need be.
    pub(super) async fn call<T, F>(&self, call: impl Fn(Qdrant) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        let mut tries = self.tries();
        loop {
            match self.once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.again_after(error).await?,
            }
        }
    }

    /// Reads, several times if need be, and from fewer copies where one is away.
    async fn read<T, F>(&self, read: impl Fn(Qdrant, Consistency) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        let mut tries = self.tries();
        let usual = self.settings.read_consistency;
        let fewer = usual.with_a_copy_away().filter(|_| self.is_cluster());
        loop {
            let (node, changes) = self.nodes.current();
            let call = |client| read(client, usual.on_the_wire());
            let mut answer = self.at(node, &call).await;
            if let (Err(StoreError::Faltering { .. }), Some(fewer)) = (&answer, fewer) {
                let call = |client| read(client, fewer.on_the_wire());
                let limit = tries.limit_to_agree(self.settings.timeout);
                answer = match self.prepare_for_fewer(node, changes, limit).await {
                    Ok(()) => self.at(node, &call).await,
                    Err(error) => Err(error),
                };
            }
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    self.leave_after(&error, changes);
                    tries.again_after(error).await?;
                }
            }
        }
    }

    /// Makes a call, and changes to the next node when it fails. The client may send it twice by itself; the time limit
    /// holds for both together.
    pub(super) async fn once<T, F>(&self, call: &impl Fn(Qdrant) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        let (node, changes) = self.nodes.current();
        let answer = self.at(node, call).await;
        if let Err(error) = &answer {
            self.leave_after(error, changes);
        }
        answer
    }

    /// Makes a call at a node.
    pub(super) async fn at<T, F>(&self, node: &Node, call: &impl Fn(Qdrant) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        self.within(self.settings.timeout, node, call).await
    }

    /// Makes a call at a node that has so long to answer.
    pub(super) async fn within<T, F>(
        &self,
        limit: Duration,
        node: &Node,
        call: &impl Fn(Qdrant) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, QdrantError>>,
    {
        match tokio::time::timeout(limit, call(node.client.clone())).await {
            Ok(answer) => answer.map_err(|error| failure(&node.url, error)),
            Err(elapsed) => Err(StoreError::Unreachable {
                url: node.url.clone(),
                source: Box::new(elapsed),
            }),
        }
    }

    fn leave_after(&self, error: &StoreError, changes: usize) {
        if may_pass(error) {
            self.nodes.leave(changes);
        }
    }

    /// Whether there are other nodes that may fail while this one answers.
    fn is_cluster(&self) -> bool {
        self.settings.replication_factor > 1 || self.nodes.len() > 1
    }

    pub(super) fn tries(&self) -> Tries {
        let timeouts = if self.is_cluster() { TIMEOUTS_TO_RECOVER } else { 0 };
        Tries {
            failed: 0,
            most: TRIES * u32::try_from(self.nodes.len()).unwrap_or(TRIES),
            until: Instant::now() + self.settings.timeout * timeouts,
        }
    }

    /// Points by their ids, in any order; those that are not there are left out.
    pub(super) async fn points(
        &self,
        collection: Collection,
        ids: Vec<Uuid>,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        let everything = WithPayloadSelector::from(true);
        self.points_with(collection, ids, everything, with_vectors).await
    }

    /// As [`Self::points`], with a part of what they hold.
    pub(super) async fn points_with(
        &self,
        collection: Collection,
        ids: Vec<Uuid>,
        payload: WithPayloadSelector,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        let request = GetPoints {
            collection_name: self.name(collection),
            ids: ids.into_iter().map(point_id).collect(),
            with_payload: Some(payload),
            with_vectors: Some(WithVectorsSelector::from(with_vectors)),
            ..GetPoints::default()
        };
        let answer = self
            .read(|client, consistency| {
                let read_consistency = Some(consistency);
                let request = GetPoints {
                    read_consistency,
                    ..request.clone()
                };
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
            with_payload: request
                .with_payload
                .or_else(|| Some(WithPayloadSelector::from(true))),
            ..request
        };
        let answer = self
            .read(|client, consistency| {
                let read_consistency = Some(consistency);
                let request = ScrollPoints {
                    read_consistency,
                    ..request.clone()
                };
                async move { client.scroll(request).await }
            })
            .await?;
        Ok((answer.result, answer.next_page_offset))
    }

    /// The most similar points.
    pub(super) async fn query(&self, request: QueryPoints) -> Result<Vec<ScoredPoint>, StoreError> {
        let request = QueryPoints {
            collection_name: self.name(Collection::Faces),
            ..request
        };
        let answer = self
            .read(|client, consistency| {
                let read_consistency = Some(consistency);
                let request = QueryPoints {
                    read_consistency,
                    ..request.clone()
                };
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
            ..CountPoints::default()
        };
        let answer = self
            .read(|client, consistency| {
                let read_consistency = Some(consistency);
                let request = CountPoints {
                    read_consistency,
                    ..request.clone()
                };
                async move { client.count(request).await }
            })
            .await?;
        Ok(answer.result.map_or(0, |result| result.count))
    }

    /// How many points have each value of a key, exactly, among those that a filter finds; values without any are left
    /// out. One copy is asked: of several that name the values in another order, a server of release 1.18 adds up what
    /// they say.
    pub(super) async fn count_each(
        &self,
        collection: Collection,
        key: &str,
        filter: Filter,
        values: usize,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let request = FacetCounts {
            collection_name: self.name(collection),
            key: key.to_owned(),
            filter: Some(filter),
            limit: Some(values as u64),
            exact: Some(true),
            read_consistency: Some(ReadConsistency::Copies(1).on_the_wire()),
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

    /// A write, sent once; see [`awaited`].
    pub(super) async fn write_once(&self, request: &UpdateBatchPoints) -> Result<(), StoreError> {
        let request = awaited(request.clone());
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
            Some(result) => Err(self.unreachable(format!("an update ended with status {}", result.status))),
        }
    }

    /// A write, several times if need be.
    pub(super) async fn write(&self, request: &UpdateBatchPoints) -> Result<(), StoreError> {
        let mut tries = self.tries();
        while let Err(error) = self.write_once(request).await {
            tries.again_after(error).await?;
        }
        Ok(())
    }
}

/// How often a call has failed, and how often it may.
pub(super) struct Tries {
    failed: u32,
    most: u32,
    until: Instant,
}

impl Tries {
    /// How long the cluster may take to agree in this try, where a call may take so long. A cluster without a leader
    /// never answers what it was asked, also when it has chosen one, so that it is soon asked again; but longer and longer
    /// is waited for one that is slow.
    fn limit_to_agree(&self, timeout: Duration) -> Duration {
        (timeout / SHARE_TO_AGREE * 2_u32.saturating_pow(self.failed)).min(timeout)
    }

    /// Waits until a call that failed may be tried again; gives the error back when that is no use, or was tried often
    /// enough.
    pub(super) async fn again_after(&mut self, error: StoreError) -> Result<(), StoreError> {
        self.failed += 1;
        let pause = jitter((PAUSE * self.failed).min(LONGEST_PAUSE));
        let is_late = self.failed >= TRIES && Instant::now() + pause >= self.until;
        let is_recovering = matches!(error, StoreError::Faltering { .. });
        if !may_pass(&error) || is_late || self.failed >= self.most && !is_recovering {
            return Err(error);
        }
        tracing::debug!(error = %crate::report(&error), "retrying a call to Qdrant");
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Whether another try, or another node, may do better.
fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unreachable { .. } | StoreError::Faltering { .. }
    )
}

/// What a failed call means for who called.
pub(super) fn failure(url: &str, error: QdrantError) -> StoreError {
    let url = url.to_owned();
    let mut is_answer = false;
    let code = match &error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => {
            // The client calls a connection that it could not make an internal error.
            let no_connection = status.message().starts_with("Failed to connect");
            if no_connection {
                Code::Unavailable
            } else {
                is_answer = true;
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
        // What a server says when its other nodes fail it.
        Code::Internal | Code::FailedPrecondition if is_answer => StoreError::Faltering { url, source },
        Code::Unauthenticated | Code::PermissionDenied => StoreError::WrongKey { url, source },
        _ => StoreError::Qdrant { url, source },
    }
}

pub(super) fn point_id(id: Uuid) -> PointId {
    PointId::from(id.to_string())
}

/// How copies agree on the order of writes: the highest one that is alive decides. Strong ordering would leave that to the
/// highest copy of all, and fail while it is away.
pub(super) fn ordering() -> WriteOrdering {
    WriteOrdering {
        r#type: WriteOrderingType::Medium.into(),
    }
}

/// A write as it is sent. Every copy of a point makes its changes in one [`ordering`], and the answer comes when as many
/// copies as the collection wants have made it and those that failed are marked as dead.
pub(super) fn awaited(request: UpdateBatchPoints) -> UpdateBatchPoints {
    UpdateBatchPoints {
        wait: Some(true),
        ordering: Some(ordering()),
        ..request
    }
}
