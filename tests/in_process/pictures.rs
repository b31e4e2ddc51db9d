//! Stored photos that are fetched again: to be shown, and to be described anew.

use std::path::Path;

use axum::http::Method;
use image::{GenericImageView as _, ImageFormat};
use serde_json::json;
use test_support::{FakePhotos, TestApp, photo_of};

use crate::photos::clusters;

const URLS: [(&str, &str); 1] = [("STORE_URLS", "full")];

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures"));
    std::fs::read(folder.join(name)).unwrap()
}

#[test_support::test]
async fn a_photo_is_shown_as_large_as_is_asked_for_and_not_kept() {
    let app = TestApp::start(&URLS).await;
    app.photos.add("a-photo.png", photo_of(&[0, 1, 2, 3, 4]));
    let photo = json!({ "file_id": "albums/a photo.png", "image_url": FakePhotos::url("a-photo.png") });
    assert_eq!(app.post("/api/process", &photo).await.status, 200);
    for (query, size) in [
        ("", (368, 80)),
        ("?longest=4096", (368, 80)),
        ("?longest=184", (184, 40)),
        ("?longest=64.0", (64, 14)),
    ] {
        let path = format!("/api/pictures/albums/a%20photo.png{query}");
        let answer = app.get(&path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "image/jpeg"),
            "{query}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        let picture = image::load_from_memory_with_format(&answer.body, ImageFormat::Jpeg).unwrap();
        assert_eq!(picture.dimensions(), size, "{query}");
    }
    for longest in ["63", "4097", "100.5", "-1", "large"] {
        let answer = app
            .get(&format!("/api/pictures/albums/a%20photo.png?longest={longest}"))
            .await;
        assert_eq!(answer.problem(), is(400, "malformed_request"), "{longest}");
    }
}

#[test_support::test]
async fn it_is_upright_and_without_metadata() {
    let app = TestApp::start(&URLS).await;
    let turned = fixture("orientation-6.jpg");
    let marker = b"Exif\0\0";
    let has = |file: &[u8]| file.windows(marker.len()).any(|window| window == marker);
    assert!(has(&turned));
    app.photos.add("turned.jpg", turned.clone());
    assert_eq!(app.process("turned.jpg").await.status, 200);
    let shown = app.get("/api/pictures/turned.jpg").await;
    assert_eq!(shown.status, 200);
    assert!(!has(&shown.body));
    let stored = image::load_from_memory(&turned).unwrap().dimensions();
    let shown = image::load_from_memory(&shown.body).unwrap().dimensions();
    assert_eq!(shown, (stored.1, stored.0));
}

#[test_support::test]
async fn a_photo_is_described_anew_from_where_it_came() {
    let app = TestApp::start(&URLS).await;
    let before = app.describe("one", &[0, 1]).await;
    // By now its source has another version of it.
    app.photos.add("one", photo_of(&[1, 2]));
    let request = json!({ "file_id": "one" });
    let after = app.post("/api/reprocess?details=true", &request).await.success();
    assert_eq!(after["file_id"], "one");
    assert_eq!(clusters(&after)[0], clusters(&before)[1]);
    assert_eq!(after["details"]["model_set"], "open");
    // It may be fetched once more.
    let again = app.post("/api/reprocess", &request).await.success();
    assert_eq!(clusters(&again), clusters(&after));
    for (again, after) in again["faces"]
        .as_array()
        .unwrap()
        .iter()
        .zip(after["faces"].as_array().unwrap())
    {
        assert_eq!(again["face_id"], after["face_id"]);
    }
    assert_eq!(app.counts().await, (2, 2));
}

#[test_support::test]
async fn a_photo_that_is_deleted_meanwhile_stays_deleted() {
    let app = TestApp::start(&URLS).await;
    app.describe("one", &[0, 1]).await;
    let source = app.photos.hold("one");
    let request = json!({ "file_id": "one" });
    let deletion = async {
        source.asked().await;
        let _ = app.call(Method::DELETE, "/api/files/one", &[]).await.success();
        source.release();
    };
    let (again, ()) = tokio::join!(app.post("/api/reprocess", &request), deletion);
    assert_eq!(again.problem(), is(404, "unknown_file"));
    assert_eq!(app.counts().await, (0, 0));
    // Sent once more by the backend, it is a photo as any other.
    assert_eq!(app.process("one").await.status, 200);
    assert_eq!(app.counts().await, (2, 2));
}

#[test_support::test]
async fn what_cannot_be_fetched_again_says_why() {
    let app = TestApp::start(&[]).await;
    app.describe("one", &[0]).await;
    let (picture, request) = ("/api/pictures/one", json!({ "file_id": "one" }));
    let not_kept = is(409, "no_stored_url");
    assert_eq!(app.get(picture).await.problem(), not_kept);
    assert_eq!(app.post("/api/reprocess", &request).await.problem(), not_kept);
    let unknown = is(404, "unknown_file");
    assert_eq!(app.get("/api/pictures/nobody").await.problem(), unknown);
    assert_eq!(app.get("/api/pictures/%ff").await.problem(), unknown);
    let nobody = json!({ "file_id": "nobody" });
    assert_eq!(app.post("/api/reprocess", &nobody).await.problem(), unknown);
    let empty = app.post("/api/reprocess", &json!({ "file_id": "" })).await;
    assert_eq!(empty.problem(), is(400, "invalid_value"));

    let app = TestApp::start(&URLS).await;
    app.describe("one", &[0]).await;
    let stored = app.get("/api/files/one").await.success();
    for (file, problem) in [
        (Vec::new(), is(422, "photo_empty")),
        (b"a page".to_vec(), is(415, "photo_not_an_image")),
    ] {
        app.photos.add("one", file);
        assert_eq!(app.get(picture).await.problem(), problem);
        assert_eq!(app.post("/api/reprocess", &request).await.problem(), problem);
    }
    // What was stored stays.
    assert_eq!(app.get("/api/files/one").await.success(), stored);
}
