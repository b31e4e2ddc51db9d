//! `/api/clusters`: who is known, and what they look like.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ClusterParameter, Jpeg, PageSize, Position, cluster_in, next, picture};
use crate::app::App;
use crate::audit::Who;
use crate::domain::{self, InvalidValue};
use crate::http::CLUSTER_ID_HEADER;
use crate::http::answers::{ClusterId, FaceId, FileId, each};
use crate::http::code::{Code, JSON_BODY, STORE};
use crate::http::extract::{JsonBody, PathParameters, QueryString};
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::store::{Cluster, ClusterFilter, ClusterOrder, StoredFace};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, delete, change))
        .routes(routes!(faces))
        .routes(routes!(represent))
        .routes(routes!(thumbnail))
        .routes(routes!(thumbnail_of_cluster))
}

problems!(ListProblems: STORE, [Code::MalformedRequest, Code::InvalidValue]);
problems!(ClusterProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster]);
problems!(ChangeProblems: JSON_BODY, STORE, [Code::UnknownCluster]);
problems!(RepresentProblems:
    JSON_BODY,
    STORE,
    [Code::UnknownCluster, Code::UnknownFace, Code::FaceNotInCluster],
);

/// One person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClusterAnswer {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// How many faces the person has.
    faces: u64,
    /// The face whose picture is the cluster's thumbnail.
    representative_face_id: FaceId,
    /// The path of the thumbnail.
    thumbnail: String,
    /// Whether a user hid the person from lists.
    hidden: bool,
    /// Whether the person is provisional: it was created for a face of uncertain identity, and since then no other face
    /// has joined and nobody has corrected it.
    provisional: bool,
}

/// The path of a cluster's thumbnail.
pub(in crate::http) fn thumbnail_path(cluster: &domain::ClusterId) -> String {
    format!("/api/cluster/{cluster}/thumbnail")
}

impl From<Cluster> for ClusterAnswer {
    fn from(cluster: Cluster) -> Self {
        Self {
            cluster_id: cluster.cluster_id.into(),
            faces: cluster.faces,
            representative_face_id: cluster.representative.into(),
            thumbnail: thumbnail_path(&cluster.cluster_id),
            hidden: cluster.flags.hidden,
            provisional: cluster.flags.provisional,
        }
    }
}

/// Which clusters to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListOptions {
    /// The order of the list.
    #[serde(default)]
    #[param(inline)]
    sort: ClusterSort,
    /// `true` lists only hidden people, `false` only those who are not hidden.
    #[param(nullable = false)]
    hidden: Option<bool>,
    /// `true` lists only provisional people, `false` only those who are not provisional.
    #[param(nullable = false)]
    provisional: Option<bool>,
    /// Where the page starts: `next` of the previous page.
    #[param(nullable = false)]
    after: Option<ClusterId>,
    /// `next_key` of the previous page, if it was not null.
    #[param(nullable = false, value_type = Option<u64>)]
    after_key: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// The order in which clusters are listed.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClusterSort {
    /// By their ids.
    #[default]
    Id,
    /// Those with most faces first.
    Faces,
    /// Those first of whom a photo was processed last.
    Latest,
}

/// A page of clusters, in the order that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct ClusterPage {
    /// The clusters.
    clusters: Vec<ClusterAnswer>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<ClusterId>,
    /// Send it together with `next` to get the next page; null at the end, and with the order by id.
    #[schema(required)]
    next_key: Option<u64>,
}

/// Lists all people, optionally only those who are (or are not) hidden or provisional, page by page.
#[utoipa::path(
    get,
    path = "/api/clusters",
    operation_id = "list_clusters",
    tag = "people",
    params(ListOptions),
    responses((status = OK, description = "The page.", body = ClusterPage), ListProblems)
)]
async fn list(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<ListOptions>,
) -> Result<Json<ClusterPage>, Problem> {
    let limit = options.limit.0;
    let (order, has_key) = match options.sort {
        ClusterSort::Id => (ClusterOrder::Id, false),
        ClusterSort::Faces => (ClusterOrder::Faces, true),
        ClusterSort::Latest => (ClusterOrder::Latest, true),
    };
    let after = match (options.after_key, options.after.map(domain::ClusterId::from)) {
        (_, Some(cluster)) if !has_key => Some((0, cluster)),
        (_, None) if !has_key => None,
        (Some(key), Some(cluster)) => Some((key.0, cluster)),
        (None, None) => None,
        _ => {
            let text =
                "send after and after_key together in this order; use next and next_key of the previous page";
            return Err(InvalidValue(text.to_owned()).into());
        }
    };
    let filter = ClusterFilter {
        hidden: options.hidden,
        provisional: options.provisional,
    };
    let found = app.people.clusters_by(order, filter, after, limit).await?;
    Ok(Json(ClusterPage {
        next: next(&found, limit, |(_, last)| last.cluster_id.into()),
        next_key: next(&found, limit, |(key, _)| *key).filter(|_| has_key),
        clusters: found
            .into_iter()
            .map(|(_, cluster)| ClusterAnswer::from(cluster))
            .collect(),
    }))
}

/// One person with everything that is stored besides the faces.
#[derive(Debug, Serialize, ToSchema)]
struct ClusterDetails {
    #[serde(flatten)]
    cluster: ClusterAnswer,
    /// The clusters that were merged into this one; their ids stay valid and mean this person.
    merged_cluster_ids: Vec<ClusterId>,
    /// The clusters that were stated to be different people.
    distinct_cluster_ids: Vec<ClusterId>,
}

/// One person.
///
/// The id of a cluster that was merged into another one returns the cluster that contains it now.
#[utoipa::path(
    get,
    path = "/api/clusters/{cluster_id}",
    operation_id = "get_cluster",
    tag = "people",
    params(ClusterParameter),
    responses((status = OK, description = "The person.", body = ClusterDetails), ClusterProblems)
)]
async fn one(
    State(app): State<Arc<App>>,
    PathParameters(cluster): PathParameters<String>,
) -> Result<Json<ClusterDetails>, Problem> {
    let cluster = app.people.cluster(&cluster_in(&cluster)?).await?;
    let id = cluster.cluster_id;
    Ok(Json(ClusterDetails {
        cluster: cluster.into(),
        merged_cluster_ids: each(app.people.former_ids(&id).await?),
        distinct_cluster_ids: each(app.people.distinct_from(&id).await?),
    }))
}

/// What to change about a person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ChangeClusterRequest {
    /// Whether the person is hidden: lists with `hidden=false` leave hidden people out.
    hidden: bool,
}

/// Hides a person, or shows them again.
///
/// A hidden person is only left out of lists and pairs. Everything else stays the same, and new faces still join the
/// person.
#[utoipa::path(
    patch,
    path = "/api/clusters/{cluster_id}",
    operation_id = "change_cluster",
    tag = "people",
    params(ClusterParameter),
    request_body = ChangeClusterRequest,
    responses((status = OK, description = "The person.", body = ClusterAnswer), ChangeProblems)
)]
async fn change(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
    JsonBody(request): JsonBody<ChangeClusterRequest>,
) -> Result<Json<ClusterAnswer>, Problem> {
    let people = app.people.by(&who);
    let cluster = people.hide(&cluster_in(&cluster)?, request.hidden).await?;
    Ok(Json(cluster.into()))
}

/// The order in which faces are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FaceSort {
    /// As they were stored.
    #[default]
    Stored,
    /// Those first that fit least to the others.
    Fit,
}

/// Which faces to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FaceOptions {
    /// The order of the list.
    #[serde(default)]
    #[param(inline)]
    sort: FaceSort,
    /// Where the page starts: `next` of the previous page, in the same order.
    #[param(nullable = false, value_type = Option<u64>)]
    after: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// A page of faces, in the order that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct FacePage {
    /// The cluster that has the faces: a different one than requested if the requested one was merged into it.
    cluster_id: ClusterId,
    /// The faces.
    faces: Vec<ClusterFace>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<u64>,
}

/// One face of a cluster.
#[derive(Debug, Serialize, ToSchema)]
struct ClusterFace {
    /// Stays the same when the photo is processed again.
    face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    file_id: FileId,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
    /// Whether a user put the face into this cluster.
    corrected: bool,
    /// With the order by fit: the cosine similarity of the face to the mean of the person's best other faces, -1 to 1.
    /// Null if there are no other faces, and with the other order.
    #[schema(required)]
    similarity: Option<f32>,
}

impl ClusterFace {
    fn new(face: StoredFace, similarity: Option<f32>) -> Self {
        Self {
            face_id: face.face_id.into(),
            file_id: face.file_id.into(),
            bounding_box: face.bounding_box.into(),
            confidence: face.confidence,
            quality: face.quality,
            corrected: face.corrected,
            similarity,
        }
    }
}

/// The faces of one person, page by page.
///
/// With the order `fit`, each page reads all faces of the person, so it takes longer for people with many faces.
#[utoipa::path(
    get,
    path = "/api/clusters/{cluster_id}/faces",
    operation_id = "list_faces_of_cluster",
    tag = "people",
    params(ClusterParameter, FaceOptions),
    responses((status = OK, description = "The page.", body = FacePage), ClusterProblems)
)]
async fn faces(
    State(app): State<Arc<App>>,
    PathParameters(cluster): PathParameters<String>,
    QueryString(options): QueryString<FaceOptions>,
) -> Result<Json<FacePage>, Problem> {
    let (cluster, limit) = (cluster_in(&cluster)?, options.limit.0);
    if options.sort == FaceSort::Fit {
        let after = options.after.map_or(0, |after| after.0);
        let found = app.people.faces_by_fit(&cluster, after, limit).await?;
        let faces = found.faces.into_iter();
        return Ok(Json(FacePage {
            cluster_id: found.cluster.into(),
            faces: faces
                .map(|(face, similarity)| ClusterFace::new(face, similarity))
                .collect(),
            next: found.next,
        }));
    }
    let cluster_id = app.people.cluster(&cluster).await?.cluster_id;
    let found = app
        .people
        .faces_of_cluster(&cluster_id, options.after.map(|after| after.0), limit)
        .await?;
    Ok(Json(FacePage {
        cluster_id: cluster_id.into(),
        next: next(&found, limit, |last| last.position),
        faces: found
            .into_iter()
            .map(|sequenced| ClusterFace::new(sequenced.face, None))
            .collect(),
    }))
}

/// What a deletion did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DeletedFaces {
    /// How many faces were deleted; 0 if the photo or person was already deleted or never existed.
    deleted_faces: u64,
}

impl DeletedFaces {
    pub(in crate::http) fn new(deleted_faces: u64) -> Self {
        Self { deleted_faces }
    }
}

/// Deletes a person entirely.
///
/// Deletes every face of the person with its vector, picture and explanation, also in the stored descriptions of the
/// photos. The tags and contexts of the photos stay. Repeating the call is not an error.
#[utoipa::path(
    delete,
    path = "/api/clusters/{cluster_id}",
    operation_id = "delete_cluster",
    tag = "people",
    params(ClusterParameter),
    responses((status = OK, description = "The person is deleted.", body = DeletedFaces), ClusterProblems)
)]
async fn delete(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
) -> Result<Json<DeletedFaces>, Problem> {
    let deleted = app.people.by(&who).delete_cluster(&cluster_in(&cluster)?).await?;
    Ok(Json(DeletedFaces::new(deleted)))
}

/// The new representative face of a person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct RepresentRequest {
    /// One of the person's faces.
    face_id: FaceId,
}

/// The representative face of a person.
#[derive(Debug, Serialize, ToSchema)]
struct RepresentAnswer {
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// The face whose picture is the thumbnail.
    representative_face_id: FaceId,
}

/// Chooses the face whose picture is the person's thumbnail.
#[utoipa::path(
    put,
    path = "/api/clusters/{cluster_id}/representative",
    operation_id = "set_representative",
    tag = "people",
    params(ClusterParameter),
    request_body = RepresentRequest,
    responses(
        (status = OK, description = "The face is now the person's representative face.", body = RepresentAnswer),
        RepresentProblems
    )
)]
async fn represent(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
    JsonBody(request): JsonBody<RepresentRequest>,
) -> Result<Json<RepresentAnswer>, Problem> {
    let cluster_id = app
        .people
        .by(&who)
        .represent(&cluster_in(&cluster)?, &request.face_id.into())
        .await?;
    Ok(Json(RepresentAnswer {
        cluster_id: cluster_id.into(),
        representative_face_id: request.face_id,
    }))
}

/// A square picture of a person's representative face.
#[utoipa::path(
    get,
    path = "/api/cluster/{cluster_id}/thumbnail",
    operation_id = "get_cluster_thumbnail",
    tag = "people",
    params(ClusterParameter),
    responses(
        (
            status = OK, description = "The picture.", body = inline(Jpeg), content_type = "image/jpeg",
            headers(("X-Cluster-Id" = ClusterId, description =
                "The present id of the cluster, after all merges."))
        ),
        ClusterProblems
    )
)]
async fn thumbnail(
    State(app): State<Arc<App>>,
    PathParameters(cluster): PathParameters<String>,
) -> Result<impl IntoResponse, Problem> {
    let (survivor, jpeg) = app.people.thumbnail(&cluster_in(&cluster)?).await?;
    Ok(([(CLUSTER_ID_HEADER, survivor.to_string())], picture(jpeg)))
}

/// A square picture of a person's representative face; the same picture as `/api/cluster/{cluster_id}/thumbnail`.
#[utoipa::path(
    get,
    path = "/api/clusters/{cluster_id}/thumbnail",
    operation_id = "get_thumbnail_of_cluster",
    tag = "people",
    params(ClusterParameter),
    responses(
        (
            status = OK, description = "The picture.", body = inline(Jpeg), content_type = "image/jpeg",
            headers(("X-Cluster-Id" = ClusterId, description =
                "The present id of the cluster, after all merges."))
        ),
        ClusterProblems
    )
)]
async fn thumbnail_of_cluster(
    app: State<Arc<App>>,
    cluster: PathParameters<String>,
) -> Result<impl IntoResponse, Problem> {
    thumbnail(app, cluster).await
}
