//! Photos page by page, by tag and by person, and the tags that there are.

use super::error::PeopleError;
use super::service::People;
use crate::domain::{ClusterId, FileId};
use crate::store::{ListedPhoto, StoreError, TagCount};

/// How many faces of a person are read at a time.
const FACES: usize = 256;
/// How many photos of a person are looked at for one page when they must have a tag, too.
const LOOKED_AT: usize = 512;

/// Photos of a list, and where to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoPage {
    /// Newest first.
    pub photos: Vec<ListedPhoto>,
    /// The position before which the next page begins; none at the end.
    pub next: Option<u64>,
}

/// Photos of a person, each with the least position of its faces of that person.
struct Photographed {
    files: Vec<(u64, FileId)>,
    is_last: bool,
}

impl People {
    /// Up to `limit` photos, those that were processed last first, before a position (none: from the newest): all of them,
    /// those with a tag, those with a person, or those with both. The id of a cluster that was merged away means the one
    /// it is in now.
    ///
    /// Positions of a list of a person's photos are those of faces, all others those of photos, so that a list must be gone on
    /// with as it was begun. A page of photos with both a tag and a person may have fewer than `limit`, or none, although
    /// there are more: it looks at 512 photos of the person at most.
    ///
    /// # Errors
    /// When there is no such cluster, or the store does not answer.
    pub async fn list_photos(
        &self,
        tag: Option<&str>,
        cluster: Option<&ClusterId>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<PhotoPage, PeopleError> {
        let Some(cluster) = cluster else {
            let listed = self.store.list_photos(tag, before, limit).await?;
            let next = listed.last().filter(|_| listed.len() == limit);
            return Ok(PhotoPage {
                next: next.map(|(position, _)| *position),
                photos: listed.into_iter().map(|(_, photo)| photo).collect(),
            });
        };
        let cluster = self.cluster(cluster).await?.cluster_id;
        match tag {
            None => self.photos_of(&cluster, before, limit).await,
            Some(tag) => self.tagged_photos_of(&cluster, tag, before, limit).await,
        }
    }

    /// Up to `limit` tags of photos, those of most photos first, and of equals the lesser name first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tags(&self, limit: usize) -> Result<Vec<TagCount>, StoreError> {
        self.store.tags(limit).await
    }

    async fn photos_of(
        &self,
        cluster: &ClusterId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<PhotoPage, PeopleError> {
        let Photographed { files, is_last } = self.photographed(cluster, before, limit).await?;
        let next = files.last().filter(|_| !is_last).map(|(position, _)| *position);
        let names: Vec<FileId> = files.into_iter().map(|(_, file)| file).collect();
        let photos = self.store.photos_named(&names).await?;
        Ok(PhotoPage { photos, next })
    }

    async fn tagged_photos_of(
        &self,
        cluster: &ClusterId,
        tag: &str,
        mut before: Option<u64>,
        limit: usize,
    ) -> Result<PhotoPage, PeopleError> {
        let mut page = PhotoPage::default();
        for _ in 0..LOOKED_AT.div_ceil(FACES) {
            let Photographed { files, is_last } = self.photographed(cluster, before, FACES).await?;
            let names: Vec<FileId> = files.iter().map(|(_, file)| file.clone()).collect();
            let mut found = self.store.photos_named(&names).await?;
            found.retain(|photo| photo.tags.iter().flatten().any(|name| name == tag));
            for photo in found {
                if page.photos.len() == limit {
                    return Ok(page);
                }
                let place = files.iter().find(|(_, file)| *file == photo.file_id);
                page.next = place.map(|(position, _)| *position);
                page.photos.push(photo);
            }
            // All of these were looked at.
            page.next = files.last().filter(|_| !is_last).map(|(position, _)| *position);
            if page.next.is_none() || page.photos.len() == limit {
                break;
            }
            before = page.next;
        }
        Ok(page)
    }

    /// Up to `limit` photos of a person. A photo's faces follow one another, so that each photo is there once, and no page
    /// ends between two faces of one photo.
    async fn photographed(
        &self,
        cluster: &ClusterId,
        mut before: Option<u64>,
        limit: usize,
    ) -> Result<Photographed, StoreError> {
        let mut files: Vec<(u64, FileId)> = Vec::new();
        loop {
            let wanted = FACES.min(limit + 1);
            let faces = self.store.latest_files(cluster, before, wanted).await?;
            let is_last = faces.len() < wanted;
            for (position, file) in faces {
                before = Some(position);
                let is_full = files.len() == limit;
                match files.last_mut().filter(|(_, last)| *last == file) {
                    Some((earlier, _)) => *earlier = position,
                    None if is_full => {
                        let is_last = false;
                        return Ok(Photographed { files, is_last });
                    }
                    None => files.push((position, file)),
                }
            }
            if is_last {
                return Ok(Photographed { files, is_last: true });
            }
        }
    }
}
