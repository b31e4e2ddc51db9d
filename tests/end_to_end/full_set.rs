//! The built worker on the architectures of the set `full`: small networks with random weights, whose answers mean
//! nothing and come all the same way as those of the real ones.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use test_support::guests::COMPONENTS;
use test_support::other_networks;
use test_support::small_networks;
use test_support::worker::{ADMIN, Worker};

/// Prompts of the default tagger.
const PROMPTS: usize = 217;

/// A worker on the small networks.
async fn worker(settings: &[(&str, &str)]) -> Worker {
    other_networks::start(small_networks(env!("CARGO_TARGET_TMPDIR")), settings).await
}

/// The answer for a photo, and the scene that the plugins were shown.
async fn describe(worker: &Worker, photo: &str) -> (Value, Value) {
    let answer = worker.describe_in_detail(photo).await;
    let (_, stored) = worker.get(&format!("/api/files/{photo}?details=true")).await;
    (answer, stored["details"]["scene"].clone())
}

/// The shorter side of a face's box in pixels.
fn shorter_side(face: &Value) -> f64 {
    let side = |low: usize| {
        let at = |index: usize| face["bounding_box"][index].as_f64().unwrap();
        at(low + 2) - at(low)
    };
    side(0).min(side(1))
}

#[test_support::test]
async fn a_photo_is_compared_with_prompts_and_captioned() {
    let worker = worker(&[ADMIN]).await;
    let health = worker.health().await;
    for evidence in ["labels", "similarities", "caption", "demographics"] {
        assert_eq!(health["evidence"][evidence], true, "{health}");
    }
    let scale = |model: &Value| model["logit_scale"].as_f64();
    assert!(
        health["models"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| scale(model) > Some(1.0)),
        "{health}"
    );

    let (answer, scene) = describe(&worker, "coffee.png").await;
    let caption = answer["details"]["caption"].as_str().unwrap();
    assert_eq!(scene["caption"], caption);
    let similarities = scene["similarities"].as_array().unwrap();
    assert_eq!(similarities.len(), PROMPTS);
    assert!(
        similarities
            .iter()
            .all(|value| (-1.0..=1.0).contains(&value.as_f64().unwrap()))
    );
    // What a detector with random weights takes for faces is told an age when it is large and clear, and not otherwise.
    for face in answer["faces"].as_array().unwrap() {
        let is_clear = shorter_side(face) >= 48.0 && face["quality"].as_f64() >= Some(0.5);
        assert_eq!(
            (face["age"].is_number(), face["gender"].is_string()),
            (is_clear, is_clear),
            "{face}"
        );
    }
    // The same again: nothing of it is left to chance.
    let (again, seen_again) = describe(&worker, "coffee.png").await;
    assert_eq!(
        (&again["details"]["caption"], &seen_again),
        (&answer["details"]["caption"], &scene)
    );
}

#[test_support::test]
async fn what_no_plugin_asks_for_is_not_computed() {
    let worker = worker(&[ADMIN]).await;
    let blind =
        std::fs::read(Path::new(COMPONENTS).join("examples/label-classifier/label-classifier.wasm")).unwrap();
    assert_eq!(worker.admin(Method::PUT, "/tagger", blind).await.0, 200);
    let (_, scene) = describe(&worker, "coffee.png").await;
    // That tagger looks at pixels; the context mapper still asks for a caption.
    assert!(
        scene["similarities"].is_null() && scene["caption"].is_string(),
        "{scene}"
    );
}
