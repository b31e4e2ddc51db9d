//! The rules on plain data.

use crate::bindings::exports::ai_worker::plugin::cluster_policy::{Assignment, Neighbour};
use crate::policy::{decide, review};

const THRESHOLD: f32 = 0.45;
const GOOD: f32 = 0.85;

fn neighbour(cluster: &str, similarity: f32) -> Neighbour {
    Neighbour {
        face_id: format!("face of {cluster}"),
        cluster_id: cluster.to_owned(),
        similarity,
        quality: GOOD,
        same_photo: false,
    }
}

fn poor(cluster: &str, similarity: f32) -> Neighbour {
    Neighbour {
        quality: 0.2,
        ..neighbour(cluster, similarity)
    }
}

fn beside(cluster: &str, similarity: f32) -> Neighbour {
    Neighbour {
        same_photo: true,
        ..neighbour(cluster, similarity)
    }
}

fn joined_by(quality: f32, neighbours: &[Neighbour]) -> Option<String> {
    match decide(quality, neighbours, THRESHOLD).assignment {
        Assignment::Join(cluster) => Some(cluster),
        Assignment::Create => None,
    }
}

fn joined(neighbours: &[Neighbour]) -> Option<String> {
    joined_by(GOOD, neighbours)
}

fn a() -> Option<String> {
    Some("a".to_owned())
}

fn b() -> Option<String> {
    Some("b".to_owned())
}

#[test]
fn the_first_face_founds_a_person() {
    let decision = decide(GOOD, &[], THRESHOLD);
    assert_eq!(decision.assignment, Assignment::Create);
    assert_eq!(
        decision.reason,
        "No stored face to compare with, so this is a new person."
    );
}

#[test]
fn one_face_needs_the_threshold_itself() {
    assert_eq!(joined(&[neighbour("a", THRESHOLD)]), a());
    assert_eq!(joined(&[neighbour("a", 0.4499)]), None);
}

#[test]
fn the_best_three_of_a_person_decide_and_not_the_best_one() {
    // One face too similar among strangers does not decide alone.
    let one_stray = [neighbour("a", 0.55), neighbour("a", 0.3), neighbour("a", 0.25)];
    assert_eq!(joined(&one_stray), None);
    // Nor do faces that are not among the best speak against a person.
    let many_looks = [0.8, 0.75, 0.7, 0.2, 0.1].map(|similarity| neighbour("a", similarity));
    assert_eq!(joined(&many_looks), a());
}

#[test]
fn several_faces_outweigh_a_single_one_that_is_hardly_more_similar() {
    let several = [0.7, 0.65, 0.6].map(|similarity| neighbour("a", similarity));
    let with = |similarity| {
        let single = neighbour("b", similarity);
        joined(&[several.as_slice(), &[single]].concat())
    };
    assert_eq!(with(0.72), a());
    assert_eq!(with(0.95), b());
}

#[test]
fn the_more_faces_are_compared_the_more_is_needed() {
    let crowd = |similarity, count| vec![neighbour("a", similarity); count];
    assert_eq!(joined(&crowd(0.47, 1)), a());
    assert_eq!(joined(&crowd(0.47, 10)), None);
    assert_eq!(joined(&crowd(0.51, 10)), a());
    // Of which there is an end.
    assert_eq!(joined(&crowd(0.51, 30)), a());
}

#[test]
fn one_face_does_not_speak_for_a_person_where_others_come_near() {
    let with = |similarity, others| joined(&[neighbour("a", similarity), neighbour("b", others)]);
    assert_eq!(with(0.5, 0.3), a());
    assert_eq!(with(0.5, 0.4), None);
    assert_eq!(with(0.57, 0.4), a());
    // Of two faces half as much is needed beyond the threshold, and of three a third.
    let several = |count| joined(&[vec![neighbour("a", 0.51); count], vec![neighbour("b", 0.4)]].concat());
    assert_eq!(several(1), None);
    assert_eq!(several(2), a());
    assert_eq!(several(3), a());
}

/// A face's neighbours: three good ones of a person, and of as many others as are wanted two each.
fn crowd_of_strangers(similarity: f32, others: f32, people: usize) -> Vec<Neighbour> {
    let mut neighbours = vec![neighbour("a", similarity); 3];
    for person in 0..people {
        neighbours.extend(vec![neighbour(&format!("stranger {person}"), others); 2]);
    }
    neighbours
}

fn reviewed(quality: f32, cluster_faces: u64, neighbours: &[Neighbour]) -> Option<String> {
    match review(quality, cluster_faces, neighbours, THRESHOLD).assignment {
        Assignment::Join(cluster) => Some(cluster),
        Assignment::Create => None,
    }
}

#[test]
fn a_face_that_stayed_alone_joins_who_is_clearly_ahead_of_many_others() {
    let good = |similarity, others| reviewed(GOOD, 1, &crowd_of_strangers(similarity, others, 10));
    assert_eq!(good(0.4, 0.32), a());
    assert_eq!(good(0.4, 0.33), None);
    // A poor face resembles strangers less.
    let poor = |similarity, others| reviewed(0.4, 1, &crowd_of_strangers(similarity, others, 10));
    assert_eq!(poor(0.35, 0.29), a());
    assert_eq!(poor(0.35, 0.3), None);
    // Not where few others are known, where they all are far away, or where nothing is similar at all.
    assert_eq!(reviewed(GOOD, 1, &crowd_of_strangers(0.4, 0.28, 9)), None);
    assert_eq!(good(0.4, 0.17), None);
    assert_eq!(good(0.31, 0.19), None);
    // Who is in the photo already is not in it twice.
    let company = [crowd_of_strangers(0.4, 0.28, 10), vec![beside("a", 0.2)]].concat();
    assert_eq!(reviewed(GOOD, 1, &company), None);
}

#[test]
fn a_face_that_comes_or_is_one_of_three_joins_nobody_for_being_ahead() {
    let neighbours = crowd_of_strangers(0.4, 0.28, 10);
    assert_eq!(joined(&neighbours), None);
    assert_eq!(reviewed(GOOD, 2, &neighbours), a());
    assert_eq!(reviewed(GOOD, 3, &neighbours), None);
    // Who is similar enough is joined in any case.
    for cluster_faces in [1, 2, 100] {
        assert_eq!(reviewed(GOOD, cluster_faces, &[neighbour("a", 0.6)]), a());
    }
}

#[test]
fn single_faces_are_nobody_to_be_ahead_of_and_nobody_who_is_ahead() {
    let neighbours = crowd_of_strangers(0.4, 0.28, 10);
    let with_single = [neighbours.clone(), vec![neighbour("single", 0.39)]].concat();
    assert_eq!(reviewed(GOOD, 1, &with_single), a());
    // Two of the person's faces are enough, one is not.
    assert_eq!(reviewed(GOOD, 1, &neighbours[1..]), a());
    assert_eq!(reviewed(GOOD, 1, &neighbours[2..]), None);
}

#[test]
fn the_same_person_in_another_cluster_is_not_alone_the_next_one() {
    let with = |others: &[&str]| {
        let near = others
            .iter()
            .flat_map(|cluster| vec![neighbour(cluster, 0.35); 2]);
        let neighbours = crowd_of_strangers(0.36, 0.25, 10).into_iter().chain(near);
        reviewed(0.4, 1, &neighbours.collect::<Vec<_>>())
    };
    assert_eq!(with(&["b"]), a());
    assert_eq!(with(&["b", "c", "d"]), None);
}

#[test]
fn two_poor_faces_need_much_more() {
    assert_eq!(joined_by(0.2, &[poor("a", 0.7)]), None);
    assert_eq!(joined_by(0.2, &[poor("a", 0.8)]), a());
    assert_eq!(
        joined_by(
            0.0,
            &[Neighbour {
                quality: 0.0,
                ..neighbour("a", 0.99)
            }]
        ),
        None
    );
    // Where one of the two is good, poorness is no resemblance.
    assert_eq!(joined(&[poor("a", 0.5)]), a());
    assert_eq!(joined_by(0.2, &[neighbour("a", 0.5)]), a());
}

#[test]
fn a_poor_face_needs_less_among_good_ones_but_not_nothing() {
    assert_eq!(joined_by(0.25, &[neighbour("a", 0.39)]), a());
    assert_eq!(joined_by(0.25, &[neighbour("a", 0.37)]), None);
    assert_eq!(joined_by(0.0, &[neighbour("a", 0.2)]), None);
}

#[test]
fn poor_faces_weigh_less_as_exemplars() {
    let poor = |similarity| Neighbour {
        quality: 0.5,
        ..neighbour("a", similarity)
    };
    assert_eq!(joined(&[neighbour("a", 0.55), poor(0.4)]), a());
    assert_eq!(joined(&[neighbour("a", 0.4), poor(0.55)]), None);
}

#[test]
fn a_poor_face_founds_only_provisionally() {
    let reason = |quality, neighbours: &[Neighbour]| decide(quality, neighbours, THRESHOLD).reason;
    assert!(reason(0.3, &[]).starts_with("Provisional: No stored face"));
    assert!(reason(0.3, &[neighbour("a", 0.1)]).starts_with("Provisional: "));
    assert!(!reason(0.5, &[neighbour("a", 0.1)]).contains("Provisional"));
}

#[test]
fn a_tie_near_the_threshold_is_left_open() {
    let both = |one, other| [vec![neighbour("a", one); 3], vec![neighbour("b", other); 3]].concat();
    let tie = both(0.51, 0.5);
    assert_eq!(joined(&tie), None);
    assert!(decide(GOOD, &tie, THRESHOLD).reason.starts_with("Provisional: "));
    // Of two that are clearly enough the better one is joined, and of equals the first.
    assert_eq!(joined(&[neighbour("a", 0.7), neighbour("b", 0.69)]), a());
    assert_eq!(joined(&[neighbour("a", 0.7), neighbour("b", 0.7)]), a());
    // A second one far behind is no tie.
    assert_eq!(joined(&both(0.51, 0.4)), a());
    // Where one face speaks for each of them, neither is joined, and it is as open who this is.
    let single = [neighbour("a", 0.48), neighbour("b", 0.47)];
    assert_eq!(joined(&single), None);
    assert!(
        decide(GOOD, &single, THRESHOLD)
            .reason
            .starts_with("Provisional: ")
    );
}

#[test]
fn who_is_in_the_photo_already_is_hardly_in_it_twice() {
    assert_eq!(joined(&[beside("a", 0.7)]), None);
    // Through another photo of the one beside neither.
    assert_eq!(joined(&[neighbour("a", 0.7), beside("a", 0.2)]), None);
    assert_eq!(
        joined(&[neighbour("a", 0.7), neighbour("b", 0.6), beside("a", 0.2)]),
        b()
    );
    // A mirror.
    assert_eq!(joined(&[beside("a", 0.95)]), a());
}

#[test]
fn figures_are_relative_to_the_threshold() {
    for threshold in [0.3, 0.6, 0.9] {
        let room = 1.0 - threshold;
        let crowd = |share: f32| vec![neighbour("a", threshold + share * room); 10];
        let joins =
            |neighbours: &[Neighbour]| decide(GOOD, neighbours, threshold).assignment != Assignment::Create;
        assert!(joins(&crowd(0.11)) && !joins(&crowd(0.09)), "{threshold}");
        let beside = |share: f32| [beside("a", threshold + share * room)];
        assert!(joins(&beside(0.51)) && !joins(&beside(0.49)), "{threshold}");
    }
}

#[test]
fn what_is_not_a_number_counts_for_nothing() {
    let unusable = neighbour("a", f32::NAN);
    assert_eq!(joined(std::slice::from_ref(&unusable)), None);
    assert_eq!(joined(&[unusable, neighbour("b", 0.5)]), b());
    assert_eq!(
        decide(GOOD, &[neighbour("a", 0.9)], f32::NAN).assignment,
        Assignment::Create
    );
    // A quality that is not one is the worst.
    let unknown = Neighbour {
        quality: f32::NAN,
        ..neighbour("a", 0.9)
    };
    assert_eq!(joined_by(f32::NAN, std::slice::from_ref(&unknown)), None);
    assert_eq!(joined(&[unknown]), a());
}

#[test]
fn the_reason_says_rule_and_figures() {
    let reason = |quality, neighbours: &[Neighbour]| decide(quality, neighbours, THRESHOLD).reason;
    assert_eq!(
        reason(GOOD, &[neighbour("a", 0.6), neighbour("b", 0.2)]),
        "The only face of the best-fitting person has similarity 0.600 of the 0.450 it needs (threshold 0.450; quality \
         0.85); the next person has 0.200 of 0.560."
    );
    assert_eq!(
        reason(GOOD, &vec![neighbour("a", 0.5); 10]),
        "The 3 best of 10 faces of the best-fitting person have mean similarity 0.500 of the 0.505 it needs (threshold \
         0.450; more, because several faces are compared; quality 0.85), so this is a new person."
    );
    assert!(
        reason(GOOD, &[neighbour("a", 0.5), neighbour("b", 0.4)]).contains(
            "0.560 it needs (threshold 0.450; more, because others come near and few faces speak for this one"
        )
    );
    let ahead = review(0.4, 1, &crowd_of_strangers(0.35, 0.25, 10), THRESHOLD).reason;
    assert!(
        ahead.ends_with("; but it is ahead of the next people by 0.100, which is enough for so few faces.")
    );
    assert!(reason(0.2, &[poor("a", 0.5)]).contains("more, because poor faces are compared; quality 0.20"));
    assert!(reason(0.2, &[neighbour("a", 0.5)]).contains("less, because poor and good faces are compared"));
    assert!(reason(GOOD, &[beside("a", 0.5)]).contains("more, because one of them is in this photo"));
}

#[test]
fn reasons_have_at_most_500_characters() {
    let worst = Neighbour {
        similarity: -1.0,
        ..neighbour("a", -1.0)
    };
    for quality in [0.0, 0.3, 0.9] {
        for similarity in [-1.0, 0.449, 0.46, 1.0] {
            let neighbours = [
                beside("a", similarity),
                neighbour("b", similarity),
                poor("c", similarity),
                worst.clone(),
            ];
            for decision in [
                decide(quality, &neighbours, THRESHOLD),
                review(quality, 1, &neighbours, THRESHOLD),
            ] {
                assert!(decision.reason.chars().count() <= 500, "{}", decision.reason);
            }
        }
    }
}
