//! What people say about faces and clusters, which nothing automatic undoes: splits, moves, differences, portraits.

use super::change::{Change, Rejection};
use super::distinctions::tell_apart;
use super::draft::{Draft, all_faces};
use super::event::Event;
use super::people::{FacesError, People, now};
use super::record::{DecidedBy, Explanation};
use super::store::{StoredFace, Turn};
use crate::domain::{ClusterId, FaceId};

/// Where a face is after a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The face's cluster now.
    pub cluster: ClusterId,
    /// Where it was before; the same when nothing moved.
    pub from: ClusterId,
}

/// What a split did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The cluster that keeps the other faces.
    pub from: ClusterId,
    /// The cluster of the named faces.
    pub cluster: ClusterId,
    /// How many faces moved; 0 when the same split was done before.
    pub moved: u64,
}

impl People {
    /// Takes faces out of a cluster into a new one, which is another person from now on. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the cluster or a face is not there, a face is elsewhere, or no face would stay; then nothing has changed.
    pub async fn split(&self, cluster: &ClusterId, faces: &[FaceId]) -> Result<Split, FacesError> {
        let (cluster, mut faces) = (*cluster, faces.to_vec());
        faces.sort_unstable();
        faces.dedup();
        self.during_turn(move |people, turn| async move { people.split_alone(cluster, &faces, turn).await })
            .await
    }

    async fn split_alone(
        self,
        cluster: ClusterId,
        wanted: &[FaceId],
        mut turn: Box<dyn Turn>,
    ) -> Result<Split, FacesError> {
        let from = self.cluster(&cluster).await?;
        let mut faces = Vec::with_capacity(wanted.len());
        for face in wanted {
            faces.push(self.face(face).await?);
        }
        let Some(first) = faces.first() else {
            return Err(FacesError::EmptySplit);
        };
        let to = first.cluster_id;
        if to != from.cluster_id
            && faces.iter().all(|face| face.cluster_id == to)
            && self.distinct_from(&from.cluster_id).await?.contains(&to)
        {
            return Ok(Split {
                from: from.cluster_id,
                cluster: to,
                moved: 0,
            });
        }
        if let Some(elsewhere) = faces.iter().find(|face| face.cluster_id != from.cluster_id) {
            return Err(FacesError::NotInCluster {
                face: elsewhere.face_id,
                cluster,
            });
        }
        if faces.len() as u64 >= from.faces {
            return Err(FacesError::NothingStays(cluster));
        }
        let new = ClusterId::random();
        let mut draft = Draft::new(&self);
        self.take_out(&mut draft, &faces, new);
        draft.happen(Event::Split {
            from: from.cluster_id,
            to: new,
        });
        // What was said of all of them is true of those that leave.
        let others = self.marked_as_others(&from.cluster_id).await?;
        tell_apart(&mut draft, &[new], &others);
        self.distinguish(&mut draft, &new, &from.cluster_id).await?;
        turn.apply(draft.finish().await?).await?;
        Ok(Split {
            from: from.cluster_id,
            cluster: new,
            moved: faces.len() as u64,
        })
    }

    /// Puts a face into another cluster, or into a new one of its own when none is named. The two clusters are
    /// different people from now on; a cluster whose only face moves to another is merged into it. Repeating it
    /// changes nothing.
    ///
    /// # Errors
    /// When the face or the cluster is not there; then nothing has changed.
    pub async fn move_face(&self, face: &FaceId, target: Option<&ClusterId>) -> Result<Moved, FacesError> {
        let (face, target) = (*face, target.copied());
        self.during_turn(move |people, mut turn| async move {
            let face = people.face(&face).await?;
            let target = match target {
                Some(target) => Some(people.cluster(&target).await?.cluster_id),
                None => None,
            };
            let mut draft = Draft::new(&people);
            let cluster = people.move_one(&mut draft, &face, target).await?;
            turn.apply(draft.finish().await?).await?;
            Ok(Moved {
                cluster,
                from: face.cluster_id,
            })
        })
        .await
    }

    async fn move_one(
        &self,
        draft: &mut Draft<'_>,
        face: &StoredFace,
        target: Option<ClusterId>,
    ) -> Result<ClusterId, FacesError> {
        let from = face.cluster_id;
        let is_alone = self
            .store
            .cluster(&from)
            .await?
            .is_none_or(|cluster| cluster.faces <= 1);
        match target {
            Some(target) if target != from && is_alone => {
                self.merge_one(draft, from, target, &from, false).await?;
                self.confirm(draft, face, target);
                Ok(target)
            }
            Some(target) if target != from => {
                self.take_out(draft, std::slice::from_ref(face), target);
                self.distinguish(draft, &from, &target).await?;
                Ok(target)
            }
            None if !is_alone => {
                let new = ClusterId::random();
                self.take_out(draft, std::slice::from_ref(face), new);
                draft.happen(Event::Split { from, to: new });
                self.distinguish(draft, &new, &from).await?;
                Ok(new)
            }
            _ => {
                self.confirm(draft, face, from);
                Ok(from)
            }
        }
    }

    /// Moves faces because somebody said so.
    fn take_out(&self, draft: &mut Draft<'_>, faces: &[StoredFace], cluster: ClusterId) {
        draft.assign(faces, cluster, Some(true));
        for face in faces {
            draft.push(Change::Explain(
                face.face_id,
                self.by_a_person(face.cluster_id, cluster),
            ));
        }
    }

    /// Notes that somebody wants a face where it is, or is about to be.
    fn confirm(&self, draft: &mut Draft<'_>, face: &StoredFace, cluster: ClusterId) {
        draft.push(Change::Assign {
            faces: vec![face.face_id],
            cluster,
            corrected: Some(true),
        });
        draft.push(Change::Explain(
            face.face_id,
            self.by_a_person(face.cluster_id, cluster),
        ));
    }

    fn by_a_person(&self, from: ClusterId, to: ClusterId) -> Explanation {
        let reason = if from == to {
            format!("Somebody confirmed that it belongs to cluster {to}.")
        } else {
            format!("Somebody moved it here from cluster {from}.")
        };
        Explanation {
            decided_by: DecidedBy::Person,
            reason,
            at: now(),
            policy: None,
            embedding_model: self.model.name.clone(),
            threshold: self.model.threshold,
            neighbours: Vec::new(),
        }
    }

    /// Notes that two faces are not the same person. Where they were in one cluster, the first leaves it for a new one.
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// When a face is not there or both are the same; then nothing has changed.
    pub async fn distinguish_faces(&self, face: &FaceId, other: &FaceId) -> Result<Moved, FacesError> {
        let (face, other) = (*face, *other);
        self.during_turn(move |people, mut turn| async move {
            if face == other {
                return Err(FacesError::SameFace);
            }
            let (face, other) = (people.face(&face).await?, people.face(&other).await?);
            let mut draft = Draft::new(&people);
            let cluster = if face.cluster_id == other.cluster_id {
                people.move_one(&mut draft, &face, None).await?
            } else {
                people
                    .distinguish(&mut draft, &face.cluster_id, &other.cluster_id)
                    .await?;
                face.cluster_id
            };
            turn.apply(draft.finish().await?).await?;
            Ok(Moved {
                cluster,
                from: face.cluster_id,
            })
        })
        .await
    }

    /// Notes that two clusters are not the same person. Repeating it changes nothing.
    ///
    /// # Errors
    /// When a cluster is not there or both are one; then nothing has changed.
    pub async fn distinguish_clusters(&self, one: &ClusterId, other: &ClusterId) -> Result<(), FacesError> {
        let (one, other) = (*one, *other);
        self.during_turn(move |people, mut turn| async move {
            let (first, second) = (people.cluster(&one).await?, people.cluster(&other).await?);
            if first.cluster_id == second.cluster_id {
                return Err(FacesError::SameCluster(one, other));
            }
            let mut draft = Draft::new(&people);
            people
                .distinguish(&mut draft, &first.cluster_id, &second.cluster_id)
                .await?;
            Ok(turn.apply(draft.finish().await?).await?)
        })
        .await
    }

    /// Makes a face stand for its cluster's person. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the cluster is not there or the face is not in it; then nothing has changed.
    pub async fn represent(&self, cluster: &ClusterId, face: &FaceId) -> Result<ClusterId, FacesError> {
        let (cluster, face) = (*cluster, *face);
        self.during_turn(move |people, mut turn| async move {
            let now = people.cluster(&cluster).await?.cluster_id;
            if people.face(&face).await?.cluster_id != now {
                return Err(FacesError::NotInCluster { face, cluster });
            }
            let choice = Change::PutCluster {
                cluster: now,
                representative: face,
            };
            turn.apply(vec![choice]).await?;
            Ok(now)
        })
        .await
    }

    /// Removes something that is no face, and keeps it from coming back when its photo is processed again. Repeating
    /// it changes nothing.
    ///
    /// # Errors
    /// When there was never such a face; then nothing has changed.
    pub async fn reject(&self, face: &FaceId) -> Result<Rejection, FacesError> {
        let face = *face;
        self.during_turn(move |people, mut turn| async move {
            if let Some(rejection) = people.store.rejection(&face).await? {
                return Ok(rejection);
            }
            let face = people.face(&face).await?;
            let rejection = Rejection {
                face_id: face.face_id,
                file_id: face.file_id.clone(),
                bounding_box: face.bounding_box,
            };
            let mut draft = Draft::new(&people);
            draft.push(Change::PutRejection(rejection.clone()));
            people.erase(&mut draft, std::slice::from_ref(&face)).await?;
            turn.apply(draft.finish().await?).await?;
            Ok(rejection)
        })
        .await
    }

    /// Deletes a person: every face with its vector, picture and explanation, also from the scenes of the photos, and
    /// every id the person had. Photos' tags and contexts stay as they were answered. Gives how many faces there were;
    /// 0 when there is no such cluster.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn delete_cluster(&self, cluster: &ClusterId) -> Result<u64, FacesError> {
        let cluster = *cluster;
        self.during_turn(move |people, mut turn| async move {
            let cluster = people.survivor(&cluster).await?;
            let faces = all_faces(&*people.store, &cluster).await?;
            let mut draft = Draft::new(&people);
            for former in people.former_ids(&cluster).await? {
                draft.push(Change::RemoveRedirect(former));
            }
            people.erase(&mut draft, &faces).await?;
            turn.apply(draft.finish().await?).await?;
            Ok(faces.len() as u64)
        })
        .await
    }

    /// Removes faces, also from their photos' scenes.
    async fn erase(&self, draft: &mut Draft<'_>, faces: &[StoredFace]) -> Result<(), FacesError> {
        let mut files: Vec<_> = faces.iter().map(|face| &face.file_id).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            draft.push(Change::RemoveAnswersOf(file.clone()));
            let Some(photo) = self.store.photo(file).await? else {
                continue;
            };
            let Some(mut record) = photo.record else { continue };
            // The scene's faces are in step with the stored ones.
            let mut stays = photo
                .faces
                .iter()
                .map(|stored| !faces.iter().any(|face| face.face_id == stored.face_id));
            record.scene.faces.retain(|_| stays.next().unwrap_or(true));
            draft.push(Change::PutPhoto(Box::new(record)));
        }
        for face in faces {
            draft.leave(face);
            draft.push(Change::RemoveFace(face.face_id));
        }
        Ok(())
    }

    /// Deletes everything that is stored of a photo; gives how many faces there were, 0 when nothing is stored.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn delete_file(&self, file: &crate::domain::FileId) -> Result<u64, FacesError> {
        let file = file.clone();
        self.during_turn(move |people, mut turn| async move {
            let faces = people.store.faces_of_file(&file).await?;
            let mut draft = Draft::new(&people);
            for face in &faces {
                draft.leave(face);
                draft.push(Change::RemoveFace(face.face_id));
            }
            draft.push(Change::RemovePhoto(file));
            turn.apply(draft.finish().await?).await?;
            Ok(faces.len() as u64)
        })
        .await
    }
}
