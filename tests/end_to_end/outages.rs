//! The store goes away, is slow, or cannot write; and comes back.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use test_support::eventually;
use test_support::proxy::Proxy;
use test_support::stand_in::StandIn;
use test_support::worker::{Worker, clusters};

/// A worker whose store is behind a proxy.
async fn start(settings: &[(&str, &str)]) -> (Worker, Proxy) {
    let door = StandIn::default().door();
    let proxy = Proxy::before(&door.url).await;
    let store = [
        ("VECTOR_STORE", "qdrant"),
        ("QDRANT_URL", proxy.url.as_str()),
        ("QDRANT_TIMEOUT_MS", "1000"),
        ("QDRANT_LEASE_MS", "4000"),
    ];
    let worker = Worker::start(&[&store[..], settings].concat()).await;
    (worker, proxy)
}

/// A problem of the store, which says when to come back.
async fn refused(worker: &Worker, photo: &str) -> Duration {
    let started = Instant::now();
    let body = json!({ "file_id": photo, "image_url": worker.photos.url(photo) });
    let request = worker.request(Method::POST, "/api/process").json(&body);
    let response = request.send().await.unwrap();
    let took = started.elapsed();
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "store_unavailable");
    assert!(
        problem["detail"].as_str().unwrap().contains("vector store"),
        "{problem}"
    );
    took
}

/// Waits until a photo that is on its way has been decoded, so that its networks run.
async fn until_inference(worker: &Worker, decoded: u64) {
    let count = r#"ai_worker_stage_duration_seconds_count{stage="decode"}"#;
    let is_decoded = async || worker.measured(count).await >= decoded;
    eventually(Duration::from_secs(60), "the photo is decoded", is_decoded).await;
    tokio::time::sleep(Duration::from_millis(40)).await;
}

#[test_support::test(flavor = "multi_thread")]
async fn a_photo_that_was_looked_at_waits_for_the_store() {
    let (worker, store) = start(&[]).await;
    worker.describe("obama.jpg").await;
    let (answer, ()) = tokio::join!(worker.process("t1.jpg"), async {
        until_inference(&worker, 2).await;
        store.kill();
        tokio::time::sleep(Duration::from_secs(3)).await;
        store.up();
    });
    assert_eq!(answer.0, 200, "{}", answer.1);
    assert_eq!(clusters(&answer.1).len(), 6);
    // It was looked at once, and what was said is what is stored.
    let inference = r#"ai_worker_stage_duration_seconds_count{stage="inference"}"#;
    assert_eq!(worker.measured(inference).await, 2);
    assert_eq!(worker.counts().await, (7, 7));
    let again = worker.describe("t1.jpg").await;
    assert_eq!(clusters(&again), clusters(&answer.1));
}

#[test_support::test(flavor = "multi_thread")]
async fn a_photo_waits_no_longer_than_it_may_and_leaves_nothing_half_written() {
    let (worker, store) = start(&[("STORE_WAIT_MS", "1500")]).await;
    let (answer, ()) = tokio::join!(worker.process("t1.jpg"), async {
        until_inference(&worker, 1).await;
        store.kill();
    });
    assert_eq!((answer.0, &answer.1["code"]), (503, &json!("store_unavailable")));
    store.up();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(worker.counts().await, (0, 0));
    assert_eq!(clusters(&worker.describe("t1.jpg").await).len(), 6);
}

#[test_support::test(flavor = "multi_thread")]
async fn a_store_that_keeps_failing_is_left_alone_and_found_when_it_is_back() {
    let (worker, store) = start(&[]).await;
    let obama = clusters(&worker.describe("obama.jpg").await);
    assert_eq!(worker.get("/readyz").await.0, 200);
    store.kill();
    for _ in 0..6 {
        refused(&worker, "biden.jpg").await;
    }
    assert_eq!(worker.measured("ai_worker_store_circuit_open").await, 1);
    // Nobody waits for a store that is known to be away; half a second is for a busy machine.
    let mut quick = 0;
    for _ in 0..5 {
        quick += u32::from(refused(&worker, "biden.jpg").await < Duration::from_millis(50));
    }
    assert!(quick >= 3, "only {quick} of 5 were told at once");
    let (status, problem) = worker.get("/readyz").await;
    assert_eq!((status, &problem["code"]), (503, &json!("not_ready")));
    assert!(
        problem["detail"].as_str().unwrap().contains("vector store"),
        "{problem}"
    );
    assert_eq!(worker.get("/livez").await.0, 200);

    store.up();
    let is_found = async || worker.get("/readyz").await.0 == 200;
    eventually(Duration::from_secs(10), "the store is found", is_found).await;
    assert_eq!(clusters(&worker.describe("obama2.jpg").await), obama);
}

#[test_support::test(flavor = "multi_thread")]
async fn a_slow_store_is_waited_for() {
    let (worker, store) = start(&[]).await;
    store.slow(Duration::from_millis(60));
    assert_eq!(clusters(&worker.describe("obama.jpg").await).len(), 1);
}

#[test_support::test]
async fn a_database_that_somebody_else_writes_to_is_waited_for() {
    let worker = Worker::start(&[]).await;
    worker.describe("obama.jpg").await;
    let path = worker.data.path().join("faces/faces.sqlite");
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // SQLite itself waits for five seconds.
    let (answer, ()) = tokio::join!(worker.process("biden.jpg"), async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        other.execute_batch("ROLLBACK").unwrap();
    });
    assert_eq!(answer.0, 200, "{}", answer.1);
    assert_eq!(worker.counts().await, (2, 2));
}
