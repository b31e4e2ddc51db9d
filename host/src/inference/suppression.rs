//! Non-maximum suppression.

use crate::domain::Detection;

/// Keeps the best of detections that overlap by more than `threshold` (intersection over union); best first.
#[must_use]
pub fn suppress(candidates: Vec<Detection>, threshold: f32) -> Vec<Detection> {
    let score = |detection: &Detection| detection.confidence;
    let is_same =
        |better: &Detection, other: &Detection| better.rect.intersection_over_union(&other.rect) > threshold;
    best_of(candidates, usize::MAX, score, is_same)
}

/// Keeps the best of candidates that are the same; best first, and at most `most`.
pub(super) fn best_of<T>(
    mut candidates: Vec<T>,
    most: usize,
    score: impl Fn(&T) -> f32,
    is_same: impl Fn(&T, &T) -> bool,
) -> Vec<T> {
    candidates.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let mut kept: Vec<T> = Vec::new();
    for candidate in candidates {
        if kept.len() == most {
            break;
        }
        if !kept.iter().any(|better| is_same(better, &candidate)) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Point, Rect};
    use proptest::prelude::*;

    fn detections() -> impl Strategy<Value = Vec<Detection>> {
        proptest::collection::vec(
            (0f32..100.0, 0f32..100.0, 1f32..50.0, 1f32..50.0, 0f32..1.0).prop_map(
                |(x, y, w, h, confidence)| {
                    let rect = Rect {
                        x1: x,
                        y1: y,
                        x2: x + w,
                        y2: y + h,
                    };
                    Detection::new(rect, [Point { x, y }; 5], confidence)
                },
            ),
            0..40,
        )
    }

    proptest! {
        #[test]
        fn nothing_kept_overlaps_and_everything_dropped_does(candidates in detections()) {
            let kept = suppress(candidates.clone(), 0.3);
            for (index, one) in kept.iter().enumerate() {
                for other in &kept[index + 1..] {
                    prop_assert!(one.rect.intersection_over_union(&other.rect) <= 0.3);
                    prop_assert!(one.confidence >= other.confidence);
                }
            }
            for candidate in &candidates {
                let covered = kept.iter().any(|better| {
                    better == candidate
                        || better.confidence >= candidate.confidence
                            && better.rect.intersection_over_union(&candidate.rect) > 0.3
                });
                prop_assert!(covered);
            }
        }
    }
}
