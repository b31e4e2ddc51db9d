//! Lists of photos without their scenes, and the tags that they are found by.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use qdrant_client::qdrant::{Direction, Filter, OrderBy, RetrievedPoint, ScrollPoints, WithPayloadSelector};
use uuid::Uuid;

use super::conditions::{below, of_cluster, of_files, of_kind, tagged, to_be_listed};
use super::layout::{self, Collection, Kind};
use super::server::point_id;
use super::turn::QdrantTurn;
use super::{Inner, QdrantStore, rows};
use crate::domain::{ClusterId, FileId};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::face_store::Turn as _;
use crate::store::photo_list::{ListedPhoto, PhotoLists, TagCount};

/// How many photos are brought up to date in one turn.
const CAUGHT_UP: u32 = 500;

#[async_trait]
impl PhotoLists for QdrantStore {
    async fn list_photos(
        &self,
        tag: Option<&str>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, ListedPhoto)>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut filter = Filter::must([of_kind(Kind::Photo)]);
        filter.must.extend(tag.map(tagged));
        filter
            .must
            .extend(before.map(|before| below(layout::SEQUENCE, before)));
        let request = ScrollPoints {
            filter: Some(filter),
            limit: Some(u32::try_from(limit).unwrap_or(u32::MAX)),
            with_payload: Some(without_scene()),
            order_by: Some(OrderBy {
                key: layout::SEQUENCE.to_owned(),
                direction: Some(Direction::Desc.into()),
                start_from: None,
            }),
            ..ScrollPoints::default()
        };
        let points = self.inner.server.page(Collection::Records, request).await?;
        let mut read = Vec::new();
        for point in &points {
            let position = rows::read_integer(&point.payload, layout::SEQUENCE)?;
            read.push((position, rows::read_listed(point)?));
        }
        let files = read.iter().map(|(_, photo)| &photo.file_id);
        let mut clusters = self.inner.clusters_of(files).await?;
        for (_, photo) in &mut read {
            photo.clusters = clusters.remove(&photo.file_id).unwrap_or_default();
        }
        Ok(read)
    }

    async fn photos_named(&self, files: &[FileId]) -> Result<Vec<ListedPhoto>, StoreError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = files.iter().map(layout::photo).collect();
        let (points, mut clusters) = tokio::try_join!(
            self.inner
                .server
                .points_with(Collection::Records, ids, without_scene(), false),
            self.inner.clusters_of(files.iter()),
        )?;
        let read = points.iter().map(|point| {
            let photo = rows::read_listed(point)?;
            Ok((photo.file_id.clone(), photo))
        });
        let mut recorded: HashMap<FileId, ListedPhoto> = read.collect::<Result<_, StoreError>>()?;
        let listed = files.iter().filter_map(|file| {
            let (photo, clusters) = (recorded.remove(file), clusters.remove(file));
            // Of a version that kept faces only, or deleted.
            let mut photo = match (photo, &clusters) {
                (None, None) => return None,
                (None, Some(_)) => ListedPhoto {
                    file_id: file.clone(),
                    tags: None,
                    context: None,
                    clusters: Vec::new(),
                    has_url: false,
                },
                (Some(photo), _) => photo,
            };
            photo.clusters = clusters.unwrap_or_default();
            Some(photo)
        });
        Ok(listed.collect())
    }

    async fn latest_files(
        &self,
        cluster: &ClusterId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, FileId)>, StoreError> {
        let mut filter = Filter::must([of_cluster(cluster)]);
        filter
            .must
            .extend(before.map(|before| below(layout::SEQUENCE, before)));
        let (key, direction) = (layout::SEQUENCE, Direction::Desc);
        let faces = self
            .inner
            .ordered(Collection::Faces, key, filter, direction, limit, false)
            .await?;
        rows::read_all(&faces, |face| {
            let position = rows::read_integer(&face.payload, layout::SEQUENCE)?;
            Ok((position, rows::read_file(&face.payload)?))
        })
    }

    async fn tags(&self, limit: usize) -> Result<Vec<TagCount>, StoreError> {
        let counts = self
            .inner
            .server
            .count_each(Collection::Records, layout::TAGS, Filter::default(), limit)
            .await?;
        let mut tags: Vec<TagCount> = counts
            .into_iter()
            .map(|(name, photos)| TagCount { name, photos })
            .collect();
        tags.sort_by(|a, b| b.photos.cmp(&a.photos).then_with(|| a.name.cmp(&b.name)));
        Ok(tags)
    }
}

impl Inner {
    /// Where each face of these photos is now, in the order of the faces. Photos without any are left out.
    async fn clusters_of(
        &self,
        files: impl Iterator<Item = &FileId>,
    ) -> Result<HashMap<FileId, Vec<ClusterId>>, StoreError> {
        let names: Vec<String> = files.map(|file| file.as_str().to_owned()).collect();
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let filter = Filter::must([of_files(names)]);
        let points = self.server.all(Collection::Faces, filter).await?;
        let mut faces = rows::read_all(&points, |face| {
            let position = rows::read_integer(&face.payload, layout::SEQUENCE)?;
            let cluster = rows::read_cluster(&face.payload, layout::CLUSTER_ID)?;
            Ok((position, rows::read_file(&face.payload)?, cluster))
        })?;
        faces.sort_unstable_by_key(|(position, ..)| *position);
        let mut clusters: HashMap<FileId, Vec<ClusterId>> = HashMap::new();
        for (_, file, cluster) in faces {
            clusters.entry(file).or_default().push(cluster);
        }
        Ok(clusters)
    }

    /// Photos that a version wrote which did not list them by tags, after the id of one.
    async fn unlisted(&self, after: Uuid) -> Result<Vec<RetrievedPoint>, StoreError> {
        let request = ScrollPoints {
            filter: Some(to_be_listed()),
            offset: Some(point_id(after)),
            limit: Some(CAUGHT_UP),
            with_payload: Some(without_scene()),
            ..ScrollPoints::default()
        };
        self.server.page(Collection::Records, request).await
    }
}

/// Lets photos be found by their tags that a version wrote which did not list them so, as many in each turn that others do
/// not wait for long. Every step may be repeated; what is not done yet at a kill is done at the next start.
pub(super) async fn catch_up(inner: &Arc<Inner>) -> Result<(), StoreError> {
    let (mut first, mut done) = (Uuid::nil(), 0);
    while !inner.unlisted(first).await?.is_empty() {
        let mut turn = QdrantTurn::begin(Arc::clone(inner)).await?;
        // As they are now that nobody else writes.
        let points = inner.unlisted(first).await?;
        let mut changes = Vec::new();
        for point in &points {
            match rows::read_description(point) {
                Ok((file, description)) => changes.push(Change::Describe(file, description)),
                // `store verify` tells of it.
                Err(error) => {
                    tracing::debug!(error = crate::report(&error), "a photo cannot be listed");
                }
            }
        }
        done += changes.len();
        let applied = turn.apply(changes).await;
        Box::new(turn).end().await;
        applied?;
        let last = points.last().map(rows::read_id).transpose()?;
        let Some(next) = last.and_then(|last| last.as_u128().checked_add(1)) else {
            break;
        };
        first = Uuid::from_u128(next);
    }
    if done > 0 {
        tracing::info!(
            photos = done,
            "finished indexing stored photos; photos can now be listed by their tags"
        );
    }
    Ok(())
}

/// All that a list shows, and a description.
fn without_scene() -> WithPayloadSelector {
    WithPayloadSelector::from(vec![
        layout::FILE_ID,
        layout::SEQUENCE,
        rows::DESCRIPTION,
        rows::SOURCE_URL,
    ])
}
