//! Finds lines of text and reads them.

mod lines;

use std::ops::Range;

use image::RgbImage;

use super::InferenceError;
use super::image_network::ImageNetwork;
use crate::domain::TurnedRect;

/// Where a line of text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundLine {
    /// Around the line, in pixels of the image; the first side is along the line.
    pub rect: TurnedRect,
    /// The mean probability that something is written there, 0 to 1.
    pub score: f32,
}

/// What is written in a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The characters; empty when there are none.
    pub text: String,
    /// Their mean probability, 0 to 1.
    pub score: f32,
}

/// The lines in an image whose sides are multiples of 32 pixels, in any order.
pub(super) fn find(detector: &ImageNetwork, image: &RgbImage) -> Result<Vec<FoundLine>, InferenceError> {
    let map = detector.run(image, |outputs| {
        Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
    })?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    if map.len() != width * height {
        let what = format!("{} values for an image of {width} x {height} pixels", map.len());
        return Err(detector.network.unexpected(what));
    }
    Ok(lines::find(&map, width))
}

/// What is written in an image of one level line, which has the recognizer's height and any width, between two shares of
/// that width.
pub(super) fn read(
    recognizer: &ImageNetwork,
    line: &RgbImage,
    between: Range<f32>,
) -> Result<Reading, InferenceError> {
    let network = &recognizer.network;
    let (steps, classes, values) = recognizer.run_unchecked(line, |outputs| {
        let (shape, values) = outputs[0].try_extract_tensor::<f32>()?;
        let [_, steps, classes] = shape[..] else {
            return Err(ort::Error::new(format!("the answer has the shape {shape:?}")));
        };
        Ok((steps as usize, classes as usize, values.to_vec()))
    })?;
    let characters = network.characters();
    // Before the characters stands the blank, and after them the space.
    if classes != characters.len() + 2 || values.len() != steps * classes {
        return Err(network.unexpected(format!("{classes} classes for {} characters", characters.len())));
    }
    Ok(decode(&values, characters, between))
}

/// The best path through what connectionist temporal classification (Graves et al. 2006) gave: the likeliest class of
/// each step between two shares of them, without repetitions and blanks. A row of `values` is one step: the blank, each character, the space.
fn decode(values: &[f32], characters: &[String], between: Range<f32>) -> Reading {
    let (mut text, mut sum, mut count) = (String::new(), 0.0, 0_u32);
    let mut before = 0;
    let classes = characters.len() + 2;
    let steps = (values.len() / classes) as f32;
    for (number, step) in values.chunks_exact(classes).enumerate() {
        let best = (0..step.len())
            .max_by(|a, b| step[*a].total_cmp(&step[*b]))
            .unwrap_or(0);
        let at = (number as f32 + 0.5) / steps;
        if best != 0 && best != before && between.contains(&at) {
            text.push_str(characters.get(best - 1).map_or(" ", String::as_str));
            sum += step[best];
            count += 1;
        }
        before = best;
    }
    Reading {
        text,
        // Exact: no line has 16 million characters.
        score: if count == 0 {
            0.0
        } else {
            (sum / count as f32).clamp(0.0, 1.0)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &[(usize, f32)]) -> Reading {
        read_between(path, 0.0..1.0)
    }

    fn read_between(path: &[(usize, f32)], between: Range<f32>) -> Reading {
        let characters = ["A", "B"].map(str::to_owned);
        let values: Vec<f32> = path
            .iter()
            .flat_map(|(class, probability)| {
                let mut step = [0.0; 4];
                step[*class] = *probability;
                step
            })
            .collect();
        decode(&values, &characters, between)
    }

    #[test]
    fn repetitions_and_blanks_are_left_out() {
        let reading = read(&[
            (1, 0.5),
            (1, 0.9),
            (0, 1.0),
            (1, 1.0),
            (3, 1.0),
            (2, 0.5),
            (0, 1.0),
        ]);
        assert_eq!(reading.text, "AA B");
        assert!((reading.score - 0.75).abs() < 1e-6);
    }

    #[test]
    fn what_is_outside_of_the_piece_is_left_out() {
        let path = [(1, 1.0), (2, 1.0), (1, 1.0), (2, 1.0)];
        assert_eq!(read_between(&path, 0.25..0.75).text, "BA");
        // A character that began before is not begun anew.
        assert_eq!(read_between(&[(1, 1.0), (1, 1.0), (2, 1.0)], 0.4..1.0).text, "B");
    }

    #[test]
    fn nothing_is_no_text_and_scores_nothing() {
        let nothing = Reading {
            text: String::new(),
            score: 0.0,
        };
        assert_eq!(read(&[]), nothing);
        assert_eq!(read(&[(0, 1.0), (0, 0.9)]), nothing);
    }
}
