//! What callers and photo servers get wrong: each has its own code, and the worker goes on.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};
use reqwest::Method;
use serde_json::json;

use test_support::photo_server::PhotoServer;
use test_support::prerequisites;
use test_support::worker::Worker;

#[test_support::test]
async fn a_source_without_a_photo_has_its_code() {
    let worker = Worker::start(&[]).await;
    let (status, problem) = worker.process("missing.jpg").await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (422, Some("photo_not_available"))
    );
    let (status, problem) = worker.process("loop").await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (422, Some("photo_too_many_redirects"))
    );
    assert_eq!(worker.counts().await, (0, 0));
    worker.describe("obama.jpg").await;
}

#[test_support::test]
async fn unusual_photos_are_described() {
    let worker = Worker::start(&[]).await;
    // The same portrait in other clothes: the person must be found in each.
    let portrait = image::load_from_memory(&worker.photos.get("obama.jpg")).unwrap();
    let variants: [(&str, DynamicImage, ImageFormat); 5] = [
        (
            "grey-portrait.jpg",
            DynamicImage::ImageLuma8(portrait.to_luma8()),
            ImageFormat::Jpeg,
        ),
        (
            "deep.png",
            DynamicImage::ImageRgba16(portrait.to_rgba16()),
            ImageFormat::Png,
        ),
        ("lossless.webp", portrait.clone(), ImageFormat::WebP),
        ("single.gif", portrait.clone(), ImageFormat::Gif),
        ("plain.bmp", portrait.clone(), ImageFormat::Bmp),
    ];
    for (name, image, format) in variants {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        worker.photos.add(name, bytes.into_inner());
        let answer = worker.describe(name).await;
        assert_eq!(answer["faces"].as_array().unwrap().len(), 1, "{name}");
    }
    assert_eq!(worker.counts().await, (5, 1));

    for name in [
        "alpha-16.png",
        "animated.gif",
        "animated.webp",
        "cmyk.jpg",
        "grey.jpg",
        "one-pixel.png",
        "palette.png",
        "progressive.jpg",
        "quarters.bmp",
        "quarters.tiff",
    ] {
        let answer = worker.describe(name).await;
        assert_eq!(answer["faces"], json!([]), "{name}");
    }
}

#[test_support::test]
async fn limits_of_the_download_hold() {
    let settings = [("MAX_PHOTO_BYTES", "200000"), ("DOWNLOAD_TIMEOUT_MS", "1000")];
    let worker = Worker::start(&settings).await;
    for (photo, status, code) in [
        ("endless", 413, "photo_too_large"),
        ("obama.jpg", 413, "photo_too_large"),
        ("slow", 504, "photo_timed_out"),
    ] {
        let started = Instant::now();
        let (found, problem) = worker.process(photo).await;
        assert_eq!(
            (found, problem["code"].as_str()),
            (status, Some(code)),
            "{photo}: {problem}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{photo} took {:?}",
            started.elapsed()
        );
    }
}

#[test_support::test]
async fn a_deadline_ends_a_request() {
    let worker = Worker::start(&[("REQUEST_TIMEOUT_MS", "500")]).await;
    let (status, problem) = worker.process("slow").await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (504, Some("deadline_exceeded")),
        "{problem}"
    );
}

#[test_support::test]
async fn a_full_queue_is_429_with_a_time_to_come_back() {
    let settings = [
        ("MAX_CONCURRENT_PHOTOS", "1"),
        ("MAX_QUEUED_PHOTOS", "0"),
        ("DOWNLOAD_TIMEOUT_MS", "3000"),
    ];
    let worker = Worker::start(&settings).await;
    let (_, second) = tokio::join!(worker.process("slow"), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let body = json!({ "file_id": "2", "image_url": worker.photos.url("coffee.png") });
        let request = worker.request(Method::POST, "/api/process").json(&body);
        request.send().await.unwrap()
    });
    assert_eq!(second.status(), 429);
    assert!(second.headers().contains_key("retry-after"));
}

#[test_support::test]
async fn a_file_of_the_worker_is_no_photo_s_url() {
    let worker = Worker::start(&[]).await;
    let photo = json!({ "file_id": "1", "image_url": "file:///etc/passwd" });
    let request = worker.request(Method::POST, "/api/process").json(&photo);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "invalid_image_url");
}

#[test_support::test]
async fn a_busy_source_is_passed_on_with_its_time_to_come_back() {
    let worker = Worker::start(&[]).await;
    let photo = json!({ "file_id": "busy", "image_url": worker.photos.url("busy") });
    let request = worker.request(Method::POST, "/api/process").json(&photo);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        (&problem["code"], &problem["retry_after"]),
        (&json!("photo_source_busy"), &json!(7))
    );
    let request = worker.request(Method::POST, "/api/process/batch");
    let batch = request.json(&json!({ "photos": [photo] })).send().await.unwrap();
    assert_eq!(batch.status(), 200);
    let line: serde_json::Value = serde_json::from_str(&batch.text().await.unwrap()).unwrap();
    assert_eq!(line["problem"]["retry_after"], 7, "{line}");
}

#[test_support::test]
async fn private_addresses_are_not_fetched_from() {
    let worker = Worker::start(&[("PHOTO_NETWORKS", "")]).await;
    let local = worker.photos.url("obama.jpg");
    let port = local.split(':').nth(2).unwrap().split('/').next().unwrap();
    for url in [
        local.clone(),
        format!("http://localhost:{port}/obama.jpg"),
        format!("http://2130706433:{port}/obama.jpg"),
        format!("http://0x7f.1:{port}/obama.jpg"),
        format!("http://[::ffff:127.0.0.1]:{port}/obama.jpg"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/photo.jpg".to_owned(),
        "http://[fd00::1]/photo.jpg".to_owned(),
    ] {
        let (status, problem) = worker
            .post("/api/process", &json!({ "file_id": "1", "image_url": url }))
            .await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (422, Some("photo_address_refused")),
            "{url}: {problem}"
        );
    }
}

#[test_support::test]
async fn a_redirect_to_another_address_is_checked_again() {
    let prerequisites = prerequisites();
    let worker = Worker::start(&[("PHOTO_NETWORKS", "127.0.0.2/32")]).await;
    // Two servers: the one that is allowed sends the worker to the one that is not.
    let allowed = PhotoServer::start("127.0.0.2", &prerequisites.samples).await;
    let forbidden = worker.photos.url("");
    let port = forbidden.trim_end_matches('/').rsplit(':').next().unwrap();
    let body = json!({ "file_id": "1", "image_url": allowed.url(&format!("to/{port}")) });
    let (status, problem) = worker.post("/api/process", &body).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (422, Some("photo_address_refused")),
        "{problem}"
    );
    let body = json!({ "file_id": "1", "image_url": allowed.url("coffee.png") });
    assert_eq!(worker.post("/api/process", &body).await.0, 200);
}
