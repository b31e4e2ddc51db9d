//! Who resembles a person, for somebody who is to say whether they are the same.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::error::PeopleError;
use super::fit::mean;
use super::service::People;
use crate::domain::{ClusterId, Embedding, FaceId, FileId, InvalidValue, Neighbour};
use crate::store::{Cluster, StoreError, StoredFace};

/// How many of a person's faces are looked at for the best ones. All of a person with thousands would take long.
const READ: usize = 100;
/// How many of the best faces make up what others are compared with.
const PROBED: usize = 15;
/// For each person that is wanted so many faces are asked for at first, because people have several.
const FACES_EACH: usize = 4;
/// So many times as many are asked for when these were not enough.
const MORE: usize = 4;
/// At most so many faces are looked at; nobody goes through more people than they belong to.
const MOST: usize = 20_000;
/// How many clusters are read at a time.
const AT_ONCE: usize = 16;

/// A person who resembles another.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// The person.
    pub cluster: Cluster,
    /// Cosine similarity of their most similar face with the mean of the other's best faces, -1 to 1.
    pub similarity: f32,
    /// Whether the two were stated to be different people.
    pub distinct: bool,
    /// Whether the pair was marked as unsure.
    pub unsure: bool,
}

/// A page of people who resemble one.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarPage {
    /// The person, after all merges.
    pub cluster: ClusterId,
    /// The others, most similar first.
    pub similar: Vec<Similar>,
    /// Where to go on; none at the end.
    pub next: Option<SimilarCursor>,
}

/// Where a list of similar people goes on: after this person, who was that similar.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SimilarCursor {
    similarity: f32,
    cluster: ClusterId,
}

impl fmt::Display for SimilarCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}.{}", self.similarity.to_bits(), self.cluster)
    }
}

impl FromStr for SimilarCursor {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || {
            InvalidValue(format!(
                "after {text:?} is not valid; use the value of next from the previous page"
            ))
        };
        let (similarity, cluster) = text.split_once('.').ok_or_else(invalid)?;
        let bits = u32::from_str_radix(similarity, 16).map_err(|_| invalid())?;
        let similarity = f32::from_bits(bits);
        if !similarity.is_finite() {
            return Err(invalid());
        }
        Ok(Self {
            similarity,
            cluster: ClusterId::parse(cluster).map_err(|_| invalid())?,
        })
    }
}

impl From<SimilarCursor> for String {
    fn from(cursor: SimilarCursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for SimilarCursor {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl SimilarCursor {
    /// Whether somebody this similar comes later. Of equals the one with the lesser id comes first.
    fn is_before(&self, similarity: f32, cluster: &ClusterId) -> bool {
        let order = self.similarity.total_cmp(&similarity).reverse();
        order.then(self.cluster.cmp(cluster)).is_lt()
    }
}

impl People {
    /// The people who resemble one most, after a place in that order (none: from the first). Takes longer the later
    /// that is, and ends after the nearest 20,000 faces.
    ///
    /// # Errors
    /// When there is no such cluster, or the store does not answer.
    pub async fn similar(
        &self,
        cluster: &ClusterId,
        after: Option<SimilarCursor>,
        limit: usize,
    ) -> Result<SimilarPage, PeopleError> {
        let cluster = self.cluster(cluster).await?.cluster_id;
        let (near, is_all) = match self.probe(&cluster).await? {
            Some(probe) => self.near(&cluster, &probe, after, limit).await?,
            None => (Vec::new(), true),
        };
        let next = near
            .last()
            .filter(|_| !is_all)
            .map(|(cluster, similarity)| SimilarCursor {
                similarity: *similarity,
                cluster: *cluster,
            });
        let distinct: HashSet<ClusterId> = self.distinct_from(&cluster).await?.into_iter().collect();
        let unsure: HashSet<ClusterId> = self.unsure_of(&cluster).await?.into_iter().collect();
        let rows: Vec<Option<Similar>> = stream::iter(near)
            .map(|(id, similarity)| {
                let (distinct, unsure) = (distinct.contains(&id), unsure.contains(&id));
                async move {
                    // It may be gone by now.
                    let cluster = self.store.cluster(&id).await?;
                    Ok::<_, StoreError>(cluster.map(|cluster| Similar {
                        cluster,
                        similarity,
                        distinct,
                        unsure,
                    }))
                }
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(SimilarPage {
            cluster,
            similar: rows.into_iter().flatten().collect(),
            next,
        })
    }

    /// What a person looks like: the mean of their best faces. None when their faces are gone by now.
    pub(super) async fn probe(&self, cluster: &ClusterId) -> Result<Option<Embedding>, StoreError> {
        let page = self.store.faces_of_cluster(cluster, None, READ).await?;
        let mut faces: Vec<StoredFace> = page.into_iter().map(|sequenced| sequenced.face).collect();
        faces.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        faces.truncate(PROBED);
        let best: Vec<&Embedding> = faces.iter().map(|face| &face.embedding).collect();
        Ok(mean(&best))
    }

    /// Up to `limit` other clusters after a place, each with the similarity of its most similar face, and whether there
    /// are no more.
    pub(super) async fn near(
        &self,
        cluster: &ClusterId,
        probe: &Embedding,
        after: Option<SimilarCursor>,
        limit: usize,
    ) -> Result<(Vec<(ClusterId, f32)>, bool), StoreError> {
        // Nobody is left out but the person: a photo of this name there is none.
        let none = FileId::new(FaceId::random().to_string())
            .map_err(|error| StoreError::Damaged(error.to_string()))?;
        let mut wanted = FACES_EACH * (limit + 1);
        loop {
            let faces = self.store.nearest(probe, wanted, &none, Some(cluster)).await?;
            let is_all = faces.len() < wanted || wanted >= MOST;
            let mut near = first_of_each(&faces);
            near.retain(|(cluster, similarity)| {
                after.is_none_or(|after| after.is_before(*similarity, cluster))
            });
            if near.len() > limit || is_all {
                let is_end = near.len() <= limit;
                near.truncate(limit);
                return Ok((near, is_end));
            }
            wanted = (wanted * MORE).min(MOST);
        }
    }
}

/// The most similar face of each cluster, in order.
pub(super) fn first_of_each(faces: &[Neighbour]) -> Vec<(ClusterId, f32)> {
    let mut seen = HashSet::new();
    let mut first: Vec<(ClusterId, f32)> = faces
        .iter()
        .filter(|face| seen.insert(face.cluster_id))
        .map(|face| (face.cluster_id, face.similarity))
        .collect();
    first.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    first
}
