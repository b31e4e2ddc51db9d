//! The checks of what plugins answer, as fuzzing calls them.

use super::bindings::{cluster_policy, tagger, types};
use super::{Context, PluginError};
use crate::domain::{Assignment, ClusterId, ScoredTag};

/// The tags that the host takes over.
///
/// # Errors
/// When they break the contract.
pub fn tags(tags: Vec<(String, f32)>) -> Result<Vec<ScoredTag>, PluginError> {
    let tags = tags
        .into_iter()
        .map(|(name, score)| types::ScoredTag { name, score });
    super::tagger::checked(tags.collect())
}

/// How many prompts the host takes over of these concepts'; none when they break the contract.
#[must_use]
pub fn prompts(concepts: Vec<Vec<String>>) -> Option<usize> {
    let concepts = concepts.into_iter().map(|prompts| tagger::Concept {
        tag: String::new(),
        prompts,
    });
    let prompts = super::tagger::checked_prompts(concepts.collect()).ok()?;
    Some(prompts.len())
}

/// The context that the host takes over.
///
/// # Errors
/// When it breaks the contract.
pub fn context(phrase: String, confidence: f32) -> Result<Context, PluginError> {
    super::context_mapper::checked(super::bindings::context_mapper::Context { phrase, confidence })
}

/// The cluster that a face joins, if it joins one, of these neighbours; none when the decision breaks the contract.
#[must_use]
pub fn decision(cluster: Option<String>, reason: String, neighbours: &[u128]) -> Option<Option<u128>> {
    let known: Vec<ClusterId> = neighbours
        .iter()
        .filter_map(|bits| ClusterId::parse(&uuid::Uuid::from_u128(*bits).to_string()).ok())
        .collect();
    let assignment = cluster.map_or(
        cluster_policy::Assignment::Create,
        cluster_policy::Assignment::Join,
    );
    let decision =
        super::cluster_policy::checked(cluster_policy::Decision { assignment, reason }, &known).ok()?;
    Some(match decision.assignment {
        Assignment::Create => None,
        Assignment::Join(id) => id.to_string().parse::<uuid::Uuid>().ok().map(|id| id.as_u128()),
    })
}
