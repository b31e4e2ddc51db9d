//! What people say about faces and clusters, which nothing automatic undoes: splits, moves, differences, portraits.

use super::change_set::ChangeSet;
use super::distinctions::tell_apart;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId};
use crate::moment::now;
use crate::store::{Change, CorrectionKind, DecidedBy, Event, Explanation, Rejection, StoredFace, Turn};

/// The cluster of a face after a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The face's cluster now.
    pub cluster: ClusterId,
    /// The cluster in which it was before; the same one if nothing moved.
    pub from: ClusterId,
}

/// What a split did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The cluster that keeps the other faces.
    pub from: ClusterId,
    /// The cluster of the named faces.
    pub cluster: ClusterId,
    /// How many faces moved; 0 if the same split was already done.
    pub moved: u64,
}

impl People {
    /// Takes faces out of a cluster into a new one, which is another person from now on. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the cluster or a face is not there, a face is elsewhere, or no face would stay; then nothing has changed.
    pub async fn split(&self, cluster: &ClusterId, faces: &[FaceId]) -> Result<Split, PeopleError> {
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
    ) -> Result<Split, PeopleError> {
        let from = self.cluster(&cluster).await?;
        let mut faces = Vec::with_capacity(wanted.len());
        for face in wanted {
            faces.push(self.face(face).await?);
        }
        let Some(first) = faces.first() else {
            return Err(PeopleError::EmptySplit);
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
            return Err(PeopleError::NotInCluster {
                face: elsewhere.face_id,
                cluster,
            });
        }
        if faces.len() as u64 >= from.faces {
            return Err(PeopleError::NothingStays(cluster));
        }
        let new = ClusterId::random();
        let mut change_set = ChangeSet::new(&self);
        self.take_out(&mut change_set, &faces, new);
        change_set.happen(Event::Split {
            from: from.cluster_id,
            to: new,
        });
        // What was said of all of them is true of those that leave.
        let others = self.marked_as_others(&from.cluster_id).await?;
        tell_apart(&mut change_set, &[new], &others);
        self.distinguish(&mut change_set, &new, &from.cluster_id).await?;
        let clusters = [from.cluster_id, new];
        let moved: Vec<FaceId> = faces.iter().map(|face| face.face_id).collect();
        change_set.correct(CorrectionKind::Split, &clusters, &moved);
        turn.apply(change_set.finish().await?).await?;
        self.note(AuditEvent::Split, &clusters, &moved).await;
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
    pub async fn move_face(&self, face: &FaceId, target: Option<&ClusterId>) -> Result<Moved, PeopleError> {
        let (face, target) = (*face, target.copied());
        self.during_turn(move |people, mut turn| async move {
            let face = people.face(&face).await?;
            let target = match target {
                Some(target) => Some(people.cluster(&target).await?.cluster_id),
                None => None,
            };
            let mut change_set = ChangeSet::new(&people);
            let cluster = people.move_one(&mut change_set, &face, target).await?;
            let clusters = [face.cluster_id, cluster];
            let different = &clusters[usize::from(face.cluster_id == cluster)..];
            change_set.correct(CorrectionKind::FaceMoved, different, &[face.face_id]);
            turn.apply(change_set.finish().await?).await?;
            people
                .note(AuditEvent::FaceMoved, &clusters, &[face.face_id])
                .await;
            Ok(Moved {
                cluster,
                from: face.cluster_id,
            })
        })
        .await
    }

    async fn move_one(
        &self,
        change_set: &mut ChangeSet<'_>,
        face: &StoredFace,
        target: Option<ClusterId>,
    ) -> Result<ClusterId, PeopleError> {
        let from = face.cluster_id;
        let is_alone = self
            .store
            .cluster(&from)
            .await?
            .is_none_or(|cluster| cluster.faces <= 1);
        match target {
            Some(target) if target != from && is_alone => {
                self.merge_one(change_set, from, target, &from, false).await?;
                self.confirm(change_set, face, target);
                Ok(target)
            }
            Some(target) if target != from => {
                self.take_out(change_set, std::slice::from_ref(face), target);
                self.distinguish(change_set, &from, &target).await?;
                Ok(target)
            }
            None if !is_alone => {
                let new = ClusterId::random();
                self.take_out(change_set, std::slice::from_ref(face), new);
                change_set.happen(Event::Split { from, to: new });
                self.distinguish(change_set, &new, &from).await?;
                Ok(new)
            }
            _ => {
                self.confirm(change_set, face, from);
                Ok(from)
            }
        }
    }

    /// Moves faces because somebody said so.
    fn take_out(&self, change_set: &mut ChangeSet<'_>, faces: &[StoredFace], cluster: ClusterId) {
        change_set.assign(faces, cluster, Some(true));
        for face in faces {
            change_set.push(Change::Explain(
                face.face_id,
                self.by_a_person(face.cluster_id, cluster),
            ));
        }
    }

    /// Notes that somebody wants a face where it is, or is about to be.
    fn confirm(&self, change_set: &mut ChangeSet<'_>, face: &StoredFace, cluster: ClusterId) {
        change_set.confirm(cluster);
        if face.corrected && face.cluster_id == cluster {
            return;
        }
        change_set.push(Change::Assign {
            faces: vec![face.face_id],
            cluster,
            corrected: Some(true),
        });
        change_set.push(Change::Explain(
            face.face_id,
            self.by_a_person(face.cluster_id, cluster),
        ));
    }

    fn by_a_person(&self, from: ClusterId, to: ClusterId) -> Explanation {
        let reason = if from == to {
            format!("A person confirmed that it belongs to cluster {to}.")
        } else {
            format!("A person moved it here from cluster {from}.")
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
    pub async fn distinguish_faces(&self, face: &FaceId, other: &FaceId) -> Result<Moved, PeopleError> {
        let (face, other) = (*face, *other);
        self.during_turn(move |people, mut turn| async move {
            if face == other {
                return Err(PeopleError::SameFace);
            }
            let (face, other) = (people.face(&face).await?, people.face(&other).await?);
            let mut change_set = ChangeSet::new(&people);
            let cluster = if face.cluster_id == other.cluster_id {
                people.move_one(&mut change_set, &face, None).await?
            } else {
                people
                    .distinguish(&mut change_set, &face.cluster_id, &other.cluster_id)
                    .await?;
                face.cluster_id
            };
            let (clusters, faces) = ([cluster, other.cluster_id], [face.face_id, other.face_id]);
            change_set.correct(CorrectionKind::FacesDistinguished, &clusters, &faces);
            turn.apply(change_set.finish().await?).await?;
            people
                .note(AuditEvent::FacesDistinguished, &clusters, &faces)
                .await;
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
    pub async fn distinguish_clusters(&self, one: &ClusterId, other: &ClusterId) -> Result<(), PeopleError> {
        let (one, other) = (*one, *other);
        self.during_turn(move |people, mut turn| async move {
            let (first, second) = (people.cluster(&one).await?, people.cluster(&other).await?);
            if first.cluster_id == second.cluster_id {
                return Err(PeopleError::SameCluster(one, other));
            }
            let mut change_set = ChangeSet::new(&people);
            people
                .distinguish(&mut change_set, &first.cluster_id, &second.cluster_id)
                .await?;
            let clusters = [first.cluster_id, second.cluster_id];
            change_set.correct(CorrectionKind::ClustersDistinguished, &clusters, &[]);
            turn.apply(change_set.finish().await?).await?;
            people
                .note(AuditEvent::ClustersDistinguished, &clusters, &[])
                .await;
            Ok(())
        })
        .await
    }

    /// Makes a face stand for its cluster's person. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the cluster is not there or the face is not in it; then nothing has changed.
    pub async fn represent(&self, cluster: &ClusterId, face: &FaceId) -> Result<ClusterId, PeopleError> {
        let (cluster, face) = (*cluster, *face);
        self.during_turn(move |people, mut turn| async move {
            let now = people.cluster(&cluster).await?;
            let (now, flags) = (now.cluster_id, now.flags);
            if people.face(&face).await?.cluster_id != now {
                return Err(PeopleError::NotInCluster { face, cluster });
            }
            let choice = Change::PutCluster {
                cluster: now,
                representative: face,
                flags,
            };
            let mut change_set = ChangeSet::new(&people);
            change_set.push(choice);
            change_set.correct(CorrectionKind::RepresentativeChosen, &[now], &[face]);
            turn.apply(change_set.finish().await?).await?;
            people
                .note(AuditEvent::RepresentativeChosen, &[now], &[face])
                .await;
            Ok(now)
        })
        .await
    }

    /// Removes something that is no face, and keeps it from coming back when its photo is processed again. Repeating
    /// it changes nothing.
    ///
    /// # Errors
    /// When there was never such a face; then nothing has changed.
    pub async fn reject(&self, face: &FaceId) -> Result<Rejection, PeopleError> {
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
            let mut change_set = ChangeSet::new(&people);
            change_set.push(Change::PutRejection(rejection.clone()));
            people.erase(&mut change_set, std::slice::from_ref(&face)).await?;
            change_set.correct(CorrectionKind::FaceRejected, &[face.cluster_id], &[face.face_id]);
            turn.apply(change_set.finish().await?).await?;
            // What is removed is not called by its ids.
            people.note(AuditEvent::FaceRejected, &[], &[]).await;
            Ok(rejection)
        })
        .await
    }
}
