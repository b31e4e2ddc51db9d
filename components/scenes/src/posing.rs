//! Whether people pose together, by their faces alone.

/// Fewer people are never called a group.
const FEWEST: usize = 3;
/// The score from which people pose rather than not, in the regression below.
const LEAST_SCORE: f32 = 0.0;
/// Beyond these, a measure says no more.
const MOST_OFF_CENTRE: f32 = 0.25;
const MOST_SPREAD: f32 = 0.6;
const MOST_UNEVEN: f32 = 1.2;
const MOST_FACES: f32 = 55.0;

/// A face as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct FaceBox {
    /// Left edge in pixels.
    pub left: u32,
    /// Right edge in pixels.
    pub right: u32,
    /// Top edge in pixels.
    pub top: u32,
    /// Height in pixels.
    pub height: u32,
    /// How well it can be told from others, 0 to 1.
    pub quality: f32,
}

impl FaceBox {
    /// A face by the edges of its box (left, top, right, bottom) in pixels and its quality.
    #[must_use]
    pub fn of([left, top, right, bottom]: [u32; 4], quality: f32) -> Self {
        Self {
            left,
            right,
            top,
            height: bottom.saturating_sub(top),
            quality,
        }
    }
}

/// Whether the people with these faces pose together in a photo of this width in pixels. They stand in the middle of the
/// photo and about equally far away, close together and at even distances, and look into the camera; the more there are, the
/// more of that may be missing.
///
/// The weights are those of a logistic regression on 142 photos with three faces or more, of which 63 are of people who posed
/// (`models/evaluation/scenes.json`, halves `tune` and `tune2`). What a score from 0 on finds was not measured by folds. Of
/// scores from 0.405 on it was, in ten folds by repository: 53 of the 63 and 3 of the 79 others. From 0 on both are at least
/// as many.
#[must_use]
pub fn pose(width: u32, faces: &[FaceBox]) -> bool {
    if faces.len() < FEWEST {
        return false;
    }
    let width = width as f32;
    let middles: Vec<(f32, f32)> = faces.iter().map(middle).collect();
    let left = middles.iter().map(|(x, _)| *x).fold(f32::INFINITY, f32::min);
    let right = middles.iter().map(|(x, _)| *x).fold(0.0, f32::max);
    let (centre, _) = mean_and_spread(middles.iter().map(|(x, _)| *x));
    let (_, spread) = mean_and_spread(faces.iter().map(|face| face.height as f32));
    let (quality, _) = mean_and_spread(faces.iter().map(|face| face.quality));
    let (_, uneven) = mean_and_spread((0..middles.len()).map(|index| nearest(&middles, index)));
    // What is not a number makes a score that is not one, or a poor one.
    let score = -2.525 + 2.26 * (faces.len() as f32).min(MOST_FACES).ln()
        - 4.367 * (right - left) / width
        - 4.171 * uneven.min(MOST_UNEVEN)
        - 12.398 * (centre / width - 0.5).abs().min(MOST_OFF_CENTRE)
        + 4.306 * quality
        - 2.868 * spread.min(MOST_SPREAD);
    score >= LEAST_SCORE
}

fn middle(face: &FaceBox) -> (f32, f32) {
    (
        f32::midpoint(face.left as f32, face.right as f32),
        face.top as f32 + face.height as f32 / 2.0,
    )
}

/// How far a face is from the one nearest to it.
fn nearest(middles: &[(f32, f32)], index: usize) -> f32 {
    let (x, y) = middles[index];
    let others = middles.iter().enumerate().filter(|(other, _)| *other != index);
    let distances = others.map(|(_, (other_x, other_y))| (other_x - x).hypot(other_y - y));
    distances.fold(f32::INFINITY, f32::min)
}

/// The mean of numbers, and their standard deviation as a share of it.
fn mean_and_spread(numbers: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let count = numbers.clone().count() as f32;
    let mean = numbers.clone().sum::<f32>() / count;
    let variance = numbers.map(|number| (number - mean).powi(2)).sum::<f32>() / count;
    (mean, variance.sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(left: u32, height: u32, quality: f32) -> FaceBox {
        FaceBox {
            left,
            right: left + height,
            top: 300,
            height,
            quality,
        }
    }

    #[test]
    fn who_stands_side_by_side_and_looks_here_poses() {
        let row = [
            face(300, 80, 0.6),
            face(420, 80, 0.6),
            face(540, 85, 0.5),
            face(660, 80, 0.6),
        ];
        assert!(pose(1_000, &row));
        // Too few; at one edge of the photo; one nearer than the others; nobody looks here; all over the photo.
        assert!(!pose(1_000, &row[1..3]));
        assert!(!pose(2_500, &row));
        let nearer = [row[0], face(420, 220, 0.6), row[2], row[3]];
        assert!(!pose(1_000, &nearer));
        assert!(!pose(1_000, &row.map(|face| FaceBox { quality: 0.1, ..face })));
        let apart = [row[0], row[1], row[2], face(900, 80, 0.6)];
        assert!(!pose(1_000, &apart));
        assert!(!pose(
            1_000,
            &row.map(|face| FaceBox {
                quality: f32::NAN,
                ..face
            })
        ));
        assert!(!pose(0, &row));
    }

    #[test]
    fn two_people_handing_something_over_do_not_pose() {
        let handover = [face(350, 90, 0.7), face(560, 90, 0.7), face(800, 60, 0.4)];
        assert!(!pose(1_000, &handover));
    }
}
