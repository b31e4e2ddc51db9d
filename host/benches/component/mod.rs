//! Cluster policies as they are built in the repository, for benchmarks that place faces with them.

use std::sync::Arc;

use ai_worker::domain::{Decision, EmbeddingModel, Neighbour, SceneFace};
use ai_worker::faces::{ConsolidationRequest, People, Policy, PolicyError};
use ai_worker::models::manifest::{Manifest, Role};
use ai_worker::plugins::{Candidate, ClusterPolicy, PluginLimits, Slot, Workbench};

/// How often a consolidation is run over everything at most; it ends when one changes nothing.
const CONSOLIDATIONS: usize = 5;
/// The components that are compared: the threshold alone, and the default.
pub(crate) const POLICIES: [&str; 2] = [
    "examples/threshold-cluster-policy/threshold-cluster-policy.wasm",
    "cluster-policy/cluster-policy.wasm",
];

/// The embedder of a model set, with its threshold.
pub(crate) fn model_of(set: &str) -> EmbeddingModel {
    let manifest = Manifest::built_in().unwrap();
    let set = manifest.set(set).unwrap();
    let model = manifest.model_for(set, Role::FaceEmbedder).unwrap().unwrap();
    let embedding = model.embedding.unwrap();
    EmbeddingModel {
        name: model.name.clone(),
        dimension: embedding.dimension,
        threshold: embedding.threshold,
    }
}

/// Consolidates everything until nothing changes.
pub(crate) async fn consolidate(people: &People, policy: &Arc<Component>) {
    for _ in 0..CONSOLIDATIONS {
        let request = ConsolidationRequest {
            dry_run: false,
            after: None,
            limit: usize::from(u16::MAX),
        };
        let done = people
            .consolidate(request, Arc::<Component>::clone(policy))
            .await
            .unwrap();
        if done.merges.is_empty() {
            return;
        }
    }
}

/// A component as a policy.
pub(crate) struct Component(Arc<ClusterPolicy>);

/// Loads a component of the repository, named by its file below `components/`.
pub(crate) async fn load(component: &'static str, limits: PluginLimits) -> Arc<Component> {
    let path = format!("{}/../components/{component}", env!("CARGO_MANIFEST_DIR"));
    let loaded = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(path).unwrap();
        Workbench::new(limits)
            .unwrap()
            .load(Slot::ClusterPolicy, &bytes, component)
            .unwrap()
    });
    match loaded.await.unwrap() {
        Candidate::ClusterPolicy(policy) => Arc::new(Component(policy)),
        _ => unreachable!("it was loaded for the cluster policy slot"),
    }
}

impl Policy for Component {
    fn digest(&self) -> &str {
        &self.0.identity().digest
    }

    fn neighbours(&self) -> usize {
        self.0.neighbours()
    }

    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        Ok(self.0.decide(face, neighbours, model)?)
    }
}
