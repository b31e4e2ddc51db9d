//! Everything that is held of one person, for whoever asks to see it.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use serde::Serialize;

use super::error::PeopleError;
use super::history::CorrectionExport;
use super::service::People;
use crate::domain::{BoundingBox, ClusterId, FaceId, FileId, Gender, SceneFace};
use crate::store::{
    Explanation, LoggedEvent, PhotoRecord, Redirect, StoreError, StoredFace, all_faces, as_stored, pages,
};

/// Everything that is held of one person. Of photos with others in them it has what is said of the photo as a whole, and
/// nothing of the others.
#[derive(Debug, Serialize)]
pub struct PersonExport {
    /// The person's id.
    pub cluster_id: ClusterId,
    /// The face that stands for the person.
    pub representative_face_id: FaceId,
    /// The network that made the vectors.
    pub embedding_model: String,
    /// Ids that the person had before clusters were merged, and what was kept of each merge.
    #[serde(serialize_with = "as_stored")]
    pub merges: Vec<Redirect>,
    /// Whether a user hid the person from lists.
    pub hidden: bool,
    /// A face founded the person while it was open who that is, and nobody said anything of it since.
    pub provisional: bool,
    /// Clusters that are known to be other people.
    pub distinct_cluster_ids: Vec<ClusterId>,
    /// Clusters of which somebody could not say whether they are the same person.
    pub unsure_cluster_ids: Vec<ClusterId>,
    /// The person's faces.
    pub faces: Vec<FaceExport>,
    /// The photos that these are in.
    pub photos: Vec<PhotoExport>,
    /// What happened to the person, as far as it is kept.
    #[serde(serialize_with = "as_stored")]
    pub changes: Vec<LoggedEvent>,
    /// What was corrected about the person, as far as it is kept.
    pub corrections: Vec<CorrectionExport>,
}

/// A face of the person.
#[derive(Debug, Serialize)]
pub struct FaceExport {
    /// The face.
    pub face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    pub file_id: FileId,
    /// Where it is in the photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    pub quality: f32,
    /// The age it was given, in years.
    pub age: Option<f32>,
    /// The gender it was given.
    pub gender: Option<Gender>,
    /// Somebody put it where it is.
    pub corrected: bool,
    /// When it was first stored, in microseconds since 1970; 0 when that was not kept.
    pub joined: u64,
    /// Its vector.
    pub embedding: Vec<f32>,
    /// Why it is where it is; other people's faces are left out of it.
    #[serde(serialize_with = "as_stored")]
    pub decision: Option<Explanation>,
    /// Its picture, a JPEG.
    #[serde(skip)]
    pub picture: Option<Vec<u8>>,
}

/// A photo that the person is in.
#[derive(Debug, Serialize)]
pub struct PhotoExport {
    /// The photo's record; of its scene only the faces of this person. None when it was processed by a version that kept
    /// faces only.
    #[serde(serialize_with = "as_stored")]
    pub record: Option<PhotoRecord>,
    /// The caller's id for the photo.
    pub file_id: FileId,
}

impl People {
    /// Everything that is held of one person, also by an id that the person had before.
    ///
    /// # Errors
    /// When there is no such person, or the store does not answer.
    pub async fn person(&self, cluster: &ClusterId) -> Result<PersonExport, PeopleError> {
        let cluster = self.cluster(cluster).await?;
        let id = cluster.cluster_id;
        let mut merges = Vec::new();
        for former in self.former_ids(&id).await? {
            merges.extend(self.store.redirect(&former).await?);
        }
        let ids: HashSet<ClusterId> = merges.iter().map(|merge| merge.source).chain([id]).collect();
        let stored = all_faces(&*self.store, &id).await?;
        let own: HashSet<FaceId> = stored.iter().map(|face| face.face_id).collect();
        let (mut faces, mut photos, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for face in stored {
            let photo = self.store.photo(&face.file_id).await?;
            let scene = photo.as_ref().and_then(|photo| photo.seen(&face.face_id));
            let scene = scene.map(|(_, scene)| scene.clone());
            if seen.insert(face.file_id.clone()) {
                photos.push(PhotoExport {
                    record: photo.and_then(|photo| photo.record_of(|id| own.contains(id))),
                    file_id: face.file_id.clone(),
                });
            }
            faces.push(self.face_export(face, scene, &own).await?);
        }
        Ok(PersonExport {
            cluster_id: id,
            representative_face_id: cluster.representative,
            embedding_model: self.model.name.clone(),
            merges,
            hidden: cluster.flags.hidden,
            provisional: cluster.flags.provisional,
            distinct_cluster_ids: self.distinct_from(&id).await?,
            unsure_cluster_ids: self.unsure_of(&id).await?,
            faces,
            photos,
            changes: self.changes_of(&ids, &own).await?,
            corrections: self.corrections_about(&ids, &own).await?,
        })
    }

    async fn face_export(
        &self,
        face: StoredFace,
        scene: Option<SceneFace>,
        own: &HashSet<FaceId>,
    ) -> Result<FaceExport, StoreError> {
        let mut decision = self.store.explanation(&face.face_id).await?;
        if let Some(decision) = &mut decision {
            decision
                .neighbours
                .retain(|neighbour| own.contains(&neighbour.face_id));
        }
        Ok(FaceExport {
            picture: self.store.portrait(&face.face_id).await?,
            face_id: face.face_id,
            file_id: face.file_id,
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: face.quality,
            age: scene.as_ref().and_then(|scene| scene.age),
            gender: scene.as_ref().and_then(|scene| scene.gender),
            corrected: face.corrected,
            joined: face.joined,
            embedding: face.embedding.as_slice().to_vec(),
            decision,
        })
    }

    async fn changes_of(
        &self,
        clusters: &HashSet<ClusterId>,
        faces: &HashSet<FaceId>,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let read = |after: Option<u64>, limit| self.store.events(after.unwrap_or(0), limit);
        let mut events = pages(None, read, |last: &LoggedEvent| last.position);
        let mut found = Vec::new();
        while let Some(page) = events.try_next().await? {
            found.extend(
                page.into_iter()
                    .filter(|logged| logged.event.is_of(clusters, faces)),
            );
        }
        Ok(found)
    }
}
