//! The nodes of a cluster, of which one is called until it fails; then the next is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use qdrant_client::Qdrant;

use super::server::failure;
use super::settings::QdrantSettings;
use crate::store::error::StoreError;

/// A node, and the connection to it.
pub(super) struct Node {
    pub(super) url: String,
    pub(super) client: Qdrant,
}

/// Every node that there is an address of.
pub(super) struct Nodes {
    nodes: Vec<Node>,
    /// Grows by one with each change to another node.
    changes: AtomicUsize,
    moments: Mutex<Moments>,
}

/// What must have happened in some order.
#[derive(Default)]
struct Moments {
    /// When this worker got the right to write last.
    turn: Option<Instant>,
    /// When the cluster was last asked to agree, and how many changes of node there had been.
    agreed: Option<(Instant, usize)>,
    /// When every copy is written to again, so that a dead one is noticed.
    touched: Option<Instant>,
    /// When the latest rest of the cluster ends.
    rest_ends: Option<Instant>,
    /// Until when the cluster is not left a rest.
    busy: Option<Instant>,
}

impl Nodes {
    /// Prepares to call; nothing is sent yet.
    pub(super) fn new(settings: &QdrantSettings) -> Result<Self, StoreError> {
        let connect = |url: &String| -> Result<Node, StoreError> {
            let client = Qdrant::from_url(url)
                .api_key(settings.api_key.clone())
                .timeout(settings.timeout)
                .connect_timeout(settings.timeout)
                // It would print, and would block.
                .skip_compatibility_check()
                .build()
                .map_err(|error| failure(url, error))?;
            Ok(Node {
                url: url.clone(),
                client,
            })
        };
        Ok(Self {
            nodes: settings.urls.iter().map(connect).collect::<Result<_, _>>()?,
            changes: AtomicUsize::new(0),
            moments: Mutex::default(),
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn all(&self) -> &[Node] {
        &self.nodes
    }

    /// The one to call, and how many changes there were before it.
    pub(super) fn current(&self) -> (&Node, usize) {
        let changes = self.changes.load(Ordering::Relaxed);
        (&self.nodes[changes % self.nodes.len()], changes)
    }

    /// Changes to the next node, unless another caller did so since.
    pub(super) fn leave(&self, changes: usize) {
        let next = changes.wrapping_add(1);
        let left = self
            .changes
            .compare_exchange(changes, next, Ordering::Relaxed, Ordering::Relaxed);
        if left.is_ok() && self.nodes.len() > 1 {
            let (from, to) = (&self.nodes[changes % self.nodes.len()], self.current().0);
            tracing::info!(from = %from.url, to = %to.url, "switching to another Qdrant node");
        }
    }

    /// Says that this worker has the right to write from now on.
    pub(super) fn turn_begins(&self) {
        self.moments().turn = Some(Instant::now());
    }

    /// Whether the node that is called after so many changes must be brought up to date before fewer copies than usual
    /// are read: it may have been away while others wrote, and not know it.
    pub(super) fn must_agree(&self, changes: usize) -> bool {
        let moments = self.moments();
        let Some(turn) = moments.turn else { return false };
        !matches!(moments.agreed, Some((at, node)) if at >= turn && node == changes)
    }

    /// Says that the node after so many changes was brought up to date, a moment after this one.
    pub(super) fn agreed(&self, since: Instant, changes: usize) {
        self.moments().agreed = Some((since, changes));
    }

    /// Whether it is time to write to every copy; then it is not for a while.
    pub(super) fn must_touch(&self, every: Duration) -> bool {
        is_due(&mut self.moments().touched, every)
    }

    /// Whether the cluster may be left a rest; then no other caller is told so for a while.
    pub(super) fn may_rest(&self, again: Duration) -> bool {
        is_due(&mut self.moments().busy, again)
    }

    /// Says that the cluster is left a rest from now on, and after how long the next one may begin.
    pub(super) fn rests(&self, rest: Duration, again: Duration) {
        let (mut moments, now) = (self.moments(), Instant::now());
        moments.rest_ends = Some(now + rest);
        moments.busy = Some(now + again);
    }

    /// Until when the cluster is left the latest rest, which may be over.
    pub(super) fn rest_ends(&self) -> Option<Instant> {
        self.moments().rest_ends
    }

    fn moments(&self) -> std::sync::MutexGuard<'_, Moments> {
        self.moments
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether it is time for something; then it is not for a while.
fn is_due(next: &mut Option<Instant>, again: Duration) -> bool {
    let now = Instant::now();
    let is_due = next.is_none_or(|next| now >= next);
    if is_due {
        *next = Some(now + again);
    }
    is_due
}
