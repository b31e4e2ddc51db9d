//! What `ai-worker plugin` prints of a running worker: text for people with `--text`, JSON for programs as ever.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use test_support::eventually;
use test_support::guests::COMPONENTS;

use test_support::worker::{ADMIN, Worker, command};

/// What `ai-worker plugin` prints; it must succeed.
async fn plugin(worker: &Worker, arguments: &[&str]) -> String {
    let mut command = command(&[ADMIN]);
    command
        .arg("plugin")
        .args(arguments)
        .args(["--server", &worker.url]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn component(file: &str) -> String {
    Path::new(COMPONENTS).join(file).to_str().unwrap().to_owned()
}

#[test_support::test]
async fn plugins_are_told_in_text_and_in_json() {
    let worker = Worker::start(&[ADMIN]).await;
    let strict = component("examples/strict-cluster-policy/strict-cluster-policy.wasm");
    let swapped = plugin(&worker, &["swap", "cluster-policy", &strict, "--text"]).await;
    assert!(
        swapped.starts_with("cluster-policy: strict-cluster-policy ")
            && swapped.contains(" is now active; it replaced ")
            && swapped.ends_with("trial on stored scenes: 0 answered, 0 skipped\n")
            && swapped.lines().count() == 2,
        "{swapped}"
    );
    let again = plugin(&worker, &["swap", "cluster-policy", &strict, "--text"]).await;
    assert!(
        again.ends_with("was already active; nothing changed\n"),
        "{again}"
    );
    worker.describe("obama.jpg").await;

    let list = plugin(&worker, &["list", "--text"]).await;
    assert!(list.starts_with("SLOT            PLUGIN "), "{list}");
    assert!(
        list.contains("\ncluster-policy  strict-cluster-policy ") && list.contains(" ms"),
        "{list}"
    );
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    let list: Value = serde_json::from_str(&plugin(&worker, &["list"]).await).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 3);

    let back = plugin(&worker, &["rollback", "cluster-policy", "--json"]).await;
    let back: Value = serde_json::from_str(&back).unwrap();
    assert_eq!(back["changed"], true);
    let swapped = plugin(&worker, &["swap", "cluster-policy", &strict]).await;
    assert_eq!(serde_json::from_str::<Value>(&swapped).unwrap()["changed"], true);
    let back = plugin(&worker, &["rollback", "cluster-policy", "--text"]).await;
    assert!(back.contains("; it replaced strict-cluster-policy "), "{back}");
}

#[test_support::test]
async fn a_shadow_and_a_replay_are_told_at_a_glance() {
    let worker = Worker::start(&[ADMIN]).await;
    // It needs pixels of its own for tags, which a replay has not, so that every photo loses those that it has.
    let other = component("examples/label-classifier/label-classifier.wasm");
    let begun = plugin(&worker, &["shadow", "tagger", &other, "--text"]).await;
    assert!(
        begun.contains(" runs beside the active plugin\n  compared   0 answers\n"),
        "{begun}"
    );
    for photo in ["obama.jpg", "coffee.png"] {
        worker.describe(photo).await;
    }
    let mut shadow = String::new();
    eventually(Duration::from_secs(60), "two are compared", async || {
        shadow = plugin(&worker, &["shadow", "tagger", "--text"]).await;
        shadow.contains("compared   2 answers") || shadow.contains("failed     2")
    })
    .await;
    assert!(shadow.contains("\n  time       p50 "), "{shadow}");

    let replay = plugin(&worker, &["replay", "tagger", &other, "--text"]).await;
    for part in [
        "tagger label-classifier ",
        "\n  photos       2\n",
        "\n  tags         2 photos gain or lose tags at threshold ",
        "    +0      -1      drink                -coffee.png\n",
        "\n  contexts     ",
    ] {
        assert!(replay.contains(part), "{part} is missing from {replay}");
    }
    let report = plugin(&worker, &["replay", "tagger", &other]).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        report["tags"]["drink"]["lost_in"],
        serde_json::json!(["coffee.png"])
    );
    let counted: u64 = report["phrases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["photos"].as_u64().unwrap())
        .sum();
    assert_eq!(report["contexts_changed"], counted);

    let policy = component("examples/strict-cluster-policy/strict-cluster-policy.wasm");
    let replay = plugin(&worker, &["replay", "cluster-policy", &policy, "--text"]).await;
    assert!(replay.contains(", of which 0 move, at threshold "), "{replay}");
}
