//! `ai-worker plugin watch` beside a worker that serves: an edit is swapped in, and what fails its cases is not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::eventually;
use test_support::guests::COMPONENTS;

use test_support::watching::{Project, Watching};
use test_support::worker::{ADMIN, Worker, command};

fn component(name: &str) -> PathBuf {
    Path::new(COMPONENTS).join(format!("examples/{name}/{name}.wasm"))
}

async fn is_active(worker: &Worker, name: &str) {
    let is_there = async || worker.slot("cluster-policy").await["name"] == name;
    eventually(Duration::from_secs(60), name, is_there).await;
}

#[test_support::test]
async fn an_edit_is_swapped_in_and_a_failing_case_keeps_the_old_plugin() {
    let worker = Worker::start(&[ADMIN]).await;
    let project = Project::new(&component("threshold-cluster-policy"));
    let case = std::fs::read_to_string(
        Path::new(COMPONENTS).join("examples/strict-cluster-policy/cases/creates-the-first-person.json"),
    );
    let mut case: Value = serde_json::from_str(&case.unwrap()).unwrap();
    let mut expect = |expectation: Value| {
        case["expect"] = expectation;
        project.save("cases/first.json", &case.to_string());
    };
    expect(json!({ "create": true }));
    let directory = project.path().to_str().unwrap();
    let mut watch = Watching::start(command(&[ADMIN]), &[directory, "--server", &worker.url]);
    let line = watch.line("swap ");
    assert!(
        line.contains("cluster-policy: threshold-cluster-policy "),
        "{line}"
    );
    is_active(&worker, "threshold-cluster-policy").await;
    // A build runs what its packages bring, which has no business with the key.
    let key = std::fs::read_to_string(project.path().join(".key")).unwrap();
    assert_eq!(key, "no key\n");

    project.choose(&component("strict-cluster-policy"));
    let line = watch.line("swap ");
    assert!(
        line.contains(" is now active; it replaced threshold-cluster-policy "),
        "{line}"
    );
    is_active(&worker, "strict-cluster-policy").await;
    worker.describe("obama.jpg").await;

    // What only the strict one says. The other one is built, and goes no further.
    expect(json!({ "create": true, "reason_contains": "None of 0" }));
    assert!(watch.line("swap ").contains("was already active"));
    project.choose(&component("threshold-cluster-policy"));
    watch.line("build ");
    assert!(watch.line("test ").ends_with("FAILED: 0 passed, 1 failed"));
    assert_eq!(
        worker.slot("cluster-policy").await["name"],
        "strict-cluster-policy"
    );
    expect(json!({ "create": true }));
    watch.line("swap ");
    is_active(&worker, "threshold-cluster-policy").await;
    assert!(watch.interrupt().success());
}

#[test_support::test]
async fn a_worker_that_refuses_or_is_gone_ends_no_watch() {
    let worker = Worker::start(&[ADMIN]).await;
    let project = Project::new(&component("strict-cluster-policy"));
    let directory = project.path().to_str().unwrap();
    let wrong = ("ADMIN_KEY", "not-the-admin-secret");
    let mut watch = Watching::start(command(&[wrong]), &[directory, "--server", &worker.url]);
    let line = watch.line("swap ");
    assert!(line.contains("FAILED: "), "{line}");
    worker.kill();
    project.choose(&component("threshold-cluster-policy"));
    let line = watch.line("swap ");
    assert!(line.contains("does not answer"), "{line}");
    assert!(watch.interrupt().success());
}
