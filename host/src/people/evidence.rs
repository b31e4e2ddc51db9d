//! Which clusters there is new evidence about: faces that came since they were last looked at, or near them.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::domain::ClusterId;

/// The most clusters that wait; beyond it, the oldest is left to the next pass over all clusters.
const MOST_WAITING: usize = 100_000;

/// Clusters that wait for a second thought, in the order in which evidence about them came.
#[derive(Default)]
pub(super) struct NewEvidence {
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Default)]
struct Waiting {
    order: VecDeque<(ClusterId, Instant)>,
    known: BTreeSet<ClusterId>,
}

impl NewEvidence {
    /// Notes evidence about clusters; those that wait already keep their place.
    pub(super) fn note(&self, clusters: impl IntoIterator<Item = ClusterId>) {
        let now = Instant::now();
        let mut waiting = self.lock();
        for cluster in clusters {
            if waiting.known.insert(cluster) {
                waiting.order.push_back((cluster, now));
            }
            if waiting.order.len() > MOST_WAITING {
                waiting.take();
            }
        }
        drop(waiting);
        self.came.notify_one();
    }

    /// The cluster that has waited longest.
    pub(super) fn take(&self) -> Option<ClusterId> {
        self.lock().take()
    }

    /// Waits until a cluster waits; says for how long it has.
    pub(super) async fn oldest(&self) -> Duration {
        loop {
            if let Some((_, since)) = self.lock().order.front() {
                return since.elapsed();
            }
            self.came.notified().await;
        }
    }

    /// A set of identifiers stays usable after a panic elsewhere.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<ClusterId> {
        let (cluster, _) = self.order.pop_front()?;
        self.known.remove(&cluster);
        Some(cluster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clusters_wait_in_the_order_of_coming_and_once() {
        let evidence = NewEvidence::default();
        let [one, other] = [ClusterId::random(), ClusterId::random()];
        let waited = tokio::time::timeout(Duration::from_millis(10), evidence.oldest()).await;
        assert!(waited.is_err(), "nothing waits");
        evidence.note([one, other, one]);
        evidence.oldest().await;
        assert_eq!(evidence.take(), Some(one));
        evidence.note([one]);
        assert_eq!(evidence.take(), Some(other));
        assert_eq!(evidence.take(), Some(one));
        assert_eq!(evidence.take(), None);
    }

    #[test]
    fn not_more_wait_than_allowed() {
        let evidence = NewEvidence::default();
        let first = ClusterId::random();
        evidence.note([first]);
        evidence.note((0..MOST_WAITING).map(|_| ClusterId::random()));
        let taken: Vec<_> = std::iter::from_fn(|| evidence.take()).collect();
        assert_eq!(taken.len(), MOST_WAITING);
        assert!(!taken.contains(&first));
    }
}
