//! The rule itself, a pure function of what the host found.

use std::collections::BTreeSet;

use crate::bindings::exports::ai_worker::plugin::cluster_policy::{Assignment, Decision, Face, Neighbour};

/// How far above the model's threshold the best similarity must be. The threshold is where a model errs equally
/// often in both directions; 0.08 above it, strangers hardly ever get.
const MARGIN_TO_THRESHOLD: f32 = 0.08;
/// How far above the second-best person's best similarity it must be. Relatives resemble each other.
const MARGIN_TO_SECOND: f32 = 0.05;
/// A face of less quality is not compared: small, blurred and turned faces resemble each other, whoever they are.
const LEAST_QUALITY: f32 = 0.5;

/// Decides where a face goes whose most similar stored faces are `neighbours`.
///
/// Values that are not a number reach no bound, so they never lead to a join.
pub(crate) fn decide(candidate: &Face, neighbours: &[Neighbour], threshold: f32) -> Decision {
    if !reaches(candidate.quality, LEAST_QUALITY) {
        return create(format!(
            "The face's quality {:.3} is below {LEAST_QUALITY:.3}, too low to compare it.",
            candidate.quality
        ));
    }
    // Nobody is in one photo twice: whoever else is in this photo is another person.
    let taken: BTreeSet<&str> = neighbours
        .iter()
        .filter(|neighbour| neighbour.same_photo)
        .map(|neighbour| neighbour.cluster_id.as_str())
        .collect();
    let comparable = neighbours.iter().filter(|neighbour| {
        !taken.contains(neighbour.cluster_id.as_str())
            && reaches(neighbour.quality, LEAST_QUALITY)
            && !neighbour.similarity.is_nan()
    });
    let Some(best) = most_similar(comparable.clone()) else {
        return create(format!(
            "None of {} stored faces can be compared: each is of a person in this photo or of quality below {LEAST_QUALITY:.3}.",
            neighbours.len()
        ));
    };
    let needed = threshold + MARGIN_TO_THRESHOLD;
    if !reaches(best.similarity, needed) {
        return create(format!(
            "The best similarity {:.3} is below {needed:.3}, the threshold {threshold:.3} and {MARGIN_TO_THRESHOLD:.3}.",
            best.similarity
        ));
    }
    let others = comparable.filter(|neighbour| neighbour.cluster_id != best.cluster_id);
    let second = most_similar(others);
    if let Some(second) = second
        && !reaches(best.similarity - second.similarity, MARGIN_TO_SECOND)
    {
        return create(format!(
            "The best similarity {:.3} is less than {MARGIN_TO_SECOND:.3} above the second-best person's {:.3}.",
            best.similarity, second.similarity
        ));
    }
    let alone = match second {
        Some(second) => format!("the second-best person has {:.3}", second.similarity),
        None => "nobody else resembles it".to_owned(),
    };
    Decision {
        assignment: Assignment::Join(best.cluster_id.clone()),
        reason: format!(
            "The best similarity {:.3} reaches {needed:.3}, and {alone}.",
            best.similarity
        ),
    }
}

/// Whether a value is at least a bound; false of what is not a number.
fn reaches(value: f32, bound: f32) -> bool {
    value >= bound
}

/// Of equally similar ones the first.
fn most_similar<'a>(neighbours: impl Iterator<Item = &'a Neighbour>) -> Option<&'a Neighbour> {
    neighbours.reduce(|best, next| {
        if next.similarity > best.similarity {
            next
        } else {
            best
        }
    })
}

fn create(reason: String) -> Decision {
    Decision {
        assignment: Assignment::Create,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::ai_worker::plugin::types::BoundingBox;

    fn candidate(quality: f32) -> Face {
        Face {
            bounding_box: BoundingBox {
                x1: 10,
                y1: 10,
                x2: 110,
                y2: 140,
            },
            confidence: 0.9,
            age: None,
            gender: None,
            quality,
        }
    }

    fn neighbour(cluster: &str, similarity: f32) -> Neighbour {
        Neighbour {
            face_id: format!("face of {cluster}"),
            cluster_id: cluster.to_owned(),
            similarity,
            quality: 0.9,
            same_photo: false,
        }
    }

    fn joined(neighbours: &[Neighbour]) -> Option<String> {
        match decide(&candidate(0.9), neighbours, 0.4).assignment {
            Assignment::Join(cluster) => Some(cluster),
            Assignment::Create => None,
        }
    }

    #[test]
    fn the_threshold_alone_does_not_join() {
        assert_eq!(joined(&[neighbour("a", 0.45)]), None);
        assert_eq!(joined(&[neighbour("a", 0.49)]), Some("a".to_owned()));
    }

    #[test]
    fn a_second_person_who_is_nearly_as_similar_keeps_them_apart() {
        assert_eq!(joined(&[neighbour("a", 0.7), neighbour("b", 0.67)]), None);
        let same = [neighbour("a", 0.7), neighbour("a", 0.69), neighbour("b", 0.6)];
        assert_eq!(joined(&same), Some("a".to_owned()));
    }

    #[test]
    fn nobody_is_in_a_photo_twice() {
        let here = Neighbour {
            same_photo: true,
            ..neighbour("a", 0.5)
        };
        // Nor through another photo of the one who is already here.
        assert_eq!(joined(&[neighbour("a", 0.9), here.clone()]), None);
        assert_eq!(
            joined(&[neighbour("a", 0.9), here, neighbour("b", 0.6)]),
            Some("b".to_owned())
        );
    }

    #[test]
    fn poor_faces_are_not_compared() {
        let poor = Neighbour {
            quality: 0.3,
            ..neighbour("a", 0.9)
        };
        assert_eq!(joined(&[poor]), None);
        let decision = decide(&candidate(0.2), &[neighbour("a", 0.9)], 0.4);
        assert_eq!(
            decision.reason,
            "The face's quality 0.200 is below 0.500, too low to compare it."
        );
    }

    #[test]
    fn what_is_not_a_number_never_joins() {
        assert_eq!(joined(&[neighbour("a", f32::NAN)]), None);
        assert_eq!(
            decide(&candidate(f32::NAN), &[neighbour("a", 0.9)], 0.4).assignment,
            Assignment::Create
        );
        assert_eq!(
            decide(&candidate(0.9), &[neighbour("a", 0.9)], f32::NAN).assignment,
            Assignment::Create
        );
    }

    #[test]
    fn the_reason_says_the_figures() {
        let reason = |neighbours: &[Neighbour]| decide(&candidate(0.9), neighbours, 0.4).reason;
        assert_eq!(
            reason(&[neighbour("a", 0.7), neighbour("b", 0.6)]),
            "The best similarity 0.700 reaches 0.480, and the second-best person has 0.600."
        );
        assert_eq!(
            reason(&[neighbour("a", 0.45)]),
            "The best similarity 0.450 is below 0.480, the threshold 0.400 and 0.080."
        );
    }
}
