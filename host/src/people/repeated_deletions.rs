//! Deletions, done again on a store that is older than they are.

use std::collections::{BTreeSet, HashSet};

use futures_util::TryStreamExt as _;

use super::error::PeopleError;
use super::service::People;
use crate::domain::{ClusterId, FaceId, FileId};
use crate::store::{
    Erased, Erasure, SequencedFace, SequencedPhoto, StoreError, all_faces, pages, photo_digest,
};

/// What a restored store holds already.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// When it was copied, in microseconds since 1970.
    pub moment: u64,
    /// How often it had been changed.
    pub revision: u64,
}

impl Since {
    /// Whether a deletion may be missing in it: it was asked for later by the clock, which may have been set back, or by
    /// the count of changes, where that is of the same life of the store (see [`ErasureList::count_anew`]).
    ///
    /// [`ErasureList::count_anew`]: crate::store::ErasureList::count_anew
    fn is_before(&self, erasure: &Erasure) -> bool {
        erasure.at >= self.moment || (erasure.revision > 0 && erasure.revision >= self.revision)
    }
}

/// What was deleted once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeated {
    /// How many deletions were asked for since.
    pub erasures: usize,
    /// Photos that were there again.
    pub photos: u64,
    /// Faces of people who were there again.
    pub faces: u64,
    /// The photos of faces that were in the cluster of somebody who was deleted later, and not any more when that was done:
    /// somebody had moved them, or the photo was processed again. They are deleted, too, since nobody can tell. Processing
    /// these photos again brings back whoever else is in them.
    pub process_again: BTreeSet<FileId>,
}

impl People {
    /// How often the store was changed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn revision(&self) -> Result<u64, StoreError> {
        self.store.revision().await
    }

    /// Does the deletions of a list again that were asked for since a store was copied. Repeating it changes nothing.
    ///
    /// # Errors
    /// When the store fails; what was deleted before stays deleted.
    pub async fn repeat_erasures(&self, list: &[Erasure], since: Since) -> Result<Repeated, PeopleError> {
        let mut done = Repeated::default();
        let (mut photos, mut people) = (HashSet::new(), Vec::new());
        for erasure in list.iter().filter(|erasure| since.is_before(erasure)) {
            done.erasures += 1;
            match &erasure.erased {
                Erased::Photo { sha256 } => {
                    photos.insert(sha256.as_str());
                }
                Erased::Person { clusters, faces } => people.push((clusters, faces)),
            }
        }
        for file in self.files(&photos).await? {
            self.delete_file(&file).await?;
            done.photos += 1;
        }
        for (clusters, faces) in people {
            self.erase_again(clusters, faces, &mut done).await?;
        }
        Ok(done)
    }

    /// The stored photos whose digests are among these.
    async fn files(&self, digests: &HashSet<&str>) -> Result<BTreeSet<FileId>, StoreError> {
        let mut found = BTreeSet::new();
        if digests.is_empty() {
            return Ok(found);
        }
        let is_meant = |file: &FileId| digests.contains(photo_digest(file).as_str());
        let read = |after, limit| self.store.photos(after, limit);
        let mut photos = pages(None, read, |last: &SequencedPhoto| last.position);
        while let Some(page) = photos.try_next().await? {
            found.extend(
                page.into_iter()
                    .map(|sequenced| sequenced.photo.file_id)
                    .filter(is_meant),
            );
        }
        // Of photos that a version before 2 of the store has seen there is no record.
        let read = |after, limit| self.store.faces(after, limit);
        let mut faces = pages(None, read, |last: &SequencedFace| last.position);
        while let Some(page) = faces.try_next().await? {
            found.extend(
                page.into_iter()
                    .map(|sequenced| sequenced.face.file_id)
                    .filter(is_meant),
            );
        }
        Ok(found)
    }

    /// Deletes a person who is there again: the faces that the person had, and whoever has one of the ids.
    async fn erase_again(
        &self,
        clusters: &[ClusterId],
        faces: &[FaceId],
        done: &mut Repeated,
    ) -> Result<(), PeopleError> {
        let known: HashSet<&FaceId> = faces.iter().collect();
        let mut there = Vec::new();
        for face in faces {
            there.extend(self.store.face(face).await?);
        }
        for cluster in clusters {
            for face in all_faces(&*self.store, cluster).await? {
                if !known.contains(&face.face_id) {
                    done.process_again.insert(face.file_id.clone());
                    there.push(face);
                }
            }
        }
        let mut former = BTreeSet::new();
        for cluster in clusters {
            former.extend(
                self.store
                    .redirect(cluster)
                    .await?
                    .map(|redirect| redirect.source),
            );
            former.extend(self.former_ids(cluster).await?);
        }
        if there.is_empty() && former.is_empty() && !self.is_in_history(clusters).await? {
            return Ok(());
        }
        done.faces += there.len() as u64;
        let clusters = clusters.to_vec();
        self.during_turn(move |people, mut turn| async move {
            let removal = people.removal(clusters, former, &there).await?;
            Ok(turn.apply(removal).await?)
        })
        .await
    }
}
