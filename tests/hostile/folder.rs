//! What may lie in `PLUGIN_DIR` and is no plugin: each ends the start at once, with one line that says why.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ai_worker::audit::AuditLog;
use ai_worker::plugins::{Graphs, PluginSettings, Plugins, Slot};
use tempfile::TempDir;

use crate::host::settings;

/// What is said when the worker starts with this folder; it must not start.
fn refusal(folder: &Path) -> String {
    let settings = PluginSettings {
        directory: Some(folder.to_owned()),
        ..settings()
    };
    let state = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let started = runtime.spawn_blocking(move || {
        let audit = Arc::new(AuditLog::open(state.path()).unwrap());
        Plugins::load(settings, state.path(), audit, &Graphs::new(), Box::new(())).map(drop)
    });
    let outcome =
        runtime.block_on(async { tokio::time::timeout(std::time::Duration::from_secs(60), started).await });
    // What hangs must not keep the test from its end.
    runtime.shutdown_background();
    let error = outcome
        .unwrap_or_else(|_| panic!("the start hangs"))
        .unwrap()
        .unwrap_err();
    ai_worker::report(&error)
}

/// A folder in which this file was put by hand.
fn folder(put: impl FnOnce(&Path)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("tagger.wasm"));
    folder
}

fn link(target: &Path, place: &Path) {
    std::os::unix::fs::symlink(target, place).unwrap();
}

fn pipe(place: &Path) {
    let made = Command::new("mkfifo").arg(place).status().unwrap();
    assert!(made.success());
}

#[test]
fn what_is_no_regular_file_is_not_waited_for() {
    let elsewhere = tempfile::tempdir().unwrap();
    let behind = elsewhere.path().join("pipe");
    pipe(&behind);
    for (name, folder) in [
        ("a pipe", folder(pipe)),
        ("a link to a pipe", folder(|place| link(&behind, place))),
        (
            "a link to an endless device",
            folder(|place| link(Path::new("/dev/zero"), place)),
        ),
        ("a folder", folder(|place| std::fs::create_dir(place).unwrap())),
    ] {
        let said = refusal(folder.path());
        assert!(
            said.contains("tagger.wasm cannot be used: it is not a regular file"),
            "{name}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    // It has no bytes on the disk, and would have more than there is memory.
    let sparse = folder(|place| std::fs::File::create(place).unwrap().set_len(1 << 36).unwrap());
    let said = refusal(sparse.path());
    assert!(
        said.contains("it has 68719476736 bytes and PLUGIN_FILE_BYTES allows 4194304"),
        "{said}"
    );
}

#[test]
fn a_signature_is_held_to_the_same() {
    let folder = folder(|place| {
        std::fs::write(place, Slot::Tagger.built_in()).unwrap();
        pipe(&place.with_file_name("tagger.wasm.minisig"));
    });
    let said = refusal(folder.path());
    assert!(
        said.contains("its signature cannot be used: it is not a regular file"),
        "{said}"
    );
}
