//! The score of every tag.

use crate::bindings::exports::ai_worker::plugin::tagger::{PluginError, Scene, ScoredTag};
use crate::faces::Faces;
use crate::labels::Probabilities;
use crate::vocabulary::{CONCEPTS, Concept};

/// What scores lower is not worth handing over; the host's own threshold is far above.
const LEAST_SCORE: f32 = 0.05;

/// The most tags a photo gets.
const MOST_TAGS: usize = 40;

/// The tags of one photo, best first; equally good ones in the vocabulary's order.
///
/// A tag's score is the highest of what three witnesses say, each in its own sense: the classifier
/// (a sum of weighted probabilities), the faces (the worth of a rule that holds) and the text-image
/// model (the best cosine similarity among the tag's prompts). The cosines of such models run from
/// about 0.1 for a sentence that has nothing to do with the photo to 0.35 for one that fits, so the
/// host's default threshold of 0.25 is right for them as well.
///
/// # Errors
/// When the host gives similarities, but not one for each prompt.
pub(crate) fn tag(scene: &Scene) -> Result<Vec<ScoredTag>, PluginError> {
    let faces = Faces::of(scene);
    let probabilities = Probabilities::of(scene);
    let similarities = similarities(scene)?;
    let mut tags: Vec<ScoredTag> = CONCEPTS
        .iter()
        .zip(similarities)
        .map(|(concept, similarity)| ScoredTag {
            name: concept.tag.to_owned(),
            score: seen(concept, &faces, &probabilities).max(similarity),
        })
        .filter(|tag| tag.score >= LEAST_SCORE)
        .collect();
    tags.sort_by(|a, b| b.score.total_cmp(&a.score));
    tags.truncate(MOST_TAGS);
    Ok(tags)
}

/// What the classifier and the faces say about a tag, 0 to 1.
fn seen(concept: &Concept, faces: &Faces, probabilities: &Probabilities) -> f32 {
    concept
        .faces
        .iter()
        .filter(|rule| faces.satisfy(rule))
        .map(|rule| rule.score.max(probabilities.evidence(rule.labels)))
        .fold(probabilities.evidence(concept.labels), f32::max)
}

/// What the text-image model says about each tag, 0 to 1; 0 without such a model.
fn similarities(scene: &Scene) -> Result<Vec<f32>, PluginError> {
    let Some(values) = &scene.similarities else {
        return Ok(vec![0.0; CONCEPTS.len()]);
    };
    let prompts: usize = CONCEPTS.iter().map(|concept| concept.prompts.len()).sum();
    if values.len() != prompts {
        return Err(PluginError::Failed(format!(
            "the scene has {} similarities, but the vocabulary has {prompts} prompts",
            values.len()
        )));
    }
    let mut rest = values.iter();
    let best = |concept: &Concept| {
        rest.by_ref()
            .take(concept.prompts.len())
            .copied()
            .map(unit)
            .fold(0.0, f32::max)
    };
    Ok(CONCEPTS.iter().map(best).collect())
}

/// A number as evidence: from 0 to 1, and nothing when it is not a number.
pub(crate) fn unit(value: f32) -> f32 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, 1.0)
    }
}
