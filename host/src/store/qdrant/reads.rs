//! What can be read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use qdrant_client::qdrant::{
    Direction, Filter, OrderBy, QuantizationSearchParams, Query, QueryPoints, RetrievedPoint, ScrollPoints,
    SearchParams, WithPayloadSelector, WithVectorsSelector,
};
use uuid::Uuid;

use super::conditions::{above, below, leading_to, of_cluster, of_file, of_kind, speaking_of};
use super::layout::{self, Collection, Kind};
use super::rows::{self, read_all};
use super::server::point_id;
use super::settings::Quantization;
use super::state::State;
use super::turn::QdrantTurn;
use super::{Inner, QdrantStore, events};
use crate::domain::{ClusterId, Embedding, FaceId, FileId, Neighbour};
use crate::store::correction::Correction;
use crate::store::error::StoreError;
use crate::store::event::LoggedEvent;
use crate::store::face_store::{FaceStore, Turn};
use crate::store::flags::ClusterFilter;
use crate::store::pages::pages;
use crate::store::reads::StoreReads;
use crate::store::record::{
    Cluster, ClusterOrder, Counts, Explanation, Redirect, Rejection, SequencedFace, SequencedPhoto,
    StoredAnswer, StoredFace, StoredPhoto,
};

/// How often a photo is read whose record and faces do not fit, and how long between: another worker writes it.
const PHOTO_READS: u32 = 4;
const BETWEEN: Duration = Duration::from_millis(10);
/// How many candidates of a compressed search are compared again by their originals, for each that is wanted.
const OVERSAMPLING: f64 = 3.0;

impl Inner {
    /// Faces that a filter finds, after a position, in the order of writing.
    async fn faces(
        &self,
        mut filter: Filter,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        filter
            .must
            .extend(after.map(|after| above(layout::SEQUENCE, after)));
        let points = self.in_order(Collection::Faces, filter, limit, true).await?;
        read_all(&points, rows::read_face)
    }

    async fn in_order(
        &self,
        collection: Collection,
        filter: Filter,
        limit: usize,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        self.ordered(
            collection,
            layout::SEQUENCE,
            filter,
            Direction::Asc,
            limit,
            with_vectors,
        )
        .await
    }

    /// Points that a filter finds, before a position, those that were written last first.
    async fn latest(
        &self,
        collection: Collection,
        mut filter: Filter,
        before: Option<u64>,
        limit: usize,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        filter
            .must
            .extend(before.map(|before| below(layout::SEQUENCE, before)));
        let (key, direction) = (layout::SEQUENCE, Direction::Desc);
        self.ordered(collection, key, filter, direction, limit, with_vectors)
            .await
    }

    pub(super) async fn ordered(
        &self,
        collection: Collection,
        key: &str,
        filter: Filter,
        direction: Direction,
        limit: usize,
        with_vectors: bool,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let request = ScrollPoints {
            filter: Some(filter),
            limit: Some(points(limit)),
            with_vectors: Some(WithVectorsSelector::from(with_vectors)),
            order_by: Some(OrderBy {
                key: key.to_owned(),
                direction: Some(direction.into()),
                start_from: None,
            }),
            ..ScrollPoints::default()
        };
        self.server.page(collection, request).await
    }

    /// Points that a filter finds, in the order of their ids, after one.
    pub(super) async fn after(
        &self,
        collection: Collection,
        filter: Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<RetrievedPoint>, StoreError> {
        let next = match after {
            None => Some(Uuid::nil()),
            Some(after) => after.as_u128().checked_add(1).map(Uuid::from_u128),
        };
        let Some(next) = next.filter(|_| limit > 0) else {
            return Ok(Vec::new());
        };
        let request = ScrollPoints {
            filter: Some(filter),
            offset: Some(point_id(next)),
            limit: Some(points(limit)),
            ..ScrollPoints::default()
        };
        self.server.page(collection, request).await
    }

    /// The other clusters of records of pairs, in the order of their ids.
    async fn others(&self, kind: Kind, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let filter = Filter::must([of_kind(kind), speaking_of(cluster)]);
        let points = self.server.all(Collection::Records, filter).await?;
        let mut others = read_all(&points, |point| rows::read_other(point, cluster))?;
        others.sort_unstable();
        Ok(others)
    }

    pub(super) async fn record(&self, id: Uuid) -> Result<Option<RetrievedPoint>, StoreError> {
        self.server.point(Collection::Records, id, false).await
    }

    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
        let read = |after, limit| self.faces(Filter::must([of_file(file)]), after, limit);
        let pages = pages(None, read, |last: &SequencedFace| last.position);
        let faces: Vec<SequencedFace> = pages.try_concat().await?;
        Ok(faces.into_iter().map(|sequenced| sequenced.face).collect())
    }

    async fn read_photo(&self, file: &FileId) -> Result<StoredPhoto, StoreError> {
        let (faces, record) = tokio::try_join!(self.faces_of_file(file), self.record(layout::photo(file)))?;
        let record = record.as_ref().map(rows::read_photo).transpose()?;
        Ok(StoredPhoto {
            faces,
            record: record.map(|sequenced| sequenced.photo),
        })
    }
}

#[async_trait]
impl StoreReads for QdrantStore {
    async fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
        excluding_cluster: Option<&ClusterId>,
    ) -> Result<Vec<Neighbour>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let settings = &self.inner.server.settings;
        let quantization = (settings.quantization != Quantization::None).then(|| QuantizationSearchParams {
            rescore: Some(true),
            oversampling: Some(OVERSAMPLING),
            ..QuantizationSearchParams::default()
        });
        let mut excluded = vec![of_file(excluding)];
        excluded.extend(excluding_cluster.map(of_cluster));
        let request = QueryPoints {
            query: Some(Query::new_nearest(embedding.as_slice().to_vec())),
            filter: Some(Filter::must_not(excluded)),
            limit: Some(limit as u64),
            with_payload: Some(WithPayloadSelector::from(vec![layout::CLUSTER_ID, rows::QUALITY])),
            params: Some(SearchParams {
                hnsw_ef: Some(settings.search_candidates.max(limit as u64)),
                // What was written a moment ago is not indexed yet, and counts.
                indexed_only: Some(false),
                quantization,
                ..SearchParams::default()
            }),
            ..QueryPoints::default()
        };
        let found = self.inner.server.query(request).await?;
        let mut neighbours = found
            .iter()
            .map(|point| {
                let id = point.id.as_ref().map(rows::id).transpose()?;
                Ok(Neighbour {
                    face_id: id
                        .ok_or_else(|| rows::damaged("a neighbour without an id"))?
                        .into(),
                    cluster_id: rows::read_cluster(&point.payload, layout::CLUSTER_ID)?,
                    similarity: point.score.clamp(-1.0, 1.0),
                    quality: rows::read_number(&point.payload, rows::QUALITY)?,
                    same_photo: false,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        neighbours.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        Ok(neighbours)
    }

    async fn face(&self, face: &FaceId) -> Result<Option<StoredFace>, StoreError> {
        let server = &self.inner.server;
        let point = server.point(Collection::Faces, face.as_uuid(), true).await?;
        let face = point.as_ref().map(rows::read_face).transpose()?;
        Ok(face.map(|sequenced| sequenced.face))
    }

    async fn faces_of_file(&self, file: &FileId) -> Result<Vec<StoredFace>, StoreError> {
        self.inner.faces_of_file(file).await
    }

    async fn faces_of_cluster(
        &self,
        cluster: &ClusterId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        self.inner
            .faces(Filter::must([of_cluster(cluster)]), after, limit)
            .await
    }

    async fn faces(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedFace>, StoreError> {
        self.inner.faces(Filter::default(), after, limit).await
    }

    async fn latest_faces(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedFace>, StoreError> {
        let points = self
            .inner
            .latest(Collection::Faces, Filter::default(), before, limit, true)
            .await?;
        read_all(&points, rows::read_face)
    }

    async fn portrait(&self, face: &FaceId) -> Result<Option<Vec<u8>>, StoreError> {
        let point = self.inner.record(layout::portrait(face)).await?;
        point.as_ref().map(rows::read_bytes).transpose()
    }

    async fn explanation(&self, face: &FaceId) -> Result<Option<Explanation>, StoreError> {
        let point = self.inner.record(layout::explanation(face)).await?;
        point.as_ref().map(rows::read_explanation).transpose()
    }

    async fn photo(&self, file: &FileId) -> Result<Option<StoredPhoto>, StoreError> {
        let mut photo = self.inner.read_photo(file).await?;
        for _ in 1..PHOTO_READS {
            if photo.is_in_step() {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
            photo = self.inner.read_photo(file).await?;
        }
        let is_known = photo.record.is_some() || !photo.faces.is_empty();
        Ok(is_known.then_some(photo))
    }

    async fn photos(&self, after: Option<u64>, limit: usize) -> Result<Vec<SequencedPhoto>, StoreError> {
        let mut filter = Filter::must([of_kind(Kind::Photo)]);
        filter
            .must
            .extend(after.map(|after| above(layout::SEQUENCE, after)));
        let points = self
            .inner
            .in_order(Collection::Records, filter, limit, false)
            .await?;
        read_all(&points, rows::read_photo)
    }

    async fn latest_photos(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<SequencedPhoto>, StoreError> {
        let photos = Filter::must([of_kind(Kind::Photo)]);
        let points = self
            .inner
            .latest(Collection::Records, photos, before, limit, false)
            .await?;
        read_all(&points, rows::read_photo)
    }

    async fn cluster(&self, cluster: &ClusterId) -> Result<Option<Cluster>, StoreError> {
        let server = &self.inner.server;
        let (point, faces) = tokio::try_join!(
            server.point(Collection::Clusters, cluster.as_uuid(), false),
            server.count(Collection::Faces, Some(Filter::must([of_cluster(cluster)]))),
        )?;
        let Some(point) = point else { return Ok(None) };
        Ok(Some(Cluster {
            cluster_id: *cluster,
            representative: rows::read_representative(&point)?,
            faces,
            flags: rows::read_flags(&point),
        }))
    }

    async fn clusters(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Cluster>, StoreError> {
        self.inner.clusters_by_id(ClusterFilter::ALL, after, limit).await
    }

    async fn clusters_by(
        &self,
        order: ClusterOrder,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        match order {
            ClusterOrder::Id => {
                let after = after.map(|(_, cluster)| cluster);
                let found = self.inner.clusters_by_id(filter, after.as_ref(), limit).await?;
                Ok(found.into_iter().map(|cluster| (0, cluster)).collect())
            }
            ClusterOrder::Faces => self.inner.clusters_by_faces(filter, after, limit).await,
            ClusterOrder::Latest => self.inner.clusters_by_latest(filter, after, limit).await,
        }
    }

    async fn redirect(&self, source: &ClusterId) -> Result<Option<Redirect>, StoreError> {
        let server = &self.inner.server;
        let point = server
            .point(Collection::Redirects, source.as_uuid(), false)
            .await?;
        point.as_ref().map(rows::read_redirect).transpose()
    }

    async fn redirects_to(&self, target: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        let to_target = Filter::must([leading_to(target)]);
        let points = self.inner.server.all(Collection::Redirects, to_target).await?;
        read_all(&points, |point| Ok(rows::read_id(point)?.into()))
    }

    async fn redirects(&self, after: Option<&ClusterId>, limit: usize) -> Result<Vec<Redirect>, StoreError> {
        let after = after.map(ClusterId::as_uuid);
        let points = self
            .inner
            .after(Collection::Redirects, Filter::default(), after, limit)
            .await?;
        read_all(&points, rows::read_redirect)
    }

    async fn distinct_from(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        self.inner.others(Kind::Distinction, cluster).await
    }

    async fn unsure_of(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        self.inner.others(Kind::Unsure, cluster).await
    }

    async fn rejections(&self, file: &FileId) -> Result<Vec<Rejection>, StoreError> {
        let filter = Filter::must([of_file(file)]);
        let points = self.inner.server.all(Collection::Rejections, filter).await?;
        read_all(&points, rows::read_rejection)
    }

    async fn rejection(&self, face: &FaceId) -> Result<Option<Rejection>, StoreError> {
        let server = &self.inner.server;
        let point = server
            .point(Collection::Rejections, face.as_uuid(), false)
            .await?;
        point.as_ref().map(rows::read_rejection).transpose()
    }

    async fn all_rejections(
        &self,
        after: Option<&FaceId>,
        limit: usize,
    ) -> Result<Vec<Rejection>, StoreError> {
        let after = after.map(FaceId::as_uuid);
        let points = self
            .inner
            .after(Collection::Rejections, Filter::default(), after, limit)
            .await?;
        read_all(&points, rows::read_rejection)
    }

    async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
        let point = self.inner.record(layout::answer(key)).await?;
        point.as_ref().map(rows::read_answer).transpose()
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<LoggedEvent>, StoreError> {
        let filter = Filter::must([of_kind(Kind::Event), above(layout::EVENT, after)]);
        let points = self.inner.events(filter, Direction::Asc, limit).await?;
        read_all(&points, events::read)
    }

    async fn event_range(&self) -> Result<Option<(u64, u64)>, StoreError> {
        let (earliest, latest) = tokio::try_join!(
            self.inner.end_of_events(Direction::Asc),
            self.inner.end_of_events(Direction::Desc)
        )?;
        Ok(earliest.zip(latest))
    }

    async fn correction(&self, position: u64) -> Result<Option<Correction>, StoreError> {
        self.inner.correction(position).await
    }

    async fn corrections(&self, after: u64, limit: usize) -> Result<Vec<Correction>, StoreError> {
        self.inner.corrections(after, limit).await
    }

    async fn corrections_of(
        &self,
        keys: &[String],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Correction>, StoreError> {
        self.inner.corrections_of(keys, before, limit).await
    }

    async fn later_correction(&self, keys: &[String], after: u64) -> Result<Option<u64>, StoreError> {
        self.inner.later_correction(keys, after).await
    }

    async fn last_correction(&self) -> Result<u64, StoreError> {
        self.inner.last_correction().await
    }

    async fn portraits(&self) -> Result<u64, StoreError> {
        let filter = Filter::must([of_kind(Kind::Portrait)]);
        self.inner.server.count(Collection::Records, Some(filter)).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let server = &self.inner.server;
        let photos = Filter::must([of_kind(Kind::Photo)]);
        let (faces, clusters, photos) = tokio::try_join!(
            server.count(Collection::Faces, None),
            server.count(Collection::Clusters, None),
            server.count(Collection::Records, Some(photos)),
        )?;
        Ok(Counts {
            faces,
            clusters,
            photos,
        })
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        Ok(State::read_from(&self.inner.server, 0).await?.revision)
    }
}

fn points(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

#[async_trait]
impl FaceStore for QdrantStore {
    fn kind(&self) -> &'static str {
        "qdrant"
    }

    async fn turn(&self) -> Result<Box<dyn Turn>, StoreError> {
        Ok(Box::new(QdrantTurn::begin(Arc::clone(&self.inner)).await?))
    }
}
