//! The rules, a pure function of what the host found.

use crate::bindings::exports::ai_worker::plugin::cluster_policy::{Assignment, Decision, Neighbour};
use crate::evidence::{Evidence, known, next_people, weigh};
use crate::figures::{
    AHEAD, AHEAD_WHEN_POOR, CLEAR, COHORT, FEW_TOGETHER, LEAST_AHEAD, LEAST_OF_THE_NEXT, POOR,
    SHOWN_OF_A_PERSON, TIE,
};

/// Decides where a face of `quality` (0 to 1) goes whose most similar stored faces are `neighbours`.
///
/// 1. Each cluster is worth the mean similarity of its best faces, and needs the threshold: more between poor faces, less
///    for a poor face among good ones, more where one face or many are compared, much more with a face in the same photo.
/// 2. The cluster whose best faces exceed its need most, all together, is joined.
/// 3. When none reaches its need, or two hardly reach it and alike, the face founds a cluster.
///
/// A cluster that was founded by a poor face, or while it was open who that is, is provisional: its reason begins with
/// that word.
/// Nothing reaches a threshold that is not a number.
pub(crate) fn decide(quality: f32, neighbours: &[Neighbour], threshold: f32) -> Decision {
    let quality = known(quality);
    judge(quality, &weigh(quality, neighbours, threshold), threshold)
}

/// Decides whether a stored face of a cluster of `cluster_faces` faces belongs to another one.
///
/// As [`decide`] does; but where no cluster reaches its need, a face that is alone, or one of two, joins the one that is
/// clearly ahead of all others.
pub(crate) fn review(quality: f32, cluster_faces: u64, neighbours: &[Neighbour], threshold: f32) -> Decision {
    let quality = known(quality);
    let evidence = weigh(quality, neighbours, threshold);
    let is_reached = evidence.first().is_some_and(|best| best.excess >= 0.0);
    if cluster_faces <= FEW_TOGETHER
        && !is_reached
        && let Some((ahead, lead)) = ahead(quality, &evidence, threshold)
    {
        return Decision {
            assignment: Assignment::Join(ahead.cluster.to_owned()),
            reason: format!(
                "{}; but it is ahead of the next people by {lead:.3}, which is enough for so few faces.",
                describe(ahead, quality, threshold)
            ),
        };
    }
    judge(quality, &evidence, threshold)
}

/// What the evidence says, the strongest first.
fn judge(quality: f32, evidence: &[Evidence<'_>], threshold: f32) -> Decision {
    let mut ranked = evidence.iter();
    let Some(best) = ranked.next() else {
        return create(quality, "No stored face to compare with");
    };
    let second = ranked.next();
    let figures = describe(best, quality, threshold);
    // Also when the threshold is not a number.
    let reached = best.excess >= 0.0;
    if !reached {
        if best.has_too_few() {
            return Decision {
                assignment: Assignment::Create,
                reason: format!("Provisional: {figures}, so it is open who this is."),
            };
        }
        return create(quality, &figures);
    }
    let room = 1.0 - threshold;
    if let Some(second) = second
        && best.excess - second.excess < TIE * room
        && best.excess < CLEAR * room
    {
        return Decision {
            assignment: Assignment::Create,
            reason: format!(
                "Provisional: {figures}, and the next person's {:.3} of {:.3} is as good, so it is open who this is.",
                second.similarity, second.needed
            ),
        };
    }
    let others = match second {
        Some(second) => format!(
            "the next person has {:.3} of {:.3}",
            second.similarity, second.needed
        ),
        None => "nobody else was compared".to_owned(),
    };
    Decision {
        assignment: Assignment::Join(best.cluster.to_owned()),
        reason: format!("{figures}; {others}."),
    }
}

/// The cluster that is clearly ahead of all others, and by how much.
fn ahead<'a, 'b>(
    quality: f32,
    evidence: &'a [Evidence<'b>],
    threshold: f32,
) -> Option<(&'a Evidence<'b>, f32)> {
    let (index, best) = evidence
        .iter()
        .enumerate()
        .filter(|(_, cluster)| cluster.shown >= SHOWN_OF_A_PERSON)
        .max_by(|(_, a), (_, b)| a.similarity.total_cmp(&b.similarity))?;
    let next = next_people(evidence, index)?;
    let shown: usize = evidence.iter().map(|cluster| cluster.shown).sum();
    let lead = best.similarity - next;
    let needed = if quality < POOR { AHEAD_WHEN_POOR } else { AHEAD };
    let is_ahead = !best.same_photo
        && best.similarity >= LEAST_AHEAD * threshold
        && next >= LEAST_OF_THE_NEXT * threshold
        && shown - best.shown >= COHORT
        && lead >= needed * (1.0 - threshold);
    is_ahead.then_some((best, lead))
}

/// What a cluster has, what it needs and why.
fn describe(evidence: &Evidence, quality: f32, threshold: f32) -> String {
    let Evidence {
        similarity,
        needed,
        exemplars,
        shown,
        ..
    } = evidence;
    let faces = match (exemplars, shown) {
        (1, 1) => "The only face of the best-fitting person has similarity".to_owned(),
        _ => format!("The {exemplars} best of {shown} faces of the best-fitting person have mean similarity"),
    };
    let because = if let Some(because) = evidence.more_because {
        format!("; more, because {because}")
    } else if (needed - threshold).abs() < 5e-4 {
        String::new()
    } else if *needed < threshold {
        "; less, because poor and good faces are compared".to_owned()
    } else {
        "; more, because poor faces are compared".to_owned()
    };
    format!(
        "{faces} {similarity:.3} of the {needed:.3} it needs (threshold {threshold:.3}{because}; quality {quality:.2})"
    )
}

fn create(quality: f32, why: &str) -> Decision {
    let reason = if quality < POOR {
        format!(
            "Provisional: {why}; the face founds a cluster, but quality below {POOR:.2} is too poor to found a person."
        )
    } else {
        format!("{why}, so this is a new person.")
    };
    Decision {
        assignment: Assignment::Create,
        reason,
    }
}
