//! The built worker on the architectures of the set `full`: small networks with random weights, whose answers mean
//! nothing and come all the same way as those of the real ones.

use std::path::Path;

use ai_worker::plugins::digest;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::guests::COMPONENTS;
use crate::prerequisites::prerequisites;
use crate::small_networks::small_networks;
use crate::worker::{ADMIN, Worker};

/// Prompts of the default tagger.
const PROMPTS: usize = 217;

/// The built-in manifest, but with the hashes and sizes of the small networks.
fn manifest_of(directory: &Path) -> String {
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/manifest.toml");
    let mut manifest: toml::Table = std::fs::read_to_string(built_in).unwrap().parse().unwrap();
    for file in manifest["file"].as_array_mut().unwrap() {
        let file = file.as_table_mut().unwrap();
        let Ok(bytes) = std::fs::read(directory.join(file["name"].as_str().unwrap())) else {
            continue;
        };
        file.remove("convert");
        file.insert("sha256".to_owned(), digest(&bytes).into());
        file.insert("bytes".to_owned(), i64::try_from(bytes.len()).unwrap().into());
    }
    toml::to_string(&manifest).unwrap()
}

/// A worker on the small networks.
async fn worker(settings: &[(&str, &str)]) -> Option<Worker> {
    let directory = small_networks()?;
    let library = prerequisites()?.runtime_library();
    let data: TempDir = tempfile::tempdir().unwrap();
    let manifest = data.path().join("manifest.toml");
    std::fs::write(&manifest, manifest_of(directory)).unwrap();
    let mut all = vec![
        ("MODEL_SET", "full"),
        ("MODEL_MANIFEST", manifest.to_str().unwrap()),
        ("MODELS_DIR", directory.to_str().unwrap()),
        ("ORT_DYLIB_PATH", library.to_str().unwrap()),
    ];
    all.extend_from_slice(settings);
    Worker::start_in(data, &all).await
}

/// The answer for a photo, and the scene that the plugins were shown.
async fn describe(worker: &Worker, photo: &str) -> (Value, Value) {
    let answer = worker.describe_in_detail(photo).await;
    let (_, stored) = worker.get(&format!("/api/files/{photo}?details=true")).await;
    (answer, stored["details"]["scene"].clone())
}

#[tokio::test]
async fn a_photo_is_compared_with_prompts_and_captioned() {
    let Some(worker) = worker(&[ADMIN]).await else {
        return;
    };
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
    for face in answer["faces"].as_array().unwrap() {
        assert!(face["age"].is_number() && face["gender"].is_string(), "{face}");
    }
    // The same again: nothing of it is left to chance.
    let (again, seen_again) = describe(&worker, "coffee.png").await;
    assert_eq!(
        (&again["details"]["caption"], &seen_again),
        (&answer["details"]["caption"], &scene)
    );
}

#[tokio::test]
async fn what_no_plugin_asks_for_is_not_computed() {
    let Some(worker) = worker(&[ADMIN]).await else {
        return;
    };
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
