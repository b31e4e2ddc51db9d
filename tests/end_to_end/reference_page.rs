//! The commands that `/docs` shows: each is run by a shell, as a person would who copied it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::contract::KEYS;
use test_support::harness::missing;
use test_support::worker::Worker;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/end_to_end/reference_page.js"
);

/// The command of each call, by the call's name, with these parameters and bodies where they are not made up.
async fn commands(worker: &Worker, values: &Value, bodies: &Value) -> BTreeMap<String, String> {
    let page = worker.fetch("/docs").await.text().await.unwrap();
    let (_, document) = worker.get("/openapi.json").await;
    let given = json!({
        "page": page, "document": document, "base": format!("{}/", worker.url), "values": values, "bodies": bodies,
    });
    let started = Command::new("node")
        .arg(SCRIPT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => missing("node is needed"),
        started => started.unwrap(),
    };
    node.stdin
        .take()
        .unwrap()
        .write_all(given.to_string().as_bytes())
        .unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a command in a folder; the status and the body that the worker answered with, which is empty when the command names
/// a file of its own for it.
async fn run(command: &str, folder: &Path) -> (u16, Vec<u8>) {
    let command = format!("{command} -s -o body -w '%{{http_code}}'");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &command])
        .current_dir(folder)
        .env("API_KEY", KEYS[0].1)
        .env("ADMIN_KEY", KEYS[1].1);
    // Photos are served by this thread meanwhile.
    let ended = tokio::task::spawn_blocking(move || shell.output()).await;
    let output = ended.unwrap().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    let status = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let body = folder.join("body");
    let answered = std::fs::read(&body).unwrap_or_default();
    let _ = std::fs::remove_file(body);
    (status, answered)
}

#[test_support::test]
async fn the_command_of_each_call_is_understood_by_the_worker() {
    let worker = Worker::start(&KEYS).await;
    let commands = commands(&worker, &json!({}), &json!({})).await;
    let (_, document) = worker.get("/openapi.json").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("FILE"), b"no component, no photo").unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let command = &commands[operation["operationId"].as_str().unwrap()];
            let (status, body) = run(command, folder.path()).await;
            let code = serde_json::from_slice(&body).map_or(Value::Null, |body: Value| body["code"].clone());
            let what = format!("{command}\n{status} {code}");
            // The made-up people and photos are not known, the made-up component is none, and a person who is to be another
            // one than somebody is the same made-up one.
            assert!(!matches!(status, 401 | 403 | 405 | 415), "{path}: {what}");
            assert!(status != 400 || code == "same_face", "{path}: {what}");
            assert!(code != "no_such_route", "{path}: {what}");
            assert!(
                operation["responses"].get(status.to_string()).is_some(),
                "{path}: {what}"
            );
        }
    }
}

#[test_support::test]
async fn commands_carry_what_was_entered_and_never_the_key() {
    let worker = Worker::start(&KEYS).await;
    // Everything that a shell or a path would take for something else.
    let file = "it's $HOME/a b?#%41 \"c\" `d` é";
    let photo = json!({ "file_id": file, "image_url": worker.photos.url("obama.jpg") });
    let values = json!({
        "get_file": { "file_id": file, "details": "true" },
        "process_photo": { "Idempotency-Key": "it's $1" },
        "list_clusters": { "limit": "1" },
    });
    let bodies = json!({ "process_photo": { "type": "application/json", "text": photo.to_string() } });
    let commands = commands(&worker, &values, &bodies).await;
    assert!(commands.values().all(|command| !command.contains(KEYS[0].1)));
    let folder = tempfile::tempdir().unwrap();
    let (status, body) = run(&commands["process_photo"], folder.path()).await;
    let processed: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, &processed["file_id"]),
        (200, &json!(file)),
        "{processed}"
    );
    let (status, body) = run(&commands["get_file"], folder.path()).await;
    let stored: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &stored["file_id"]), (200, &json!(file)), "{stored}");
    assert!(stored["details"].is_object(), "{stored}");
    let (status, body) = run(&commands["list_clusters"], folder.path()).await;
    let listed: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, listed["clusters"].as_array().map(Vec::len)),
        (200, Some(1)),
        "{listed}"
    );
}
