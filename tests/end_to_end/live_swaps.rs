//! Components that were built a moment ago, in whatever language, swapped into a live worker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ai_worker::plugins::Inspection;
use serde_json::Value;

use test_support::worker::{ADMIN, Worker, command};

/// A photo of what the templates' taggers call a group.
const GROUP_PHOTO: &str = "solvay_1927.jpg";

/// What `ai-worker plugin` prints, with the keys of the worker; it must succeed.
fn plugin(arguments: &[&str]) -> String {
    let output = command(&[ADMIN]).arg("plugin").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The components of a folder, each with its slot.
fn components(folder: &Path) -> BTreeMap<PathBuf, &'static str> {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| {
            let slot = Inspection::of(&std::fs::read(&path).unwrap()).unwrap().slot;
            (path, slot.name())
        })
        .collect()
}

/// What a template of this slot makes of the group photo; the same in every language.
fn assert_made_by_template(slot: &str, answer: &Value) {
    match slot {
        "tagger" => assert_eq!(answer["tags"], serde_json::json!(["group"])),
        "context-mapper" => {
            let faces = answer["faces"].as_array().unwrap().len();
            assert_eq!(answer["context"], format!("Foto {faces} orang"));
        }
        _ => {
            let reason = answer["details"]["cluster_reasons"][0].as_str().unwrap();
            assert!(reason.starts_with("Similarity "), "{reason}");
        }
    }
}

#[test_support::test]
#[ignore = "needs the components that .ci/languages makes; BUILT_COMPONENTS names their folder"]
async fn every_built_component_passes_its_cases_and_describes_a_photo() {
    let folder = PathBuf::from(std::env::var_os("BUILT_COMPONENTS").unwrap());
    let components = components(&folder);
    assert!(components.len() >= 12, "{components:?}");
    let worker = Worker::start(&[ADMIN]).await;
    // So that every face has neighbours.
    worker.describe(GROUP_PHOTO).await;
    for (file, slot) in &components {
        let (path, name) = (
            file.to_str().unwrap(),
            file.file_stem().unwrap().to_str().unwrap(),
        );
        plugin(&["test", path, file.with_extension("cases").to_str().unwrap()]);
        let started = Instant::now();
        let change = plugin(&["swap", slot, path, "--server", &worker.url]);
        let took = started.elapsed();
        let change: Value = serde_json::from_str(&change).unwrap();
        assert_eq!(change["changed"], true, "{name}: {change}");
        assert_eq!(change["active"]["name"], name);

        let body = serde_json::json!({ "file_id": name, "image_url": worker.photos.url(GROUP_PHOTO) });
        let (status, answer) = worker.post("/api/process?details=true", &body).await;
        assert_eq!(status, 200, "{name}: {answer}");
        assert!(answer.get("degraded").is_none(), "{name}: {answer}");
        let decided = &answer["details"]["plugins"][*slot];
        assert_eq!(decided["digest"], change["active"]["digest"], "{name}: {answer}");
        if ["rust-", "js-", "ts-", "python-"]
            .iter()
            .any(|language| name.starts_with(language))
        {
            assert_made_by_template(slot, &answer);
        }
        let list: Value = serde_json::from_str(&plugin(&["list", "--server", &worker.url])).unwrap();
        let entry = list
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["slot"] == *slot)
            .unwrap();
        assert_eq!(
            (entry["failures"].as_u64(), &entry["name"]),
            (Some(0), &Value::from(name))
        );
        println!(
            "{name}: swapped in {:.1} s, {} us a call",
            took.as_secs_f64(),
            entry["p50_us"]
        );
        plugin(&["rollback", slot, "--server", &worker.url]);
    }
}
