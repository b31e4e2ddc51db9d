//! What can be read of every store, besides lists of photos.

use super::circuit_breaker::watched;
use super::correction::Correction;
use super::error::StoreError;
use super::event::LoggedEvent;
use super::flags::ClusterFilter;
use super::record::{
    Cluster, ClusterOrder, Counts, Explanation, Redirect, Rejection, SequencedFace, SequencedPhoto,
    StoredAnswer, StoredFace, StoredPhoto,
};
use crate::domain::{ClusterId, Embedding, FaceId, FileId, Neighbour};

watched! {
    /// What every store of faces can read. What is shown may change at once, unless it is read during a
    /// [`Turn`](super::Turn). Lists go on after, or before, the position or the key of the last row of the page before
    /// (pagination by key).
    pub trait StoreReads {
        /// The `limit` most similar faces, most similar first, leaving out those of one photo and of one cluster.
        async fn nearest(
            &self,
            embedding: &Embedding,
            limit: usize,
            excluding: &FileId,
            excluding_cluster: Option<&ClusterId>,
        ) -> Result<Vec<Neighbour>, StoreError>;

        /// One face.
        async fn face(&self, face: &FaceId) -> Result<Option<StoredFace>, StoreError>;

        /// The faces of a photo, in the order in which they were written.
        async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError>;

        /// Up to `limit` faces of a cluster after a position (none: from the first), in the order in which they were
        /// written last; empty when there is no such cluster. Fewer than `limit` are the last.
        async fn faces_of_cluster(
            &self,
            cluster: &ClusterId,
            after: Option<u64>,
            limit: usize,
        ) -> Result<Vec<SequencedFace>, StoreError>;

        /// Up to `limit` faces after a position (none: from the first), in the order in which they were written last; the
        /// faces of a photo follow one another. Fewer than `limit` are the last.
        async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError>;

        /// Up to `limit` faces before a position (none: from the last), those that were written last first. Fewer than `limit`
        /// are the first.
        async fn latest_faces(&self, before: Option<u64>, limit: usize)
        -> Result<Vec<SequencedFace>, StoreError>;

        /// The JPEG of a face.
        async fn portrait(&self, face: &FaceId) -> Result<Option<Vec<u8>>, StoreError>;

        /// Why a face is where it is.
        async fn explanation(&self, face: &FaceId) -> Result<Option<Explanation>, StoreError>;

        /// What is stored of a photo; none when nothing is.
        async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError>;

        /// Up to `limit` records after a position (none: from the first), in the order in which they were written last.
        /// Fewer than `limit` are the last.
        async fn photos(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedPhoto>, StoreError>;

        /// Up to `limit` records before a position (none: from the last), those that were written last first. Fewer than
        /// `limit` are the first.
        async fn latest_photos(
            &self,
            before: Option<u64>,
            limit: usize,
        ) -> Result<Vec<SequencedPhoto>, StoreError>;

        /// One cluster.
        async fn cluster(&self, cluster: &ClusterId) -> Result<Option<Cluster>, StoreError>;

        /// Up to `limit` clusters after one (none: from the first), in the order of their ids. Fewer than `limit` are the
        /// last.
        async fn clusters(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Cluster>, StoreError>;

        /// Up to `limit` of those clusters that a filter lets through, in an order, each with what it is ordered by: the
        /// number of its faces, or the position of the one that was written last; by ids it is 0. After such a number and a
        /// cluster (none: from the first); of equals the cluster with the lesser id comes first. Fewer than `limit` are the
        /// last.
        async fn clusters_by(
            &self,
            order: ClusterOrder,
            filter: ClusterFilter,
            after: Option<(u64, ClusterId)>,
            limit: usize,
        ) -> Result<Vec<(u64, Cluster)>, StoreError>;

        /// Where a cluster went that was merged away; one step of what may be a chain.
        async fn redirect(&self, source: &ClusterId) -> Result<Option<Redirect>, StoreError>;

        /// The clusters that were merged into this one directly.
        async fn redirects_to(&self, target: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

        /// Up to `limit` redirects after a source (none: from the first), in the order of the sources. Fewer than `limit`
        /// are the last.
        async fn redirects(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Redirect>, StoreError>;

        /// The ids that were said to be other people than what had this id then, in the order of the ids. Either may have
        /// been merged away since; see [`People::distinct_from`](crate::people::People::distinct_from) for what follows from it.
        async fn distinct_from(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

        /// The ids of which somebody could not say whether they are other people than what had this id then, in the order of
        /// the ids. Either may have been merged away since.
        async fn unsure_of(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError>;

        /// The boxes of a photo that are no faces.
        async fn rejections(&self, file: &FileId) -> Result<Vec<Rejection>, StoreError>;

        /// The rejection that a face became.
        async fn rejection(&self, face: &FaceId) -> Result<Option<Rejection>, StoreError>;

        /// Up to `limit` rejections after one (none: from the first), in the order of their faces' ids. Fewer than `limit`
        /// are the last.
        async fn all_rejections(
            &self,
            after: Option<&FaceId>,
            limit: usize,
        ) -> Result<Vec<Rejection>, StoreError>;

        /// The answer that was given under an idempotency key.
        async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError>;

        /// Up to `limit` things that happened after a position, in order. Fewer than `limit` are the last.
        async fn events(&self, after: u64, limit: usize) -> Result<Vec<LoggedEvent>, StoreError>;

        /// The positions of the earliest and of the last thing that happened and is kept; none when there is none.
        async fn event_range(&self) -> Result<Option<(u64, u64)>, StoreError>;

        /// The entry of the history at a position.
        async fn correction(&self, position: u64) -> Result<Option<Correction>, StoreError>;

        /// Up to `limit` entries of the history after a position, in order. Fewer than `limit` are the last.
        async fn corrections(&self, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError>;

        /// Up to `limit` entries that are found by any of these keys, before a position (none: from the last), newest first.
        /// Fewer than `limit` are the first.
        async fn corrections_of(
            &self,
            keys: &[String],
            before: Option<u64>,
            limit: usize,
        ) -> Result<Vec<Correction>, StoreError>;

        /// The position of the first entry after a position that is found by any of these keys, but for those that undo
        /// something at or after the position.
        async fn later_correction(&self, keys: &[String], after: u64) -> Result<Option<u64>, StoreError>;

        /// The last position that was given to an entry, whether it is still there or not; 0 when there was none.
        async fn last_correction(&self) -> Result<u64, StoreError>;

        /// How many faces have a portrait.
        async fn portraits(&self) -> Result<u64, StoreError>;

        /// How much there is.
        async fn counts(&self) -> Result<Counts, StoreError>;

        /// How often the store was changed. Two equal answers mean that nothing has changed in between, if both were asked
        /// for during a turn.
        async fn revision(&self) -> Result<u64, StoreError>;
    }
}
