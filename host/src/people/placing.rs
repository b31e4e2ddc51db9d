//! Which person a face belongs to: asks the policy, checks its answer, writes. One photo at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use tracing::Span;

use super::change_set::ChangeSet;
use super::decision;
use super::error::{PeopleError, ThumbnailError};
use super::policy::Policy;
use super::service::People;
use crate::domain::{
    BoundingBox, ClusterId, Decision, Embedding, FaceId, FileId, Gender, Neighbour, SceneFace,
};
use crate::moment::{increasing_micros, now};
use crate::store::{
    Change, ClusterFlags, DecidedBy, Explanation, PhotoRecord, Retry, StoredFace, Turn, WholeFace,
    is_provisional,
};

/// Makes a face's JPEG. Called from a blocking thread.
pub type MakeThumbnail = Box<dyn FnOnce() -> Result<Vec<u8>, ThumbnailError> + Send>;

/// A face that was just seen, with what makes its picture, or with the picture.
#[derive(Clone)]
pub struct NewFace<Picture = MakeThumbnail> {
    /// What was seen.
    pub scene: SceneFace,
    /// Its vector.
    pub embedding: Embedding,
    /// Its picture.
    pub thumbnail: Picture,
}

/// A JPEG.
type Jpeg = Vec<u8>;

/// What was seen of a face, and where it went.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedFace {
    /// Its identity; the old one when the photo held the same face before.
    pub face_id: FaceId,
    /// The person.
    pub cluster_id: ClusterId,
    /// Where it is in the photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// Apparent age in years, when a plugin asked for demographics and the face is clear enough; see
    /// [`SceneFace::shows_age`].
    pub age: Option<f32>,
    /// Apparent gender, under the same conditions.
    pub gender: Option<Gender>,
    /// How well it can be told from others, 0 to 1.
    pub quality: f32,
    /// The face founded the cluster.
    pub is_new_cluster: bool,
    /// Why, in one sentence.
    pub reason: String,
}

/// A face says something about the clusters of faces that are at least this similar to it, as a share of the threshold.
/// The default policy joins nothing below it.
pub(super) const NEAR: f32 = 0.7;

/// What must hold of a photo when its faces are placed; otherwise nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: it is a new photo, or another version of one.
    None,
    /// It is still stored: it is described again, and may have been deleted meanwhile.
    Stored,
}

/// A face on its way into the store. One that was there before has no explanation: it keeps the one that it has.
type Placement = (PlacedFace, WholeFace);

impl People {
    /// Decides on every face of a photo and replaces what was stored of it, its record included. The faces are those
    /// of the record's scene, in its order.
    ///
    /// A face that the photo held before keeps its identity and its person. Once the photo's turn has come, the work is
    /// done to its end even when the caller is gone. While the store is away, the photo waits for it for as long as
    /// [`Self::with_store_wait`] says.
    ///
    /// # Errors
    /// When the policy, a thumbnail or the store fails; then everything is as before.
    pub async fn place(
        &self,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, PeopleError> {
        self.place_if(Precondition::None, photo, faces, policy).await
    }

    /// As [`Self::place`], where it depends on what is stored of the photo: one that was deleted meanwhile stays deleted.
    ///
    /// # Errors
    /// As for [`Self::place`], and [`PeopleError::UnknownFile`] when the photo must be stored and is not.
    pub async fn place_if(
        &self,
        precondition: Precondition,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, PeopleError> {
        // Before the turn, which others wait for.
        let faces = tokio::task::spawn_blocking(move || portrayed(faces)).await??;
        // Shared, so that what was seen outlives an attempt.
        let seen = Arc::new((photo, faces));
        let mut retry = Retry::new(self.store_wait);
        loop {
            let (seen, policy) = (Arc::clone(&seen), Arc::clone(&policy));
            let attempt = self.during_turn(move |people, turn| async move {
                people
                    .place_alone(precondition, &seen.0, &seen.1, policy, turn)
                    .await
            });
            match attempt.await {
                Err(PeopleError::Store(error)) => retry.wait_after(error).await?,
                outcome => return outcome,
            }
        }
    }

    async fn place_alone(
        self,
        precondition: Precondition,
        photo: &PhotoRecord,
        faces: &[NewFace<Jpeg>],
        policy: Arc<dyn Policy>,
        mut turn: Box<dyn Turn>,
    ) -> Result<Vec<PlacedFace>, PeopleError> {
        let previous = self.store.faces_of_file(&photo.file_id).await?;
        // Where there are faces, something is stored.
        if precondition == Precondition::Stored
            && previous.is_empty()
            && self.store.photo(&photo.file_id).await?.is_none()
        {
            return Err(PeopleError::UnknownFile);
        }
        let mut placements: Vec<Placement> = Vec::with_capacity(faces.len());
        let mut near = BTreeSet::new();
        for (face, known) in with_previous(faces, &previous, self.model.threshold) {
            let placement = match known {
                Some(known) => recognised(face.clone(), known),
                None => {
                    let face = face.clone();
                    self.decide(photo, face, &placements, &policy, &mut near).await?
                }
            };
            placements.push(placement);
        }

        let mut change_set = ChangeSet::new(&self);
        for face in &previous {
            change_set.leave(face);
            if !placements
                .iter()
                .any(|(placed, _)| placed.face_id == face.face_id)
            {
                change_set.push(Change::RemoveFace(face.face_id));
            }
        }
        for cluster in provisional(&placements) {
            let flags = ClusterFlags {
                provisional: true,
                ..ClusterFlags::default()
            };
            change_set.flag(cluster, flags);
        }
        let mut all = Vec::with_capacity(placements.len());
        for (placed, whole) in placements {
            change_set.join(placed.face_id, placed.quality, placed.cluster_id);
            for change in whole.changes() {
                change_set.push(change);
            }
            all.push(placed);
        }
        change_set.push(Change::PutPhoto(Box::new(photo.clone())));
        turn.apply(change_set.finish().await?).await?;
        self.evidence.note(near);
        Ok(all)
    }

    /// Asks the policy about a face, with its neighbours in the store and in the same photo. Adds the clusters to `near` that
    /// the face says something about.
    async fn decide(
        &self,
        photo: &PhotoRecord,
        face: NewFace<Jpeg>,
        placements: &[Placement],
        policy: &Arc<dyn Policy>,
        near: &mut BTreeSet<ClusterId>,
    ) -> Result<Placement, PeopleError> {
        let same_photo: Vec<&StoredFace> = placements.iter().map(|(_, whole)| &whole.face).collect();
        let seen = (&face.scene, &face.embedding);
        let (decision, mut neighbours) = self.consult(policy, &photo.file_id, seen, &same_photo).await?;
        let (cluster_id, is_new_cluster) = decision::cluster(decision.assignment, &neighbours)?;
        let is_near = |neighbour: &&Neighbour| neighbour.similarity >= NEAR * self.model.threshold;
        let resembled = neighbours.iter().filter(is_near);
        near.extend(resembled.map(|neighbour| neighbour.cluster_id));
        near.insert(cluster_id);
        neighbours.truncate(Explanation::NEIGHBOURS);
        let placed = placed(
            &face.scene,
            (FaceId::random(), cluster_id),
            is_new_cluster,
            decision.reason.clone(),
        );
        let explanation = Explanation {
            decided_by: DecidedBy::Policy,
            reason: decision.reason,
            at: now(),
            policy: Some(policy.digest().to_owned()),
            embedding_model: self.model.name.clone(),
            threshold: self.model.threshold,
            neighbours,
        };
        let whole = WholeFace {
            face: stored(
                &placed,
                &photo.file_id,
                face.embedding,
                (false, increasing_micros()),
            ),
            portrait: Some(face.thumbnail),
            explanation: Some(explanation),
        };
        Ok((placed, whole))
    }

    /// Asks the policy about a face of a photo as it was seen, with its neighbours in the store and, of the same photo,
    /// the faces that were decided on before; gives the neighbours, too.
    pub(super) async fn consult(
        &self,
        policy: &Arc<dyn Policy>,
        file: &FileId,
        (scene, embedding): (&SceneFace, &Embedding),
        same_photo: &[&StoredFace],
    ) -> Result<(Decision, Vec<Neighbour>), PeopleError> {
        let wanted = policy.neighbours();
        let nearest = self.store.nearest(embedding, wanted, file, None).await?;
        let same_photo = same_photo.iter().copied();
        let neighbours = decision::neighbours(nearest, same_photo, embedding, wanted);
        self.ask(policy, scene.clone(), None, neighbours).await
    }

    /// Asks the policy on a blocking thread, about a new face or one of a cluster of so many; gives the neighbours
    /// back.
    pub(super) async fn ask(
        &self,
        policy: &Arc<dyn Policy>,
        scene: SceneFace,
        cluster_faces: Option<u64>,
        neighbours: Vec<Neighbour>,
    ) -> Result<(Decision, Vec<Neighbour>), PeopleError> {
        let (policy, model) = (Arc::clone(policy), Arc::clone(&self.model));
        let span = Span::current();
        tokio::task::spawn_blocking(move || {
            let decision = span.in_scope(|| match cluster_faces {
                None => policy.decide(&scene, &neighbours, &model),
                Some(faces) => policy.review(&scene, faces, &neighbours, &model),
            });
            Ok((decision.map_err(PeopleError::Policy)?, neighbours))
        })
        .await?
    }
}

fn portrayed(faces: Vec<NewFace>) -> Result<Vec<NewFace<Jpeg>>, PeopleError> {
    faces
        .into_iter()
        .map(|face| {
            Ok(NewFace {
                scene: face.scene,
                embedding: face.embedding,
                thumbnail: (face.thumbnail)().map_err(PeopleError::Thumbnail)?,
            })
        })
        .collect()
}

/// The clusters that faces found only for now, and that no other face of the photo joins.
fn provisional(placements: &[Placement]) -> Vec<ClusterId> {
    let placed = || placements.iter().map(|(placed, _)| placed);
    let founded = placed().filter(|face| face.is_new_cluster && is_provisional(&face.reason));
    let is_alone = |cluster: &ClusterId| placed().filter(|other| other.cluster_id == *cluster).count() == 1;
    founded.map(|face| face.cluster_id).filter(is_alone).collect()
}

/// A face that the photo held before.
fn recognised(face: NewFace<Jpeg>, previous: &StoredFace) -> Placement {
    let placed = placed(
        &face.scene,
        (previous.face_id, previous.cluster_id),
        false,
        "The photo was processed before and held the same face.".to_owned(),
    );
    let history = (previous.corrected, previous.joined);
    let whole = WholeFace {
        face: stored(&placed, &previous.file_id, face.embedding, history),
        portrait: Some(face.thumbnail),
        explanation: None,
    };
    (placed, whole)
}

fn placed(
    scene: &SceneFace,
    (face_id, cluster_id): (FaceId, ClusterId),
    is_new_cluster: bool,
    reason: String,
) -> PlacedFace {
    PlacedFace {
        face_id,
        cluster_id,
        bounding_box: scene.bounding_box,
        confidence: scene.confidence,
        age: scene.age,
        gender: scene.gender,
        quality: scene.quality,
        is_new_cluster,
        reason,
    }
}

fn stored(
    placed: &PlacedFace,
    file: &FileId,
    embedding: Embedding,
    (corrected, joined): (bool, u64),
) -> StoredFace {
    StoredFace {
        face_id: placed.face_id,
        file_id: file.clone(),
        cluster_id: placed.cluster_id,
        embedding,
        bounding_box: placed.bounding_box,
        confidence: placed.confidence,
        quality: placed.quality,
        corrected,
        joined,
    }
}

/// The new faces, each with the previous face of the same photo that it is: most similar pairs first, each used once.
fn with_previous<'a>(
    new: &'a [NewFace<Jpeg>],
    previous: &'a [StoredFace],
    threshold: f32,
) -> Vec<(&'a NewFace<Jpeg>, Option<&'a StoredFace>)> {
    let mut pairs: Vec<(f32, usize, usize)> = new
        .iter()
        .enumerate()
        .flat_map(|(index, face)| {
            previous
                .iter()
                .enumerate()
                .map(move |(old, stored)| (face.embedding.cosine(&stored.embedding), index, old))
        })
        .filter(|(similarity, ..)| *similarity >= threshold)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut matched: Vec<(&NewFace<Jpeg>, Option<&StoredFace>)> =
        new.iter().map(|face| (face, None)).collect();
    let mut taken = vec![false; previous.len()];
    for (_, index, old) in pairs {
        if matched[index].1.is_none() && !taken[old] {
            matched[index].1 = Some(&previous[old]);
            taken[old] = true;
        }
    }
    matched
}
