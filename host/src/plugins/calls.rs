//! Calls of the active plugins on behalf of a photo: what happens when they fail, and who watches.

use std::sync::Arc;

use super::active::Plugins;
use super::context_mapper::Context;
use super::error::PluginError;
use super::photo::Pixels;
use super::set::{Candidate, PluginSet};
use super::settings::OnFailure;
use super::slot::Slot;
use crate::activity::{FailureKind, FailureReport};
use crate::domain::{Assignment, Decision, EmbeddingModel, Neighbour, Scene, SceneFace, ScoredTag};

/// What the worker says of a photo whose context mapper failed and may fail: "a photo".
const NEUTRAL_PHRASE: &str = "Sebuah foto";

/// An answer, and whether it is the plugin's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The plugin failed and this stands in for its answer.
    pub degraded: bool,
}

impl Plugins {
    /// The tags of a scene that score at least `threshold`, best first. Blocks.
    ///
    /// # Errors
    /// When the tagger fails, unless `PLUGIN_DEGRADE` names it: then there are no tags.
    pub fn tag(
        &self,
        set: &PluginSet,
        scene: &Scene,
        photo: Option<&Arc<dyn Pixels>>,
        threshold: f32,
    ) -> Result<Answered<Vec<ScoredTag>>, PluginError> {
        let mut outcome = set.tagger.tag(scene, photo.cloned());
        if let Ok(tags) = &mut outcome {
            tags.retain(|tag| tag.score >= threshold);
            self.shadows.tags(scene, photo, threshold, tags);
        }
        self.settle(set, Slot::Tagger, outcome, Vec::new)
    }

    /// The phrase for a scene with these tags. Blocks.
    ///
    /// # Errors
    /// When the context mapper fails, unless `PLUGIN_DEGRADE` names it: then the phrase is neutral.
    pub fn map(
        &self,
        set: &PluginSet,
        scene: &Scene,
        tags: &[ScoredTag],
        photo: Option<&Arc<dyn Pixels>>,
    ) -> Result<Answered<Context>, PluginError> {
        let outcome = set.context_mapper.map(scene, tags, photo.cloned());
        if let Ok(context) = &outcome {
            self.shadows.context(scene, tags, photo, context);
        }
        self.settle(set, Slot::ContextMapper, outcome, || Context {
            phrase: NEUTRAL_PHRASE.to_owned(),
            confidence: 0.0,
            reason: None,
        })
    }

    /// Where a face goes. Blocks.
    ///
    /// # Errors
    /// When the cluster policy fails, unless `PLUGIN_DEGRADE` names it: then the nearest neighbour at or above the
    /// model's threshold decides.
    pub fn decide(
        &self,
        set: &PluginSet,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Answered<Decision>, PluginError> {
        let outcome = set.cluster_policy.decide(face, neighbours, model);
        if let Ok(decision) = &outcome {
            self.shadows.decision(face, neighbours, model, decision);
        }
        self.settle(set, Slot::ClusterPolicy, outcome, || {
            threshold_rule(neighbours, model)
        })
    }

    /// Where a stored face of a cluster of `cluster_faces` faces would go. Blocks.
    ///
    /// # Errors
    /// As of [`decide`](Self::decide).
    pub fn review(
        &self,
        set: &PluginSet,
        face: &SceneFace,
        cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Answered<Decision>, PluginError> {
        let outcome = set.cluster_policy.review(face, cluster_faces, neighbours, model);
        self.settle(set, Slot::ClusterPolicy, outcome, || {
            threshold_rule(neighbours, model)
        })
    }

    fn settle<T>(
        &self,
        set: &PluginSet,
        slot: Slot,
        outcome: Result<T, PluginError>,
        stand_in: impl FnOnce() -> T,
    ) -> Result<Answered<T>, PluginError> {
        let error = match outcome {
            Ok(value) => {
                return Ok(Answered {
                    value,
                    degraded: false,
                });
            }
            Err(error) => error,
        };
        let failing = set.get(slot);
        self.failures.set(slot, failing.identity(), &error);
        self.watch_failures(&failing, &error);
        match self.loader.settings.on_failure(slot) {
            OnFailure::Fail => Err(error),
            OnFailure::Degrade => {
                tracing::error!(%slot, error = crate::report(&error), "a plugin failed; the answer does without it");
                if let Some(activity) = self.activity.get() {
                    activity.failed(FailureReport {
                        slot: Some(slot.name()),
                        ..FailureReport::new(FailureKind::Plugin, "plugin_failed", error.without_words())
                    });
                }
                Ok(Answered {
                    value: stand_in(),
                    degraded: true,
                })
            }
        }
    }

    fn watch_failures(&self, failing: &Candidate, error: &PluginError) {
        let limit = self.loader.settings.breaker_failures;
        let failures = failing.statistics().failures_in_a_row();
        if limit > 0 && failures >= limit {
            let reason = format!("{failures} failures in a row, the last: {}", crate::report(error));
            self.break_circuit(failing, &reason);
        }
    }
}

fn threshold_rule(neighbours: &[Neighbour], model: &EmbeddingModel) -> Decision {
    let nearest = neighbours
        .iter()
        .filter(|neighbour| neighbour.similarity >= model.threshold)
        .max_by(|a, b| a.similarity.total_cmp(&b.similarity));
    Decision {
        assignment: nearest.map_or(Assignment::Create, |nearest| Assignment::Join(nearest.cluster_id)),
        reason: "The clustering policy failed; the nearest face at or above the threshold decided."
            .to_owned(),
    }
}
