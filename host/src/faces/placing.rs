//! Which person a face belongs to: asks the policy, checks its answer, writes. One photo at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use tracing::Span;

use super::change::Change;
use super::decision;
use super::draft::Draft;
use super::flags::{ClusterFlags, is_provisional};
use super::patience::Patience;
use super::people::{FacesError, People, moment};
use super::record::{DecidedBy, Explanation, PhotoRecord};
use super::store::{StoredFace, Turn};
use crate::domain::{ClusterId, Decision, Embedding, EmbeddingModel, FaceId, FileId, Neighbour, SceneFace};
use crate::moment::now;

/// Whatever a policy fails with.
pub type PolicyError = Box<dyn std::error::Error + Send + Sync>;
/// Whatever making a thumbnail fails with.
pub type ThumbnailError = Box<dyn std::error::Error + Send + Sync>;
/// Makes a face's JPEG. Called from a blocking thread.
pub type MakeThumbnail = Box<dyn FnOnce() -> Result<Vec<u8>, ThumbnailError> + Send>;

/// Decides where a face goes. Called from a blocking thread.
pub trait Policy: Send + Sync {
    /// SHA-256 of its component file in hexadecimal.
    fn digest(&self) -> &str;

    /// How many of the most similar faces it wants to see.
    fn neighbours(&self) -> usize;

    /// Decides on one face; `neighbours` are most similar first.
    ///
    /// # Errors
    /// When it cannot decide; then nothing of the photo is stored.
    fn decide(
        &self,
        face: &SceneFace,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError>;

    /// Decides on a face that is stored in a cluster of so many faces, none of which is among the neighbours; as on one
    /// that comes now, unless the policy looks at such faces otherwise.
    ///
    /// # Errors
    /// When it cannot decide; then the face stays where it is.
    fn review(
        &self,
        face: &SceneFace,
        _cluster_faces: u64,
        neighbours: &[Neighbour],
        model: &EmbeddingModel,
    ) -> Result<Decision, PolicyError> {
        self.decide(face, neighbours, model)
    }
}

/// A face that was just seen.
pub struct NewFace {
    /// What was seen.
    pub scene: SceneFace,
    /// Its vector.
    pub embedding: Embedding,
    /// Its picture.
    pub thumbnail: MakeThumbnail,
}

/// Where a face went.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedFace {
    /// Its identity; the old one when the photo held the same face before.
    pub face_id: FaceId,
    /// The person.
    pub cluster_id: ClusterId,
    /// The face founded the cluster.
    pub is_new_cluster: bool,
    /// Why, in one sentence.
    pub reason: String,
}

/// A face with its JPEG.
#[derive(Clone)]
struct SeenFace {
    scene: SceneFace,
    embedding: Embedding,
    portrait: Vec<u8>,
}

/// A face says something about the clusters of faces that are at least this similar to it, as a share of the threshold.
/// The default policy joins nothing below it.
pub(super) const NEAR: f32 = 0.7;

/// Whether something must be stored of a photo whose faces are placed.
#[derive(Clone, Copy, PartialEq)]
enum Stored {
    Whatever,
    Required,
}

/// A face on its way into the store.
struct Placement {
    placed: PlacedFace,
    stored: StoredFace,
    portrait: Vec<u8>,
    /// None for a face that was there before, which keeps its explanation.
    explanation: Option<Explanation>,
    /// Clusters that the face says something about.
    near: BTreeSet<ClusterId>,
}

impl People {
    /// Decides on every face of a photo and replaces what was stored of it, its record included. The faces are those
    /// of the record's scene, in its order.
    ///
    /// A face that the photo held before keeps its identity and its person. Once the photo's turn has come, the work is
    /// done to its end even when the caller is gone. While the store is away, the photo waits for it for as long as
    /// [`Self::with_patience`] says.
    ///
    /// # Errors
    /// When the policy, a thumbnail or the store fails; then everything is as before.
    pub async fn place(
        &self,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        self.place_if(Stored::Whatever, photo, faces, policy).await
    }

    /// As [`Self::place`], of a photo that is stored: one that was deleted meanwhile stays deleted.
    ///
    /// # Errors
    /// As for [`Self::place`], and [`FacesError::UnknownFile`] when nothing is stored of the photo.
    pub async fn place_again(
        &self,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        self.place_if(Stored::Required, photo, faces, policy).await
    }

    async fn place_if(
        &self,
        stored: Stored,
        photo: PhotoRecord,
        faces: Vec<NewFace>,
        policy: Arc<dyn Policy>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        // Before the turn, which others wait for.
        let faces = tokio::task::spawn_blocking(move || portrayed(faces)).await??;
        // Shared, so that what was seen outlives an attempt.
        let seen = Arc::new((photo, faces));
        let mut patience = Patience::new(self.patience);
        loop {
            let (seen, policy) = (Arc::clone(&seen), Arc::clone(&policy));
            let attempt = self.during_turn(move |people, turn| async move {
                if stored == Stored::Required && people.store.photo(&seen.0.file_id).await?.is_none() {
                    return Err(FacesError::UnknownFile);
                }
                people.place_alone(&seen.0, &seen.1, policy, turn).await
            });
            match attempt.await {
                Err(FacesError::Store(error)) => patience.again_after(error).await?,
                outcome => return outcome,
            }
        }
    }

    async fn place_alone(
        self,
        photo: &PhotoRecord,
        faces: &[SeenFace],
        policy: Arc<dyn Policy>,
        mut turn: Box<dyn Turn>,
    ) -> Result<Vec<PlacedFace>, FacesError> {
        let previous = self.store.faces_of_file(&photo.file_id).await?;
        let known = match_previous(faces, &previous, self.model.threshold);
        let mut placements: Vec<Placement> = Vec::with_capacity(faces.len());
        for (face, known) in faces.iter().zip(known) {
            let placement = match known {
                Some(index) => recognised(face.clone(), &previous[index]),
                None => self.decide(photo, face.clone(), &placements, &policy).await?,
            };
            placements.push(placement);
        }

        let mut draft = Draft::new(&self);
        for face in &previous {
            draft.leave(face);
            if !placements
                .iter()
                .any(|placement| placement.placed.face_id == face.face_id)
            {
                draft.push(Change::RemoveFace(face.face_id));
            }
        }
        for cluster in provisional(&placements) {
            let flags = ClusterFlags {
                provisional: true,
                ..ClusterFlags::default()
            };
            draft.flag(cluster, flags);
        }
        let mut placed = Vec::with_capacity(placements.len());
        let mut near = BTreeSet::new();
        for mut placement in placements {
            near.append(&mut placement.near);
            let face_id = placement.stored.face_id;
            draft.join(face_id, placement.stored.quality, placement.stored.cluster_id);
            draft.push(Change::PutFace(placement.stored));
            draft.push(Change::PutPortrait(face_id, placement.portrait));
            if let Some(explanation) = placement.explanation {
                draft.push(Change::Explain(face_id, explanation));
            }
            placed.push(placement.placed);
        }
        draft.push(Change::PutPhoto(Box::new(photo.clone())));
        turn.apply(draft.finish().await?).await?;
        self.evidence.note(near);
        Ok(placed)
    }

    /// Asks the policy about a face, with its neighbours in the store and in the same photo.
    async fn decide(
        &self,
        photo: &PhotoRecord,
        face: SeenFace,
        placements: &[Placement],
        policy: &Arc<dyn Policy>,
    ) -> Result<Placement, FacesError> {
        let same_photo: Vec<&StoredFace> = placements.iter().map(|placement| &placement.stored).collect();
        let seen = (&face.scene, &face.embedding);
        let (decision, mut neighbours) = self.consult(policy, &photo.file_id, seen, &same_photo).await?;
        let (cluster_id, is_new_cluster) = decision::cluster(decision.assignment, &neighbours)?;
        let is_near = |neighbour: &&Neighbour| neighbour.similarity >= NEAR * self.model.threshold;
        let mut near: BTreeSet<ClusterId> = neighbours
            .iter()
            .filter(is_near)
            .map(|neighbour| neighbour.cluster_id)
            .collect();
        near.insert(cluster_id);
        neighbours.truncate(Explanation::NEIGHBOURS);
        let placed = PlacedFace {
            face_id: FaceId::random(),
            cluster_id,
            is_new_cluster,
            reason: decision.reason.clone(),
        };
        Ok(Placement {
            stored: stored(
                &placed,
                &photo.file_id,
                face.embedding,
                &face.scene,
                (false, moment()),
            ),
            placed,
            portrait: face.portrait,
            explanation: Some(Explanation {
                decided_by: DecidedBy::Policy,
                reason: decision.reason,
                at: now(),
                policy: Some(policy.digest().to_owned()),
                embedding_model: self.model.name.clone(),
                threshold: self.model.threshold,
                neighbours,
            }),
            near,
        })
    }

    /// Asks the policy about a face of a photo as it was seen, with its neighbours in the store and, of the same photo,
    /// the faces that were decided on before; gives the neighbours, too.
    pub(super) async fn consult(
        &self,
        policy: &Arc<dyn Policy>,
        file: &FileId,
        (scene, embedding): (&SceneFace, &Embedding),
        same_photo: &[&StoredFace],
    ) -> Result<(Decision, Vec<Neighbour>), FacesError> {
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
    ) -> Result<(Decision, Vec<Neighbour>), FacesError> {
        let (policy, model) = (Arc::clone(policy), Arc::clone(&self.model));
        let span = Span::current();
        tokio::task::spawn_blocking(move || {
            let decision = span.in_scope(|| match cluster_faces {
                None => policy.decide(&scene, &neighbours, &model),
                Some(faces) => policy.review(&scene, faces, &neighbours, &model),
            });
            Ok((decision.map_err(FacesError::Policy)?, neighbours))
        })
        .await?
    }
}

fn portrayed(faces: Vec<NewFace>) -> Result<Vec<SeenFace>, FacesError> {
    faces
        .into_iter()
        .map(|face| {
            Ok(SeenFace {
                scene: face.scene,
                embedding: face.embedding,
                portrait: (face.thumbnail)().map_err(FacesError::Thumbnail)?,
            })
        })
        .collect()
}

/// The clusters that faces found only for now, and that no other face of the photo joins.
fn provisional(placements: &[Placement]) -> Vec<ClusterId> {
    let founded = placements.iter().map(|placement| &placement.placed);
    let founded = founded.filter(|face| face.is_new_cluster && is_provisional(&face.reason));
    let is_alone = |cluster: &ClusterId| {
        let within = placements
            .iter()
            .filter(|other| other.placed.cluster_id == *cluster);
        within.count() == 1
    };
    founded.map(|face| face.cluster_id).filter(is_alone).collect()
}

/// A face that the photo held before.
fn recognised(face: SeenFace, previous: &StoredFace) -> Placement {
    let placed = PlacedFace {
        face_id: previous.face_id,
        cluster_id: previous.cluster_id,
        is_new_cluster: false,
        reason: "The photo was processed before and held the same face.".to_owned(),
    };
    Placement {
        stored: stored(
            &placed,
            &previous.file_id,
            face.embedding,
            &face.scene,
            (previous.corrected, previous.joined),
        ),
        placed,
        portrait: face.portrait,
        explanation: None,
        near: BTreeSet::new(),
    }
}

fn stored(
    placed: &PlacedFace,
    file: &FileId,
    embedding: Embedding,
    scene: &SceneFace,
    (corrected, joined): (bool, u64),
) -> StoredFace {
    StoredFace {
        face_id: placed.face_id,
        file_id: file.clone(),
        cluster_id: placed.cluster_id,
        embedding,
        bounding_box: scene.bounding_box,
        confidence: scene.confidence,
        quality: scene.quality,
        corrected,
        joined,
    }
}

/// For each new face the previous face of the same photo that it is: most similar pairs first, each used once.
fn match_previous(new: &[SeenFace], previous: &[StoredFace], threshold: f32) -> Vec<Option<usize>> {
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
    let mut matched = vec![None; new.len()];
    let mut taken = vec![false; previous.len()];
    for (_, index, old) in pairs {
        if matched[index].is_none() && !taken[old] {
            matched[index] = Some(old);
            taken[old] = true;
        }
    }
    matched
}
