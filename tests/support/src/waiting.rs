//! Waiting for what happens by itself.

use std::time::{Duration, Instant};

/// Waits until something holds; panics with `what` when it does not by then.
///
/// # Panics
/// As said.
pub async fn eventually(limit: Duration, what: &str, holds: impl AsyncFnMut() -> bool) {
    assert!(holds_within(limit, holds).await, "waited in vain: {what}");
}

/// As [`eventually`], for whoever has more to say: gives whether it holds by then.
pub async fn holds_within(limit: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !holds().await {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    true
}
