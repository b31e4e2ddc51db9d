//! Networks whose one output is one vector: embedder, age, gender, both of them, and labels.

use image::RgbImage;

use super::InferenceError;
use super::image_network::ImageNetwork;
use crate::domain::{Embedding, Gender, Label};

/// The classes of ImageNet-1k in the order of the classifier's output.
const IMAGENET_LABELS: &str = include_str!("../../../models/imagenet-labels.txt");

/// One aligned face to one vector of length 1 (ArcFace-style; any width).
pub(super) fn embed(
    network: &ImageNetwork,
    aligned: &RgbImage,
    dimension: usize,
) -> Result<Embedding, InferenceError> {
    network.network.unit(network.values(aligned, dimension)?)
}

/// The expected age in years of a distribution over the ages 0 to 80. The first class covers the first half
/// year, whose mean is a quarter (as the model's authors weigh it).
pub(super) fn age(network: &ImageNetwork, chip: &RgbImage) -> Result<f32, InferenceError> {
    const AGES: usize = 81;
    let probabilities = network.values(chip, AGES)?;
    let years = |age: usize| if age == 0 { 0.25 } else { age as f32 };
    Ok(probabilities
        .iter()
        .enumerate()
        .map(|(age, probability)| probability * years(age))
        .sum())
}

/// The more probable of two classes: female, male.
pub(super) fn gender(network: &ImageNetwork, chip: &RgbImage) -> Result<Gender, InferenceError> {
    let probabilities = network.values(chip, 2)?;
    Ok(if probabilities[0] >= probabilities[1] {
        Gender::Female
    } else {
        Gender::Male
    })
}

/// Age in years and gender by InsightFace's attribute network (`insightface/model_zoo/attribute.py`): scores of female
/// and male, and the age in hundreds of years.
pub(super) fn age_and_gender(
    network: &ImageNetwork,
    chip: &RgbImage,
) -> Result<(f32, Gender), InferenceError> {
    let values = network.values(chip, 3)?;
    let gender = if values[1] > values[0] {
        Gender::Male
    } else {
        Gender::Female
    };
    Ok(((values[2] * 100.0).max(0.0), gender))
}

/// The classifier's score of each class.
pub(super) fn logits(network: &ImageNetwork, crop: &RgbImage) -> Result<Vec<f32>, InferenceError> {
    network.values(crop, IMAGENET_LABELS.lines().count())
}

/// The `count` most probable classes, best first, from logits.
pub(super) fn labels(logits: &[f32], count: usize) -> Vec<Label> {
    let mut ranked: Vec<(f32, &str)> = softmax(logits).into_iter().zip(IMAGENET_LABELS.lines()).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.truncate(count);
    ranked
        .into_iter()
        .map(|(score, name)| Label {
            name: name.to_owned(),
            score,
        })
        .collect()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    // Subtracting the largest keeps the exponentials finite.
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.into_iter().map(|value| value / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_is_a_distribution() {
        let probabilities = softmax(&[1000.0, 1000.0, -1000.0]);
        assert!((probabilities[0] - 0.5).abs() < 1e-6 && (probabilities[2]).abs() < 1e-6);
    }

    #[test]
    fn there_are_a_thousand_distinct_labels() {
        let mut names: Vec<&str> = IMAGENET_LABELS.lines().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 1000);
    }
}
