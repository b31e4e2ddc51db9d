//! `ai-worker plugin test`: the golden cases of the committed components, and what becomes of one that fails.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{Said, component, folder, plugin};

fn test(plugin_file: &Path, cases: &Path, options: &[&str]) -> Said {
    let arguments = [OsString::from("test"), plugin_file.into(), cases.into()];
    plugin(
        arguments
            .into_iter()
            .chain(options.iter().map(|option| OsString::from(*option))),
    )
}

/// A folder with one case of the default tagger that expects `score` of `cat`, and the case's file.
fn cat_case(score: f64) -> (tempfile::TempDir, PathBuf) {
    let cases = tempfile::tempdir().unwrap();
    let file = cases.path().join("a-cat.json");
    let case = json!({
        "description": "What a cat scores.",
        "scene": { "width": 100, "height": 100, "faces": [], "labels": [{ "name": "tabby", "score": 0.5 }] },
        "expect": { "tags": [{ "name": "cat", "score": score }, { "name": "dog", "score": 0.5 }] },
    });
    std::fs::write(&file, case.to_string()).unwrap();
    (cases, file)
}

#[test]
fn every_committed_component_passes_its_cases() {
    for (name, least) in [
        ("tagger", 15),
        ("context-mapper", 12),
        ("cluster-policy", 14),
        ("examples/strict-cluster-policy", 6),
        ("examples/threshold-cluster-policy", 6),
    ] {
        let said = test(&component(name), &folder(name).join("cases"), &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let passed = said.out.lines().filter(|line| line.starts_with("ok ")).count();
        assert!(passed >= least, "{name}: {}", said.out);
        assert!(
            said.out.contains(&format!("{passed} passed, 0 failed")),
            "{}",
            said.out
        );
    }
}

#[test]
fn a_wrong_expectation_fails_with_a_difference_and_can_be_updated() {
    let (cases, file) = cat_case(0.4);
    let report = tempfile::tempdir().unwrap();
    let report = report.path().join("junit.xml");
    let said = test(
        &component("tagger"),
        cases.path(),
        &["--junit", report.to_str().unwrap()],
    );
    assert_eq!(said.code, Some(1), "{said:?}");
    for part in [
        "FAILED   a-cat",
        "~ cat 0.4750, expected 0.4000",
        "- dog 0.5000",
        "+ animal 0.4750",
        "0 passed, 1 failed",
        "--update accepts the answers",
    ] {
        assert!(said.out.contains(part), "{part} is missing from {}", said.out);
    }
    let xml = std::fs::read_to_string(&report).unwrap();
    assert!(xml.contains("tests=\"1\" failures=\"1\""), "{xml}");
    assert!(
        xml.contains("<testcase classname=\"tagger\" name=\"a-cat\""),
        "{xml}"
    );
    assert!(xml.contains("<failure") && xml.contains("- dog 0.5000"), "{xml}");

    let said = test(&component("tagger"), cases.path(), &["--update"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("updated  a-cat"), "{}", said.out);
    let case: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(case["description"], "What a cat scores.");
    assert_eq!(case["expect"]["tags"].as_array().unwrap().len(), 2);
    let said = test(
        &component("tagger"),
        cases.path(),
        &["--junit", report.to_str().unwrap()],
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    let xml = std::fs::read_to_string(&report).unwrap();
    assert!(
        xml.contains("failures=\"0\"") && !xml.contains("<failure"),
        "{xml}"
    );
}

#[test]
fn cases_are_packed_only_when_they_pass() {
    let (cases, _) = cat_case(0.4);
    let directory = tempfile::tempdir().unwrap();
    let packed = directory.path().join("packed.wasm");
    let pack = ["--pack", packed.to_str().unwrap()];
    let said = test(&component("tagger"), cases.path(), &pack);
    assert_eq!((said.code, packed.exists()), (Some(1), false), "{said:?}");

    let own = folder("tagger").join("cases");
    let count = std::fs::read_dir(&own).unwrap().count();
    let said = test(&component("tagger"), &own, &pack);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = plugin(["check".as_ref(), packed.as_os_str()]);
    assert!(
        said.out.contains(&format!("cases     {count} inside")),
        "{said:?}"
    );
    // Packing again puts the cases in place of those that were there.
    let once = std::fs::read(&packed).unwrap();
    assert_eq!(test(&packed, &own, &pack).code, Some(0));
    assert!(once == std::fs::read(&packed).unwrap());
}

#[test]
fn what_is_no_case_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let said = test(&component("tagger"), directory.path(), &[]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("has no golden case"), "{said:?}");

    let file = directory.path().join("case.json");
    std::fs::write(&file, r#"{"scenery": 1, "expect": {}}"#).unwrap();
    let said = test(&component("tagger"), directory.path(), &[]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.errors.contains("case.json is not a golden case") && said.errors.contains("scenery"),
        "{said:?}"
    );

    // A policy's case says nothing that a tagger could be asked.
    let policy = folder("cluster-policy").join("cases");
    let said = test(&component("tagger"), &policy, &[]);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("the case has no scene"), "{said:?}");
}
