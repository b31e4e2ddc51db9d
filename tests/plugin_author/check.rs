//! `ai-worker plugin check`, and what `plugin` says of itself.

use serde_json::{Value, json};
use test_support::guests;

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
        let verdict = format!("ok: a {slot} for ai-worker:plugin@1.1.0, answers as ");
        assert!(said.out.starts_with(&verdict), "{}", said.out);
        for line in [
            format!("slot      {slot}\n"),
            "wit       ai-worker:plugin@1.1.0".to_owned(),
            "digest    ".to_owned(),
            "limits    1000 ms of processor time per call".to_owned(),
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
            "it is a core module and not a component; convert it with `ai-worker plugin componentize`",
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
        assert!(said.errors.starts_with("refused: "), "{name}: {said:?}");
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
fn what_is_refused_when_it_is_called_is_described_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("traps.wasm");
    std::fs::write(&file, guests::tagger("", guests::DESCRIPTION, "unreachable")).unwrap();
    let said = plugin(["check".as_ref(), file.as_os_str()]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.errors.starts_with("refused: the tagger plugin failed"),
        "{said:?}"
    );
    assert!(
        said.out.contains("slot      tagger\n") && !said.out.contains("ok:"),
        "{said:?}"
    );

    let check = |file: &std::path::Path| {
        let said = plugin(["check".as_ref(), file.as_os_str(), "--json".as_ref()]);
        (said.code, serde_json::from_str::<Value>(&said.out).unwrap())
    };
    let (code, report) = check(&file);
    assert_eq!(
        (code, &report["ok"], &report["slot"]),
        (Some(1), &json!(false), &json!("tagger"))
    );
    assert!(
        report["refused"]
            .as_str()
            .unwrap()
            .contains("the tagger plugin failed"),
        "{report}"
    );
    std::fs::write(&file, "no component").unwrap();
    let (code, report) = check(&file);
    assert_eq!(
        (code, &report["ok"], &report["slot"]),
        (Some(1), &json!(false), &Value::Null)
    );
    let (code, report) = check(&component("tagger"));
    assert_eq!(
        (code, &report["ok"], &report["refused"]),
        (Some(0), &json!(true), &Value::Null)
    );
    assert!(
        report["digest"].is_string() && report["name"].is_string(),
        "{report}"
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
