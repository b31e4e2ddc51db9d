//! Calls of the active plugins on behalf of a photo: what happens when they fail, and who watches.

use super::active::Plugins;
use super::error::PluginError;
use super::question::Question;
use super::set::{Candidate, InSlot, PluginSet};
use super::settings::OnFailure;
use super::slot::Slot;
use crate::activity::{FailureKind, FailureReport};

/// An answer, and whether it is the plugin's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The plugin failed and this stands in for its answer.
    pub degraded: bool,
}

impl Plugins {
    /// Asks the active plugin of a question's slot, and the candidate beside it, if there is one. Blocks.
    ///
    /// # Errors
    /// When the plugin fails, unless `PLUGIN_DEGRADE` names its slot: then the answer is the question's stand-in.
    pub fn ask<Q>(&self, set: &PluginSet, question: &Q) -> Result<Answered<Q::Answer>, PluginError>
    where
        Q: Question,
        Q::Plugin: InSlot,
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
