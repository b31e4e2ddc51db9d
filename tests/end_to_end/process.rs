//! `POST /api/process`: people, tags and context of real photos.

use image::ImageReader;
use serde_json::{Value, json};
use std::io::Cursor;

use test_support::worker::{Worker, clusters};

#[test_support::test]
async fn a_person_is_recognised_across_photos() {
    let worker = Worker::start(&[]).await;
    let first = worker.describe("obama.jpg").await;
    assert_eq!(first["file_id"], "obama.jpg");
    let face = &first["faces"][0];
    assert_eq!(first["faces"].as_array().unwrap().len(), 1);
    assert_eq!(face["is_new_cluster"], true);
    assert!(face["confidence"].as_f64().unwrap() > 0.6);
    let corners: Vec<i64> = serde_json::from_value(face["bounding_box"].clone()).unwrap();
    assert!(corners[0] < corners[2] && corners[1] < corners[3]);
    assert!(first["tags"].as_array().unwrap().iter().all(Value::is_string));
    assert!(!first["context"].as_str().unwrap().is_empty());
    assert!(first.get("details").is_none());

    let person = clusters(&first);
    for photo in ["obama2.jpg", "obama3.jpg"] {
        let answer = worker.describe(photo).await;
        assert_eq!(clusters(&answer), person, "{photo}");
        assert_eq!(answer["faces"][0]["is_new_cluster"], false);
    }
    let other = worker.describe("biden.jpg").await;
    assert_eq!(other["faces"][0]["is_new_cluster"], true);
    assert_ne!(clusters(&other), person);
    assert_eq!(worker.counts().await, (4, 2));

    let (status, kind, jpeg) = worker.thumbnail(&person[0]).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    let thumbnail = ImageReader::new(Cursor::new(jpeg))
        .with_guessed_format()
        .unwrap()
        .decode()
        .unwrap();
    assert_eq!(thumbnail.width(), thumbnail.height());
}

#[test_support::test]
async fn six_people_in_one_photo_are_six_clusters() {
    for set in ["open", "research"] {
        let worker = Worker::start(&[("MODEL_SET", set)]).await;
        let answer = worker.describe("t1.jpg").await;
        let mut people = clusters(&answer);
        people.sort();
        people.dedup();
        assert_eq!(
            (answer["faces"].as_array().unwrap().len(), people.len()),
            (6, 6),
            "{set}: {answer}"
        );
        let tags = answer["tags"].as_array().unwrap();
        assert!(tags.contains(&json!("group photo")), "{set}: {tags:?}");
    }
}

#[test_support::test]
async fn a_photo_without_faces_still_has_tags_and_context() {
    let worker = Worker::start(&[]).await;
    let answer = worker.describe("coffee.png").await;
    assert_eq!(answer["faces"], json!([]));
    assert!(!answer["tags"].as_array().unwrap().is_empty(), "{answer}");
    assert!(!answer["context"].as_str().unwrap().is_empty());
    assert_eq!(worker.counts().await, (0, 0));
}

#[test_support::test]
async fn the_same_file_again_replaces_and_keeps_its_people() {
    let worker = Worker::start(&[]).await;
    let first = worker.describe("t1.jpg").await;
    let again = worker.describe("t1.jpg").await;
    let ids = |answer: &Value| -> Vec<(String, String)> {
        let text = |face: &Value, key: &str| face[key].as_str().unwrap().to_owned();
        let faces = answer["faces"].as_array().unwrap();
        faces
            .iter()
            .map(|face| (text(face, "face_id"), text(face, "cluster_id")))
            .collect()
    };
    assert_eq!(ids(&first), ids(&again));
    assert!(
        again["faces"]
            .as_array()
            .unwrap()
            .iter()
            .all(|face| face["is_new_cluster"] == false)
    );
    assert_eq!(worker.counts().await, (6, 6));

    // Another picture under the same id: the six people are gone, and so are their thumbnails.
    let (status, replaced) = worker.process_as("t1.jpg", "obama.jpg").await;
    assert_eq!(status, 200, "{replaced}");
    assert_eq!(worker.counts().await, (1, 1));
    for cluster in clusters(&first) {
        assert_eq!(worker.thumbnail(&cluster).await.0, 404);
    }
}

#[test_support::test]
async fn two_photos_of_a_new_person_at_once_make_one_cluster() {
    let worker = Worker::start(&[]).await;
    let (first, second, third) = tokio::join!(
        worker.describe("obama.jpg"),
        worker.describe("obama2.jpg"),
        worker.describe("obama3.jpg")
    );
    assert_eq!(clusters(&first), clusters(&second));
    assert_eq!(clusters(&first), clusters(&third));
    let new = [&first, &second, &third]
        .iter()
        .filter(|answer| answer["faces"][0]["is_new_cluster"] == true)
        .count();
    assert_eq!(new, 1);
}

#[test_support::test]
async fn people_survive_a_kill() {
    let worker = Worker::start(&[]).await;
    let before = worker.describe("obama.jpg").await;
    let data = worker.kill();
    let worker = Worker::start_in(data, &[]).await;
    let after = worker.describe("obama2.jpg").await;
    assert_eq!(clusters(&before), clusters(&after));
    assert_eq!(worker.thumbnail(&clusters(&before)[0]).await.0, 200);
}

#[test_support::test]
async fn a_store_of_another_embedder_is_refused() {
    let worker = Worker::start(&[]).await;
    worker.describe("obama.jpg").await;
    let data = worker.kill();
    let output = test_support::worker::command(&[("PORT", "0"), ("MODEL_SET", "research")])
        .env("DATA_DIR", data.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("sface-2021dec") && errors.contains("faceplugin-512"),
        "{errors}"
    );
}

#[test_support::test]
async fn a_threshold_of_the_operator_wins_over_the_models() {
    let worker = Worker::start(&[("SIMILARITY_THRESHOLD", "0.99")]).await;
    let (first, second) = (
        worker.describe("obama.jpg").await,
        worker.describe("obama2.jpg").await,
    );
    assert_ne!(clusters(&first), clusters(&second));
}

#[test_support::test]
async fn details_name_what_made_the_answer() {
    let worker = Worker::start(&[]).await;
    let answer = worker.describe_in_detail("obama.jpg").await;
    let details = &answer["details"];
    assert_eq!(details["model_set"], "open");
    assert_eq!(details["plugins"]["tagger"]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(
        details["scored_tags"].as_array().unwrap().len(),
        answer["tags"].as_array().unwrap().len()
    );
    assert!(details["timings_ms"]["inference"].as_f64().unwrap() > 0.0);
    assert!(!details["cluster_reasons"][0].as_str().unwrap().is_empty());
}

#[test_support::test]
async fn health_says_what_runs() {
    let worker = Worker::start(&[]).await;
    let health = worker.health().await;
    assert_eq!(health["status"], "ok");
    assert_eq!(health["device"]["selected"], "cpu");
    assert_eq!(
        health["vector_store"],
        json!({ "kind": "embedded", "faces": 0, "clusters": 0, "problem": null })
    );
    let roles: Vec<&str> = health["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["role"].as_str().unwrap())
        .collect();
    for role in [
        "face-detector",
        "face-embedder",
        "age",
        "gender",
        "label-classifier",
        "object-detector",
        "text-detector",
        "text-recognizer",
    ] {
        assert!(roles.contains(&role), "{role} is missing from {roles:?}");
    }
    assert_eq!(
        health["evidence"],
        json!({ "labels": true, "similarities": false, "caption": false, "demographics": true, "pixels": true, "text_similarities": true, "objects": true, "text": true, "surroundings": true })
    );
    for slot in ["tagger", "context-mapper", "cluster-policy"] {
        let plugin = &health["plugins"][slot];
        assert_eq!(plugin["origin"], "built-in");
        assert_eq!(plugin["digest"].as_str().unwrap().len(), 64);
        assert!(!plugin["version"].as_str().unwrap().is_empty());
    }
}
