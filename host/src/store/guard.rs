//! A store that is watched: each call is timed, and one that keeps failing is left alone for a moment.
//!
//! A circuit breaker (Nygard, Release It!, chapter 5): after so many failures in a row nothing is asked for a while, so
//! that callers are told at once instead of each waiting for a timeout, and a store that comes back is not overrun. Then
//! one call is let through, whose outcome decides.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use tracing::{Instrument as _, debug_span};

use super::change::Change;
use super::correction::Correction;
use super::error::StoreError;
use super::event::LoggedEvent;
use super::face_store::{FaceStore, Turn};
use super::flags::ClusterFilter;
use super::record::{
    Cluster, ClusterOrder, Counts, Explanation, Redirect, Rejection, SequencedFace, SequencedPhoto,
    StoredAnswer, StoredFace, StoredPhoto,
};
use super::retry::jitter;
use crate::domain::{ClusterId, Embedding, FaceId, FileId, Neighbour};
use crate::metrics;

/// When a store is left alone, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct BreakerSettings {
    /// `STORE_BREAKER_FAILURES`: failures in a row after which the store is left alone; 0 never leaves it alone.
    pub failures: u32,
    /// `STORE_BREAKER_MS`: how long, at most; workers that share a store do not return at the same moment.
    pub pause: Duration,
}

/// A store, watched.
pub struct GuardedStore {
    pub(super) inner: Arc<dyn FaceStore>,
    breaker: Arc<Breaker>,
}

/// The state of the circuit.
struct Breaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
enum State {
    /// The store is asked; so many calls have failed since one that did not.
    Closed(u32),
    /// It is not, until then.
    Open(Instant),
    /// One call finds out.
    Probing,
}

/// A call that was let through.
struct Passage<'a> {
    breaker: &'a Breaker,
    settled: bool,
}

impl GuardedStore {
    /// Watches a store.
    #[must_use]
    pub fn new(inner: Arc<dyn FaceStore>, settings: BreakerSettings) -> Self {
        Self {
            inner,
            breaker: Arc::new(Breaker {
                settings,
                state: Mutex::new(State::Closed(0)),
            }),
        }
    }

    /// Makes a call by its name, unless the store is left alone.
    pub(super) async fn watch<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let passage = self.breaker.enter()?;
        settle(passage, operation, call).await
    }
}

async fn settle<T>(
    passage: Passage<'_>,
    operation: &'static str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let started = Instant::now();
    let outcome = call.instrument(debug_span!("store", operation)).await;
    metrics::store_call(operation, started.elapsed(), outcome.is_ok());
    passage.settle(outcome.as_ref().err());
    outcome
}

impl Breaker {
    /// Lets a call through, unless the store is left alone.
    fn enter(&self) -> Result<Passage<'_>, StoreError> {
        let mut state = self.state.lock();
        match *state {
            State::Closed(_) => {}
            State::Open(until) if Instant::now() >= until => *state = State::Probing,
            State::Open(_) | State::Probing => return Err(StoreError::LeftAlone),
        }
        Ok(self.pass())
    }

    fn pass(&self) -> Passage<'_> {
        Passage {
            breaker: self,
            settled: false,
        }
    }

    fn is_open(&self) -> bool {
        match *self.state.lock() {
            State::Closed(_) => false,
            State::Open(until) => Instant::now() < until,
            State::Probing => true,
        }
    }
}

impl Passage<'_> {
    /// What came of the call.
    fn settle(mut self, error: Option<&StoreError>) {
        self.settled = true;
        let BreakerSettings { failures, pause } = self.breaker.settings;
        let mut state = self.breaker.state.lock();
        *state = match (error.filter(|error| error.is_outage()), *state) {
            (None, State::Closed(_)) => State::Closed(0),
            (None, State::Open(_) | State::Probing) => {
                tracing::info!("the vector store answers again");
                State::Closed(0)
            }
            (Some(_), State::Closed(before)) if failures == 0 || before + 1 < failures => {
                State::Closed(before.saturating_add(1))
            }
            (Some(error), before) => {
                if matches!(before, State::Closed(_)) {
                    tracing::error!(
                        error = crate::report(error),
                        "the vector store keeps failing and is left alone for a moment"
                    );
                }
                State::Open(Instant::now() + jitter(pause))
            }
        };
    }
}

impl Drop for Passage<'_> {
    /// A caller who left before there was an outcome: the next call finds out.
    fn drop(&mut self) {
        let mut state = self.breaker.state.lock();
        if !self.settled && matches!(*state, State::Probing) {
            *state = State::Open(Instant::now());
        }
    }
}

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

/// Watches every call by its name.
macro_rules! watched {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl FaceStore for GuardedStore {
            fn kind(&self) -> &'static str {
                self.inner.kind()
            }

            fn can_store(&self) -> Result<(), StoreError> {
                self.inner.can_store()
            }

            fn make_room(&self, reason: &str) {
                self.inner.make_room(reason);
            }

            // Not watched: it takes minutes, and may fail for what it is copied to.
            async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
                self.inner.back_up(file).await
            }

            fn is_left_alone(&self) -> bool {
                self.breaker.is_open()
            }

            async fn turn(&self) -> Result<Box<dyn Turn>, StoreError> {
                let inner = self.watch("turn", self.inner.turn()).await?;
                let breaker = Arc::clone(&self.breaker);
                Ok(Box::new(GuardedTurn { inner, breaker }))
            }

            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.watch(stringify!($name), self.inner.$name($($argument),*)).await
            })*
        }
    };
}

watched! {
    nearest(
        embedding: &Embedding, limit: usize, excluding: &FileId, excluding_cluster: Option<&ClusterId>
    ) -> Vec<Neighbour>;
    face(face: &FaceId) -> Option<StoredFace>;
    faces_of_file(file: &FileId) -> Vec<StoredFace>;
    faces_of_cluster(cluster: &ClusterId, after: Option<u64>, limit: usize) -> Vec<SequencedFace>;
    faces(after: Option<u64>, limit: usize) -> Vec<SequencedFace>;
    latest_faces(before: Option<u64>, limit: usize) -> Vec<SequencedFace>;
    portrait(face: &FaceId) -> Option<Vec<u8>>;
    explanation(face: &FaceId) -> Option<Explanation>;
    photo(file: &FileId) -> Option<StoredPhoto>;
    photos(after: Option<u64>, limit: usize) -> Vec<SequencedPhoto>;
    latest_photos(before: Option<u64>, limit: usize) -> Vec<SequencedPhoto>;
    cluster(cluster: &ClusterId) -> Option<Cluster>;
    clusters(after: Option<&ClusterId>, limit: usize) -> Vec<Cluster>;
    clusters_by(
        order: ClusterOrder, filter: ClusterFilter, after: Option<(u64, ClusterId)>, limit: usize
    ) -> Vec<(u64, Cluster)>;
    redirect(source: &ClusterId) -> Option<Redirect>;
    redirects_to(target: &ClusterId) -> Vec<ClusterId>;
    redirects(after: Option<&ClusterId>, limit: usize) -> Vec<Redirect>;
    distinct_from(cluster: &ClusterId) -> Vec<ClusterId>;
    unsure_of(cluster: &ClusterId) -> Vec<ClusterId>;
    rejections(file: &FileId) -> Vec<Rejection>;
    rejection(face: &FaceId) -> Option<Rejection>;
    all_rejections(after: Option<&FaceId>, limit: usize) -> Vec<Rejection>;
    answer(key: &str) -> Option<StoredAnswer>;
    events(after: u64, limit: usize) -> Vec<LoggedEvent>;
    event_range() -> Option<(u64, u64)>;
    correction(position: u64) -> Option<Correction>;
    corrections(after: u64, limit: usize) -> Vec<Correction>;
    corrections_of(keys: &[String], before: Option<u64>, limit: usize) -> Vec<Correction>;
    later_correction(keys: &[String], after: u64) -> Option<u64>;
    last_correction() -> u64;
    portraits() -> u64;
    counts() -> Counts;
    revision() -> u64;
    examine() -> Vec<String>;
    mend() -> Vec<String>;
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn breaker(failures: u32, pause: Duration) -> Breaker {
        Breaker {
            settings: BreakerSettings { failures, pause },
            state: Mutex::new(State::Closed(0)),
        }
    }

    fn outage() -> StoreError {
        StoreError::Unreachable {
            url: "http://127.0.0.1:6334".to_owned(),
            source: "gone".into(),
        }
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_call_finds_out_whether_it_is_over() {
        let breaker = breaker(3, Duration::from_millis(40));
        let fail = || breaker.enter().unwrap().settle(Some(&outage()));
        let succeed = || breaker.enter().unwrap().settle(None);
        fail();
        fail();
        succeed();
        fail();
        fail();
        // What is wrong with the request is nothing wrong with the store.
        breaker.enter().unwrap().settle(Some(&StoreError::TurnLost));
        assert!(!breaker.is_open());
        fail();
        fail();
        fail();
        assert!(breaker.is_open());
        assert!(matches!(breaker.enter(), Err(StoreError::LeftAlone)));
        std::thread::sleep(Duration::from_millis(45));
        let probe = breaker.enter().unwrap();
        assert!(matches!(breaker.enter(), Err(StoreError::LeftAlone)));
        // A probe whose caller leaves says nothing; the next call is one.
        drop(probe);
        fail();
        assert!(breaker.enter().is_err());
        std::thread::sleep(Duration::from_millis(45));
        succeed();
        assert!(!breaker.is_open() && breaker.enter().is_ok());
    }

    #[test]
    fn it_can_be_off() {
        let breaker = breaker(0, Duration::from_millis(40));
        for _ in 0..1_000 {
            breaker.enter().unwrap().settle(Some(&outage()));
        }
    }
}
