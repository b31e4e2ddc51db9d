//! The rule itself, a pure function of what the host found.

use crate::bindings::exports::ai_worker::plugin::cluster_policy::{Assignment, Decision, Neighbour};

/// Decides where a face goes whose most similar stored faces are `neighbours`:
/// the best one whose similarity is at least `threshold` (both cosines, -1 to 1) decides;
/// of equally similar ones the first. Similarities that are not a number count for nothing,
/// and nothing reaches a threshold that is not a number.
pub(crate) fn decide(neighbours: &[Neighbour], threshold: f32) -> Decision {
    let Some(nearest) = nearest(neighbours) else {
        return Decision {
            assignment: Assignment::Create,
            reason: "No stored face to compare with, so this is a new person.".to_owned(),
        };
    };
    let similarity = nearest.similarity;
    if similarity >= threshold {
        Decision {
            assignment: Assignment::Join(nearest.cluster_id.clone()),
            reason: format!(
                "The most similar stored face has similarity {similarity:.3}, at or above the threshold {threshold:.3}."
            ),
        }
    } else {
        Decision {
            assignment: Assignment::Create,
            reason: format!(
                "The most similar stored face has similarity {similarity:.3}, below the threshold {threshold:.3}, so this is a new person."
            ),
        }
    }
}

fn nearest(neighbours: &[Neighbour]) -> Option<&Neighbour> {
    neighbours
        .iter()
        .filter(|neighbour| !neighbour.similarity.is_nan())
        .reduce(|best, next| {
            if next.similarity > best.similarity {
                next
            } else {
                best
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbour(cluster: &str, similarity: f32) -> Neighbour {
        Neighbour {
            face_id: format!("face of {cluster}"),
            cluster_id: cluster.to_owned(),
            similarity,
            quality: 0.5,
            same_photo: false,
        }
    }

    fn joined(neighbours: &[Neighbour], threshold: f32) -> Option<String> {
        match decide(neighbours, threshold).assignment {
            Assignment::Join(cluster) => Some(cluster),
            Assignment::Create => None,
        }
    }

    #[test]
    fn the_first_face_starts_a_cluster() {
        let decision = decide(&[], 0.4);
        assert_eq!(decision.assignment, Assignment::Create);
        assert_eq!(
            decision.reason,
            "No stored face to compare with, so this is a new person."
        );
    }

    #[test]
    fn the_threshold_itself_joins() {
        assert_eq!(joined(&[neighbour("a", 0.4)], 0.4), Some("a".to_owned()));
        assert_eq!(joined(&[neighbour("a", 0.399_999)], 0.4), None);
    }

    #[test]
    fn the_best_one_decides_wherever_it_stands() {
        let neighbours = [neighbour("a", 0.5), neighbour("b", 0.9), neighbour("c", 0.7)];
        assert_eq!(joined(&neighbours, 0.4), Some("b".to_owned()));
    }

    #[test]
    fn of_equally_similar_ones_the_first_decides() {
        let neighbours = [neighbour("a", 0.6), neighbour("b", 0.6)];
        assert_eq!(joined(&neighbours, 0.4), Some("a".to_owned()));
    }

    #[test]
    fn what_is_not_a_number_counts_for_nothing() {
        let unusable = neighbour("a", f32::NAN);
        assert_eq!(joined(std::slice::from_ref(&unusable), 0.4), None);
        assert_eq!(
            joined(&[unusable, neighbour("b", 0.5)], 0.4),
            Some("b".to_owned())
        );
        assert_eq!(joined(&[neighbour("a", 0.9)], f32::NAN), None);
    }

    #[test]
    fn the_reason_says_the_figures() {
        let reason = decide(&[neighbour("a", 0.512_34)], 0.4).reason;
        assert_eq!(
            reason,
            "The most similar stored face has similarity 0.512, at or above the threshold 0.400."
        );
        let reason = decide(&[neighbour("a", 0.2)], 0.4).reason;
        assert_eq!(
            reason,
            "The most similar stored face has similarity 0.200, below the threshold 0.400, so this is a new person."
        );
    }
}
