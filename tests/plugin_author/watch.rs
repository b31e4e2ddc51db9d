//! `ai-worker plugin watch` without a worker: it builds and tests on save, and ends with what it builds.

use std::process::Command;

use serde_json::{Value, json};

use crate::{component, folder, plugin};
use test_support::watching::{Project, Watching};

fn watch(project: &Project) -> Watching {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ai-worker"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    Watching::start(command, &[project.path().to_str().unwrap(), "--no-swap"])
}

#[test]
fn what_is_saved_is_built_and_tested() {
    let project = Project::new(&component("examples/strict-cluster-policy"));
    let case = folder("examples/strict-cluster-policy").join("cases/creates-the-first-person.json");
    let mut case: Value = serde_json::from_slice(&std::fs::read(case).unwrap()).unwrap();
    let mut expect_creation = |creates: bool| {
        case["expect"] = json!({ "create": creates });
        project.save("cases/first.json", &case.to_string());
    };
    expect_creation(true);
    let mut watch = watch(&project);
    watch.line("watching ");
    assert!(watch.line("build ").ends_with("./build.sh"));
    assert!(watch.line("test ").ends_with("1 passed, 0 failed"));

    // A case builds nothing.
    expect_creation(false);
    assert!(watch.line("saved ").ends_with("cases/first.json"));
    let line = watch.line("");
    assert!(
        line.starts_with("test ") && line.ends_with("FAILED: 0 passed, 1 failed"),
        "{line}"
    );
    assert_eq!(watch.line(""), "    first");
    assert!(watch.line("").starts_with("      starts a cluster"));
    expect_creation(true);
    assert!(watch.line("test ").ends_with("1 passed, 0 failed"));

    // What a build that fails said, and then one that does not.
    project.choose(&folder("no-such-component"));
    assert!(watch.line("saved ").ends_with("source"));
    let line = watch.line("build ");
    assert!(line.contains("FAILED: `./build.sh` ended with "), "{line}");
    assert_eq!(watch.line(""), "    building");
    assert!(watch.line("").contains("no-such-component"));
    project.choose(&component("examples/threshold-cluster-policy"));
    watch.line("build ");
    watch.line("test ");
    assert!(watch.interrupt().success());
}

#[test]
fn what_a_build_writes_is_built_once_more_and_not_for_ever() {
    let project = Project::new(&component("examples/strict-cluster-policy"));
    let script = "#!/bin/sh\ncp \"$(cat source)\" plugin.wasm\ndate +%s%N >generated\necho >new\n";
    project.save("build.sh", script);
    project.save("generated", "");
    let mut watch = watch(&project);
    watch.line("test ");
    assert!(watch.line("saved ").ends_with("generated"));
    watch.line("test ");
    // The next build is of an edit.
    project.choose(&component("examples/threshold-cluster-policy"));
    assert!(watch.line("saved ").ends_with("source"));
    assert!(watch.interrupt().success());
}

#[test]
fn ctrl_c_ends_a_build_with_all_that_it_started() {
    let project = Project::new(&component("tagger"));
    project.save("build.sh", "#!/bin/sh\nsleep 600 &\necho $! >.pid\nwait\n");
    let mut watch = watch(&project);
    watch.line("watching ");
    let pid = loop {
        if let Ok(pid) = std::fs::read_to_string(project.path().join(".pid"))
            && pid.ends_with('\n')
        {
            break pid.trim().to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert!(watch.interrupt().success());
    // Nobody may have asked yet how it ended.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    assert!(
        state.as_ref().map_or(true, |state| state.contains(") Z ")),
        "{state:?}"
    );
}

#[test]
fn what_cannot_be_watched_is_said_at_once() {
    let empty = tempfile::tempdir().unwrap();
    let directory = empty.path().to_str().unwrap();
    let said = plugin(["watch", directory]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.errors.contains("has no build.sh and no package.json"),
        "{said:?}"
    );
    let project = Project::new(&component("tagger"));
    let said = plugin(["watch", project.path().to_str().unwrap()]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("ADMIN_KEY is not set"), "{said:?}");
}
