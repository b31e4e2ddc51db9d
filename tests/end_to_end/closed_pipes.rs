//! Commands whose output nobody reads, as in `ai-worker plugin check FILE | head`: they end, and do not panic.

use std::process::{Command, Stdio};

use ai_worker::store::{EmbeddedStore, IndexSettings};
use test_support::measuring::evaluation;
use test_support::prerequisites;

const TAGGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../components/tagger/tagger.wasm");

/// Every command that says something without a worker, a model or the network.
const COMMANDS: [&[&str]; 12] = [
    &["--help"],
    &["--version"],
    &["models", "list"],
    &["models", "verify"],
    &["plugin", "check", TAGGER],
    &["plugin", "check", "no-such-file"],
    &["plugin", "wit", "wit"],
    &[
        "plugin", "new", "--lang", "js", "mine", "--slot", "tagger", "mine",
    ],
    &["keys", "list"],
    &["store", "verify"],
    &["store", "repair"],
    &["store", "backup"],
];

/// A pipe that nobody reads any more.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A folder with a file of keys, and with a store of the default set.
fn folder() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("keys"),
        "backend process 0000000000000000000000000000000000000000000000000000000000000000\n",
    )
    .unwrap();
    let faces = directory.path().join("data/faces");
    drop(EmbeddedStore::open(&faces, &evaluation::model_of("open"), IndexSettings::default()).unwrap());
    directory
}

fn command(arguments: &[&str], directory: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ai-worker"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("API_KEYS_FILE", "keys")
        .stdin(Stdio::null());
    command
}

/// Photos are in work when the first answer cannot be said: the command waits for networks that run, which would crash if
/// the libraries took themselves down first.
#[test_support::test]
fn a_command_that_nobody_reads_leaves_no_network_running() {
    let prerequisites = prerequisites();
    for _ in 0..3 {
        let directory = folder();
        let photos = ["obama.jpg", "biden.jpg", "t1.jpg", "coffee.png", "obama2.jpg"];
        let photos = photos.map(|name| prerequisites.samples.join(name));
        let ended = command(&["process"], directory.path())
            .args(photos)
            .env("MODELS_DIR", &prerequisites.models)
            .env("MAX_CONCURRENT_PHOTOS", "5")
            .stdout(closed())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(141), "{ended:?}");
    }
}

#[test_support::test]
fn no_command_panics_when_nobody_reads_what_it_says() {
    let directory = folder();
    for arguments in COMMANDS {
        let _ = std::fs::remove_dir_all(directory.path().join("mine"));
        let ended = command(arguments, directory.path())
            .stdout(closed())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        assert!(
            ended.status.code().is_some_and(|code| code != 101),
            "{arguments:?}: {ended:?}"
        );
        // Nobody reads errors either.
        let _ = std::fs::remove_dir_all(directory.path().join("mine"));
        let both = command(arguments, directory.path())
            .env("LOG_LEVEL", "trace")
            .stdout(closed())
            .stderr(closed())
            .status()
            .unwrap();
        assert!(
            both.code().is_some_and(|code| code != 101),
            "{arguments:?}: {both:?}"
        );
    }
}
