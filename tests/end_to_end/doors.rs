//! Who may call, and what every answer and log line carries.

use reqwest::Method;
use serde_json::Value;

use test_support::prerequisites;
use test_support::worker::{Worker, command};

#[test_support::test]
async fn a_wrong_key_is_401_and_the_right_one_opens() {
    let worker = Worker::start(&[("API_KEY", "correct horse")]).await;
    let body = serde_json::json!({ "file_id": "1", "image_url": worker.photos.url("coffee.png") });
    for (key, status) in [
        (None, 401),
        (Some(""), 401),
        (Some("wrong"), 401),
        (Some("correct horse "), 401),
        (Some("correct horse"), 200),
    ] {
        let mut request = worker.request(Method::POST, "/api/process").json(&body);
        if let Some(key) = key {
            request = request.header("X-API-Key", key.as_bytes());
        }
        let found = request.send().await.unwrap().status().as_u16();
        // Headers are trimmed on the way, so a trailing blank is no difference.
        let expected = if key == Some("correct horse ") {
            200
        } else {
            status
        };
        assert_eq!(found, expected, "{key:?}");
    }
    assert_eq!(worker.health().await["status"], "ok");
}

#[test_support::test]
async fn an_address_outside_the_list_is_403() {
    let worker = Worker::start(&[("ALLOWED_IPS", "10.0.0.0/8,fd00::/8")]).await;
    let (status, problem) = worker.get("/health").await;
    assert_eq!((status, &problem["code"]), (403, &"address_not_allowed".into()));

    let worker = Worker::start(&[("ALLOWED_IPS", "10.0.0.0/8, 127.0.0.1")]).await;
    assert_eq!(worker.health().await["status"], "ok");
}

#[test_support::test]
async fn ipv6_clients_are_checked_too() {
    let worker = Worker::start(&[("HOST", "::1"), ("ALLOWED_IPS", "::1")]).await;
    assert_eq!(worker.health().await["status"], "ok");
    let worker = Worker::start(&[("HOST", "::1"), ("ALLOWED_IPS", "127.0.0.1")]).await;
    assert_eq!(worker.fetch("/health").await.status(), 403);
}

#[test_support::test]
async fn only_configured_origins_get_cors_headers() {
    let worker = Worker::start(&[("CORS_ORIGINS", "http://photos.internal")]).await;
    for (origin, allowed) in [("http://photos.internal", true), ("http://evil.example", false)] {
        let request = worker.request(Method::GET, "/health").header("Origin", origin);
        let response = request.send().await.unwrap();
        assert_eq!(
            response.headers().contains_key("access-control-allow-origin"),
            allowed,
            "{origin}"
        );
    }
}

#[test_support::test]
async fn a_page_of_a_configured_origin_may_use_every_method_and_repeat_requests() {
    let origin = "http://photos.internal";
    let worker = Worker::start(&[("CORS_ORIGINS", origin)]).await;
    let request = worker
        .request(Method::OPTIONS, "/api/process")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "DELETE")
        .header("Access-Control-Request-Headers", "idempotency-key");
    let response = request.send().await.unwrap();
    let allowed = |header: &str| response.headers()[header].to_str().unwrap().to_lowercase();
    for method in ["get", "post", "put", "delete"] {
        assert!(
            allowed("access-control-allow-methods").contains(method),
            "{method}"
        );
    }
    for header in ["content-type", "x-api-key", "idempotency-key", "x-request-id"] {
        assert!(
            allowed("access-control-allow-headers").contains(header),
            "{header}"
        );
    }
}

#[test_support::test]
fn without_a_key_only_loopback_is_listened_on() {
    prerequisites();
    let output = command(&[("HOST", "0.0.0.0"), ("PORT", "0")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("API_KEY"));
}

#[test_support::test]
async fn connections_leave_files_to_everything_else() {
    let worker = Worker::start_by(&["sh", "-c", "ulimit -n 300; exec \"$0\""], &[]).await;
    let address = worker.url.trim_start_matches("http://");
    let mut silent = Vec::new();
    for number in 0..400 {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
        if number % 50 == 0 {
            assert_eq!(worker.fetch("/livez").await.status(), 200);
        }
    }
    worker.describe("obama.jpg").await;
    assert!(worker.descriptors() < 280, "{}", worker.descriptors());
}

#[test_support::test]
async fn a_request_id_goes_in_and_out_and_into_problems() {
    let worker = Worker::start(&[]).await;
    let request = worker.request(Method::GET, "/nowhere");
    let response = request.header("X-Request-Id", "photo-42").send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "photo-42");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(
        (&problem["request_id"], &problem["code"]),
        (&"photo-42".into(), &"no_such_route".into())
    );
    let response = worker.fetch("/nowhere").await;
    assert!(!response.headers()["x-request-id"].is_empty());
}

#[test_support::test]
async fn what_strangers_send_is_not_put_whole_into_the_log() {
    let logs = tempfile::tempdir().unwrap();
    let settings = [
        ("LOG_DIR", logs.path().to_str().unwrap()),
        ("API_KEY", "a-key-that-strangers-do-not-have"),
    ];
    let mut worker = Worker::start(&settings).await;
    let long = "x".repeat(60_000);
    let response = worker.fetch(&format!("/api/clusters/{long}")).await;
    assert_eq!(response.status(), 401);
    let method = Method::from_bytes(&long.as_bytes()[..30_000]).unwrap();
    assert!(
        worker
            .request(method, "/health")
            .send()
            .await
            .unwrap()
            .status()
            .is_client_error()
    );
    let log = worker.whole_log(logs.path()).await;
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("ai_worker::access"))
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    for line in lines {
        assert!(line.len() < 2_000 && line.contains(" bytes)"), "{line}");
    }
}

#[test_support::test]
async fn every_request_is_one_line_in_the_log_file() {
    let logs = tempfile::tempdir().unwrap();
    let directory = logs.path().to_str().unwrap();
    let settings = [("LOG_DIR", directory), ("LOG_FORMAT", "text")];
    let mut worker = Worker::start(&settings).await;
    worker.health().await;
    worker.process("missing.jpg").await;
    let log = worker.whole_log(logs.path()).await;
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("ai_worker::access"))
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    for part in [
        "ip=127.0.0.1",
        "method=GET",
        "path=\"/health\"",
        "status=200",
        "duration_ms=",
    ] {
        assert!(lines[0].contains(part), "{part} is missing from {}", lines[0]);
    }
    assert!(
        lines[1].contains("method=POST") && lines[1].contains("status=422"),
        "{}",
        lines[1]
    );
}
