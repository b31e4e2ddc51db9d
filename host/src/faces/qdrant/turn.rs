//! A turn: a lease that is renewed while somebody decides, and given back when he is done.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Inner;
use super::lease::Lease;
use crate::faces::change::Change;
use crate::faces::store::{StoreError, Turn};

/// The store's turn.
pub(super) struct QdrantTurn {
    lease: Arc<Mutex<Lease>>,
    renewal: JoinHandle<()>,
}

impl QdrantTurn {
    /// Waits for the right.
    pub(super) async fn begin(inner: Arc<Inner>) -> Result<Self, StoreError> {
        // Looking often enough costs nothing, because a young lease is left as it is.
        let interval = inner.server.settings.lease / 8;
        let lease = Arc::new(Mutex::new(Lease::acquire(inner).await?));
        let renewed = Arc::clone(&lease);
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let mut lease = renewed.lock().await;
                if lease.is_over() {
                    return;
                }
                if let Err(error) = lease.renew().await {
                    tracing::warn!(error = %crate::report(&error), "the right to write could not be renewed");
                }
            }
        });
        Ok(Self { lease, renewal })
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
