//! Who is inside ONNX Runtime. At the end of the process the library takes itself down, which must not happen under a
//! thread that makes or runs a session: that thread would crash.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::InferenceError;
use super::session::lock;

/// How many are inside, and who else may go in.
struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

struct State {
    inside: usize,
    open: Open,
}

/// For whom the gate is open: for nobody, for those who give sessions back, or for all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    Nobody,
    Leaving,
    All,
}

static GATE: Gate = Gate {
    state: Mutex::new(State {
        inside: 0,
        open: Open::All,
    }),
    left: Condvar::new(),
};

/// Whoever has this is inside.
pub(super) struct Inside(&'static Gate);

impl Drop for Inside {
    fn drop(&mut self) {
        lock(&self.0.state).inside -= 1;
        self.0.left.notify_all();
    }
}

impl Gate {
    /// Goes in, where the gate is open that far.
    fn enter(&'static self, needed: Open) -> Option<Inside> {
        let mut state = lock(&self.state);
        if state.open < needed {
            return None;
        }
        state.inside += 1;
        Some(Inside(self))
    }

    /// Leaves it open for these only, and waits until nobody is inside.
    fn close(&self, open: Open, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let mut state = lock(&self.state);
        state.open = state.open.min(open);
        while state.inside > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self
                .left
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

/// Goes in, for as long as the answer lives.
///
/// # Errors
/// When the process is about to end.
pub(super) fn enter() -> Result<Inside, InferenceError> {
    GATE.enter(Open::All).ok_or(InferenceError::Stopped)
}

/// Gives sessions back; at the very end of the process that is left to the system.
pub(super) fn release<T>(sessions: T) {
    match GATE.enter(Open::Leaving) {
        Some(inside) => {
            drop(sessions);
            drop(inside);
        }
        None => std::mem::forget(sessions),
    }
}

/// Lets nobody begin an inference or load a network any more, in this process, and waits until those who have begun are
/// done; not for longer than `limit`. Says whether nobody is inside. Blocks.
#[must_use]
pub fn close(limit: Duration) -> bool {
    GATE.close(Open::Leaving, limit)
}

/// As [`close`], and nobody gives sessions back any more either. Call it last, before the process ends.
#[must_use]
pub fn end(limit: Duration) -> bool {
    GATE.close(Open::Nobody, limit)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn the_gate_closes_when_the_last_one_has_left() {
        static GATE: Gate = Gate {
            state: Mutex::new(State {
                inside: 0,
                open: Open::All,
            }),
            left: Condvar::new(),
        };
        let enter = || GATE.enter(Open::All);
        let (first, second) = (enter().unwrap(), enter().unwrap());
        drop(first);
        assert!(!GATE.close(Open::Leaving, Duration::from_millis(10)));
        assert!(enter().is_none());
        drop(GATE.enter(Open::Leaving).unwrap());
        std::thread::scope(|scope| {
            let closing = scope.spawn(|| GATE.close(Open::Nobody, Duration::from_secs(60)));
            std::thread::sleep(Duration::from_millis(50));
            drop(second);
            assert!(closing.join().unwrap());
        });
        assert!(GATE.enter(Open::Leaving).is_none());
        // It stays closed.
        assert!(GATE.close(Open::Leaving, Duration::ZERO));
        assert!(GATE.enter(Open::Leaving).is_none());
    }
}
