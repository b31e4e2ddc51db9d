//! Whose faces are that nobody stores: what a policy would decide, and whom they resemble. Nothing is written, and nobody
//! waits for it.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::decision;
use super::error::PeopleError;
use super::policy::Policy;
use super::service::People;
use super::similar::first_of_each;
use crate::domain::{ClusterId, Embedding, FaceId, FileId, SceneFace};
use crate::store::{Cluster, StoreError, StoredFace};

/// For each person that is wanted so many faces are asked for at first, because people have several.
const FACES_EACH: usize = 4;
/// So many times as many are asked for when these were not enough.
const MORE: usize = 4;
/// At most so many faces are looked at; whoever comes after all of these resembles the face little.
const MOST: usize = 2_000;
/// How many clusters are read at a time.
const AT_ONCE: usize = 16;

/// Whose a face may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Identified {
    /// The person that the policy would choose; none for somebody new.
    pub cluster: Option<ClusterId>,
    /// The policy's reason.
    pub reason: String,
    /// The people whom it resembles, most similar first, each with the cosine similarity of their most similar face, -1
    /// to 1.
    pub people: Vec<(Cluster, f32)>,
}

impl People {
    /// Asks a policy about the faces of a photo in their order, as if the photo came now and were not stored, and ranks
    /// the people whom each resembles, at most so many. Gives what was seen of each face back. Takes no turn: what is stored
    /// meanwhile may be missed.
    ///
    /// # Errors
    /// When the policy fails or joins a cluster it was not shown, or the store does not answer.
    pub async fn identify(
        &self,
        faces: Vec<(SceneFace, Embedding)>,
        policy: Arc<dyn Policy>,
        people: usize,
    ) -> Result<Vec<(SceneFace, Identified)>, PeopleError> {
        // No stored face is left out: a photo of this name there is none.
        let file = FileId::new(FaceId::random().to_string())
            .map_err(|error| StoreError::Damaged(error.to_string()))?;
        let mut decided: Vec<StoredFace> = Vec::with_capacity(faces.len());
        let mut founded = HashSet::new();
        let mut identified = Vec::with_capacity(faces.len());
        for (scene, embedding) in faces {
            let same_photo: Vec<&StoredFace> = decided.iter().collect();
            let seen = (&scene, &embedding);
            let (decision, neighbours) = self.consult(&policy, &file, seen, &same_photo).await?;
            let (cluster_id, is_new) = decision::cluster(decision.assignment, &neighbours)?;
            if is_new {
                founded.insert(cluster_id);
            }
            decided.push(StoredFace {
                face_id: FaceId::random(),
                file_id: file.clone(),
                cluster_id,
                embedding: embedding.clone(),
                bounding_box: scene.bounding_box,
                confidence: scene.confidence,
                quality: scene.quality,
                corrected: false,
                joined: 0,
            });
            let whose = Identified {
                // Who is new in this photo is so in each of its faces.
                cluster: Some(cluster_id).filter(|cluster| !founded.contains(cluster)),
                reason: decision.reason,
                people: self.resembled(&embedding, &file, people).await?,
            };
            identified.push((scene, whose));
        }
        Ok(identified)
    }

    /// The people whom a face resembles most, of those who have one of the nearest faces.
    async fn resembled(
        &self,
        embedding: &Embedding,
        file: &FileId,
        limit: usize,
    ) -> Result<Vec<(Cluster, f32)>, StoreError> {
        let mut wanted = FACES_EACH * limit;
        let mut near = loop {
            let faces = self.store.nearest(embedding, wanted, file, None).await?;
            let near = first_of_each(&faces);
            if near.len() >= limit || faces.len() < wanted || wanted >= MOST {
                break near;
            }
            wanted = (wanted * MORE).min(MOST);
        };
        near.truncate(limit);
        let found: Vec<Option<(Cluster, f32)>> = stream::iter(near)
            .map(|(id, similarity)| async move {
                // It may be gone by now.
                let cluster = self.store.cluster(&id).await?;
                Ok::<_, StoreError>(cluster.map(|cluster| (cluster, similarity)))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }
}
