//! `ai-worker plugin swap` and the like, before anything is sent.

use crate::{component, plugin};

#[test]
fn what_a_worker_would_refuse_is_not_sent() {
    // Nothing listens there.
    let nowhere = ["--server", "http://127.0.0.1:9"];
    let swap = |slot: &str, name: &str, options: &[&str]| {
        let file = component(name);
        let said = plugin(
            ["swap", slot, file.to_str().unwrap()]
                .iter()
                .chain(&nowhere)
                .chain(options),
        );
        assert_eq!(said.code, Some(1), "{said:?}");
        said.errors
    };
    assert!(swap("tagger", "tagger", &[]).contains("ADMIN_KEY is not set"));
    let key = ["--admin-key", "secret"];
    let errors = swap("cluster-policy", "tagger", &key);
    assert!(
        errors.contains("is a plugin for the tagger slot, not for cluster-policy"),
        "{errors}"
    );
    let errors = swap("tagger", "tagger", &key);
    assert!(errors.contains("http://127.0.0.1:9 does not answer"), "{errors}");
}

#[test]
fn the_cases_beside_a_component_run_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tagger.wasm");
    std::fs::copy(component("tagger"), &file).unwrap();
    let swap = |options: &[&str]| {
        let arguments = ["swap", "tagger", file.to_str().unwrap(), "--admin-key", "secret"];
        // Nothing listens there.
        let nowhere = ["--server", "http://127.0.0.1:9"];
        let said = plugin(arguments.iter().chain(&nowhere).chain(options));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
        said.errors
    };
    let sent = "http://127.0.0.1:9 does not answer";
    assert!(swap(&[]).contains(sent));

    let cases = folder.path().join("cases");
    std::fs::create_dir(&cases).unwrap();
    let errors = swap(&[]);
    assert!(
        errors.contains("has no golden case") && errors.contains("nothing was sent"),
        "{errors}"
    );
    let case = |name: &str, expect: &str| {
        let scene = r#""scene": {"width": 10, "height": 10, "faces": []}"#;
        std::fs::write(
            cases.join(name),
            format!(r#"{{{scene}, "expect": {{"{expect}": ["beach"]}}}}"#),
        )
        .unwrap();
    };
    case("nothing.json", "has_not");
    let errors = swap(&[]);
    assert!(
        errors.contains("cases: 1 passed, 0 failed") && errors.contains(sent),
        "{errors}"
    );
    case("beach.json", "has");
    let errors = swap(&["--no-trial"]);
    for said in [
        "FAILED   beach\n",
        "- beach\n",
        "cases: 1 passed, 1 failed",
        "nothing was sent",
    ] {
        assert!(errors.contains(said), "{said}: {errors}");
    }
    assert!(!errors.contains(sent), "{errors}");
    let errors = swap(&["--no-cases"]);
    assert!(errors.contains(sent) && !errors.contains("beach"), "{errors}");
}
