//! Deleting people and photos for good.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::Arc;

use super::change_set::ChangeSet;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId, FileId};
use crate::store::{Change, Erased, StoreError, StoredFace, StoredPhoto, all_faces, photo_digest};

impl People {
    /// Deletes a person: every face with its vector, picture and explanation, also from the scenes of the photos, and
    /// every id the person had. Photos' tags and contexts stay as they were answered. Gives how many faces there were;
    /// 0 when there is no such cluster.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn delete_cluster(&self, cluster: &ClusterId) -> Result<u64, PeopleError> {
        let cluster = *cluster;
        self.during_turn(move |people, mut turn| async move {
            let cluster = people.survivor(&cluster).await?;
            let faces = all_faces(&*people.store, &cluster).await?;
            let former = people.former_ids(&cluster).await?;
            let ids = [&[cluster], former.as_slice()].concat();
            // Of somebody whose only face was rejected, the history has that.
            if faces.is_empty() && former.is_empty() && !people.is_in_history(&ids).await? {
                return Ok(0);
            }
            let removal = people.removal(ids, former, &faces).await?;
            turn.apply(removal).await?;
            people.note(AuditEvent::PersonDeleted, &[], &[]).await;
            Ok(faces.len() as u64)
        })
        .await
    }

    /// What removes a person with these faces, which is written down before. All of `ids` were the person's; `former` are
    /// those that answer for another.
    pub(super) async fn removal(
        &self,
        ids: Vec<ClusterId>,
        former: impl IntoIterator<Item = ClusterId>,
        faces: &[StoredFace],
    ) -> Result<Vec<Change>, PeopleError> {
        self.list(Erased::Person {
            clusters: ids.clone(),
            faces: faces.iter().map(|face| face.face_id).collect(),
        })
        .await?;
        let mut change_set = ChangeSet::new(self);
        change_set.delete_clusters(ids);
        for former in former {
            change_set.push(Change::RemoveRedirect(former));
        }
        self.erase(&mut change_set, faces).await?;
        Ok(change_set.finish().await?)
    }

    /// Removes faces, also from their photos' scenes.
    pub(super) async fn erase(
        &self,
        change_set: &mut ChangeSet<'_>,
        faces: &[StoredFace],
    ) -> Result<(), PeopleError> {
        let files: BTreeSet<_> = faces.iter().map(|face| &face.file_id).collect();
        let gone: HashSet<FaceId> = faces.iter().map(|face| face.face_id).collect();
        for file in files {
            change_set.push(Change::RemoveAnswersOf(file.clone()));
            let Some(photo) = self.store.photo(file).await? else {
                continue;
            };
            if let Some(record) = photo.record_of(|face| !gone.contains(face)) {
                change_set.push(Change::PutPhoto(Box::new(record)));
            }
        }
        for face in faces {
            change_set.leave(face);
            change_set.push(Change::RemoveFace(face.face_id));
        }
        Ok(())
    }

    /// Deletes everything that is stored of a photo; gives how many faces there were, 0 when nothing is stored.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn delete_file(&self, file: &FileId) -> Result<u64, PeopleError> {
        let file = file.clone();
        self.during_turn(move |people, mut turn| async move {
            let Some(StoredPhoto { faces, .. }) = people.store.photo(&file).await? else {
                // Answers may be kept of what is not stored, and a face that was rejected.
                let mut change_set = ChangeSet::new(&people);
                change_set.delete_file(file.clone());
                change_set.push(Change::RemovePhoto(file));
                turn.apply(change_set.finish().await?).await?;
                return Ok(0);
            };
            people
                .list(Erased::Photo {
                    sha256: photo_digest(&file),
                })
                .await?;
            let mut change_set = ChangeSet::new(&people);
            for face in &faces {
                change_set.leave(face);
                change_set.push(Change::RemoveFace(face.face_id));
            }
            change_set.delete_file(file.clone());
            change_set.push(Change::RemovePhoto(file));
            turn.apply(change_set.finish().await?).await?;
            people.note(AuditEvent::PhotoDeleted, &[], &[]).await;
            Ok(faces.len() as u64)
        })
        .await
    }

    /// Takes faces out of the store that have no vector in it, as nobody asked for; their photos stay.
    ///
    /// # Errors
    /// When the store fails; what was taken out before is.
    pub async fn drop_faces(&self, faces: &[FaceId]) -> Result<(), PeopleError> {
        for face in faces {
            let Some(face) = self.store.face(face).await? else {
                continue;
            };
            self.during_turn(move |people, mut turn| async move {
                let mut change_set = ChangeSet::new(&people);
                people.erase(&mut change_set, std::slice::from_ref(&face)).await?;
                Ok(turn.apply(change_set.finish().await?).await?)
            })
            .await?;
        }
        Ok(())
    }

    /// Writes down what is about to be deleted. It must be done during a turn, so that the count of changes is that before
    /// the deletion.
    async fn list(&self, erased: Erased) -> Result<(), StoreError> {
        let Some(list) = self.erasures.clone() else {
            return Ok(());
        };
        let revision = self.store.revision().await?;
        let written = tokio::task::spawn_blocking({
            let (list, store) = (Arc::clone(&list), Arc::clone(&self.store));
            move || match list.add(erased.clone(), revision) {
                // Nothing is deleted that is not listed, so that deletions need room here first.
                Err(error) if is_full(&error) => {
                    store.make_room(&error.to_string());
                    list.add(erased, revision)
                }
                outcome => outcome,
            }
        });
        written.await?.map_err(|source| StoreError::Erasures {
            file: list.path().display().to_string(),
            source,
        })
    }
}

/// Whether something was not written for want of room.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
