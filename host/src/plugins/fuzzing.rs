//! An entry for the fuzz targets: what guests answer, as it is checked before anybody else sees it. None where it is
//! refused.

use super::bindings::{
    cluster_policy as policy, context_mapper as mapper, photo as pixels, tagger as vocabulary, types,
};
use super::{Context, View, cluster_policy, context_mapper, photo_host, tagger};
use crate::domain::{ClusterId, Decision, ScoredTag};

/// The prompts of a tagger's concepts.
#[must_use]
pub fn prompts(concepts: Vec<Vec<String>>) -> Option<Vec<String>> {
    let concepts = concepts.into_iter().map(|prompts| vocabulary::Concept {
        tag: String::new(),
        prompts,
        evidence: types::Evidence::empty(),
    });
    tagger::checked_prompts(concepts.collect()).ok()
}

/// A tagger's tags: names and scores.
#[must_use]
pub fn tags(tags: Vec<(String, f32)>) -> Option<Vec<ScoredTag>> {
    let tags = tags.into_iter().map(|(name, score)| types::ScoredTag {
        name,
        score,
        reason: None,
    });
    tagger::checked(tags.collect()).ok()
}

/// A context mapper's phrase.
#[must_use]
pub fn context(phrase: String, confidence: f32) -> Option<Context> {
    context_mapper::checked(mapper::Context {
        phrase,
        confidence,
        reason: None,
    })
    .ok()
}

/// A clustering policy's decision about a face whose neighbours are in these clusters.
#[must_use]
pub fn decision(join: Option<String>, reason: String, known: &[ClusterId]) -> Option<Decision> {
    let assignment = join.map_or(policy::Assignment::Create, policy::Assignment::Join);
    cluster_policy::checked(policy::Decision { assignment, reason }, known).ok()
}

/// A view of the photo, red, green and blue in this order.
#[must_use]
pub fn view(fraction: f32, size: u32, mean: [f32; 3], deviation: [f32; 3]) -> Option<View> {
    let view = pixels::View {
        fraction,
        size,
        channels: pixels::Channels::Rgb,
        mean: mean.into(),
        deviation: deviation.into(),
    };
    photo_host::checked(view).ok()
}
