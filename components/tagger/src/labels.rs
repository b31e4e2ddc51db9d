//! What the classifier says, in the vocabulary's order.

use crate::bindings::exports::ai_worker::plugin::tagger::Scene;
use crate::scoring::unit;
use crate::vocabulary::{LABELS, Weights};

/// The probability of each label of the vocabulary.
pub(crate) struct Probabilities(Vec<f32>);

impl Probabilities {
    /// Picks the labels which the vocabulary uses. Without a classifier all are 0.
    pub(crate) fn of(scene: &Scene) -> Self {
        let mut probabilities = vec![0.0; LABELS.len()];
        for label in scene.labels.iter().flatten() {
            if let Ok(place) = LABELS.binary_search(&label.name.as_str()) {
                probabilities[place] = unit(label.score);
            }
        }
        Self(probabilities)
    }

    /// How much the labels speak for a tag, 0 to 1: the sum of weight times probability.
    pub(crate) fn evidence(&self, weights: Weights) -> f32 {
        unit(
            weights
                .iter()
                .map(|&(place, weight)| weight * self.0[place])
                .sum(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_can_be_looked_up_by_bisection() {
        assert!(LABELS.is_sorted());
    }
}
