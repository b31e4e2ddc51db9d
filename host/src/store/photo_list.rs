//! Lists of photos without their scenes, and the tags that there are.

use super::circuit_breaker::watched;
use super::error::StoreError;
use crate::domain::{ClusterId, FileId};

/// A photo in a list, without its scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPhoto {
    /// The caller's id for the photo.
    pub file_id: FileId,
    /// Its tags, best first; none when a version processed it that did not keep them.
    pub tags: Option<Vec<String>>,
    /// Its phrase; none under the same condition.
    pub context: Option<String>,
    /// Where each of its faces is now, in the order of the faces.
    pub clusters: Vec<ClusterId>,
    /// The URL it was fetched from is stored.
    pub has_url: bool,
}

/// A tag, and how many photos have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    /// The tag.
    pub name: String,
    /// How many photos have it, at least 1.
    pub photos: u64,
}

watched! {
    /// What every store can read for lists of photos.
    pub trait PhotoLists {
        /// Up to `limit` photos with a record before a position (none: from the last), those that were written last first, each
        /// with its position; all of them, or those with a tag. Fewer than `limit` are the first.
        async fn list_photos(
            &self,
            tag: Option<&str>,
            before: Option<u64>,
            limit: usize,
        ) -> Result<Vec<(u64, ListedPhoto)>, StoreError>;

        /// These photos in their order; those of which nothing is stored are left out.
        async fn photos_named(&self, files: &[FileId]) -> Result<Vec<ListedPhoto>, StoreError>;

        /// The photos of up to `limit` faces of a cluster before a position (none: from the last), those that were written last
        /// first, each with the position of the face. A photo comes as often as it has faces of the cluster, one after the
        /// other. Fewer than `limit` are the first.
        async fn latest_files(
            &self,
            cluster: &ClusterId,
            before: Option<u64>,
            limit: usize,
        ) -> Result<Vec<(u64, FileId)>, StoreError>;

        /// Up to `limit` tags of photos, those of most photos first, and of equals the lesser name first.
        async fn tags(&self, limit: usize) -> Result<Vec<TagCount>, StoreError>;
    }
}
