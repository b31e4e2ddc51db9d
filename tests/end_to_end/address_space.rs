//! A machine that gives the worker little address space.

use std::process::Command;

#[test_support::test]
fn who_has_too_little_address_space_for_a_plugin_is_told_what_to_do() {
    let ended = Command::new("sh")
        .args(["-c", "ulimit -v 3000000 && exec \"$0\" plugin check \"$1\""])
        .arg(env!("CARGO_BIN_EXE_ai-worker"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../components/tagger/tagger.wasm"
        ))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("raise ulimit -v"), "{said}");
}
