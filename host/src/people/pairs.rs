//! Pairs of people who may be one, for somebody who is to say whether they are.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::consolidation::Question;
use super::error::PeopleError;
use super::placing::NEAR;
use super::policy::Policy;
use super::service::People;
use crate::domain::{ClusterId, InvalidValue};
use crate::store::{Cluster, ClusterFilter, ClusterOrder};

/// How many people a page looks at, all at once, so that it takes a bounded time however few pairs there are. Each takes some
/// 3 ms among 100,000 people.
const LOOKED_AT: usize = 8;
/// How many of the people who resemble one most are paired with them.
const NEAREST: usize = 3;

/// Which pairs are asked for.
#[derive(Clone, Copy, Debug)]
pub struct PairRequest {
    /// Go on after this place; none: from the largest people.
    pub after: Option<PairCursor>,
    /// The most entries to return.
    pub limit: usize,
    /// Also those of whom somebody could not say it.
    pub unsure: bool,
}

/// Two people who may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The person that stays if the two are merged: usually the one with more faces.
    pub first: Cluster,
    /// The other person.
    pub second: Cluster,
    /// Cosine similarity of the larger one's most similar face with the mean of the other's best faces, -1 to 1.
    pub similarity: f32,
    /// Whether consolidation would merge the two.
    pub proposed: bool,
    /// Whether the pair was marked as unsure.
    pub unsure: bool,
    /// Why the two may be the same person, in one sentence.
    pub reason: String,
}

/// A page of pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct PairPage {
    /// Those that consolidation would merge first, then the most similar ones.
    pub pairs: Vec<Pair>,
    /// Where to go on; none at the end. A page may be short, or empty, and not be the last.
    pub next: Option<PairCursor>,
}

/// Where a list of pairs goes on: after the person with so many faces and this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PairCursor {
    faces: u64,
    cluster: ClusterId,
}

impl fmt::Display for PairCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.faces, self.cluster)
    }
}

impl FromStr for PairCursor {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || {
            InvalidValue(format!(
                "after {text:?} is not valid; use the value of next from the previous page"
            ))
        };
        let (faces, cluster) = text.split_once('.').ok_or_else(invalid)?;
        let is_number = !faces.is_empty() && faces.bytes().all(|byte| byte.is_ascii_digit());
        let faces = faces.parse().ok().filter(|_| is_number).ok_or_else(invalid)?;
        Ok(Self {
            faces,
            cluster: ClusterId::parse(cluster).map_err(|_| invalid())?,
        })
    }
}

impl From<PairCursor> for String {
    fn from(cursor: PairCursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for PairCursor {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl People {
    /// Pairs of people who may be one and of whom nobody said that they are not, without hidden people. People are looked
    /// at from the largest on, each paired with those larger ones who resemble them most, so that no pair comes twice.
    /// Within a page those come first that consolidation would merge, then the most similar ones.
    ///
    /// # Errors
    /// When the policy fails or the store does not answer.
    pub async fn pairs(
        &self,
        request: PairRequest,
        policy: Arc<dyn Policy>,
    ) -> Result<PairPage, PeopleError> {
        let shown = ClusterFilter {
            hidden: Some(false),
            provisional: None,
        };
        let after = request.after.map(|cursor| (cursor.faces, cursor.cluster));
        let people = self
            .store
            .clusters_by(ClusterOrder::Faces, shown, after, LOOKED_AT)
            .await?;
        let is_last = people.len() < LOOKED_AT;
        let found: Vec<(PairCursor, Vec<Pair>)> = stream::iter(people)
            .map(|(faces, person)| {
                let policy = Arc::clone(&policy);
                async move {
                    let cursor = PairCursor {
                        faces,
                        cluster: person.cluster_id,
                    };
                    Ok::<_, PeopleError>((cursor, self.pairs_of(person, &request, &policy).await?))
                }
            })
            .buffered(LOOKED_AT)
            .try_collect()
            .await?;
        let (mut pairs, mut next, mut is_full) = (Vec::new(), request.after, false);
        for (cursor, of_person) in found {
            if pairs.len() + of_person.len() > request.limit {
                is_full = true;
                break;
            }
            next = Some(cursor);
            pairs.extend(of_person);
            if pairs.len() == request.limit {
                is_full = true;
                break;
            }
        }
        if is_last && !is_full {
            next = None;
        }
        pairs.sort_by(|a, b| {
            let order = b.proposed.cmp(&a.proposed);
            order.then(b.similarity.total_cmp(&a.similarity))
        });
        Ok(PairPage { pairs, next })
    }

    /// A person with those larger ones who may be the same, at most as many as fit on a page.
    async fn pairs_of(
        &self,
        person: Cluster,
        request: &PairRequest,
        policy: &Arc<dyn Policy>,
    ) -> Result<Vec<Pair>, PeopleError> {
        let id = person.cluster_id;
        let Some(probe) = self.probe(&id).await? else {
            return Ok(Vec::new());
        };
        let (near, _) = self.near(&id, &probe, None, NEAREST).await?;
        let least = NEAR * self.model.threshold;
        let mut found = Vec::new();
        for (other, similarity) in near.into_iter().filter(|(_, similarity)| *similarity >= least) {
            // It may be gone by now.
            let other = self.store.cluster(&other).await?;
            let other = other.filter(|other| is_larger(other, &person) && !other.flags.hidden);
            found.extend(other.map(|other| (other, similarity)));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let distinct: HashSet<ClusterId> = self.distinct_from(&id).await?.into_iter().collect();
        let unsure: HashSet<ClusterId> = self.unsure_of(&id).await?.into_iter().collect();
        found.retain(|(other, _)| {
            !distinct.contains(&other.cluster_id) && (request.unsure || !unsure.contains(&other.cluster_id))
        });
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let (_, verdict) = self.examine(&id, policy, Question::Review).await?;
        let pair = |(other, similarity): (Cluster, f32)| {
            let merge = verdict.as_ref().map(|verdict| &verdict.merge);
            let proposal = merge.filter(|merge| [merge.source, merge.target].contains(&other.cluster_id));
            let reason = match proposal {
                Some(merge) => merge.reason.clone(),
                None => format!(
                    "Their similarity is {similarity:.3}, and {:.3} is the threshold for one person; consolidation \
                     does not merge them.",
                    self.model.threshold
                ),
            };
            let unsure = unsure.contains(&other.cluster_id);
            let (first, second) = match proposal {
                Some(merge) if merge.target == id => (person.clone(), other),
                _ => (other, person.clone()),
            };
            Pair {
                first,
                second,
                similarity,
                proposed: proposal.is_some(),
                unsure,
                reason,
            }
        };
        let mut pairs: Vec<Pair> = found.into_iter().map(pair).collect();
        // The proposed one before those that are more similar, when not all fit.
        pairs.sort_by_key(|pair| !pair.proposed);
        pairs.truncate(request.limit);
        Ok(pairs)
    }
}

/// Whether a person comes before another in the order of the number of faces.
fn is_larger(one: &Cluster, other: &Cluster) -> bool {
    (one.faces, other.cluster_id) > (other.faces, one.cluster_id)
}
