//! Components from `PLUGIN_DIR`: a good one replaces the built-in one, a bad one stops the start with a reason.

use std::path::Path;
use std::time::{Duration, Instant};

use test_support::guests::{self, COMPONENTS};
use test_support::prerequisites;
use test_support::worker::{Worker, command};

/// What the worker says when it is started with these files; it must not start.
fn refusal(files: &[(&str, &[u8])]) -> String {
    let plugins = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(plugins.path().join(name), bytes).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let output = command(&[
        ("PORT", "0"),
        ("PLUGIN_TIMEOUT_MS", "500"),
        ("PLUGIN_MEMORY_BYTES", "1048576"),
    ])
    .env("PLUGIN_DIR", plugins.path())
    .env("DATA_DIR", data.path())
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "took {:?}",
        started.elapsed()
    );
    String::from_utf8(output.stderr).unwrap()
}

#[test_support::test]
fn guests_that_misbehave_are_stopped_within_their_limits() {
    prerequisites();
    for (describe, expected) in [
        (
            "(loop (br 0)) unreachable",
            "more than the 500 ms of processor time that PLUGIN_TIMEOUT_MS allows per call",
        ),
        ("unreachable", "failed"),
        (
            "(loop (drop (memory.grow (i32.const 16))) (br 0)) unreachable",
            "failed",
        ),
        ("(call $deeper)", "failed"),
        // Points its answer outside of its memory.
        ("(i32.const -4)", "failed"),
    ] {
        let guest = guests::tagger("", describe, "unreachable");
        let errors = refusal(&[("tagger.wasm", &guest)]);
        assert!(
            errors.contains("the tagger plugin") && errors.contains(expected),
            "{describe}: {errors}"
        );
    }
}

#[test_support::test]
fn files_that_are_no_plugin_for_their_slot_are_refused() {
    prerequisites();
    let policy = std::fs::read(Path::new(COMPONENTS).join("cluster-policy/cluster-policy.wasm")).unwrap();
    let core = wat::parse_str("(module)").unwrap();
    for (bytes, what) in [
        (policy.as_slice(), "a policy"),
        (core.as_slice(), "a core module"),
        (&policy[..policy.len() / 2], "half a component"),
        (b"".as_slice(), "nothing"),
    ] {
        let errors = refusal(&[("tagger.wasm", bytes)]);
        assert!(
            errors.contains("the tagger plugin from") && errors.contains("cannot be used"),
            "{what}: {errors}"
        );
    }
}

#[test_support::test]
async fn a_component_in_the_plugin_directory_replaces_the_built_in_one() {
    let plugins = tempfile::tempdir().unwrap();
    let file = plugins.path().join("tagger.wasm");
    std::fs::copy(Path::new(COMPONENTS).join("tagger/tagger.wasm"), &file).unwrap();
    let settings = [("PLUGIN_DIR", plugins.path().to_str().unwrap())];
    let worker = Worker::start(&settings).await;
    let health = worker.health().await;
    assert_eq!(health["plugins"]["tagger"]["origin"], file.to_str().unwrap());
    assert_eq!(health["plugins"]["context-mapper"]["origin"], "built-in");
    worker.describe("obama.jpg").await;
}
