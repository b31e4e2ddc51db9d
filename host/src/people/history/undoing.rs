//! Undoing an entry: every row that it changed is as it was before.

use std::collections::HashSet;

use super::{HistoryEntry, Record};
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId};
use crate::people::change_set::ChangeSet;
use crate::people::distinctions::tell_apart;
use crate::people::error::PeopleError;
use crate::people::origins::origins;
use crate::people::service::People;
use crate::store::{
    Change, ClusterFlags, Correction, CorrectionKind, Event, HeldFace, Lead, Place, Redirect, Rejection, Row,
    Step, StoreError, Turn, all_faces, of_cluster,
};

/// Up to so many faces are read one by one, and more with their cluster.
const ONE_BY_ONE: usize = 32;

/// What an undo did.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone {
    /// The people whom the correction was about, as they are called now.
    pub clusters: Vec<ClusterId>,
    /// The entry of the undo itself.
    pub entry: HistoryEntry,
}

/// What keeps a step from being undone.
enum Obstacle {
    /// Something is not as the correction left it.
    Changed(String),
    Faces(PeopleError),
}

impl<E: Into<PeopleError>> From<E> for Obstacle {
    fn from(error: E) -> Self {
        Self::Faces(error.into())
    }
}

impl People {
    /// Undoes one entry of a person's history: whatever it changed is as it was before. The undo is an entry, too, and can
    /// be undone. After the undo of a merge that the worker made by itself, the two are told apart, or it would make the
    /// merge again.
    ///
    /// # Errors
    /// When there is no such entry about the person, or it cannot be undone; then nothing has changed.
    pub async fn undo(&self, cluster: &ClusterId, position: u64) -> Result<Undone, PeopleError> {
        let cluster = *cluster;
        self.during_turn(move |people, turn| async move { people.undo_alone(cluster, position, turn).await })
            .await
    }

    async fn undo_alone(
        self,
        cluster: ClusterId,
        position: u64,
        mut turn: Box<dyn Turn>,
    ) -> Result<Undone, PeopleError> {
        let correction = self.entry_of(&cluster, position).await?;
        let refused = |why| PeopleError::NotUndoable { position, why };
        if let Some(why) = self.why_not(&correction).await? {
            return Err(refused(why));
        }
        let mut change_set = ChangeSet::new(&self);
        for step in &correction.steps {
            match self.undo_step(&mut change_set, step).await {
                Ok(()) => {}
                Err(Obstacle::Changed(why)) => return Err(refused(why)),
                Err(Obstacle::Faces(error)) => return Err(error),
            }
        }
        if correction.kind == CorrectionKind::Consolidated && correction.undoes == 0 {
            self.keep_apart(&mut change_set, &correction).await?;
        }
        self.toggle(&mut change_set, &correction).await?;
        change_set.record(Record {
            kind: correction.kind,
            clusters: correction.cluster_ids.clone(),
            faces: correction.face_ids.clone(),
            undoes: position,
        });
        turn.apply(change_set.finish().await?).await?;
        let (about, named) = (&correction.cluster_ids, &correction.face_ids);
        let named: &[FaceId] = if correction.kind == CorrectionKind::FaceRejected {
            // What is removed is not called by its ids.
            &[]
        } else {
            named
        };
        self.note(AuditEvent::CorrectionUndone, about, named).await;
        let latest = self.store.last_correction().await?;
        let entry = self.store.correction(latest).await?;
        let entry = entry.ok_or(PeopleError::UnknownEntry(latest))?;
        Ok(Undone {
            clusters: self.names_now(about).await?,
            entry: self.entry(entry).await?,
        })
    }

    /// An entry, if it is about this person.
    async fn entry_of(&self, cluster: &ClusterId, position: u64) -> Result<Correction, PeopleError> {
        let (_, keys) = self.known_as(cluster).await?;
        if self.corrections_kept == 0 {
            let why = "no corrections are kept; set CORRECTIONS_KEPT above 0".to_owned();
            return Err(PeopleError::NotUndoable { position, why });
        }
        let Some(correction) = self.store.correction(position).await? else {
            let latest = self.store.last_correction().await?;
            if position > 0 && position.saturating_add(self.corrections_kept) <= latest {
                let kept = self.corrections_kept;
                let why =
                    format!("it is too old: only the last {kept} corrections are kept (CORRECTIONS_KEPT)");
                return Err(PeopleError::NotUndoable { position, why });
            }
            return Err(PeopleError::UnknownEntry(position));
        };
        let clusters = correction.names().clusters;
        if clusters.iter().any(|id| keys.contains(&of_cluster(id))) {
            Ok(correction)
        } else {
            Err(PeopleError::UnknownEntry(position))
        }
    }

    /// What these clusters are called now, without those that are there no more.
    async fn names_now(&self, clusters: &[ClusterId]) -> Result<Vec<ClusterId>, StoreError> {
        let mut now = Vec::new();
        for cluster in clusters {
            let survivor = self.survivor(cluster).await?;
            if !now.contains(&survivor) && self.store.cluster(&survivor).await?.is_some() {
                now.push(survivor);
            }
        }
        Ok(now)
    }

    /// The entry is undone from now on; what it had undone counts again, and so on.
    async fn toggle(
        &self,
        change_set: &mut ChangeSet<'_>,
        correction: &Correction,
    ) -> Result<(), StoreError> {
        let mut next = Some(correction.clone());
        while let Some(mut entry) = next {
            entry.undone = !entry.undone;
            next = match entry.undoes {
                0 => None,
                earlier => self.store.correction(earlier).await?,
            };
            change_set.push(Change::PutCorrection(Box::new(entry)));
        }
        Ok(())
    }

    /// Notes that two clusters are different people whose merge is being undone.
    async fn keep_apart(
        &self,
        change_set: &mut ChangeSet<'_>,
        correction: &Correction,
    ) -> Result<(), StoreError> {
        let [target, source] = correction.cluster_ids[..] else {
            return Ok(());
        };
        let going = origins(&*self.store, &source).await?;
        let mut staying = origins(&*self.store, &target).await?;
        staying.retain(|id| !going.contains(id));
        tell_apart(change_set, &going, &staying);
        Ok(())
    }

    async fn undo_step(&self, change_set: &mut ChangeSet<'_>, step: &Step) -> Result<(), Obstacle> {
        match step {
            Step::Placed { faces, from, to } => self.place_back(change_set, faces, from, to).await?,
            Step::Removed(held) => self.put_back(change_set, held).await?,
            Step::Returned { face, cluster, .. } => {
                let face = self.face(face).await?;
                unchanged(face.cluster_id == *cluster, || {
                    format!("face {} was moved since then", face.face_id)
                })?;
                self.erase(change_set, std::slice::from_ref(&face)).await?;
            }
            Step::Explained { face, before } => change_set.push(match before {
                Some(explanation) => Change::Explain(*face, (**explanation).clone()),
                None => Change::RemoveExplanation(*face),
            }),
            Step::Led {
                source,
                before,
                after,
            } => {
                let now = self.store.redirect(source).await?;
                unchanged(now.as_ref().map(Lead::from) == *after, || {
                    format!("cluster {source} was merged elsewhere since then")
                })?;
                lead_back(change_set, *source, before.as_ref(), now.as_ref());
            }
            Step::Said {
                mark,
                one,
                other,
                before,
            } => {
                let now = mark.read(&*self.store, one).await?.contains(other);
                unchanged(now != *before, || {
                    format!("the statement about {one} and {other} was changed since then")
                })?;
                change_set.push(if *before {
                    mark.put(*one, *other)
                } else {
                    mark.remove(*one, *other)
                });
            }
            Step::Rejected { rejection, before } => self.reject_back(change_set, rejection, *before).await?,
            Step::Stood {
                cluster,
                before,
                after,
            } => self.stand_back(change_set, cluster, *before, *after).await?,
        }
        Ok(())
    }

    async fn place_back(
        &self,
        change_set: &mut ChangeSet<'_>,
        ids: &[FaceId],
        from: &Place,
        to: &Place,
    ) -> Result<(), Obstacle> {
        let mut faces = Vec::with_capacity(ids.len());
        if ids.len() > ONE_BY_ONE {
            let wanted: HashSet<&FaceId> = ids.iter().collect();
            faces = all_faces(&*self.store, &to.cluster).await?;
            faces.retain(|face| wanted.contains(&face.face_id));
        } else {
            for id in ids {
                faces.extend(self.store.face(id).await?);
            }
        }
        let is_there = faces.len() == ids.len() && faces.iter().all(|face| Place::of(face) == *to);
        unchanged(is_there, || {
            format!(
                "some faces are no longer in cluster {}, where the correction put them",
                to.cluster
            )
        })?;
        change_set.assign(&faces, from.cluster, Some(from.corrected));
        Ok(())
    }

    /// Puts a face back that was removed from its photo.
    async fn put_back(&self, change_set: &mut ChangeSet<'_>, held: &HeldFace) -> Result<(), Obstacle> {
        let (id, file) = (held.whole.face.face_id, &held.whole.face.file_id);
        let photo = self.store.photo(file).await?;
        let (faces, record) = photo.map_or((Vec::new(), None), |photo| (photo.faces, photo.record));
        let cluster = held.whole.face.cluster_id;
        if self.store.cluster(&cluster).await?.is_none() {
            // Its id was said to answer no more, and so were those that lead to it.
            for former in origins(&*self.store, &cluster).await?.into_iter().skip(1) {
                if let Some(redirect) = self.store.redirect(&former).await? {
                    change_set.happen(Event::Merged {
                        from: former,
                        to: redirect.target,
                    });
                }
            }
        }
        change_set.join(id, held.whole.face.quality, cluster);
        for change in held.whole.clone().changes() {
            change_set.push(change);
        }
        if let (Some((index, scene)), Some(mut record)) = (&held.scene, record) {
            let index = (*index).min(record.scene.faces.len());
            record.scene.faces.insert(index, scene.clone());
            // The stored faces stay in step with the scene's.
            for face in faces.into_iter().skip(index) {
                change_set.push(Change::PutFace(face));
            }
            change_set.push(Change::PutPhoto(Box::new(record)));
        }
        change_set.push(Change::RemoveAnswersOf(file.clone()));
        Ok(())
    }

    async fn reject_back(
        &self,
        change_set: &mut ChangeSet<'_>,
        rejection: &Rejection,
        before: bool,
    ) -> Result<(), Obstacle> {
        let now = self.store.rejection(&rejection.face_id).await?.is_some();
        unchanged(now != before, || {
            format!(
                "the rejection of face {} was changed since then",
                rejection.face_id
            )
        })?;
        if before {
            change_set.push(Change::PutRejection(rejection.clone()));
        } else {
            change_set.push(Change::RemoveRejection(rejection.face_id));
        }
        Ok(())
    }

    /// Lets the face stand for a cluster that stood for it before, if it is there, and gives it the flags that it had. What
    /// has changed by itself since stays.
    async fn stand_back(
        &self,
        change_set: &mut ChangeSet<'_>,
        cluster: &ClusterId,
        before: Option<Row>,
        after: Option<Row>,
    ) -> Result<(), Obstacle> {
        let Some(before) = before else { return Ok(()) };
        let now = self.store.cluster(cluster).await?.map(|row| row.flags);
        let flags = match (now, after.map(|row| row.flags)) {
            (Some(now), Some(after)) => ClusterFlags {
                hidden: if before.flags.hidden == after.hidden {
                    now.hidden
                } else {
                    before.flags.hidden
                },
                provisional: if now.provisional == after.provisional {
                    before.flags.provisional
                } else {
                    now.provisional
                },
            },
            _ => before.flags,
        };
        change_set.flag(*cluster, flags);
        let Some(face) = before.representative else {
            return Ok(());
        };
        if after.is_some_and(|after| after.representative == Some(face)) {
            return Ok(());
        }
        let place = match change_set.place(&face) {
            Some(place) => place,
            None => self.store.face(&face).await?.map(|face| face.cluster_id),
        };
        if place == Some(*cluster) {
            change_set.represent(*cluster, face);
        }
        Ok(())
    }
}

fn unchanged(is_so: bool, why: impl FnOnce() -> String) -> Result<(), Obstacle> {
    if is_so {
        Ok(())
    } else {
        Err(Obstacle::Changed(why()))
    }
}

/// An id leads where it led before, or is a cluster's own again.
fn lead_back(
    change_set: &mut ChangeSet<'_>,
    source: ClusterId,
    before: Option<&Redirect>,
    now: Option<&Redirect>,
) {
    match (before, now) {
        (None, None) => {}
        (None, Some(now)) => {
            change_set.push(Change::RemoveRedirect(source));
            change_set.happen(Event::Unmerged {
                from: now.target,
                to: source,
            });
        }
        (Some(before), None) => change_set.redirect(before.clone()),
        // Only what is kept of the merge had changed.
        (Some(before), Some(now)) if before.target == now.target => {
            change_set.push(Change::PutRedirect(before.clone()));
        }
        (Some(before), Some(_)) => change_set.lead(before.clone()),
    }
}
