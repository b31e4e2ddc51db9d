//! `POST /api/process/batch`: a line for each photo, as soon as it is done.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use test_support::worker::Worker;

/// The body of a batch of these photos of the photo server, each under its own name.
fn batch(worker: &Worker, photos: &[&str]) -> Value {
    let photos: Vec<Value> = photos
        .iter()
        .map(|photo| json!({ "file_id": photo, "image_url": worker.photos.url(photo) }))
        .collect();
    json!({ "photos": photos })
}

async fn send(worker: &Worker, body: &Value) -> Response {
    let request = worker.request(Method::POST, "/api/process/batch");
    let request = request.header("X-Request-Id", "many-photos").json(body);
    request.send().await.unwrap()
}

/// Every line of an answer by its index.
async fn lines(response: Response) -> BTreeMap<u64, Value> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let body = response.text().await.unwrap();
    assert!(body.ends_with('\n'));
    let lines: Vec<Value> = body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let by_index: BTreeMap<u64, Value> = lines
        .iter()
        .map(|line| (line["index"].as_u64().unwrap(), line.clone()))
        .collect();
    assert_eq!(by_index.len(), lines.len(), "an index came twice: {body}");
    by_index
}

#[test_support::test]
async fn every_photo_has_its_line_and_a_bad_one_fails_alone() {
    let worker = Worker::start(&[]).await;
    let photos = [
        "obama.jpg",
        "missing.jpg",
        "biden.jpg",
        "page.jpg",
        "coffee.png",
        "obama.jpg",
    ];
    let mut body = batch(&worker, &photos);
    let nameless = json!({ "file_id": "", "image_url": worker.photos.url("obama.jpg") });
    body["photos"].as_array_mut().unwrap().push(nameless);
    let lines = lines(send(&worker, &body).await).await;
    assert_eq!(lines.len(), 7);
    for (index, code) in [
        (1, "photo_not_available"),
        (3, "photo_not_an_image"),
        (5, "invalid_value"),
        (6, "invalid_value"),
    ] {
        let line = &lines[&index];
        assert_eq!(line["problem"]["code"], code, "{line}");
        assert_eq!(line["problem"]["request_id"], "many-photos");
        assert_eq!(line["file_id"], body["photos"][index as usize]["file_id"]);
        assert!(line.get("faces").is_none());
    }
    // Each photo is answered as it is alone: again, and with the people that it is known to hold.
    for index in [0, 2, 4] {
        let mut line = lines[&index].clone();
        let name = photos[index as usize];
        let mut alone = worker.describe(name).await;
        line.as_object_mut().unwrap().remove("index").unwrap();
        for answer in [&mut line, &mut alone] {
            for face in answer["faces"].as_array_mut().unwrap() {
                face.as_object_mut().unwrap().remove("is_new_cluster");
            }
        }
        assert_eq!(line, alone, "{name}");
    }
    assert_eq!(worker.counts().await, (2, 2));
}

#[test_support::test]
async fn a_line_comes_when_its_photo_is_done_and_nothing_after_the_caller_has_left() {
    let settings = [("MAX_CONCURRENT_PHOTOS", "2")];
    let worker = Worker::start(&settings).await;
    let body = batch(&worker, &["slow", "obama.jpg", "slow?2", "biden.jpg", "t1.jpg"]);
    let response = send(&worker, &body).await;
    let mut chunks = response.bytes_stream();
    let first: Value = serde_json::from_slice(&chunks.next().await.unwrap().unwrap()).unwrap();
    assert_eq!(
        (&first["index"], &first["file_id"]),
        (&json!(1), &json!("obama.jpg"))
    );
    // Both places are taken by photos that would take for longer than this test.
    drop(chunks);
    let left = Instant::now();
    worker.describe("coffee.png").await;
    assert!(left.elapsed() < Duration::from_secs(10), "{:?}", left.elapsed());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(worker.counts().await, (1, 1), "the batch went on");
}

#[test_support::test]
async fn a_batch_leaves_room_for_single_photos() {
    let settings = [("MAX_CONCURRENT_PHOTOS", "1"), ("MAX_QUEUED_PHOTOS", "1")];
    let worker = Worker::start(&settings).await;
    let photos: Vec<Value> = (0..30)
        .map(|index| json!({ "file_id": format!("{index}"), "image_url": worker.photos.url("obama.jpg") }))
        .collect();
    let batch = json!({ "photos": photos });
    let single = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..3 {
            worker.describe("coffee.png").await;
        }
        Instant::now()
    };
    let whole = async {
        let lines = lines(send(&worker, &batch).await).await;
        assert!(lines.values().all(|line| line["faces"].is_array()), "{lines:?}");
        Instant::now()
    };
    let (single, whole) = tokio::join!(single, whole);
    assert!(single < whole, "three photos waited for a batch of thirty");
}

#[test_support::test]
async fn limits_of_a_batch_hold() {
    let settings = [
        ("BATCH_PHOTOS", "3"),
        ("BATCH_BYTES", "1024"),
        ("BATCH_TIMEOUT_MS", "1500"),
        ("MAX_CONCURRENT_BATCHES", "1"),
        ("MAX_CONCURRENT_PHOTOS", "1"),
    ];
    let worker = Worker::start(&settings).await;
    let long = "x".repeat(2_000);
    for (photos, status, code) in [
        (vec![], 400, "empty_batch"),
        (vec!["1", "2", "3", "4"], 413, "batch_too_large"),
        (vec![long.as_str()], 413, "body_too_large"),
    ] {
        let response = send(&worker, &batch(&worker, &photos)).await;
        assert_eq!(response.status(), status, "{code}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], code);
    }
    // One that has its place when the time is over, one that waits for it, and another batch.
    let body = batch(&worker, &["slow", "coffee.png"]);
    let (late, refused) = tokio::join!(async { lines(send(&worker, &body).await).await }, async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        send(&worker, &body).await
    });
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    for index in 0..2 {
        assert_eq!(late[&index]["problem"]["code"], "deadline_exceeded", "{late:?}");
    }
    worker.describe("coffee.png").await;
}
