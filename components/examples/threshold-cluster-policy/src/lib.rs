//! A `cluster-policy` plugin, the plainest there can be: a face joins the person of its most similar stored face
//! when that similarity reaches the model's threshold, else it starts a new cluster.

mod bindings;
mod policy;

use bindings::exports::ai_worker::plugin::cluster_policy::{
    Decision, EmbeddingModel, Face, Guest, Neighbour, PluginError, PluginInfo, PolicyDescription,
};

/// How many stored faces the policy asks for. It decides by the best one; the others are there
/// because the best may be unusable (its similarity not a number).
const NEIGHBOURS: u32 = 10;

struct ThresholdClusterPolicy;

impl Guest for ThresholdClusterPolicy {
    fn describe() -> PolicyDescription {
        PolicyDescription {
            info: PluginInfo {
                name: "threshold-cluster-policy".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            neighbours: NEIGHBOURS,
        }
    }

    fn decide(
        _candidate: Face,
        neighbours: Vec<Neighbour>,
        model: EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        Ok(policy::decide(&neighbours, model.threshold))
    }
}
