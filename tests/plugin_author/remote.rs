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
