//! Pagination by key: reading everything of a kind, page by page.

use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};

use super::error::StoreError;
use super::face_store::FaceStore;
use super::record::{SequencedFace, StoredFace};
use crate::domain::ClusterId;

/// How many rows are read at a time.
const PAGE: usize = 500;

/// The pages after a key (none: from the first), the last of which may be empty. `read` gives up to so many rows after
/// a key, in the order of their keys, and fewer only at the end; `key` is a row's.
pub(crate) fn pages<'a, K, T, F>(
    after: Option<K>,
    read: impl FnMut(Option<K>, usize) -> F + Send + 'a,
    key: fn(&T) -> K,
) -> BoxStream<'a, Result<Vec<T>, StoreError>>
where
    K: Copy + Send + 'a,
    T: Send + 'a,
    F: Future<Output = Result<Vec<T>, StoreError>> + Send + 'a,
{
    stream::try_unfold(Some((after, read)), move |state| async move {
        let Some((after, mut read)) = state else {
            return Ok(None);
        };
        let page = read(after, PAGE).await?;
        let is_last = page.len() < PAGE;
        let after = page.last().map(key).or(after);
        Ok(Some((page, (!is_last).then_some((after, read)))))
    })
    .boxed()
}

/// Every face of a cluster.
pub(crate) async fn all_faces(
    store: &dyn FaceStore,
    cluster: &ClusterId,
) -> Result<Vec<StoredFace>, StoreError> {
    let read = |after, limit| store.faces_of_cluster(cluster, after, limit);
    let pages = pages(None, read, |last: &SequencedFace| last.position);
    let faces: Vec<SequencedFace> = pages.try_concat().await?;
    Ok(faces.into_iter().map(|sequenced| sequenced.face).collect())
}
