//! How many nodes of a graph each execution provider ran, from the profile that ONNX Runtime writes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// One entry of a profile; others have neither of these.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    cat: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Arguments,
}

#[derive(Default, Deserialize)]
struct Arguments {
    provider: Option<String>,
}

/// Nodes by execution provider, in the order of their names. A node that ran several times counts once.
///
/// # Errors
/// When the text is no profile.
pub(super) fn nodes(profile: &str) -> Result<Vec<(String, usize)>, serde_json::Error> {
    let events: Vec<Event> = serde_json::from_str(profile)?;
    let mut nodes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in events {
        if let (true, Some(provider)) = (event.cat == "Node", event.args.provider) {
            nodes.entry(provider).or_default().insert(event.name);
        }
    }
    Ok(nodes
        .into_iter()
        .map(|(provider, names)| (provider, names.len()))
        .collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn a_node_counts_once_for_who_ran_it() {
        let profile = r#"[
            {"cat" : "Session","pid" :1,"tid" :1,"dur" :5,"ts" :1,"ph" : "X","name" :"model_loading_uri","args" : {}},
            {"cat" : "Node","dur" :5,"ts" :1,"ph" : "X","name" :"a_kernel_time","args" : {"provider" : "CPUExecutionProvider","op_name" : "Conv"}},
            {"cat" : "Node","dur" :5,"ts" :9,"ph" : "X","name" :"a_kernel_time","args" : {"provider" : "CPUExecutionProvider","op_name" : "Conv"}},
            {"cat" : "Node","dur" :5,"ts" :1,"ph" : "X","name" :"b_kernel_time","args" : {"provider" : "WebGpuExecutionProvider","op_name" : "Conv"}},
            {"cat" : "Node","dur" :5,"ts" :1,"ph" : "X","name" :"c_kernel_time","args" : {"provider" : "WebGpuExecutionProvider","op_name" : "Add"}},
            {"cat" : "Api","name" : "other"}
        ]"#;
        let expected = [
            ("CPUExecutionProvider".to_owned(), 1),
            ("WebGpuExecutionProvider".to_owned(), 2),
        ];
        assert_eq!(nodes(profile).unwrap(), expected);
        assert!(nodes("").is_err());
    }
}
