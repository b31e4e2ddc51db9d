//! Cluster policies as they are built in the repository, for benchmarks that place faces with them.

use std::path::Path;
use std::sync::Arc;

use ai_worker::config::Config;
use ai_worker::plugins::{Candidate, PluginLimits, Slot, Workbench};
use ai_worker::replay::CandidatePolicy;

use crate::WORKSPACE;
use crate::guests::COMPONENTS;

/// The components that are compared: the threshold alone, and the default.
pub const POLICIES: [&str; 2] = [
    "examples/threshold-cluster-policy/threshold-cluster-policy.wasm",
    "cluster-policy/cluster-policy.wasm",
];

/// The settings of a worker that runs a set and keeps its data in a directory.
pub fn config(set: &str, data: &Path) -> Config {
    let models = format!("{WORKSPACE}/data/models");
    Config::read(&|name| match name {
        "DATA_DIR" => Some(data.display().to_string()),
        "MODELS_DIR" => Some(std::env::var(name).unwrap_or_else(|_| models.clone())),
        "MODEL_SET" => Some(set.to_owned()),
        "PRECISION" => std::env::var(name).ok(),
        _ => None,
    })
    .unwrap()
}

/// Loads a component of the repository, named by its file below `components/`.
pub async fn load(component: &'static str, limits: PluginLimits) -> Arc<CandidatePolicy> {
    let path = format!("{COMPONENTS}/{component}");
    let loaded = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(path).unwrap();
        Workbench::new(limits)
            .unwrap()
            .load(Slot::ClusterPolicy, &bytes, component)
            .unwrap()
    });
    match loaded.await.unwrap() {
        Candidate::ClusterPolicy(policy) => Arc::new(CandidatePolicy(policy)),
        _ => unreachable!("it was loaded for the cluster policy slot"),
    }
}
