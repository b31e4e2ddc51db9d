//! What plugins may ask the host for: networks on the photo's pixels, and prompts compared in words.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use test_support::guests::{self, COMPONENTS};
use test_support::harness::missing;
use test_support::worker::{ADMIN, Worker, command, only_file};

async fn swap_tagger(worker: &Worker, component: Vec<u8>) {
    let (status, answer) = worker.admin(Method::PUT, "/tagger", component).await;
    assert_eq!(status, 200, "{answer}");
}

fn label_classifier() -> Vec<u8> {
    std::fs::read(Path::new(COMPONENTS).join("examples/label-classifier/label-classifier.wasm")).unwrap()
}

#[test_support::test]
async fn a_guest_that_runs_the_classifier_sees_what_the_host_sees() {
    let worker = Worker::start(&[ADMIN, ("TAG_THRESHOLD", "0")]).await;
    swap_tagger(&worker, label_classifier()).await;
    let answer = worker.describe_in_detail("coffee.png").await;
    let labels = answer["details"]["labels"].as_array().unwrap();
    let tags = answer["details"]["scored_tags"].as_array().unwrap();
    assert_eq!((labels.len(), tags.len()), (20, 20));
    for (label, tag) in labels.iter().zip(tags) {
        assert_eq!(label["name"], tag["name"]);
        let (host, guest) = (label["score"].as_f64().unwrap(), tag["score"].as_f64().unwrap());
        assert!((host - guest).abs() < 1e-4, "{label} {tag}");
    }
}

#[test_support::test]
async fn a_network_that_is_not_allowed_is_not_there() {
    let worker = Worker::start(&[ADMIN, ("PLUGIN_GRAPHS", "none")]).await;
    swap_tagger(&worker, label_classifier()).await;
    let (status, problem) = worker.process("coffee.png").await;
    assert_eq!((status, &problem["code"]), (502, &json!("plugin_failed")));
}

#[test_support::test]
async fn prompts_are_compared_in_words_and_embedded_once() {
    let worker = Worker::start(&[ADMIN]).await;
    if worker.health().await["evidence"]["text_similarities"] != true {
        // The tests fetch it, so that this happens only with models of one's own.
        missing("the text encoder is needed, which is an optional download");
    }
    // One concept with the prompt "a cup of coffee", at the addresses that the description names.
    let fields = r#"(data (i32.const 16) "\20") (data (i32.const 20) "\00\01\00\00\01\00\00\00")
        (data (i32.const 256) "\00\02\00\00\06\00\00\00\00\03\00\00\01\00\00\00")
        (data (i32.const 512) "coffee")
        (data (i32.const 768) "\00\04\00\00\0f\00\00\00")
        (data (i32.const 1024) "a cup of coffee")"#;
    // Traps on a real photo unless there is exactly one similarity and it is above 0.3.
    let tag = "(if (i32.ne (local.get 0) (i32.const 1)) (then
            (if (i32.ne (local.get 13) (i32.const 1)) (then unreachable))
            (if (i32.ne (local.get 15) (i32.const 1)) (then unreachable))
            (if (f32.lt (f32.load (local.get 14)) (f32.const 0.3)) (then unreachable))))
        (i32.const 2048)";
    swap_tagger(&worker, guests::tagger(fields, guests::DESCRIPTION, tag)).await;
    let vectors = worker.data.path().join("vocabulary");
    let lines = || -> usize {
        let text = std::fs::read_to_string(only_file(&vectors)).unwrap();
        // Without the text by which the cache knows the weights again.
        let is_text = |line: &&str| !line.is_empty() && !line.contains("\"a photo\"");
        text.lines().filter(is_text).count()
    };
    assert_eq!(
        lines(),
        1,
        "the prompt is embedded when the vocabulary is swapped in"
    );
    worker.describe("coffee.png").await;
    let after_first = lines();
    assert!(
        after_first > 1,
        "the photo's classes are embedded when they are first seen"
    );
    worker.describe("coffee.png").await;
    assert_eq!(lines(), after_first);
}

#[test_support::test]
async fn a_candidate_is_replayed_over_what_is_stored() {
    let worker = Worker::start(&[ADMIN, ("SIMILARITY_THRESHOLD", "0.3")]).await;
    for photo in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
        worker.describe(photo).await;
    }
    let component = |slot: &str, file: &str| {
        let path = Path::new(COMPONENTS).join(file);
        (slot.to_owned(), path.to_str().unwrap().to_owned())
    };
    let replay = async |(slot, file): (String, String), more: &[&str]| {
        let (url, more) = (
            worker.url.clone(),
            more.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(),
        );
        let output = tokio::task::spawn_blocking(move || {
            let mut command = command(&[ADMIN]);
            command
                .args(["plugin", "replay", &slot, &file, "--server", &url])
                .args(more)
                .output()
                .unwrap()
        });
        let output = output.await.unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            errors,
        )
    };
    let strict = component(
        "cluster-policy",
        "examples/strict-cluster-policy/strict-cluster-policy.wasm",
    );
    let (done, report, errors) = replay(strict.clone(), &[]).await;
    assert!(done, "{errors}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["faces"], 3, "{report}");
    let (done, _, errors) = replay(strict, &["--apply"]).await;
    assert!(!done && errors.contains("cannot be applied"), "{errors}");

    let same = component("tagger", "tagger/tagger.wasm");
    let (done, report, errors) = replay(same, &["--apply"]).await;
    assert!(done, "{errors}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["photos"], &report["tags_changed"]),
        (&json!(3), &json!(0)),
        "{report}"
    );
}
