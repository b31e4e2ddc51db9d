//! Finds things: the classes of COCO.

use image::RgbImage;

use super::InferenceError;
use super::image_network::ImageNetwork;
use super::suppression::best_of;
use crate::domain::Rect;

/// The classes of COCO's detection task in the order of the network's scores.
const CLASSES: &str = include_str!("../../../models/coco-classes.txt");
/// The least score of a thing that plugins are told of.
const LEAST_SCORE: f32 = 0.25;
/// The intersection over union above which the weaker of two boxes of a class is the same thing.
const SAME: f32 = 0.5;
/// The most things that plugins are told of.
const MOST: usize = 100;

/// A thing in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundObject {
    /// Its class, in English and lower case.
    pub name: &'static str,
    /// 0 to 1.
    pub score: f32,
    /// Where it is, in widths and heights of the image: 0 to 1, or a little outside.
    pub rect: Rect,
}

/// The grey around a photo in the square that the network looks at: what is 0 for it.
pub const GREY: u8 = 127;

/// The things in an image, surest first. The network gives boxes, `[1, anchors, 4]` as left, top, right and bottom in
/// widths and heights of the image, and probabilities, `[1, anchors, classes]`.
pub(super) fn find(network: &ImageNetwork, image: &RgbImage) -> Result<Vec<FoundObject>, InferenceError> {
    let names: Vec<&str> = CLASSES.lines().collect();
    let found = network.run(image, |outputs| {
        let values = |name: &str| {
            let output = outputs.get(name);
            let output =
                output.ok_or_else(|| ort::Error::new(format!("the detector has no output {name}")))?;
            Ok::<_, ort::Error>(output.try_extract_tensor::<f32>()?.1)
        };
        let (boxes, scores) = (values("boxes")?, values("scores")?);
        if boxes.len() / 4 * names.len() != scores.len() {
            let what = format!("{} edges of boxes and {} scores", boxes.len(), scores.len());
            return Err(ort::Error::new(what));
        }
        Ok(choose(boxes, scores, &names))
    })?;
    if found.iter().any(|found| !found.rect.area().is_finite()) {
        return Err(network.network.unexpected("a box that is not finite"));
    }
    Ok(found)
}

/// The best box of each thing.
fn choose(boxes: &[f32], scores: &[f32], names: &[&'static str]) -> Vec<FoundObject> {
    let candidates: Vec<FoundObject> = boxes
        .chunks_exact(4)
        .zip(scores.chunks_exact(names.len()))
        .flat_map(|(edges, scores)| {
            let rect = Rect {
                x1: edges[0],
                y1: edges[1],
                x2: edges[2],
                y2: edges[3],
            };
            let found = scores
                .iter()
                .zip(names)
                .filter(|(score, _)| **score >= LEAST_SCORE);
            found.map(move |(score, name)| FoundObject {
                name,
                score: score.min(1.0),
                rect,
            })
        })
        .collect();
    let score = |found: &FoundObject| found.score;
    let is_same = |known: &FoundObject, other: &FoundObject| {
        known.name == other.name && known.rect.intersection_over_union(&other.rect) > SAME
    };
    best_of(candidates, MOST, score, is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_eighty_distinct_classes() {
        let mut names: Vec<&str> = CLASSES.lines().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 80);
    }

    #[test]
    fn the_best_box_of_a_class_in_a_place_counts() {
        let (left, near, right) = ([0.0, 0.0, 0.4, 0.4], [0.02, 0.0, 0.42, 0.4], [0.6, 0.0, 1.0, 0.4]);
        let boxes = [left, near, right].concat();
        // Two classes, a row for each box.
        let scores = [0.5, 0.3, 0.9, 0.1, f32::NAN, 0.6];
        let found = choose(&boxes, &scores, &["cat", "dog"]);
        let said: Vec<(&str, f32, f32)> = found
            .iter()
            .map(|one| (one.name, one.score, one.rect.x1))
            .collect();
        assert_eq!(said, [("cat", 0.9, 0.02), ("dog", 0.6, 0.6), ("dog", 0.3, 0.0)]);
    }
}
