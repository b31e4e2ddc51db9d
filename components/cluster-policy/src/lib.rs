//! The default `cluster-policy` plugin: a face joins the person whose best faces resemble it most, when they do so
//! enough for their quality and number; else it starts a new cluster. A face that stayed alone joins, when clusters are
//! consolidated, the person who is clearly ahead of all others.

mod bindings;
mod evidence;
mod figures;
mod policy;
#[cfg(test)]
mod tests;

use bindings::exports::ai_worker::plugin::cluster_policy::{
    Decision, EmbeddingModel, Face, Guest, Neighbour, PluginError, PluginInfo, PolicyDescription,
};
use bindings::exports::ai_worker::plugin::cluster_review;

struct ClusterPolicy;

impl Guest for ClusterPolicy {
    fn describe() -> PolicyDescription {
        PolicyDescription {
            info: PluginInfo {
                name: "default-cluster-policy".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            neighbours: figures::NEIGHBOURS,
        }
    }

    fn decide(
        candidate: Face,
        neighbours: Vec<Neighbour>,
        model: EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        Ok(policy::decide(candidate.quality, &neighbours, model.threshold))
    }
}

impl cluster_review::Guest for ClusterPolicy {
    fn review(
        stored: Face,
        cluster_faces: u64,
        neighbours: Vec<Neighbour>,
        model: EmbeddingModel,
    ) -> Result<Decision, PluginError> {
        Ok(policy::review(
            stored.quality,
            cluster_faces,
            &neighbours,
            model.threshold,
        ))
    }
}
