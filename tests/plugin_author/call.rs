//! `ai-worker plugin call`: one question, one answer, and what it cost.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use test_support::guests;

use crate::{Said, component, folder, plugin};

fn call(file: &Path, question: &Path, options: &[&str]) -> Said {
    plugin(
        ["call".as_ref(), file.as_os_str(), question.as_os_str()]
            .into_iter()
            .chain(options.iter().map(AsRef::as_ref)),
    )
}

/// What is asked in a folder that is gone with the guard.
fn asked(question: &Value) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scene.json");
    std::fs::write(&file, question.to_string()).unwrap();
    (folder, file)
}

#[test]
fn each_slot_answers_the_question_of_a_golden_case() {
    for (name, answers) in [
        ("tagger", "tags"),
        ("context-mapper", "phrase"),
        ("cluster-policy", "reason"),
    ] {
        let cases = std::fs::read_dir(folder(name).join("cases")).unwrap();
        for case in cases.map(|entry| entry.unwrap().path()).take(3) {
            let said = call(&component(name), &case, &["--json"]);
            assert_eq!((said.code, said.errors.as_str()), (Some(0), ""), "{said:?}");
            let report: Value = serde_json::from_str(&said.out).unwrap();
            assert!(!report["answer"][answers].is_null(), "{report}");
            assert!(report["error"].is_null(), "{report}");
            assert_eq!(report["plugin"]["name"].as_str().map(str::is_empty), Some(false));
            for cost in ["processor_ms", "wall_clock_ms"] {
                assert!(report[cost].as_f64().unwrap() > 0.0, "{report}");
            }
            let memory = report["memory_bytes"].as_u64().unwrap();
            assert!((1 << 16..1 << 28).contains(&memory), "{report}");

            let said = call(&component(name), &case, &[]);
            assert_eq!(said.code, Some(0), "{said:?}");
            let cost = said.out.lines().last().unwrap();
            assert!(
                cost.contains(" ms of processor time, ") && cost.ends_with(" MiB of memory"),
                "{cost}"
            );
        }
    }
}

#[test]
fn a_scene_is_enough_for_a_question_also_on_standard_input() {
    let scene = json!({
        "width": 100, "height": 100, "faces": [], "labels": [{ "name": "tabby", "score": 0.5 }],
    });
    let (_folder, file) = asked(&scene);
    let said = call(&component("tagger"), &file, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(
        lines[0].ends_with(" answers") && lines[1].starts_with("  TAG "),
        "{said:?}"
    );
    assert!(said.out.contains("  cat     0.4750"), "{said:?}");

    let mut child = Command::new(env!("CARGO_BIN_EXE_ai-worker"))
        .env_clear()
        .args(["plugin", "call", component("tagger").to_str().unwrap(), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = json!({ "scene": scene }).to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(question.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answer = |out: &str| {
        out.lines()
            .filter(|line| line.starts_with("  "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        answer(&String::from_utf8(output.stdout).unwrap()),
        answer(&said.out)
    );
}

#[test]
fn what_is_no_question_is_said() {
    let question = |question: Value, reason: &str| {
        let (_folder, file) = asked(&question);
        let said = call(&component("tagger"), &file, &[]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
        assert!(said.errors.contains(reason), "{said:?}");
        assert_eq!(said.errors.lines().count(), 1, "{said:?}");
    };
    question(
        json!({ "width": 1, "height": "high", "faces": [] }),
        "invalid type: string \"high\"",
    );
    question(json!({ "scenery": {} }), "unknown field `scenery`");
    question(json!({ "tags": [] }), "the case has no scene");
    question(json!([1]), "is not a question to a plugin");
    let said = call(&component("tagger"), Path::new("no-such-file.json"), &[]);
    assert!(
        said.errors.contains("no-such-file.json cannot be read"),
        "{said:?}"
    );
}

#[test]
fn a_component_that_fails_is_told_with_what_it_cost() {
    let guest = guests::tagger(
        "",
        guests::DESCRIPTION,
        "(if (i32.ne (local.get 0) (i32.const 1)) (then (drop (memory.grow (i32.const 16))) unreachable)) (i32.const 64)",
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.wasm");
    std::fs::write(&file, guest).unwrap();
    let (_folder, scene) = asked(&json!({ "width": 2, "height": 2, "faces": [] }));
    let said = call(&file, &scene, &[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.errors.contains("failed: the tagger plugin failed"),
        "{said:?}"
    );
    assert!(said.out.contains(" MiB of memory"), "{said:?}");
    let said = call(&file, &scene, &["--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert!(
        report["answer"].is_null() && report["error"].is_string(),
        "{report}"
    );
    assert!(report["memory_bytes"].as_u64().unwrap() > 16 << 16, "{report}");
}

#[test]
fn what_a_component_logs_goes_to_standard_error() {
    let fields = r#"
        (import "ai-worker:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32)))
        (data (i32.const 8192) "seen\1b[2J")"#;
    let guest = guests::tagger(
        fields,
        guests::DESCRIPTION,
        "(call $log (i32.const 1) (i32.const 8192) (i32.const 8)) (i32.const 64)",
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.wasm");
    std::fs::write(&file, guest).unwrap();
    let (_folder, scene) = asked(&json!({ "width": 2, "height": 2, "faces": [] }));
    let said = call(&file, &scene, &["--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["answer"], json!({ "tags": [] }));
    assert_eq!(report["output"], "seen [2J");
    // Not what it said when it was loaded.
    assert_eq!(said.errors, "| seen [2J\n");
}
