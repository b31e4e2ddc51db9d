//! `/livez`, `/readyz`, `ai-worker probe`, `/metrics` and the caller's trace.

use std::net::TcpListener;
use std::process::Output;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use test_support::eventually;

use test_support::worker::{Worker, command};

#[test_support::test]
async fn a_worker_that_was_started_is_alive_and_ready() {
    let worker = Worker::start(&[("API_KEY", "secret")]).await;
    assert_eq!(worker.get("/livez").await, (200, json!({ "status": "alive" })));
    assert_eq!(worker.get("/readyz").await, (200, json!({ "status": "ready" })));
    // That a network runs was found out by running it.
    let detector = r#"ai_worker_inference_duration_seconds_count{model="yunet-2023mar"}"#;
    assert!(worker.measured(detector).await >= 2, "{}", worker.metrics().await);
}

/// What `ai-worker probe` says of a worker that listens there: its exit code and its only line.
async fn probe(url: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let port = url.rsplit(':').next().unwrap();
    // As in a container.
    let settings = [
        ("HOST", "0.0.0.0"),
        ("API_KEY", "a-key-of-this-test"),
        ("PORT", port),
    ];
    let mut probe = command(&settings);
    probe.arg("probe").args(arguments);
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::task::spawn_blocking(move || probe.output().unwrap())
        .await
        .unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    (status.code(), said.trim_end().to_owned())
}

#[test_support::test]
async fn a_health_check_needs_no_http_client() {
    let worker = Worker::start(&[]).await;
    assert_eq!(probe(&worker.url, &["live"]).await, (Some(0), "alive".to_owned()));
    assert_eq!(
        probe(&worker.url, &["ready"]).await,
        (Some(0), "ready".to_owned())
    );
    // Ready is what is asked unless something else is.
    assert_eq!(probe(&worker.url, &[]).await, (Some(0), "ready".to_owned()));

    // A worker without its database lives, and is not ready.
    std::fs::remove_file(worker.data.path().join("faces/faces.sqlite")).unwrap();
    let is_unready = async || probe(&worker.url, &["ready"]).await.0 == Some(1);
    eventually(
        Duration::from_secs(20),
        "the probe finds it not ready",
        is_unready,
    )
    .await;
    let (_, said) = probe(&worker.url, &["ready"]).await;
    assert!(said.contains("/readyz answered 503"), "{said}");
    assert_eq!(probe(&worker.url, &["live"]).await, (Some(0), "alive".to_owned()));
}

#[test_support::test]
async fn a_health_check_of_nobody_fails_in_time() {
    // Takes connections, and answers nobody.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let (code, said) = probe(&url, &["live", "--timeout-ms", "200"]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("/livez does not answer"), "{said}");
    drop(silent);
    let (code, said) = probe(&url, &["live"]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("/livez does not answer"), "{said}");
    let (code, said) = probe("http://127.0.0.1:0", &["live"]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("PORT"), "{said}");
}

#[test_support::test]
async fn what_is_done_is_measured() {
    let worker = Worker::start(&[]).await;
    worker.describe("t1.jpg").await;
    worker.process("missing.jpg").await;
    worker.get("/nowhere/1").await;
    worker.get("/nowhere/2").await;
    let text = worker.metrics().await;
    assert!(text.ends_with("# EOF\n"));
    for (series, expected) in [
        (
            r#"ai_worker_requests_total{route="/api/process",status="200"}"#,
            1,
        ),
        (
            r#"ai_worker_requests_total{route="/api/process",status="422"}"#,
            1,
        ),
        // Whatever is asked for that is not there is one series.
        (r#"ai_worker_requests_total{route="none",status="404"}"#, 2),
        (r#"ai_worker_photos_total{outcome="described"}"#, 1),
        (r#"ai_worker_photos_total{outcome="photo_not_available"}"#, 1),
        (r#"ai_worker_stage_duration_seconds_count{stage="download"}"#, 1),
        (r#"ai_worker_stage_duration_seconds_count{stage="decode"}"#, 1),
        (r#"ai_worker_stage_duration_seconds_count{stage="inference"}"#, 1),
        (r#"ai_worker_stage_duration_seconds_count{stage="plugins"}"#, 1),
        (r#"ai_worker_stage_duration_seconds_count{stage="faces"}"#, 1),
        (r#"ai_worker_photo_faces_sum"#, 6),
        (
            r#"ai_worker_plugin_call_duration_seconds_count{slot="cluster-policy"}"#,
            6,
        ),
        (
            r#"ai_worker_store_call_duration_seconds_count{operation="apply"}"#,
            1,
        ),
        (r#"ai_worker_photos_working"#, 0),
        (r#"ai_worker_photos_working_limit"#, 4),
        (r#"ai_worker_decoded_pixels"#, 0),
    ] {
        assert_eq!(worker.measured(series).await, expected, "{series} in {text}");
    }
    assert!(worker.measured("ai_worker_resident_memory_bytes").await > 10 << 20);
}

#[test_support::test]
async fn the_callers_trace_is_in_every_line_of_its_request() {
    let logs = tempfile::tempdir().unwrap();
    let mut worker = Worker::start(&[("LOG_DIR", logs.path().to_str().unwrap())]).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let body = json!({ "photos": [{ "file_id": "1", "image_url": worker.photos.url("coffee.png") }] });
    let request = worker.request(Method::POST, "/api/process/batch");
    let request = request.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    request.json(&body).send().await.unwrap().text().await.unwrap();
    let log = worker.whole_log(logs.path()).await;
    for part in ["/api/process/batch", "batch answered"] {
        let line = log.lines().find(|line| line.contains(part)).unwrap();
        assert!(line.contains(trace), "{line}");
    }
}
