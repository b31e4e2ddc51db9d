//! Where photos came from: kept as an option, and shown to nobody.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use test_support::{FakePhotos, TestApp, files_with, holds_within, photo_of};

const NAME: &str = "anna-17.jpg";
const WITH_TOKEN: &str = "anna-17.jpg?token=very-secret";

/// A worker that has described one photo, whose URL has a token in its query.
async fn with_a_photo(store_urls: &[(&str, &str)]) -> TestApp {
    let app = TestApp::start(store_urls).await;
    app.photos.add(WITH_TOKEN, photo_of(&[0]));
    let photo = json!({ "file_id": "one", "image_url": FakePhotos::url(WITH_TOKEN) });
    let described = app.post("/api/process", &photo).await.success();
    assert_eq!(described["faces"].as_array().unwrap().len(), 1);
    app
}

/// Whether the worker's files hold this text.
fn is_kept(app: &TestApp, text: &str) -> bool {
    !files_with(app.data(), text.as_bytes()).is_empty()
}

#[test_support::test]
async fn a_url_is_kept_as_far_as_the_setting_says() {
    for (settings, name, token) in [
        (&[][..], false, false),
        (&[("STORE_URLS", "off")][..], false, false),
        (&[("STORE_URLS", "plain")][..], true, false),
        (&[("STORE_URLS", "full")][..], true, true),
    ] {
        let app = with_a_photo(settings).await;
        assert_eq!(is_kept(&app, NAME), name, "{settings:?}");
        let stored = app.get("/api/files/one").await.success();
        assert_eq!(stored["has_url"], name, "{settings:?}");
        assert_eq!(is_kept(&app, "very-secret"), token, "{settings:?}");
    }
}

#[test_support::test]
async fn a_kept_url_is_in_no_answer() {
    let app = with_a_photo(&[("STORE_URLS", "full")]).await;
    for path in [
        "/api/files/one?details=true",
        "/api/files",
        "/api/readings/one",
        "/api/jobs",
        "/api/failures",
        "/api/clusters",
        "/api/changes",
        "/health",
    ] {
        let answer = app.get(path).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert_eq!(answer.status, 200, "{path}: {text}");
        assert!(!text.contains("anna-17"), "{path}: {text}");
    }
}

#[test_support::test]
async fn a_url_goes_with_the_photo() {
    let settings = [("STORE_URLS", "full"), ("INDEX_ERASE_SECONDS", "0")];
    let app = with_a_photo(&settings).await;
    assert!(is_kept(&app, NAME));
    let deleted = app.call(Method::DELETE, "/api/files/one", &[]).await.success();
    assert_eq!(deleted["deleted_faces"], 1);
    // A thread empties the write-ahead log.
    let is_gone = async || !is_kept(&app, NAME);
    assert!(
        holds_within(Duration::from_secs(30), is_gone).await,
        "the URL is still in {:?}",
        files_with(app.data(), NAME.as_bytes())
    );
}
