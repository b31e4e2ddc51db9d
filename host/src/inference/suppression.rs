//! Non-maximum suppression.

use crate::domain::Detection;

/// Keeps the best of detections that overlap by more than `threshold` (intersection over union); best first.
#[must_use]
pub fn suppress(mut candidates: Vec<Detection>, threshold: f32) -> Vec<Detection> {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut kept: Vec<Detection> = Vec::new();
    for candidate in candidates {
        if kept
            .iter()
            .all(|better| better.rect.intersection_over_union(&candidate.rect) <= threshold)
        {
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
                |(x, y, w, h, confidence)| Detection {
                    rect: Rect {
                        x1: x,
                        y1: y,
                        x2: x + w,
                        y2: y + h,
                    },
                    landmarks: [Point { x, y }; 5],
                    confidence,
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
