//! `ai-worker plugin check`, and what `plugin` says of itself.

use crate::{component, plugin};

#[test]
fn a_component_is_described() {
    for (name, slot) in [
        ("tagger", "tagger"),
        ("context-mapper", "context-mapper"),
        ("cluster-policy", "cluster-policy"),
        ("examples/label-classifier", "tagger"),
    ] {
        let said = plugin(["check".as_ref(), component(name).as_os_str()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        for line in [
            format!("slot      {slot}\n"),
            "wit       ai-worker:plugin@1.1.0".to_owned(),
            "digest    ".to_owned(),
            "limits    1000 ms of processor time a call".to_owned(),
            "answers   as ".to_owned(),
        ] {
            assert!(said.out.contains(&line), "{line} is missing from {}", said.out);
        }
    }
}

#[test]
fn tags_that_a_model_set_cannot_give_are_named() {
    let tagger = component("tagger");
    let check = |set: &str| {
        plugin([
            "check".as_ref(),
            tagger.as_os_str(),
            "--models".as_ref(),
            set.as_ref(),
        ])
    };
    let open = check("open").out;
    for tag in ["waterfall", "sunset"] {
        assert!(open.contains(&format!("\n          {tag}\n")), "{open}");
    }
    assert!(
        !open.contains("          car\n") && !open.contains("          training\n"),
        "{open}"
    );
    assert!(check("full").out.contains("tags      0 that full cannot give"));
    let unknown = check("no-such-set");
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.errors.contains("there is no model set"), "{unknown:?}");
}

#[test]
fn what_fills_no_slot_is_refused_in_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let whole = std::fs::read(component("tagger")).unwrap();
    let empty_component = b"\0asm\x0d\0\x01\0";
    for (name, bytes, reason) in [
        (
            "module",
            b"\0asm\x01\0\0\0".as_slice(),
            "it is a core module and not a component; run it through `ai-worker plugin componentize`",
        ),
        ("garbage", b"no component at all", "it is not WebAssembly"),
        ("nothing", b"", "it is not WebAssembly"),
        ("half", &whole[..whole.len() / 2], "it is not a valid component"),
        (
            "empty",
            empty_component,
            "it exports no interface and none of ai-worker:plugin/tagger",
        ),
    ] {
        let file = directory.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let said = plugin(["check".as_ref(), file.as_os_str()]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{name}: {said:?}");
        assert!(said.errors.contains(reason), "{name}: {said:?}");
        assert_eq!(said.errors.lines().count(), 1, "{name}: {said:?}");
    }
    let said = plugin(["check", "no-such-file.wasm"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.errors.contains("no-such-file.wasm cannot be read"),
        "{said:?}"
    );
}

#[test]
fn help_is_about_plugins() {
    for arguments in [vec!["--help"], vec!["swap", "--help"]] {
        let said = plugin(&arguments);
        assert_eq!(said.code, Some(0));
        // The worker's settings would bury what an author looks for.
        assert!(!said.out.contains("--max-photo-bytes"), "{}", said.out);
        assert!(said.out.lines().count() < 40, "{}", said.out);
    }
}
