//! Clusters are consolidated when new photos say something about them, without being asked.

use std::time::Duration;

use test_support::eventually;
use test_support::worker::{Worker, clusters};

#[test_support::test]
async fn what_a_photo_says_about_other_clusters_is_heard_when_the_worker_is_idle() {
    // So strict that every photo has a person of its own.
    let worker = Worker::start(&[("SIMILARITY_THRESHOLD", "0.95")]).await;
    worker.describe("obama.jpg").await;
    worker.describe("obama2.jpg").await;
    assert_eq!(worker.counts().await, (2, 2));

    let data = worker.kill();
    let worker = Worker::start_in(data, &[("CONSOLIDATE_MINUTES", "15")]).await;
    assert_eq!(worker.counts().await, (2, 2));
    let joined = clusters(&worker.describe("obama3.jpg").await);
    assert_eq!(joined.len(), 1);
    eventually(
        Duration::from_secs(60),
        "the two clusters of one person are one",
        async || worker.counts().await == (3, 1),
    )
    .await;
}
