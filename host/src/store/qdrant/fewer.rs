//! What is done while a copy is away, so that fewer copies may be read and are still all that counts.
//!
//! A node that was paused or cut off may not know that the others left it behind. Reading a majority of all copies
//! outvotes it; a quorum of two does not. So before the first such read of a turn, the node that is called takes part in
//! one decision of the whole cluster (the removal of an alias that is not there): its answer comes when the node itself
//! has carried that out, and with it everything that was decided before, such as which copies are dead.
//!
//! Qdrant marks a copy as dead when a write to it fails. Until then each read asks it in vain, so every copy of
//! everything is written to at once: a removal of a point that is not there.
//!
//! When the node is back, it asks for what its copies missed once its cluster has had nothing to decide for three
//! heartbeats (release 1.18: a cycle in which something is decided begins that count anew). Workers that never pause
//! would have it decide something with every photo, and the copies would stay away. So where every node answers and a
//! copy is away all the same, a worker that has the turn waits now and then before it has the cluster decide.

use std::time::{Duration, Instant};

use qdrant_client::Qdrant;
use qdrant_client::qdrant::read_consistency::Value;
use qdrant_client::qdrant::{GetPoints, ReadConsistency, RetrievedPoint, WithPayloadSelector};
use uuid::Uuid;

use super::layout::Collection;
use super::nodes::Node;
use super::server::{Server, awaited, point_id};
use super::writes::Writes;
use crate::store::error::StoreError;

/// How often every copy may be written to.
const TOUCH_EVERY: Duration = Duration::from_secs(5);
/// How long a cluster is left nothing to decide. Three heartbeats take 0.6 s, unless its operator made them longer.
const REST: Duration = Duration::from_millis(1_500);
/// How long there is no rest after a rest.
const REST_EVERY: Duration = Duration::from_secs(10);
/// The part of the length of a lease that a rest may take, so that the right to write is not lost by it.
const SHARE_OF_LEASE: u32 = 4;
/// How often it is looked whether every node answers.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a node has to answer then.
const ANSWER: Duration = Duration::from_millis(500);
/// What is added to the name of the collection of faces for the alias that never is.
const NO_ALIAS: &str = "-agreed";

impl Server {
    /// Does what must be done before fewer copies than usual are read through a node, which is the one that is called
    /// after so many changes. It has so long to learn what the cluster decided.
    pub(super) async fn prepare_for_fewer(
        &self,
        node: &Node,
        changes: usize,
        limit: Duration,
    ) -> Result<(), StoreError> {
        if self.nodes.must_touch(TOUCH_EVERY) {
            self.touch(node);
        }
        if self.nodes.must_agree(changes) {
            if self.nodes.may_rest(LOOK_EVERY) && self.all_answer().await {
                tracing::debug!("pausing calls so that Qdrant can restore replicas");
                let rest = REST.min(self.settings.lease / SHARE_OF_LEASE);
                self.nodes.rests(rest, REST + REST_EVERY);
            }
            // Whoever reads beside it waits, too, and does not have the cluster decide meanwhile.
            if let Some(end) = self.nodes.rest_ends() {
                tokio::time::sleep_until(end.into()).await;
            }
            // Another read may have had it decide when the rest was over.
            if self.nodes.must_agree(changes) {
                self.agree(node, changes, limit).await?;
            }
        }
        Ok(())
    }

    /// Whether every node answers, whatever its copies are worth.
    async fn all_answer(&self) -> bool {
        for node in self.nodes.all() {
            let answer = tokio::time::timeout(ANSWER, node.client.health_check()).await;
            if !matches!(answer, Ok(Ok(_))) {
                return false;
            }
        }
        true
    }

    /// Has a node carry out what the cluster decided until now.
    async fn agree(&self, node: &Node, changes: usize, limit: Duration) -> Result<(), StoreError> {
        let since = Instant::now();
        let alias = format!("{}{NO_ALIAS}", self.settings.collection);
        let call = |client: Qdrant| {
            let alias = alias.clone();
            async move { client.delete_alias(alias).await }
        };
        self.within(limit, node, &call).await?;
        self.nodes.agreed(since, changes);
        Ok(())
    }

    /// Writes to every copy, in the background: the server answers when those that failed are marked as dead.
    fn touch(&self, node: &Node) {
        let mut steps = Writes::new(|collection| self.name(collection));
        for collection in Collection::ALL {
            steps.remove(collection, [Uuid::nil()]);
        }
        for request in steps.requests() {
            let request = awaited(request);
            let client = node.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.update_points_batch(request).await {
                    tracing::debug!(error = %crate::report(&error), "a write to all replicas failed");
                }
            });
        }
    }

    /// One point as each node that answers and has it; a node that has no copy asks another.
    pub(super) async fn copies(&self, collection: Collection, id: Uuid) -> Vec<RetrievedPoint> {
        let request = GetPoints {
            collection_name: self.name(collection),
            ids: vec![point_id(id)],
            with_payload: Some(WithPayloadSelector::from(true)),
            read_consistency: Some(ReadConsistency {
                value: Some(Value::Factor(1)),
            }),
            ..GetPoints::default()
        };
        let mut copies = Vec::new();
        for node in self.nodes.all() {
            let call = |client: Qdrant| {
                let request = request.clone();
                async move { client.get_points(request).await }
            };
            match self.at(node, &call).await {
                Ok(mut answer) => copies.extend(answer.result.pop()),
                Err(error) => tracing::debug!(error = %crate::report(&error), "a replica cannot be read"),
            }
        }
        copies
    }
}
