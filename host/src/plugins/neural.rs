//! What is left of a call's networks.

use std::sync::Arc;

use super::clock::CallClock;
use super::graphs::Graphs;
use super::nn_error::{NnError, NnErrorCode};
use super::settings::PluginLimits;

/// What is left of a call's networks.
pub(super) struct Neural {
    pub(super) graphs: Arc<Graphs>,
    inferences: u32,
    /// Of the tensors that the call makes, whether it drops them or not.
    pub(super) tensor_bytes: usize,
}

impl Neural {
    pub(super) fn new(graphs: Arc<Graphs>, limits: &PluginLimits) -> Self {
        Self {
            graphs,
            inferences: limits.inferences,
            tensor_bytes: limits.memory_bytes,
        }
    }

    /// Takes one inference from the budget. One that has begun is not interrupted.
    pub(super) fn begin_inference(&mut self, clock: &CallClock) -> Result<(), NnError> {
        if clock.check().is_err() {
            return Err(NnError {
                code: NnErrorCode::Timeout,
                text: "the call's time limit is reached",
            });
        }
        self.inferences = self.inferences.checked_sub(1).ok_or(NnError {
            code: NnErrorCode::RuntimeError,
            text: "the call has already run as many inferences as PLUGIN_INFERENCES allows",
        })?;
        Ok(())
    }
}
