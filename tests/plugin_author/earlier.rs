//! Components that were built for version 1.0.0 of the interfaces, as they were committed then: they go on as they are.

use std::path::{Path, PathBuf};

use crate::plugin;

/// Each component, and how many golden cases it had.
const COMPONENTS: [(&str, usize); 6] = [
    ("tagger", 18),
    ("context-mapper", 13),
    ("cluster-policy", 17),
    ("label-classifier", 0),
    ("strict-cluster-policy", 6),
    ("threshold-cluster-policy", 6),
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/plugins-1.0.0")
        .join(name)
}

#[test]
fn components_of_version_1_0_0_pass_their_cases_unchanged() {
    for (name, cases) in COMPONENTS {
        let component = folder(name).join(name).with_extension("wasm");
        let said = plugin(["check".as_ref(), component.as_os_str()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(
            said.out.contains("wit       ai-worker:plugin@1.0.0"),
            "{}",
            said.out
        );
        if cases > 0 {
            let said = plugin([
                "test".as_ref(),
                component.as_os_str(),
                folder(name).join("cases").as_os_str(),
            ]);
            assert_eq!(said.code, Some(0), "{said:?}");
            let all = format!("{cases} passed, 0 failed");
            assert!(said.out.contains(&all), "{name}: {}", said.out);
        }
    }
}
