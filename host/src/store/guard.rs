//! Every store behind the circuit breaker: what [`FaceStore`] has besides its reads.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::change::Change;
use super::circuit_breaker::{Breaker, Guarded, settle};
use super::error::StoreError;
use super::face_store::{FaceStore, Turn};
use super::record::Counts;

/// Any store, watched.
pub type GuardedStore = Guarded<dyn FaceStore>;

/// A turn whose writes are watched.
struct GuardedTurn {
    inner: Box<dyn Turn>,
    breaker: Arc<Breaker>,
}

#[async_trait]
impl Turn for GuardedTurn {
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        // Whoever has the turn has waited for it, and is not sent away at the end.
        settle(self.breaker.pass(), "apply", self.inner.apply(changes)).await
    }

    async fn end(self: Box<Self>) {
        self.inner.end().await;
    }
}

#[async_trait]
impl<S: FaceStore + ?Sized> FaceStore for Guarded<S> {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn is_circuit_open(&self) -> bool {
        self.breaker.is_open()
    }

    fn can_store(&self) -> Result<(), StoreError> {
        self.inner.can_store()
    }

    fn make_room(&self, reason: &str) {
        self.inner.make_room(reason);
    }

    async fn turn(&self) -> Result<Box<dyn Turn>, StoreError> {
        let inner = self.watch("turn", self.inner.turn()).await?;
        let breaker = Arc::clone(&self.breaker);
        Ok(Box::new(GuardedTurn { inner, breaker }))
    }

    async fn examine(&self) -> Result<Vec<String>, StoreError> {
        self.watch("examine", self.inner.examine()).await
    }

    async fn mend(&self) -> Result<Vec<String>, StoreError> {
        self.watch("mend", self.inner.mend()).await
    }

    // Not watched: it takes minutes, and may fail for what it is copied to.
    async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
        self.inner.back_up(file).await
    }
}
