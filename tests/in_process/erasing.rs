//! What is left in the files of a worker of a photo and a person that were deleted.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use test_support::{FakePhotos, TestApp, files_with, holds_within, photo_of};

const NAME: &str = "anna-and-nobody-else";

#[test_support::test]
async fn no_file_of_a_worker_names_a_deleted_photo() {
    let settings = [("STORE_URLS", "full"), ("INDEX_ERASE_SECONDS", "0")];
    let app = TestApp::start(&settings).await;
    app.photos.add(NAME, photo_of(&[0, 1]));
    let photo = json!({ "file_id": NAME, "image_url": FakePhotos::url(NAME) });
    let described = app.post("/api/process", &photo).await.success();
    let cluster = described["faces"][0]["cluster_id"].as_str().unwrap();
    let thumbnail = app.get(&format!("/api/cluster/{cluster}/thumbnail")).await;
    assert_eq!(thumbnail.status, 200);
    let holds = || {
        let pieces = thumbnail
            .body
            .chunks(512)
            .map(|piece| &piece[..piece.len().min(64)]);
        pieces
            .skip(2)
            .chain([NAME.as_bytes()])
            .flat_map(|bytes| files_with(app.data(), bytes))
            .collect::<Vec<_>>()
    };
    assert!(!holds().is_empty());
    let path = format!("/api/files/{NAME}");
    let deleted = app.call(Method::DELETE, &path, &[]).await.success();
    assert_eq!(deleted["deleted_faces"], 2);
    let is_gone = async || holds().is_empty();
    assert!(
        holds_within(Duration::from_secs(30), is_gone).await,
        "{:?} still hold what was deleted",
        holds()
    );
}
