//! What is written in a photo: read, turned into an event, and kept only where that is allowed.

use reqwest::Method;
use serde_json::Value;

use test_support::worker::{Worker, respond};

/// What a worker without optimisation needs to read a banner whole.
const PATIENT: (&str, &str) = ("TEXT_BUDGET_MS", "60000");

/// The lines that were read, as a stored photo has them.
async fn stored_text(worker: &Worker, photo: &str) -> Value {
    let (status, file) = worker.get(&format!("/api/files/{photo}?details=true")).await;
    assert_eq!(status, 200, "{file}");
    file["details"]["scene"]["text"].clone()
}

fn texts(lines: &Value) -> Vec<&str> {
    let lines = lines.as_array().unwrap();
    lines.iter().map(|line| line["text"].as_str().unwrap()).collect()
}

#[test_support::test]
async fn a_banner_says_what_the_event_is_and_is_not_kept() {
    let logs = tempfile::tempdir().unwrap();
    let settings = [
        PATIENT,
        ("LOG_DIR", logs.path().to_str().unwrap()),
        ("LOG_LEVEL", "debug"),
    ];
    let mut worker = Worker::start(&settings).await;
    let answer = worker.describe_in_detail("banner.png").await;
    assert_eq!(answer["context"], "Pelatihan kader posyandu");
    let details = &answer["details"];
    assert_eq!(details["context_reason"], "text: Pelatihan");
    let tags = details["scored_tags"].as_array().unwrap();
    let training = tags.iter().find(|tag| tag["name"] == "training").unwrap();
    assert_eq!(training["reason"], "text: Pelatihan");
    // What it says was used, and is nowhere.
    assert_eq!(details["text"], Value::Null);
    assert_eq!(stored_text(&worker, "banner.png").await, Value::Null);
    let metrics = worker.metrics().await;
    let log = worker.whole_log(logs.path()).await;
    let data = worker.kill();
    assert!(log.contains("ai_worker::access"), "{log}");
    let database = ["faces.sqlite", "faces.sqlite-wal"].map(|name| {
        let bytes = std::fs::read(data.path().join("faces").join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    assert!(database.iter().any(|part| part.contains("banner.png")));
    for text in [&log, &metrics, &database[0], &database[1]] {
        assert!(!text.contains("SUKAMAJU") && !text.contains("Agustus 2024"));
    }
}

#[test_support::test]
async fn text_is_kept_where_that_is_allowed_and_goes_with_its_photo() {
    let worker = Worker::start(&[PATIENT, ("STORE_TEXT", "on")]).await;
    for photo in ["banner.png", "banner-turned.png"] {
        let answer = worker.describe_in_detail(photo).await;
        let lines = &answer["details"]["text"];
        assert!(texts(lines).contains(&"POSYANDU DESA SUKAMAJU"), "{lines}");
        assert_eq!(&stored_text(&worker, photo).await, lines);
        let turn = lines[0]["turn"].as_f64().unwrap();
        let expected = if photo == "banner.png" { 0.0 } else { 12.0 };
        assert!((turn - expected).abs() < 2.0, "{lines}");
    }
    let delete = worker.request(Method::DELETE, "/api/files/banner.png");
    assert_eq!(respond(delete).await.0, 200);
    assert_eq!(worker.get("/api/files/banner.png").await.0, 404);
}

#[test_support::test]
async fn evidence_that_is_off_is_not_computed() {
    let off = ("EVIDENCE_OFF", "objects,text,surroundings");
    let worker = Worker::start(&[off]).await;
    let health = worker.health().await;
    for evidence in ["objects", "text", "surroundings"] {
        assert_eq!(health["evidence"][evidence], false, "{health}");
    }
    let details = &worker.describe_in_detail("banner.png").await["details"];
    assert_eq!(
        [&details["objects"], &details["indoor"], &details["text"]],
        [&Value::Null; 3]
    );
    let metrics = worker.metrics().await;
    for model in ["efficientdet-lite0", "ppocr-v4-detector", "ppocr-v6-latin"] {
        assert!(!metrics.contains(model), "{model} ran");
    }
}
