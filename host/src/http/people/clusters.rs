//! `/api/clusters`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{PageSize, cluster_in};
use crate::app::App;
use crate::domain::{BoundingBox, ClusterId, FaceId};
use crate::faces::{Cluster, FacesError, SequencedFace};
use crate::http::extract::{JsonBody, QueryString};
use crate::http::idempotency::once;
use crate::http::problem::Problem;

/// One person.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ClusterAnswer {
    cluster_id: ClusterId,
    /// How many faces it has.
    faces: u64,
    /// The face whose picture is the cluster's thumbnail.
    representative_face_id: FaceId,
    /// Where the thumbnail is.
    thumbnail: String,
}

impl From<Cluster> for ClusterAnswer {
    fn from(cluster: Cluster) -> Self {
        Self {
            cluster_id: cluster.cluster_id,
            faces: cluster.faces,
            representative_face_id: cluster.representative,
            thumbnail: format!("/api/cluster/{}/thumbnail", cluster.cluster_id),
        }
    }
}

/// Which clusters to list.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct ListOptions {
    /// Only those after this one; `next` of the page before.
    after: Option<ClusterId>,
    #[serde(default)]
    limit: PageSize,
}

/// A page of clusters, in the order of their ids.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ClusterPage {
    clusters: Vec<ClusterAnswer>,
    /// Where to go on; null at the end.
    next: Option<ClusterId>,
}

pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<ListOptions>,
) -> Result<Json<ClusterPage>, Problem> {
    let limit = options.limit.0;
    let found = app.people.clusters(options.after.as_ref(), limit).await;
    let found = found.map_err(FacesError::from)?;
    Ok(Json(ClusterPage {
        next: found
            .last()
            .filter(|_| found.len() == limit)
            .map(|last| last.cluster_id),
        clusters: found.into_iter().map(ClusterAnswer::from).collect(),
    }))
}

/// One person with everything that is known beside the faces.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ClusterDetails {
    #[serde(flatten)]
    cluster: ClusterAnswer,
    /// The clusters that were merged into this one; their ids keep answering.
    merged_cluster_ids: Vec<ClusterId>,
    /// The clusters that are known to be other people.
    distinct_cluster_ids: Vec<ClusterId>,
}

pub(in crate::http) async fn one(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
) -> Result<Json<ClusterDetails>, Problem> {
    let cluster = app.people.cluster(&cluster_in(&cluster)?).await?;
    let id = cluster.cluster_id;
    Ok(Json(ClusterDetails {
        cluster: cluster.into(),
        merged_cluster_ids: app.people.former_ids(&id).await.map_err(FacesError::from)?,
        distinct_cluster_ids: app.people.distinct_from(&id).await.map_err(FacesError::from)?,
    }))
}

/// Which faces to list.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct FaceOptions {
    /// Only those after this position; `next` of the page before.
    after: Option<u64>,
    #[serde(default)]
    limit: PageSize,
}

/// A page of faces, in the order in which they were stored.
#[derive(Debug, Serialize)]
pub(in crate::http) struct FacePage {
    /// The cluster that has them: another than was asked for when that was merged away.
    cluster_id: ClusterId,
    faces: Vec<ClusterFace>,
    /// Where to go on; null at the end.
    next: Option<u64>,
}

/// One face of a cluster.
#[derive(Debug, Serialize)]
struct ClusterFace {
    face_id: FaceId,
    file_id: String,
    bounding_box: BoundingBox,
    confidence: f32,
    quality: f32,
    /// Somebody put it into this cluster.
    corrected: bool,
}

impl From<SequencedFace> for ClusterFace {
    fn from(sequenced: SequencedFace) -> Self {
        let face = sequenced.face;
        Self {
            face_id: face.face_id,
            file_id: face.file_id.into(),
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: face.quality,
            corrected: face.corrected,
        }
    }
}

pub(in crate::http) async fn faces(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
    QueryString(options): QueryString<FaceOptions>,
) -> Result<Json<FacePage>, Problem> {
    let cluster_id = app.people.cluster(&cluster_in(&cluster)?).await?.cluster_id;
    let limit = options.limit.0;
    let found = app
        .people
        .faces_of_cluster(&cluster_id, options.after, limit)
        .await;
    let found = found.map_err(FacesError::from)?;
    Ok(Json(FacePage {
        cluster_id,
        next: found
            .last()
            .filter(|_| found.len() == limit)
            .map(|last| last.position),
        faces: found.into_iter().map(ClusterFace::from).collect(),
    }))
}

/// What a deletion did.
#[derive(Debug, Serialize)]
pub(in crate::http) struct DeletedFaces {
    /// How many faces there were; 0 when it was deleted before, or never there.
    deleted_faces: u64,
}

impl DeletedFaces {
    pub(in crate::http) fn new(deleted_faces: u64) -> Self {
        Self { deleted_faces }
    }
}

pub(in crate::http) async fn delete(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
) -> Result<Json<DeletedFaces>, Problem> {
    let deleted = app.people.delete_cluster(&cluster_in(&cluster)?).await?;
    Ok(Json(DeletedFaces::new(deleted)))
}

/// `PUT /api/clusters/{cluster_id}/representative`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::http) struct RepresentRequest {
    face_id: FaceId,
}

/// What stands for a person.
#[derive(Debug, Serialize)]
pub(in crate::http) struct RepresentAnswer {
    cluster_id: ClusterId,
    representative_face_id: FaceId,
}

pub(in crate::http) async fn represent(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
    JsonBody(request): JsonBody<RepresentRequest>,
) -> Result<Json<RepresentAnswer>, Problem> {
    let cluster_id = app
        .people
        .represent(&cluster_in(&cluster)?, &request.face_id)
        .await?;
    Ok(Json(RepresentAnswer {
        cluster_id,
        representative_face_id: request.face_id,
    }))
}

/// `POST /api/clusters/{cluster_id}/split`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::http) struct SplitRequest {
    /// The faces that are another person.
    face_ids: Vec<FaceId>,
}

/// What a split did.
#[derive(Debug, Serialize)]
pub(in crate::http) struct SplitAnswer {
    /// The cluster that keeps the other faces.
    cluster_id: ClusterId,
    /// The cluster of the named faces.
    new_cluster_id: ClusterId,
    /// How many faces moved; 0 when the same split was done before.
    moved_faces: u64,
}

pub(in crate::http) async fn split(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<SplitRequest>,
) -> Result<Response, Problem> {
    let id = cluster_in(&cluster)?;
    let same = ("split", &(&id, &request));
    once(&app, &headers, same, None, async {
        let split = app.people.split(&id, &request.face_ids).await?;
        Ok(SplitAnswer {
            cluster_id: split.from,
            new_cluster_id: split.cluster,
            moved_faces: split.moved,
        })
    })
    .await
}

/// What taking back a merge did.
#[derive(Debug, Serialize)]
pub(in crate::http) struct UnmergeAnswer {
    /// The cluster that exists again.
    cluster_id: ClusterId,
    /// The cluster it had been merged into; null when it is back already or was never merged.
    from_cluster_id: Option<ClusterId>,
    /// How many faces came back.
    moved_faces: u64,
}

pub(in crate::http) async fn unmerge(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = cluster_in(&cluster)?;
    once(&app, &headers, ("unmerge", &id), None, async {
        let unmerged = app.people.unmerge(&id).await?;
        Ok(UnmergeAnswer {
            cluster_id: unmerged.cluster,
            from_cluster_id: unmerged.from,
            moved_faces: unmerged.moved,
        })
    })
    .await
}

/// `POST /api/clusters/{cluster_id}/distinct`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::http) struct DistinctRequest {
    /// The cluster that is another person.
    cluster_id: ClusterId,
}

/// Who is who else than this person.
#[derive(Debug, Serialize)]
pub(in crate::http) struct DistinctAnswer {
    cluster_id: ClusterId,
    /// The clusters that are known to be other people.
    distinct_cluster_ids: Vec<ClusterId>,
}

pub(in crate::http) async fn distinguish(
    State(app): State<Arc<App>>,
    Path(cluster): Path<String>,
    JsonBody(request): JsonBody<DistinctRequest>,
) -> Result<Json<DistinctAnswer>, Problem> {
    let id = cluster_in(&cluster)?;
    app.people.distinguish_clusters(&id, &request.cluster_id).await?;
    let cluster_id = app.people.cluster(&id).await?.cluster_id;
    Ok(Json(DistinctAnswer {
        cluster_id,
        distinct_cluster_ids: app
            .people
            .distinct_from(&cluster_id)
            .await
            .map_err(FacesError::from)?,
    }))
}
