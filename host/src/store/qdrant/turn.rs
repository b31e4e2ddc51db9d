//! A turn: a lease that is renewed while somebody decides, and given back when he is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Inner;
use super::lease::{LOOK, Lease};
use super::state::State;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::face_store::Turn;
use crate::store::retry::jitter;

/// How often in the length of a lease it is looked whether it must be renewed. Looking costs nothing.
const RENEWAL_LOOKS: u32 = 8;

/// The store's turn.
pub(super) struct QdrantTurn {
    lease: Arc<Mutex<Lease>>,
    renewal: JoinHandle<()>,
}

impl QdrantTurn {
    /// Waits for the right. A caller who leaves while it waits leaves nothing behind.
    pub(super) async fn begin(inner: Arc<Inner>) -> Result<Self, StoreError> {
        let mut own = Arc::clone(&inner.deciding).lock_owned().await;
        let mut seen: Option<(u64, Instant)> = None;
        loop {
            let state = match own.take() {
                Some(known) => known,
                None => match State::read_from(&inner.server, 0).await {
                    Err(error @ StoreError::CopiesDisagree) => {
                        Self::mend(&inner);
                        return Err(error);
                    }
                    read => read?,
                },
            };
            let unchanged_since = match seen {
                Some((version, since)) if version == state.version => since,
                _ => Instant::now(),
            };
            seen = Some((state.version, unchanged_since));
            let is_free = state.holder.is_none_or(|holder| holder == inner.worker);
            if !is_free && unchanged_since.elapsed() < inner.server.settings.lease {
                tokio::time::sleep(jitter(LOOK)).await;
                continue;
            }
            // Once tried, it is tried to the end: a right that nobody knows of would keep others waiting.
            let inner = Arc::clone(&inner);
            let tried = tokio::spawn(async move {
                let interval = inner.server.settings.lease / RENEWAL_LOOKS;
                let taken = Lease::take(inner, own, state).await?;
                Ok::<_, StoreError>(taken.map(|lease| Self::of(lease, interval)))
            });
            match tried.await?? {
                Ok(turn) => return Ok(turn),
                Err(back) => own = back,
            }
        }
    }

    /// Brings the copies of the state together in the background, unless that is going on.
    fn mend(inner: &Arc<Inner>) {
        let Ok(mending) = Arc::clone(&inner.mending).try_lock_owned() else {
            return;
        };
        let inner = Arc::clone(inner);
        tokio::spawn(async move {
            if let Err(error) = State::mend(&inner.server).await {
                tracing::warn!(
                    error = %crate::report(&error),
                    "replicas of the store's state still disagree"
                );
            }
            drop(mending);
        });
    }

    fn of(lease: Lease, interval: Duration) -> Self {
        let lease = Arc::new(Mutex::new(lease));
        let renewed = Arc::clone(&lease);
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let mut lease = renewed.lock().await;
                if lease.is_over() {
                    return;
                }
                if let Err(error) = lease.renew().await {
                    tracing::warn!(error = %crate::report(&error), "the write lease could not be renewed");
                }
            }
        });
        Self { lease, renewal }
    }

    /// Removes what interrupted batches of other workers have left; see [`Lease::sweep`].
    pub(super) async fn sweep(&self) -> Result<(), StoreError> {
        self.lease.lock().await.sweep().await
    }
}

#[async_trait]
impl Turn for QdrantTurn {
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.lease.lock().await.apply(changes).await
    }

    async fn end(self: Box<Self>) {
        self.renewal.abort();
        self.lease.lock().await.release().await;
    }
}

impl Drop for QdrantTurn {
    fn drop(&mut self) {
        self.renewal.abort();
        // Without a runtime nothing can be sent, and the lease runs out.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let lease = Arc::clone(&self.lease);
        runtime.spawn(async move { lease.lock().await.release().await });
    }
}
