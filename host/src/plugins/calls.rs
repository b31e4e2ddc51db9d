//! Calls of the active plugins on behalf of a photo: what happens when they fail, and who watches.

use std::sync::Arc;

use super::active::Plugins;
use super::cluster_policy::ClusterQuestion;
use super::context_mapper::{Context, ContextQuestion};
use super::error::PluginError;
use super::photo::Pixels;
use super::question::Question;
use super::set::{Candidate, InSlot, PluginSet};
use super::settings::OnFailure;
use super::slot::Slot;
use super::tagger::TagQuestion;
use crate::activity::{FailureKind, FailureReport};
use crate::domain::{Decision, EmbeddingModel, Neighbour, Scene, SceneFace, ScoredTag};

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
        let question = TagQuestion {
            scene,
            photo,
            threshold,
        };
        self.ask(set, &question)
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
        self.ask(set, &ContextQuestion { scene, tags, photo })
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
        let question = ClusterQuestion {
            face,
            cluster_faces: None,
            neighbours,
            model,
        };
        self.ask(set, &question)
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
        let question = ClusterQuestion {
            face,
            cluster_faces: Some(cluster_faces),
            neighbours,
            model,
        };
        self.ask(set, &question)
    }

    /// Asks the active plugin of a slot, and the candidate beside it, if there is one.
    fn ask<Q>(&self, set: &PluginSet, question: &Q) -> Result<Answered<Q::Answer>, PluginError>
    where
        Q: Question,
        Q::Plugin: InSlot + 'static,
    {
        let outcome = question.ask(Q::Plugin::active(set));
        if let Ok(answer) = &outcome {
            self.shadows.compare(question, answer);
        }
        self.settle(set, Q::Plugin::SLOT, outcome, || question.stand_in())
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
                tracing::error!(
                    %slot, error = crate::report(&error),
                    "a plugin failed; the photo was answered without it"
                );
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
