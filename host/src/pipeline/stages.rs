//! The stages of a photo's journey and what they need, and how their work is run and timed.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::task::AbortOnDropHandle;
use tracing::Span;

use super::error::PipelineError;
use super::memory::PixelBudget;
use super::permits::InferencePermits;
use crate::config::PipelineSettings;
use crate::inference::Inference;
use crate::metrics::{self, Stage};
use crate::people::People;
use crate::photo::{DecodeSettings, PhotoSource};
use crate::plugins::Plugins;
use crate::vocabulary::Vocabulary;

/// The stages and what they need.
pub struct Pipeline {
    /// Where photos come from.
    pub source: Arc<dyn PhotoSource>,
    /// How photos are decoded.
    pub decode: DecodeSettings,
    /// What becomes of what was seen.
    pub settings: PipelineSettings,
    /// The networks.
    pub inference: Arc<Inference>,
    /// What prompts mean as sentences.
    pub vocabulary: Arc<Vocabulary>,
    /// The active plugins.
    pub plugins: Arc<Plugins>,
    /// Where faces go.
    pub people: Arc<People>,
    /// The name of the set that `inference` runs, stored with each photo.
    pub model_set: String,
    /// Room for decoded photos.
    pub memory: PixelBudget,
    /// Who runs networks.
    pub permits: InferencePermits,
}

/// Runs work on a blocking thread. A caller that leaves before it has begun takes it along.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PipelineError> + Send + 'static,
) -> Result<T, PipelineError> {
    let span = Span::current();
    AbortOnDropHandle::new(tokio::task::spawn_blocking(move || span.in_scope(work))).await?
}

/// How long a stage took that is done now, in milliseconds.
pub(super) fn done(stage: Stage, started: Instant) -> f64 {
    let took = started.elapsed();
    metrics::stage(stage, took);
    took.as_secs_f64() * 1_000.0
}
