//! A `cluster-policy` plugin for archives in which two people under one name are worse than one person under two:
//! it joins only when nothing speaks against it.

mod bindings;
mod policy;

use bindings::exports::ai_worker::plugin::cluster_policy::{
    Decision, EmbeddingModel, Face, Guest, Neighbour, PluginError, PluginInfo, PolicyDescription,
};

/// How many stored faces the policy asks for: enough that a person with many photos does not hide the second-best
/// person, whom the rule compares with.
const NEIGHBOURS: u32 = 50;

struct StrictClusterPolicy;

impl Guest for StrictClusterPolicy {
    fn describe() -> PolicyDescription {
        PolicyDescription {
            info: PluginInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            neighbours: NEIGHBOURS,
        }
    }

    fn decide(
        candidate: Face,
        neighbours: Vec<Neighbour>,
        model: EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        Ok(policy::decide(&candidate, &neighbours, model.threshold))
    }
}
