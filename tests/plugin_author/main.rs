//! The built `ai-worker plugin` as the author of a plugin uses it: no model, no store, no server, no network.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod call;
mod check;
mod earlier;
mod golden;
mod output;
mod packing;
mod remote;
mod watch;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a command said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    errors: String,
}

/// Runs `ai-worker plugin` where there is nothing but the command itself.
fn plugin<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Said {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ai-worker"))
        .env_clear()
        .current_dir(nowhere.path())
        .arg("plugin")
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(
        std::fs::read_dir(nowhere.path()).unwrap().count(),
        0,
        "something was left behind"
    );
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The folder of a plugin in `components/`.
fn folder(plugin: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../components")
        .join(plugin)
}

/// The committed component of a plugin in `components/`.
fn component(plugin: &str) -> PathBuf {
    let folder = folder(plugin);
    let name = folder.file_name().unwrap().to_owned();
    folder.join(name).with_extension("wasm")
}
