//! What the classifier says, in the vocabulary's order.

use crate::bindings::ai_worker::plugin::types::{Label, Scene};
use crate::scoring::unit;
use crate::vocabulary::{Labels, Weights};

/// The probability from which a label counts. A classifier spreads a few hundredths over all of its
/// thousand classes whatever it sees, which a sum over the 400 kinds of animals would take for an animal.
const LEAST_PROBABILITY: f32 = 0.02;

/// The probability of each label of the vocabulary.
pub(crate) struct Probabilities(Vec<f32>);

impl Probabilities {
    /// Picks the labels which the vocabulary uses. Without a classifier all are 0.
    pub(crate) fn of(scene: &Scene, labels: Labels<'_>) -> Self {
        let mut probabilities = vec![0.0; labels.len()];
        let certain = |label: &&Label| label.score >= LEAST_PROBABILITY;
        for label in scene.labels.iter().flatten().filter(certain) {
            if let Some(place) = labels.place(&label.name) {
                probabilities[place] = unit(label.score);
            }
        }
        Self(probabilities)
    }

    /// How much the labels speak for a tag, 0 to 1: the sum of weight times probability.
    pub(crate) fn evidence(&self, weights: Weights<'_>) -> f32 {
        let probability = |place: u16| self.0.get(usize::from(place)).copied().unwrap_or_default();
        unit(
            weights
                .iter()
                .map(|(place, weight)| weight * probability(place))
                .sum(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary;

    fn scene(labels: Vec<Label>) -> Scene {
        Scene {
            width: 100,
            height: 100,
            faces: vec![],
            labels: Some(labels),
            similarities: None,
            caption: None,
            text_similarities: None,
            objects: None,
            text: None,
            indoor: None,
        }
    }

    fn evidence(tag: &str, labels: Vec<Label>) -> Option<f32> {
        let vocabulary = vocabulary::read().ok()?;
        let concept = vocabulary.concepts.iter().find(|concept| concept.tag == tag)?;
        Some(Probabilities::of(&scene(labels), vocabulary.labels).evidence(concept.labels))
    }

    #[test]
    fn labels_can_be_looked_up_by_bisection() {
        let labels = vocabulary::read().unwrap_or_default().labels;
        assert!(labels.len() > 500 && labels.iter().is_sorted());
        assert!(
            labels
                .iter()
                .zip(0..)
                .all(|(name, place)| labels.place(name) == Some(place))
        );
        assert_eq!(labels.place("no such label"), None);
    }

    #[test]
    fn what_is_spread_over_everything_says_nothing() {
        let label = |name: &str| Label {
            name: name.to_owned(),
            score: 1.0 / 1000.0,
        };
        let labels = vocabulary::read().unwrap_or_default().labels;
        assert_eq!(evidence("animal", labels.iter().map(label).collect()), Some(0.0));
        let cat = Label {
            name: "tabby".to_owned(),
            score: 0.5,
        };
        assert_eq!(evidence("animal", vec![cat]), Some(0.475));
    }
}
