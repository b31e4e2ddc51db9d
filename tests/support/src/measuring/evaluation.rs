//! What the benchmarks share that put photos of known people together.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ai_worker::domain::EmbeddingModel;
use ai_worker::models::manifest::Manifest;
use ai_worker::people::{ConsolidationRequest, People};
use ai_worker::replay::CandidatePolicy;

/// How often a consolidation is run over everything at most; it ends when one changes nothing.
const CONSOLIDATIONS: usize = 5;

/// Calls `measure` with the set and the directory that the command line names, each set in a process of its own, because
/// a process has one runtime library and one store of networks.
pub fn run(measure: impl Fn(&str, &Path)) {
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

/// The embedder of a model set, with its threshold.
pub fn model_of(set: &str) -> EmbeddingModel {
    let manifest = Manifest::built_in().unwrap();
    manifest.embedding_model(manifest.set(set).unwrap()).unwrap()
}

/// Consolidates everything until nothing changes.
pub async fn consolidate(people: &People, policy: &Arc<CandidatePolicy>) {
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
