//! The command line beside `serve`.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use test_support::prerequisites;
use test_support::worker::command;

#[test_support::test]
fn process_prints_a_json_line_for_each_photo() {
    let prerequisites = prerequisites();
    let data = tempfile::tempdir().unwrap();
    let photos = tempfile::tempdir().unwrap();
    for name in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
        std::fs::copy(prerequisites.samples.join(name), photos.path().join(name)).unwrap();
    }
    std::fs::write(photos.path().join("broken.jpg"), "nothing").unwrap();
    std::fs::write(photos.path().join("notes.txt"), "nothing").unwrap();
    let output = command(&[])
        .env("DATA_DIR", data.path())
        .arg("process")
        .arg(photos.path())
        .output()
        .unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    // Sorted by name: biden, broken, obama, obama2. A broken photo fails alone, and the exit code tells.
    assert!(lines[1]["error"].is_string(), "{}", lines[1]);
    assert_eq!(output.status.code(), Some(1));
    let people: HashSet<&Value> = [0, 2, 3]
        .map(|line| &lines[line]["faces"][0]["cluster_id"])
        .into();
    assert_eq!(people.len(), 2);
    assert_eq!(
        lines[2]["faces"][0]["cluster_id"],
        lines[3]["faces"][0]["cluster_id"]
    );
}

/// Phones write HEIC: a folder of their photos must not be passed over.
#[test_support::test]
fn process_finds_photos_of_every_format_in_a_folder() {
    prerequisites();
    let data = tempfile::tempdir().unwrap();
    let photos = tempfile::tempdir().unwrap();
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures"));
    let names = [
        "baseline.jpg",
        "palette.png",
        "animated.webp",
        "animated.gif",
        "quarters.bmp",
        "quarters.tiff",
        "quarters.heic",
        "quarters.avif",
        "quarters.jxl",
    ];
    for name in names {
        std::fs::copy(fixtures.join(name), photos.path().join(name.to_uppercase())).unwrap();
    }
    let output = command(&[])
        .env("DATA_DIR", data.path())
        .arg("process")
        .arg(photos.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(text.lines().count(), names.len(), "{text}");
}

#[test_support::test]
fn models_are_listed_and_verified() {
    prerequisites();
    let output = command(&[]).args(["models", "verify", "open"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let output = command(&[]).args(["models", "list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for name in [
        "open",
        "research",
        "yunet-2023mar",
        "sface-2021dec",
        "Apache-2.0",
        "(PRECISION=age=int8)",
    ] {
        assert!(text.contains(name), "{name} is missing from\n{text}");
    }
}

#[test_support::test]
fn missing_models_are_one_sentence_and_exit_code_1() {
    let empty = tempfile::tempdir().unwrap();
    let output = command(&[("PORT", "0")])
        .env("MODELS_DIR", empty.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains("models pull open"), "{errors}");
}

#[test_support::test]
fn without_network_and_cache_the_demo_says_so() {
    let empty = tempfile::tempdir().unwrap();
    // Package clients obey these; nothing listens there.
    let nowhere = "http://127.0.0.1:9";
    let output = command(&[("PORT", "0")])
        .env("MODELS_DIR", empty.path().join("models"))
        .env("DATA_DIR", empty.path())
        .env("PIP_INDEX_URL", nowhere)
        .env("PIP_RETRIES", "0")
        .env_remove("PIP_FIND_LINKS")
        .args(["demo", "--once"])
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let sentence: Vec<&str> = errors
        .lines()
        .filter(|line| line.starts_with("ai-worker: "))
        .collect();
    assert_eq!(sentence.len(), 1, "{errors}");
    for part in [
        "could not reach its package index",
        "ai-worker models import FILE",
    ] {
        assert!(sentence[0].contains(part), "{part}: {errors}");
    }
}

#[test_support::test]
fn a_photo_that_fails_does_not_end_the_demonstration() {
    prerequisites();
    let data = tempfile::tempdir().unwrap();
    // The first sample photo is larger than that, and the second is not.
    let output = command(&[("PORT", "0"), ("MAX_PHOTO_BYTES", "250000")])
        .env("DATA_DIR", data.path())
        .args(["demo", "--once"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let failed = text
        .find("obama.jpg  failed: the worker answered with 413")
        .unwrap();
    let described = text.find("obama2.jpg  (").unwrap();
    assert!(failed < described, "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test_support::test]
fn every_configuration_error_is_reported() {
    let output = command(&[("PORT", "99999"), ("DEVICE", "abacus"), ("TAG_THRESHOLD", "2")])
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for name in ["PORT", "DEVICE", "TAG_THRESHOLD"] {
        assert!(errors.contains(name), "{name} is missing from {errors}");
    }
}

// The fetched library is built without that device, so that it works on no machine but Apple's.
#[cfg(not(target_os = "macos"))]
#[test_support::test]
fn a_device_that_does_not_work_is_an_error_at_start() {
    prerequisites();
    let data = tempfile::tempdir().unwrap();
    let output = command(&[("PORT", "0"), ("DEVICE", "coreml")])
        .env("DATA_DIR", data.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("DEVICE") && errors.contains("coreml"), "{errors}");
}

/// In another folder than the worker's they would make an empty store, and find nothing wrong with it.
#[test_support::test]
fn commands_that_read_a_store_make_none() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [
        &["backup"][..],
        &["verify"],
        &["repair"],
        &["export", "faces.ndjson"],
        &["repeat-deletions", "--since", "2026-01-01T00:00:00Z"],
        &["reembed"],
    ] {
        let output = command(&[])
            .current_dir(directory.path())
            .env("DATA_DIR", "data")
            .arg("store")
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}: {said}");
        assert!(
            said.contains("there is no store in data/faces; set DATA_DIR"),
            "{arguments:?}: {said}"
        );
        assert!(!directory.path().join("data/faces").exists(), "{arguments:?}");
    }
}
