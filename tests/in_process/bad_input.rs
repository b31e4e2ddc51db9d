//! What callers get wrong: each has its own code, and the worker goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::{Method, Request};
use test_support::{TestApp, photo_of};

/// A picture of `tests/fixtures`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures"));
    std::fs::read(folder.join(name)).unwrap()
}

#[test_support::test]
async fn bytes_that_are_no_photo_each_have_their_code() {
    let app = TestApp::start(&[]).await;
    let whole = photo_of(&[0, 1]);
    for (name, file, status, code) in [
        (
            "half.png",
            whole[..whole.len() / 2].to_vec(),
            422,
            "photo_damaged",
        ),
        ("truncated.jpg", fixture("truncated.jpg"), 422, "photo_damaged"),
        ("page.jpg", fixture("page.jpg"), 415, "photo_not_an_image"),
        ("noise.jpg", vec![0xA5; 10_000], 415, "photo_not_an_image"),
        ("empty.jpg", fixture("empty.jpg"), 422, "photo_empty"),
        // A header of 40,000 x 40,000 pixels.
        ("bomb.png", fixture("bomb.png"), 413, "photo_too_many_pixels"),
    ] {
        app.photos.add(name, file);
        let started = Instant::now();
        let answer = app.process(name).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{name}");
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{name} took {:?}",
            started.elapsed()
        );
    }
    assert_eq!(app.counts().await, (0, 0));
    app.describe("whole.png", &[0, 1]).await;
}

#[test_support::test]
async fn malformed_requests_are_told_what_is_wrong() {
    let app = TestApp::start(&[]).await;
    let long = format!("{{\"file_id\": \"{}\"}}", "x".repeat(100_000));
    let cases: [(&str, &str, u16, &str); 9] = [
        ("{", "application/json", 400, "malformed_request"),
        ("", "application/json", 400, "malformed_request"),
        ("[]", "application/json", 400, "malformed_request"),
        (
            r#"{"file_id": "1"}"#,
            "application/json",
            400,
            "malformed_request",
        ),
        (
            r#"{"image_url": "http://example.com"}"#,
            "application/json",
            400,
            "malformed_request",
        ),
        (
            r#"{"file_id": 1, "image_url": "http://example.com"}"#,
            "application/json",
            400,
            "malformed_request",
        ),
        (
            r#"{"file_id": "", "image_url": "http://example.com"}"#,
            "application/json",
            400,
            "invalid_value",
        ),
        (
            r#"{"file_id": "1", "image_url": "http://example.com"}"#,
            "text/plain",
            415,
            "not_json",
        ),
        (&long, "application/json", 413, "body_too_large"),
    ];
    for (body, kind, status, code) in cases {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/process")
            .header("Content-Type", kind);
        let answer = app.send(request.body(body.to_owned().into()).unwrap()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{body:.60}");
    }
    assert_eq!(app.get("/api/process").await.status, 405);
}
