//! A door for the fuzz targets: what guests answer, through the checks of each slot.

use super::bindings::{cluster_policy, context_mapper, tagger, types};
use super::{Context, PluginError};
use crate::domain::{ClusterId, Decision, ScoredTag};

/// Tags as a tagger answers them.
///
/// # Errors
/// When they break the contract.
pub fn tags(tags: Vec<(String, f32)>) -> Result<Vec<ScoredTag>, PluginError> {
    let tags = tags
        .into_iter()
        .map(|(name, score)| types::ScoredTag { name, score })
        .collect();
    super::tagger::checked(tags)
}

/// The prompts of a vocabulary, one list for each concept.
///
/// # Errors
/// When they break the contract.
pub fn prompts(concepts: Vec<Vec<String>>) -> Result<Vec<String>, PluginError> {
    let concepts = concepts
        .into_iter()
        .map(|prompts| tagger::Concept {
            tag: String::new(),
            prompts,
        })
        .collect();
    super::tagger::checked_prompts(concepts)
}

/// What a context mapper answers.
///
/// # Errors
/// When it breaks the contract.
pub fn context(phrase: String, confidence: f32) -> Result<Context, PluginError> {
    super::context_mapper::checked(context_mapper::Context { phrase, confidence })
}

/// What a cluster policy answers when it was shown these clusters; `join` is the cluster that it chose.
///
/// # Errors
/// When it breaks the contract.
pub fn decision(join: Option<String>, reason: String, known: &[ClusterId]) -> Result<Decision, PluginError> {
    let assignment = join.map_or(
        cluster_policy::Assignment::Create,
        cluster_policy::Assignment::Join,
    );
    super::cluster_policy::checked(cluster_policy::Decision { assignment, reason }, known)
}
