//! Photos that come in the request itself, under the limits and in the queue of those that are fetched.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use test_support::{Answer, FakePhotos, Form, TestApp, eventually, photo_of};
use tokio::sync::oneshot;

use crate::photos::clusters;

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A picture of `tests/fixtures`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures"));
    std::fs::read(folder.join(name)).unwrap()
}

/// Sends a photo as the body.
async fn as_body(app: &TestApp, file_id: &str, photo: Vec<u8>) -> Answer {
    let path = format!("/api/process?file_id={file_id}");
    app.post_body(&path, "image/png", photo).await
}

/// Sends a photo as a part of a form.
async fn in_form(app: &TestApp, file_id: &str, photo: &[u8]) -> Answer {
    let form = Form::new().text("file_id", file_id).file("photo", photo);
    app.post_form("/api/process", form).await
}

#[test_support::test]
async fn a_photo_that_is_sent_is_described_as_one_that_is_fetched() {
    let app = TestApp::start(&[("STORE_URLS", "full")]).await;
    let fetched = app.describe("fetched", &[0, 1]).await;
    let photo = photo_of(&[0, 1]);
    let octets = "application/octet-stream; charset=binary";
    let after = Form::new().file("photo", &photo).text("file_id", "d");
    for (file_id, answer) in [
        ("a", as_body(&app, "a", photo.clone()).await),
        (
            "b",
            app.post_body("/api/process?file_id=b", octets, photo.clone())
                .await,
        ),
        ("c", in_form(&app, "c", &photo).await),
        // In whichever order the fields come, and whatever the query says.
        ("d", app.post_form("/api/process?file_id=other", after).await),
    ] {
        let answer = answer.success();
        assert_eq!(answer["file_id"], file_id);
        assert_eq!(clusters(&answer), clusters(&fetched), "{file_id}");
        for part in ["tags", "context"] {
            assert_eq!(answer[part], fetched[part], "{file_id}");
        }
        // There is no URL to fetch it from again.
        let again = app.post("/api/reprocess", &json!({ "file_id": file_id })).await;
        assert_eq!(again.problem(), is(409, "no_stored_url"), "{file_id}");
    }
    assert_eq!(app.counts().await, (10, 2));
    let details = app
        .post_body("/api/process?details=true&file_id=a", "image/webp", photo)
        .await
        .success();
    assert_eq!(details["details"]["model_set"], "open");
    assert_eq!(app.get("/api/files/other").await.status, 404);
}

#[test_support::test]
async fn what_is_no_photo_has_its_code_whichever_way_it_comes() {
    let app = TestApp::start(&[]).await;
    let whole = photo_of(&[0, 1]);
    for (name, file, status, code) in [
        ("half", whole[..whole.len() / 2].to_vec(), 422, "photo_damaged"),
        ("truncated", fixture("truncated.jpg"), 422, "photo_damaged"),
        ("page", fixture("page.jpg"), 415, "photo_not_an_image"),
        ("empty", Vec::new(), 422, "photo_empty"),
        ("bomb", fixture("bomb.png"), 413, "photo_too_many_pixels"),
    ] {
        assert_eq!(
            in_form(&app, "1", &file).await.problem(),
            is(status, code),
            "{name}"
        );
        assert_eq!(
            as_body(&app, "1", file).await.problem(),
            is(status, code),
            "{name}"
        );
    }
    assert_eq!(app.counts().await, (0, 0));
    assert_eq!(app.get("/api/files/1").await.problem(), is(404, "unknown_file"));
}

#[test_support::test]
async fn a_name_that_is_none_is_refused_whichever_way_the_photo_comes() {
    let app = TestApp::start(&[]).await;
    let photo = photo_of(&[0]);
    app.photos.add("one", photo.clone());
    let path = "/api/process?file_id=";
    let fetched = json!({ "file_id": "one", "image_url": FakePhotos::url("one") });
    let form = Form::new().text("file_id", "one").file("photo", &photo);
    let invalid = is(400, "invalid_value");
    assert_eq!(app.post(path, &fetched).await.problem(), invalid);
    assert_eq!(app.post_form(path, form).await.problem(), invalid);
    assert_eq!(app.post_body(path, "image/png", photo).await.problem(), invalid);
    assert_eq!(app.counts().await, (0, 0));
}

#[test_support::test]
async fn a_photo_has_as_many_bytes_as_one_that_is_fetched_may_have() {
    let photo = photo_of(&[0]);
    let most = photo.len().to_string();
    let app = TestApp::start(&[("MAX_PHOTO_BYTES", &most)]).await;
    assert_eq!(as_body(&app, "1", photo.clone()).await.status, 200);
    assert_eq!(in_form(&app, "2", &photo).await.status, 200);
    let more = [photo.clone(), vec![0]].concat();
    let too_large = is(413, "photo_too_large");
    assert_eq!(as_body(&app, "3", more.clone()).await.problem(), too_large);
    assert_eq!(in_form(&app, "3", &more).await.problem(), too_large);
    // A body whose length was not announced, and one that is far beyond.
    for length in [more.len(), 10 << 20] {
        let pieces = vec![0; length];
        let pieces = pieces.chunks(1 << 16).map(Bytes::copy_from_slice);
        let pieces: Vec<Result<Bytes, std::io::Error>> = pieces.map(Ok).collect();
        let body = Body::from_stream(stream::iter(pieces));
        let answer = app.post_body("/api/process?file_id=3", "image/jpeg", body).await;
        assert_eq!(answer.problem(), too_large, "{length}");
        let answer = in_form(&app, "3", &vec![0; length]).await;
        assert_eq!(answer.problem(), too_large, "{length}");
    }
    // JSON has its own limit all the same.
    let long = json!({ "file_id": "3", "image_url": "x".repeat(100_000) });
    let answer = app.post("/api/process", &long).await;
    assert_eq!(answer.problem(), is(413, "body_too_large"));
    assert_eq!(app.counts().await, (2, 1));
}

#[test_support::test]
async fn a_form_that_is_wrong_is_told_what_is_wrong() {
    let app = TestApp::start(&[]).await;
    let photo = photo_of(&[0]);
    let form = || Form::new().text("file_id", "1");
    for (form, status, code, says) in [
        (form(), 400, "malformed_request", "photo"),
        (
            Form::new().file("photo", &photo),
            400,
            "malformed_request",
            "file_id",
        ),
        (
            form().file("picture", &photo),
            400,
            "malformed_request",
            "picture",
        ),
        (
            form().file("photo", &photo).file("photo", &photo),
            400,
            "malformed_request",
            "more than one part",
        ),
        (
            form().text("file_id", "2").file("photo", &photo),
            400,
            "malformed_request",
            "more than one part",
        ),
        (
            Form::new().text("file_id", "").file("photo", &photo),
            400,
            "invalid_value",
            "",
        ),
        (
            Form::new()
                .text("file_id", &"x".repeat(5_000))
                .file("photo", &photo),
            413,
            "body_too_large",
            "file_id",
        ),
    ] {
        let answer = app.post_form("/api/process", form).await;
        assert_eq!(answer.problem(), is(status, code), "{says}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{says}: {detail}");
    }
    let whole = form().file("photo", &photo).body();
    for (media_type, body) in [
        ("multipart/form-data", whole.clone()),
        ("multipart/form-data; boundary=other", whole.clone()),
        (Form::content_type().as_str(), whole[..whole.len() - 200].to_vec()),
        (Form::content_type().as_str(), Vec::new()),
    ] {
        let answer = app.post_body("/api/process", media_type, body).await;
        assert_eq!(answer.problem(), is(400, "malformed_request"), "{media_type}");
    }
    for (path, code) in [
        ("/api/process", "malformed_request"),
        ("/api/process?file_id=", "invalid_value"),
    ] {
        let answer = app.post_body(path, "image/png", photo.clone()).await;
        assert_eq!(answer.problem(), is(400, code), "{path}");
    }
    // What is none of all that.
    let answer = app
        .post_body("/api/process?file_id=1", "text/plain", photo.clone())
        .await;
    assert_eq!(answer.problem(), is(415, "not_json"));
    assert!(
        answer.json()["detail"].as_str().unwrap().contains("image/*"),
        "{answer:?}"
    );
    assert_eq!(app.counts().await, (0, 0));
}

#[test_support::test]
async fn an_idempotency_key_goes_by_the_bytes() {
    let app = TestApp::start(&[]).await;
    let send = async |photo: Vec<u8>, file_id: &str| {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/process?file_id={file_id}"))
            .header("Content-Type", "image/png")
            .header("Idempotency-Key", "one");
        app.send(request.body(photo.into()).unwrap()).await
    };
    let first = send(photo_of(&[0]), "1").await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = send(photo_of(&[0]), "1").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.success(), first.success());
    assert_eq!(
        send(photo_of(&[1]), "1").await.problem(),
        is(422, "idempotency_key_reused")
    );
    assert_eq!(
        send(photo_of(&[0]), "2").await.problem(),
        is(422, "idempotency_key_reused")
    );
    assert_eq!(app.counts().await, (1, 1));
}

/// The beginning of a photo, and what sends the rest of it.
fn in_pieces(photo: &[u8]) -> (Body, oneshot::Sender<()>) {
    let (first, rest) = photo.split_at(photo.len() / 2);
    let (go_on, stop) = oneshot::channel::<()>();
    let rest = Bytes::copy_from_slice(rest);
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(first))]);
    let rest = stream::once(async move {
        // Whoever drops its end sends nothing more, and nothing ends the photo.
        if stop.await.is_err() {
            std::future::pending::<()>().await;
        }
        Ok(rest)
    });
    (
        Body::from_stream(futures_util::StreamExt::chain(first, rest)),
        go_on,
    )
}

async fn working(app: &TestApp) -> bool {
    let metrics = String::from_utf8(app.get("/metrics").await.body.to_vec()).unwrap();
    metrics.contains("ai_worker_photos_working 1\n")
}

#[test_support::test]
async fn a_photo_that_arrives_slowly_has_a_place_and_others_wait_for_theirs() {
    let settings = [("MAX_CONCURRENT_PHOTOS", "1"), ("MAX_QUEUED_PHOTOS", "0")];
    let app = Arc::new(TestApp::start(&settings).await);
    let photo = photo_of(&[0]);
    let (body, go_on) = in_pieces(&photo);
    let slow = tokio::spawn({
        let app = Arc::clone(&app);
        async move {
            app.post_body("/api/process?file_id=slow", "image/png", body)
                .await
        }
    });
    eventually(Duration::from_secs(30), "the photo has its place", async || {
        working(&app).await
    })
    .await;
    for answer in [
        as_body(&app, "2", photo.clone()).await,
        in_form(&app, "2", &photo).await,
        app.post_form("/api/identify", Form::new().file("photo", &photo))
            .await,
        app.post_form("/api/compare", Form::new().file("first", &photo))
            .await,
    ] {
        assert_eq!(answer.problem(), is(429, "busy"));
        assert!(!answer.header("retry-after").is_empty());
    }
    go_on.send(()).unwrap();
    let described = slow.await.unwrap().success();
    assert_eq!(described["faces"].as_array().unwrap().len(), 1);
    assert_eq!(as_body(&app, "2", photo).await.status, 200);
}

#[test_support::test]
async fn a_photo_that_does_not_arrive_gives_its_place_back() {
    let settings = [("MAX_CONCURRENT_PHOTOS", "1"), ("DOWNLOAD_TIMEOUT_MS", "200")];
    let app = TestApp::start(&settings).await;
    let photo = photo_of(&[0]);
    let (body, never) = in_pieces(&photo);
    let answer = app.post_body("/api/process?file_id=1", "image/png", body).await;
    assert_eq!(answer.problem(), is(408, "upload_timed_out"));
    let whole = Form::new().text("file_id", "1").file("photo", &photo).body();
    let (body, never_either) = in_pieces(&whole);
    let answer = app.post_body("/api/process", &Form::content_type(), body).await;
    assert_eq!(answer.problem(), is(408, "upload_timed_out"));
    assert!(!working(&app).await);
    assert_eq!(as_body(&app, "1", photo).await.status, 200);
    drop((never, never_either));
}

#[test_support::test]
async fn a_wrong_key_is_told_before_the_photo_is_looked_at() {
    let settings = [
        ("API_KEY", "an-api-key-of-some-length"),
        ("MAX_PHOTO_BYTES", "1000"),
    ];
    let app = TestApp::start(&settings).await;
    let answer = as_body(&app, "1", vec![0; 500_000]).await;
    assert_eq!(answer.problem(), is(401, "wrong_api_key"));
    let problem: Value = answer.json();
    assert_eq!(problem["status"], 401);
}
