//! Whether a photo was taken inside a building: a linear head on a classifier's scores (`models/indoor`).

use serde::Deserialize;

/// The head that was trained.
const TRAINED: &str = include_str!("../../../models/indoor/indoor.json");

/// A logistic regression on the classifier's score of each class.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct IndoorHead {
    /// The classifier's name in the manifest.
    classifier: String,
    bias: f32,
    /// For each class.
    weights: Vec<f32>,
}

impl IndoorHead {
    /// The head for a classifier, where one was trained.
    pub(super) fn of(classifier: &str) -> Option<Self> {
        let head: Self = serde_json::from_str(TRAINED).ok()?;
        (head.classifier == classifier).then_some(head)
    }

    /// The probability that a photo with these scores was taken inside, 0 to 1. None when there are not as many scores as
    /// classes, or one is not finite.
    pub(super) fn probability(&self, scores: &[f32]) -> Option<f32> {
        if scores.len() != self.weights.len() {
            return None;
        }
        let sum: f32 = self
            .weights
            .iter()
            .zip(scores)
            .map(|(weight, score)| weight * score)
            .sum();
        let probability = 1.0 / (1.0 + (-(sum + self.bias)).exp());
        probability.is_finite().then_some(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trained_head_fits_the_classifier() {
        let head = IndoorHead::of("efficientnet-lite2");
        assert!(head.is_some_and(|head| {
            head.weights.len() == 1_000 && head.weights.iter().all(|weight| weight.is_finite())
        }));
        assert!(IndoorHead::of("another").is_none());
    }

    #[test]
    fn a_probability_follows_the_scores() {
        let head = IndoorHead {
            classifier: String::new(),
            bias: -1.0,
            weights: vec![1.0, -1.0],
        };
        assert_eq!(head.probability(&[3.0, 2.0]), Some(0.5));
        assert!(head.probability(&[9.0, 0.0]) > Some(0.99));
        assert_eq!(head.probability(&[9.0]), None);
        assert_eq!(head.probability(&[f32::NAN, 0.0]), None);
    }
}
