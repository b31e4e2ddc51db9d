//! What the worker keeps is its owner's alone, whatever the umask.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ai_worker::store::{EmbeddedStore, IndexSettings};
use test_support::measuring::evaluation;
use test_support::worker::command;

/// Runs the command as a shell starts it that lets everybody read what is made.
fn run(command: &Command) -> Output {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 022; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.output().unwrap()
}

fn store(data: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(settings);
    command.env("DATA_DIR", data).arg("store").args(arguments);
    run(&command)
}

/// A store of the default set, as the library makes it: with the permissions of this process.
fn make_store(data: &Path) {
    let faces = data.join("faces");
    drop(EmbeddedStore::open(&faces, &evaluation::model_of("open"), IndexSettings::default()).unwrap());
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// A folder and everything in it.
fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test_support::test]
fn faces_exports_and_logs_are_their_owners_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("new/data");
    let logs = place.path().join("logs");
    let settings = [("LOG_DIR", logs.to_str().unwrap())];
    let export = place.path().join("export.jsonl");
    let other = place.path().join("other");
    make_store(&other);
    let exported = store(&other, &[], &["export", export.to_str().unwrap()]);
    assert!(exported.status.success(), "{exported:?}");
    let imported = store(&data, &settings, &["import", export.to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    std::fs::remove_file(&export).unwrap();
    let exported = store(&data, &settings, &["export", export.to_str().unwrap()]);
    assert!(exported.status.success(), "{exported:?}");
    assert!(
        !String::from_utf8_lossy(&exported.stderr).contains("chmod"),
        "{exported:?}"
    );

    let mut kept = everything(&data);
    assert!(kept.iter().any(|path| path.ends_with("faces/lock")), "{kept:?}");
    let logged = everything(&logs);
    assert!(logged.iter().any(|path| path.is_file()), "{logged:?}");
    kept.extend(logged);
    kept.extend([export, place.path().join("new")]);
    for path in kept {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

#[test_support::test]
fn a_data_directory_that_others_may_enter_is_warned_about() {
    let data = tempfile::tempdir().unwrap();
    make_store(data.path());
    std::fs::set_permissions(data.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let output = store(data.path(), &[], &["verify"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    let warning = errors.lines().find(|line| line.contains("chmod")).unwrap();
    let remedy = format!("chmod -R go= {}", data.path().display());
    assert!(
        warning.contains("WARN") && warning.contains("0755") && warning.contains(&remedy),
        "{warning}"
    );
    // It may be so on purpose, so it stays.
    assert_eq!(mode(data.path()), 0o755);
}
