//! What `ai-worker plugin check` and `test` tell the author of a plugin that fails.

use std::path::{Path, PathBuf};

use test_support::talkers::{talker, talker_at_once};

use crate::{component, plugin};

const SAYS: &[(bool, &[u8])] = &[
    (false, b"two faces\n"),
    (true, b"Error: \x1b[2Jno rule\n    at plugin.js:27:13\n"),
];

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn a_plugin_that_fails_when_it_is_loaded_says_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "p.wasm", &talker_at_once(SAYS, 1, "unreachable"));
    for command in [vec!["check"], vec!["test"]] {
        let cases = folder.path().join("cases");
        std::fs::create_dir_all(&cases).unwrap();
        std::fs::write(cases.join("one.json"), CASE).unwrap();
        let mut arguments = vec![command[0].as_ref(), file.as_os_str()];
        if command[0] == "test" {
            arguments.push(cases.as_os_str());
        }
        let said = plugin(arguments);
        assert_eq!(said.code, Some(1), "{said:?}");
        let verdict = if command[0] == "check" {
            "refused"
        } else {
            "ai-worker"
        };
        assert_eq!(
            said.errors,
            format!(
                "{verdict}: the tagger plugin failed in `tag`: it stopped itself (unreachable): usually an uncaught exception \
                 or a panic\noutput of the plugin before it failed:\n    two faces\n    Error:  [2Jno rule\n        at \
                 plugin.js:27:13\n"
            )
        );
    }
}

/// A photo that is wider than the pixel of the call at loading.
const CASE: &str = r#"{"scene": {"width": 640, "height": 480, "faces": []}, "expect": {"tags": []}}"#;

#[test]
fn a_case_whose_call_fails_says_what_the_plugin_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases");
    std::fs::create_dir(&cases).unwrap();
    std::fs::write(cases.join("one.json"), CASE).unwrap();
    let test = |guest: Vec<u8>| {
        let file = written(folder.path(), "p.wasm", &guest);
        plugin(["test".as_ref(), file.as_os_str(), cases.as_os_str()])
    };
    let said = test(talker(SAYS, 1, "unreachable"));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains(
            "\n           the tagger plugin failed in `tag`: it stopped itself (unreachable): usually an uncaught exception or \
             a panic\n           it wrote:\n           | two faces\n           | Error:  [2Jno rule\n           |     at \
             plugin.js:27:13\n"
        ),
        "{}",
        said.out
    );
    // A case that passes says nothing of it.
    let said = test(talker(SAYS, 1, "(i32.const 64)"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.out.contains("two faces"), "{}", said.out);
}

#[test]
fn check_shows_what_a_plugin_wrote_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(
        folder.path(),
        "p.wasm",
        &talker_at_once(SAYS, 1, "(i32.const 64)"),
    );
    let said = plugin(["check".as_ref(), file.as_os_str()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out
            .contains("\nwrote     two faces\n          Error:  [2Jno rule\n"),
        "{}",
        said.out
    );
    let said = plugin(["check".as_ref(), component("tagger").as_os_str()]);
    assert!(!said.out.contains("wrote"), "{}", said.out);
    let nothing = plugin([
        "check".as_ref(),
        "--plugin-output-bytes".as_ref(),
        "0".as_ref(),
        file.as_os_str(),
    ]);
    assert!(!nothing.out.contains("two faces"), "{nothing:?}");
}
