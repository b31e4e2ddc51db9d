//! What speaks for a cluster: its best faces, what they need, and how far behind the next person is.

use crate::bindings::exports::ai_worker::plugin::cluster_policy::Neighbour;
use crate::figures::{
    AHEAD_WITH_FEW, CROWD, EXEMPLARS, GOOD, LEAST_WEIGHT, LESS_FOR_A_POOR_FACE, MORE_BETWEEN_POOR_FACES,
    MORE_FOR_A_CROWD, MORE_FOR_ONE_FACE, MORE_IN_ONE_PHOTO, NEXT_PEOPLE, POOR, SHOWN_OF_A_PERSON,
};

const FEW: &str = "others come near and few faces speak for this one";

/// How well a face fits a cluster.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) cluster: &'a str,
    /// Faces of it among the neighbours.
    pub(crate) shown: usize,
    /// How many of them speak for it, [`EXEMPLARS`] at most.
    pub(crate) exemplars: usize,
    /// Their mean similarity, weighted by quality.
    pub(crate) similarity: f32,
    /// What that must be.
    pub(crate) needed: f32,
    /// The mean of what each has beyond its need; 0 or more joins.
    pub(crate) excess: f32,
    /// The same before more is needed than its pairs need.
    pub(crate) pairs_excess: f32,
    /// Why more is, if it is.
    pub(crate) more_because: Option<&'static str>,
    /// A face of it is in the same photo.
    pub(crate) same_photo: bool,
}

/// One neighbour as an exemplar of its cluster.
struct Exemplar {
    similarity: f32,
    weight: f32,
    /// Similarity beyond what the pair needs.
    excess: f32,
}

impl Evidence<'_> {
    /// Evidence adds up: three faces with some excess say more than one face with as much, so a cluster of one face is
    /// not ahead because its mean is over one face only.
    fn strength(&self) -> f32 {
        if self.excess > 0.0 {
            self.excess * self.exemplars as f32
        } else {
            self.excess
        }
    }

    /// Its faces are similar enough, but too few of them speak for it, as others come near.
    pub(crate) fn has_too_few(&self) -> bool {
        self.more_because == Some(FEW) && self.pairs_excess >= 0.0
    }

    fn needs(&mut self, more: f32, because: &'static str) {
        if more > 0.0 {
            self.needed += more;
            self.excess -= more;
            self.more_because = Some(because);
        }
    }
}

/// What speaks for each cluster of the neighbours, the strongest first, of equal ones the one that comes first among the
/// neighbours. Similarities that are not a number count for nothing.
pub(crate) fn weigh(quality: f32, neighbours: &[Neighbour], threshold: f32) -> Vec<Evidence<'_>> {
    let mut clusters: Vec<(&str, Vec<&Neighbour>)> = Vec::new();
    for neighbour in neighbours
        .iter()
        .filter(|neighbour| !neighbour.similarity.is_nan())
    {
        let id = neighbour.cluster_id.as_str();
        match clusters.iter_mut().find(|(cluster, _)| *cluster == id) {
            Some((_, faces)) => faces.push(neighbour),
            None => clusters.push((id, vec![neighbour])),
        }
    }
    let mut evidence: Vec<Evidence> = clusters
        .into_iter()
        .map(|(cluster, faces)| compare(quality, cluster, &faces, threshold))
        .collect();
    let leads: Vec<f32> = (0..evidence.len()).map(|of| lead(&evidence, of)).collect();
    for (one, lead) in evidence.iter_mut().zip(leads) {
        let (share, because) = more_for(quality, one, lead / (1.0 - threshold));
        one.needs(share * (1.0 - threshold), because);
    }
    evidence.sort_by(|a, b| b.strength().total_cmp(&a.strength()));
    evidence
}

/// How far a cluster's similarity is ahead of that of the next one; infinite when there is none.
fn lead(evidence: &[Evidence<'_>], of: usize) -> f32 {
    let others = evidence.iter().enumerate().filter(|(index, _)| *index != of);
    let next = others
        .map(|(_, other)| other.similarity)
        .fold(f32::NEG_INFINITY, f32::max);
    evidence[of].similarity - next
}

/// The mean similarity of the [`NEXT_PEOPLE`] clusters after one, of those of which enough faces are shown; none when
/// there is no such cluster.
pub(crate) fn next_people(evidence: &[Evidence<'_>], after: usize) -> Option<f32> {
    let mut others: Vec<f32> = evidence
        .iter()
        .enumerate()
        .filter(|(index, other)| *index != after && other.shown >= SHOWN_OF_A_PERSON)
        .map(|(_, other)| other.similarity)
        .collect();
    others.sort_by(|a, b| b.total_cmp(a));
    others.truncate(NEXT_PEOPLE);
    let number = others.len() as f32;
    (number > 0.0).then(|| others.into_iter().sum::<f32>() / number)
}

/// The best faces of a cluster, and what each of them needs as a pair with the candidate.
fn compare<'a>(quality: f32, cluster: &'a str, faces: &[&Neighbour], threshold: f32) -> Evidence<'a> {
    let mut exemplars: Vec<Exemplar> = faces
        .iter()
        .map(|face| Exemplar {
            similarity: face.similarity,
            weight: known(face.quality).max(LEAST_WEIGHT),
            excess: face.similarity - needed_by_a_pair(quality, known(face.quality), threshold),
        })
        .collect();
    exemplars.sort_by(|a, b| b.excess.total_cmp(&a.excess));
    exemplars.truncate(EXEMPLARS);
    let weights: f32 = exemplars.iter().map(|exemplar| exemplar.weight).sum();
    let mean = |of: fn(&Exemplar) -> f32| {
        exemplars
            .iter()
            .map(|exemplar| exemplar.weight * of(exemplar))
            .sum::<f32>()
            / weights
    };
    let excess = mean(|exemplar| exemplar.excess);
    let similarity = mean(|exemplar| exemplar.similarity);
    Evidence {
        cluster,
        shown: faces.len(),
        exemplars: exemplars.len(),
        similarity,
        needed: similarity - excess,
        excess,
        pairs_excess: excess,
        more_because: None,
        same_photo: faces.iter().any(|face| face.same_photo),
    }
}

/// The similarity from which two faces of these qualities are one person.
fn needed_by_a_pair(one: f32, other: f32, threshold: f32) -> f32 {
    let lacking = |quality: f32| (1.0 - quality / POOR).max(0.0);
    let (worse, better) = (one.min(other), one.max(other));
    if better < POOR {
        threshold + MORE_BETWEEN_POOR_FACES * lacking(better) * (1.0 - threshold)
    } else {
        threshold * (1.0 - LESS_FOR_A_POOR_FACE * lacking(worse))
    }
}

/// What a cluster needs beyond its pairs and why, as a share of the room, when it is ahead of the next one by the share
/// `lead` of it.
fn more_for(quality: f32, evidence: &Evidence<'_>, lead: f32) -> (f32, &'static str) {
    // More than what is needed for anything else.
    if evidence.same_photo {
        return (MORE_IN_ONE_PHOTO, "one of them is in this photo");
    }
    let for_few = if lead >= AHEAD_WITH_FEW {
        0.0
    } else {
        MORE_FOR_ONE_FACE / evidence.exemplars as f32
    };
    let for_crowd = for_a_crowd(quality, evidence.shown);
    if for_few > for_crowd {
        (for_few, FEW)
    } else {
        (for_crowd, "several faces are compared")
    }
}

/// The share of the room that a face of this quality needs because `shown` faces of one cluster are compared with it.
fn for_a_crowd(quality: f32, shown: usize) -> f32 {
    let goodness = ((quality - POOR) / (GOOD - POOR)).clamp(0.0, 1.0);
    let crowd = ((shown as f32).ln() / CROWD.ln()).min(1.0);
    MORE_FOR_A_CROWD * goodness * crowd
}

/// A quality, 0 to 1; of what is not a number the worst.
pub(crate) fn known(quality: f32) -> f32 {
    if quality.is_nan() {
        0.0
    } else {
        quality.clamp(0.0, 1.0)
    }
}
