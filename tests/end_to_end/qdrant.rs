//! Workers that keep faces on a Qdrant server, or rather on a stand-in for one.

use std::time::{Duration, Instant};

use serde_json::Value;

use test_support::stand_in::StandIn;
use test_support::worker::{Worker, clusters, command};

async fn start(url: &str) -> Worker {
    Worker::start(&[
        ("VECTOR_STORE", "qdrant"),
        ("QDRANT_URL", url),
        ("QDRANT_TIMEOUT_MS", "1000"),
        ("QDRANT_LEASE_MS", "4000"),
    ])
    .await
}

#[test_support::test(flavor = "multi_thread")]
async fn two_workers_share_a_server_and_outlive_its_absence() {
    let stand_in = StandIn::default();
    let (first_door, second_door) = (stand_in.door(), stand_in.door());
    let first = start(&first_door.url).await;
    let second = start(&second_door.url).await;
    assert_eq!(first.health().await["vector_store"]["kind"], "qdrant");

    // What one has stored, the other knows.
    let obama = clusters(&first.describe("obama.jpg").await).remove(0);
    assert_eq!(second.counts().await, (1, 1));
    let (status, again) = second.process_as("another", "obama.jpg").await;
    assert_eq!((status, clusters(&again)), (200, vec![obama.clone()]));
    let (status, kind, jpeg) = second.thumbnail(&obama).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    assert_eq!(first.thumbnail(&obama).await.2, jpeg);

    // Without the server there is nothing to be had, and it is said so; the other worker does not mind.
    first_door.shut();
    assert_eq!(first.health().await["status"], "degraded");
    let (status, problem) = first.process("biden.jpg").await;
    assert_eq!(
        (status, &problem["code"]),
        (503, &Value::from("store_unavailable"))
    );
    assert_eq!(first.thumbnail(&obama).await.0, 503);
    second.describe("biden.jpg").await;
    first_door.open();
    assert_eq!(first.health().await["status"], "ok");
    let biden = clusters(&first.describe("biden.jpg").await);
    assert_eq!(first.counts().await, (3, 2));

    // A worker that is killed keeps the others from writing for a lease's length at most.
    drop(first.kill());
    let killed = Instant::now();
    assert_eq!(clusters(&second.describe("biden.jpg").await), biden);
    assert!(killed.elapsed() < Duration::from_secs(20));
}

#[test_support::test]
fn a_server_that_is_not_there_is_named_when_the_worker_starts() {
    let arguments = [("VECTOR_STORE", "qdrant"), ("QDRANT_URL", "http://127.0.0.1:1")];
    let output = command(&arguments)
        .args(["store", "export", "nowhere"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        said.contains("Qdrant at http://127.0.0.1:1 does not answer"),
        "{said}"
    );
}
