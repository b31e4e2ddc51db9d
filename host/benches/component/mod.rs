//! Cluster policies as they are built in the repository, for benchmarks that place faces with them.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ai_worker::config::Config;
use ai_worker::domain::EmbeddingModel;
use ai_worker::faces::{ConsolidationRequest, People};
use ai_worker::models::manifest::Manifest;
use ai_worker::plugins::{Candidate, PluginLimits, Slot, Workbench};
use ai_worker::replay::CandidatePolicy;

/// How often a consolidation is run over everything at most; it ends when one changes nothing.
const CONSOLIDATIONS: usize = 5;
/// The components that are compared: the threshold alone, and the default.
pub(crate) const POLICIES: [&str; 2] = [
    "examples/threshold-cluster-policy/threshold-cluster-policy.wasm",
    "cluster-policy/cluster-policy.wasm",
];

/// Calls `measure` with the set and the directory that the command line names, each set in a process of its own, because
/// a process has one runtime library and one store of networks.
pub(crate) fn run(measure: impl Fn(&str, &Path)) {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--set", set, directory] => measure(set, Path::new(directory)),
        [directory] => each(directory, &["open", "research"]),
        [directory, ref sets @ ..] => each(directory, sets),
        [] => println!("name a directory whose folders are people"),
    }
}

fn each(directory: &str, sets: &[&str]) {
    for set in sets {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--set", set, directory])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

/// The settings of a worker that runs a set and keeps its data in a directory.
pub(crate) fn config(set: &str, data: &Path) -> Config {
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/models").to_owned();
    Config::read(&|name| match name {
        "DATA_DIR" => Some(data.display().to_string()),
        "MODELS_DIR" => Some(std::env::var(name).unwrap_or_else(|_| models.clone())),
        "MODEL_SET" => Some(set.to_owned()),
        _ => None,
    })
    .unwrap()
}

/// The embedder of a model set, with its threshold.
pub(crate) fn model_of(set: &str) -> EmbeddingModel {
    let manifest = Manifest::built_in().unwrap();
    manifest.embedding_model(manifest.set(set).unwrap()).unwrap()
}

/// Consolidates everything until nothing changes.
pub(crate) async fn consolidate(people: &People, policy: &Arc<CandidatePolicy>) {
    for _ in 0..CONSOLIDATIONS {
        let request = ConsolidationRequest {
            dry_run: false,
            after: None,
            limit: usize::from(u16::MAX),
        };
        let done = people
            .consolidate(request, Arc::<CandidatePolicy>::clone(policy))
            .await
            .unwrap();
        if done.merges.is_empty() {
            return;
        }
    }
}

/// Loads a component of the repository, named by its file below `components/`.
pub(crate) async fn load(component: &'static str, limits: PluginLimits) -> Arc<CandidatePolicy> {
    let path = format!("{}/../components/{component}", env!("CARGO_MANIFEST_DIR"));
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
