//! What keeps the worker from starting is told before anything is loaded. No models are there, and nobody gets as far as to
//! miss them.

use std::net::TcpListener;
use std::process::Output;

use tempfile::TempDir;

use test_support::worker::command;

struct Start {
    output: Output,
    errors: String,
}

/// Starts a worker that has no models.
fn start(settings: &[(&str, &str)]) -> Start {
    let place: TempDir = tempfile::tempdir().unwrap();
    let output = command(&[("PORT", "0"), ("LOG_LEVEL", "info")])
        .env("DATA_DIR", place.path().join("data"))
        .env("MODELS_DIR", place.path().join("models"))
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    Start { output, errors }
}

impl Start {
    /// It failed for this and not for missing models.
    fn failed_for(&self, words: &[&str]) {
        let last = self.errors.lines().last().unwrap();
        assert!(last.starts_with("ai-worker: "), "{}", self.errors);
        for word in words {
            assert!(last.contains(word), "{word}: {}", self.errors);
        }
        assert!(!self.errors.contains("models pull"), "{}", self.errors);
        assert!(self.output.stdout.is_empty(), "{:?}", self.output);
    }
}

#[test_support::test]
fn without_any_of_these_it_is_models_that_are_missing() {
    assert!(start(&[]).errors.contains("models pull open"));
}

#[test_support::test]
fn an_occupied_port_is_told_first() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    start(&[("PORT", &port)]).failed_for(&["cannot listen on 127.0.0.1:", &port, "PORT"]);
    // The name that everybody has for this machine is an address, too.
    start(&[("PORT", &port), ("HOST", "localhost")]).failed_for(&["cannot listen on 127.0.0.1:"]);
}

#[test_support::test]
fn a_data_directory_that_is_none_is_told_first() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    start(&[("DATA_DIR", path)]).failed_for(&["the data directory", path, "DATA_DIR"]);
    // Not even root may write there.
    if cfg!(target_os = "linux") {
        start(&[("DATA_DIR", "/proc/nowhere")]).failed_for(&["the data directory", "DATA_DIR"]);
    }
}

#[test_support::test]
fn an_absent_qdrant_is_told_first() {
    let settings = [
        ("VECTOR_STORE", "qdrant"),
        ("QDRANT_URL", "http://127.0.0.1:9"),
        ("QDRANT_TIMEOUT_MS", "500"),
    ];
    start(&settings).failed_for(&["http://127.0.0.1:9"]);
}

#[test_support::test]
fn a_misspelt_setting_is_said_with_the_nearest_and_without_its_value() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "MODEL_SETT=research\n").unwrap();
    let output = command(&[("PORT", "0"), ("API_KEYY", "secret-of-ours")])
        .env("DATA_DIR", folder.path().join("data"))
        .env("MODELS_DIR", folder.path().join("models"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    for (wrong, right) in [("MODEL_SETT", "MODEL_SET"), ("API_KEYY", "API_KEY")] {
        let said = format!(
            "{wrong}, which is set in the environment or in .env, is not a setting; did you mean {right}?"
        );
        assert!(errors.contains(&said), "{errors}");
    }
    assert!(!errors.contains("secret-of-ours"), "{errors}");
}

#[test_support::test]
fn an_unknown_log_level_is_an_error() {
    let said = start(&[("LOG_LEVEL", "inof")]).errors;
    assert!(
        said.contains("LOG_LEVEL") && said.contains("there is no level \"inof\""),
        "{said}"
    );
}
