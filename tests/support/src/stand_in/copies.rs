//! The nodes of a cluster that each keep a copy of everything, as far as a worker can tell them apart.
//!
//! As a server of release 1.18 does it: a node goes on counting as alive until a write to it fails; a read of a majority
//! wants an answer of every copy, and fails as a whole without one; a strong write goes through the highest node, dead or
//! alive, a medium one through the highest that counts as alive, and fails when that is gone. A node that was paused
//! does not know at once what the others decided about it. Copies are brought up to date when somebody says so, or when
//! their node is back and the cluster has had nothing to decide for a while.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use qdrant_client::qdrant::points_update_operation::Operation;
use qdrant_client::qdrant::read_consistency::Value;
use qdrant_client::qdrant::{
    ReadConsistency, ReadConsistencyType, ScrollResponse, WriteOrdering, WriteOrderingType,
};
use tonic::Status;

use super::data::{Collection, Data};

/// How long a server has nothing to decide before it restores copies: three heartbeats, with its own settings.
const QUIET: Duration = Duration::from_millis(600);

/// Every copy, and what the nodes know of each other.
pub(super) struct Copies {
    pub(super) data: Vec<Arc<Data>>,
    nodes: Mutex<Vec<Node>>,
    /// When the cluster decided something last, or a node came back.
    decided: Mutex<Instant>,
    /// How many decisions are lost, because the cluster has no leader.
    lost: AtomicUsize,
}

#[derive(Clone)]
struct Node {
    /// It answers.
    is_up: bool,
    /// The cluster has decided that its copy does not count.
    is_dead: bool,
    /// It knows what the cluster has decided.
    is_informed: bool,
}

impl Copies {
    pub(super) fn of(data: Vec<Arc<Data>>) -> Self {
        let node = Node {
            is_up: true,
            is_dead: false,
            is_informed: true,
        };
        Self {
            nodes: Mutex::new(vec![node; data.len()]),
            data,
            decided: Mutex::new(Instant::now()),
            lost: AtomicUsize::new(0),
        }
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<Node>> {
        self.nodes.lock().unwrap()
    }

    /// Ends a node.
    pub(super) fn kill(&self, node: usize) {
        self.nodes()[node].is_up = false;
    }

    /// Lets a node go on that stood still, with what it knew and had.
    pub(super) fn go_on(&self, node: usize) {
        let mut nodes = self.nodes();
        nodes[node].is_up = true;
        nodes[node].is_informed = false;
    }

    /// Lets a node answer again that was ended, and knows of it; its copy counts no more than before.
    pub(super) fn come_back(&self, node: usize) {
        let mut nodes = self.nodes();
        nodes[node].is_up = true;
        nodes[node].is_informed = true;
        *self.decided.lock().unwrap() = Instant::now();
    }

    /// Whether the cluster has had nothing to decide for so long that it restores copies.
    pub(super) fn is_quiet(&self) -> bool {
        self.decided.lock().unwrap().elapsed() >= QUIET
    }

    /// Whether a node's copy counts.
    pub(super) fn is_whole(&self, node: usize) -> bool {
        !self.nodes()[node].is_dead
    }

    /// Lets a node take part again, with a copy of what another has.
    pub(super) fn recover(&self, node: usize) {
        let mut nodes = self.nodes();
        let whole = nodes.iter().position(|node| node.is_up && !node.is_dead).unwrap();
        if whole != node {
            self.data[node].copy_from(&self.data[whole]);
        }
        nodes[node].is_up = true;
        nodes[node].is_dead = false;
        nodes[node].is_informed = true;
    }

    /// Lets the cluster lose the next decisions that it is asked for.
    pub(super) fn lose(&self, decisions: usize) {
        self.lost.store(decisions, Ordering::Relaxed);
    }

    /// Has the cluster decide something, and a node learn it with all that was decided before. Says whether it was.
    pub(super) fn decide(&self, node: usize) -> bool {
        let fewer = |lost: usize| lost.checked_sub(1);
        let is_lost = self
            .lost
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
        if is_lost.is_ok() {
            return false;
        }
        self.nodes()[node].is_informed = true;
        *self.decided.lock().unwrap() = Instant::now();
        true
    }

    pub(super) fn is_informed(&self, node: usize) -> bool {
        self.nodes()[node].is_informed
    }

    /// Which copies count in the eyes of a node. One that is not informed notices by itself who does not answer.
    fn counting(nodes: &[Node], seen_by: usize) -> Vec<usize> {
        let informed = nodes[seen_by].is_informed;
        let counts = |node: &Node| !node.is_dead || !informed && node.is_up;
        (0..nodes.len()).filter(|node| counts(&nodes[*node])).collect()
    }

    /// Reads through a node.
    pub(super) fn read<T: Resolve>(
        &self,
        through: usize,
        consistency: Option<&ReadConsistency>,
        name: &str,
        read: impl Fn(&Collection) -> Result<T, Status>,
    ) -> Result<T, Status> {
        let nodes = self.nodes();
        let all = nodes.len();
        let kind = |kind: ReadConsistencyType| Value::Type(kind.into());
        let (wanted, agreeing) = match consistency.and_then(|consistency| consistency.value) {
            Some(value) if value == kind(ReadConsistencyType::Majority) => (all, all / 2 + 1),
            Some(value) if value == kind(ReadConsistencyType::Quorum) => (all / 2 + 1, all / 2 + 1),
            Some(Value::Factor(copies)) => (copies as usize, copies as usize),
            _ => (all, all),
        };
        let mut counting = Self::counting(&nodes, through);
        if counting.len() < wanted {
            return Err(Status::internal(format!(
                "Service internal error: The replica set for shard 0 on peer {through} does not have enough active replicas"
            )));
        }
        // Its own first, then those of the others.
        counting.sort_by_key(|node| *node != through);
        let (up, down): (Vec<usize>, Vec<usize>) = counting.into_iter().partition(|node| nodes[*node].is_up);
        if up.len() < wanted {
            return Err(Status::internal(format!(
                "Service internal error: {} of {all} read operations failed",
                down.len()
            )));
        }
        let answers: Result<Vec<T>, Status> = up[..wanted]
            .iter()
            .map(|node| self.data[*node].with(name, |collection| read(collection)))
            .collect();
        Ok(T::resolve(answers?, agreeing))
    }

    /// Which copies a write through a node goes to, after those that should have it and do not answer count as dead.
    pub(super) fn written_to(
        &self,
        through: usize,
        ordering: Option<WriteOrdering>,
    ) -> Result<Vec<usize>, Status> {
        let mut nodes = self.nodes();
        let counting = Self::counting(&nodes, through);
        let is_strong =
            ordering.is_some_and(|ordering| ordering.r#type == i32::from(WriteOrderingType::Strong));
        let leader = if is_strong {
            nodes.len() - 1
        } else {
            counting.iter().copied().max().unwrap()
        };
        let enough = nodes.len() / 2 + 1;
        let up: Vec<usize> = counting
            .iter()
            .copied()
            .filter(|node| nodes[*node].is_up)
            .collect();
        if up.len() < enough {
            return Err(Status::internal(
                "Service internal error: Tonic status error: Unavailable",
            ));
        }
        let is_led = nodes[leader].is_up;
        for node in counting {
            nodes[node].is_dead |= !nodes[node].is_up;
        }
        if !is_led {
            return Err(Status::internal(format!(
                "Service internal error: Failed to apply update with ordering via leader peer {leader}"
            )));
        }
        Ok(up)
    }

    /// Changes copies, one change after the other and each everywhere.
    pub(super) fn change(&self, copies: &[usize], name: &str, operation: &Operation) -> Result<(), Status> {
        let _one = self.nodes();
        for copy in copies {
            self.data[*copy].with(name, |collection| collection.change(operation.clone()))?;
        }
        Ok(())
    }
}

/// What several copies answer together.
pub(super) trait Resolve: Sized {
    /// What so many of the answers agree on.
    fn resolve(answers: Vec<Self>, agreeing: usize) -> Self;
}

impl<T: PartialEq + Clone> Resolve for Vec<T> {
    fn resolve(answers: Vec<Self>, agreeing: usize) -> Self {
        let mut agreed: Self = Vec::new();
        for one in answers.iter().flatten() {
            let having = answers.iter().filter(|answer| answer.contains(one)).count();
            if having >= agreeing && !agreed.contains(one) {
                agreed.push(one.clone());
            }
        }
        agreed
    }
}

impl Resolve for u64 {
    fn resolve(mut answers: Vec<Self>, agreeing: usize) -> Self {
        answers.sort_unstable();
        answers[answers.len() - agreeing]
    }
}

impl Resolve for ScrollResponse {
    fn resolve(answers: Vec<Self>, agreeing: usize) -> Self {
        let next_page_offset = answers[0].next_page_offset.clone();
        let results = answers.into_iter().map(|answer| answer.result).collect();
        Self {
            next_page_offset,
            result: Resolve::resolve(results, agreeing),
            ..Self::default()
        }
    }
}
