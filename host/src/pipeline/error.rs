//! Why a photo could not be described.

use crate::inference::InferenceError;
use crate::people::PeopleError;
use crate::photo::PhotoError;
use crate::plugins::PluginError;
use crate::vocabulary::VocabularyError;

/// Why a photo could not be described; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// It could not be fetched or decoded.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// A network failed.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The prompts of the vocabulary could not be compared with what was seen.
    #[error(transparent)]
    Vocabulary(#[from] VocabularyError),
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The faces could not be stored.
    #[error(transparent)]
    Faces(#[from] PeopleError),
    /// A stage panicked or was cancelled.
    #[error("a stage of the pipeline ended without a result")]
    Stage(#[from] tokio::task::JoinError),
}
