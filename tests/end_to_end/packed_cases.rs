//! Components that bring their golden cases: a worker runs them before it swaps.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use test_support::guests::COMPONENTS;
use test_support::worker::{ADMIN, Worker, command};

/// The strict policy with one case inside.
fn packed(directory: &Path, name: &str, case: &Value) -> Vec<u8> {
    let cases = directory.join("cases");
    std::fs::create_dir_all(&cases).unwrap();
    std::fs::write(cases.join(name).with_extension("json"), case.to_string()).unwrap();
    let file = directory.join("packed.wasm");
    let component = format!("{COMPONENTS}/examples/strict-cluster-policy/strict-cluster-policy.wasm");
    let output = command(&[])
        .args(["plugin", "test", &component])
        .arg(&cases)
        .arg("--pack")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read(file).unwrap()
}

#[test_support::test]
async fn a_packed_case_that_fails_keeps_the_component_out() {
    let worker = Worker::start(&[ADMIN]).await;
    let text = std::fs::read_to_string(format!(
        "{COMPONENTS}/examples/strict-cluster-policy/cases/creates-the-first-person.json"
    ))
    .unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let good = packed(directory.path(), "first-person", &case);
    // A case that fails is not packed, so it is made to fail afterwards.
    let bad = replaced(&good, b"None of 0", b"Some of 9");

    let (status, problem) = worker.admin(Method::PUT, "/cluster-policy", bad).await;
    assert_eq!((status, &problem["code"]), (422, &Value::from("plugin_refused")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("\"first-person\"") && detail.contains("Some of 9"),
        "{detail}"
    );
    let plugins = &worker.health().await["plugins"];
    assert_eq!(plugins["cluster-policy"]["origin"], "built-in");

    let (status, change) = worker.admin(Method::PUT, "/cluster-policy", good).await;
    assert_eq!(status, 200, "{change}");
    assert_eq!(change["active"]["name"], "strict-cluster-policy");
    worker.describe("obama.jpg").await;
}

/// The bytes with one part, which occurs once, in place of another of the same length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let places: Vec<usize> = bytes
        .windows(old.len())
        .enumerate()
        .filter_map(|(place, window)| (window == old).then_some(place))
        .collect();
    let [place] = places[..] else {
        panic!("{} places", places.len());
    };
    let mut bytes = bytes.to_vec();
    bytes[place..place + new.len()].copy_from_slice(new);
    bytes
}
