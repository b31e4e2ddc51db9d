//! The circuit breaker: each call of a store is timed, and a store that keeps failing is not called for a moment.
//!
//! After so many failures in a row nothing is asked for a while (Nygard, Release It!, chapter 5), so that callers are told at once instead of each waiting for a timeout, and a store that comes back is not overrun. Then
//! one call is let through, whose outcome decides.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::{Instrument as _, debug_span};

use super::error::StoreError;
use super::retry::jitter;
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
pub struct Guarded<S: ?Sized> {
    pub(super) inner: Arc<S>,
    pub(super) breaker: Arc<Breaker>,
}

/// The state of the circuit.
pub(super) struct Breaker {
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
pub(super) struct Passage<'a> {
    breaker: &'a Breaker,
    settled: bool,
}

impl<S: ?Sized> Guarded<S> {
    /// Watches a store.
    #[must_use]
    pub fn new(inner: Arc<S>, settings: BreakerSettings) -> Self {
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

/// Makes a call that was let through, times it, and notes what came of it.
pub(super) async fn settle<T>(
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
            State::Open(_) | State::Probing => return Err(StoreError::CircuitOpen),
        }
        Ok(self.pass())
    }

    /// Lets a call through whatever the state.
    pub(super) fn pass(&self) -> Passage<'_> {
        Passage {
            breaker: self,
            settled: false,
        }
    }

    /// Whether the next call would not be let through.
    pub(super) fn is_open(&self) -> bool {
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
                tracing::info!("the circuit breaker is closed: the vector store answers again");
                State::Closed(0)
            }
            (Some(_), State::Closed(before)) if failures == 0 || before + 1 < failures => {
                State::Closed(before.saturating_add(1))
            }
            (Some(error), before) => {
                if matches!(before, State::Closed(_)) {
                    tracing::error!(
                        error = crate::report(error),
                        "the circuit breaker is open: the vector store failed repeatedly and is not called for a while"
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

/// Declares a trait of what can be read, and has a guarded store watch each of its calls by its name. So the trait is written
/// once, and what it has is watched.
macro_rules! watched {
    (
        $(#[$about:meta])*
        pub trait $reads:ident {
            $(
                $(#[$documentation:meta])*
                async fn $name:ident(
                    &self $(, $argument:ident: $type:ty)* $(,)?
                ) -> Result<$answer:ty, StoreError>;
            )*
        }
    ) => {
        $(#[$about])*
        #[async_trait::async_trait]
        pub trait $reads: Send + Sync {
            $(
                $(#[$documentation])*
                async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError>;
            )*
        }

        #[async_trait::async_trait]
        impl<S: $reads + ?Sized> $reads for $crate::store::circuit_breaker::Guarded<S> {
            $(
                async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    self.watch(stringify!($name), self.inner.$name($($argument),*)).await
                }
            )*
        }
    };
}
pub(super) use watched;

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
        assert!(matches!(breaker.enter(), Err(StoreError::CircuitOpen)));
        std::thread::sleep(Duration::from_millis(45));
        let probe = breaker.enter().unwrap();
        assert!(matches!(breaker.enter(), Err(StoreError::CircuitOpen)));
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
