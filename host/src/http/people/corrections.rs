//! What people correct about clusters: merges and back, splits, and who is not the same person.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ClusterParameter, PairParameter, cluster_in};
use crate::app::App;
use crate::audit::Who;
use crate::domain;
use crate::http::answers::{ClusterId, FaceId, each};
use crate::http::code::{Code, IDEMPOTENT, JSON_BODY, STORE};
use crate::http::extract::{JsonBody, PathParameters};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(merge_clusters))
        .routes(routes!(unmerge))
        .routes(routes!(split))
        .routes(routes!(distinguish))
        .routes(routes!(withdraw_distinction))
}

/// Clusters that are one person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct MergeRequest {
    /// The clusters whose faces move; their ids stay valid and mean the target.
    #[schema(value_type = Vec<ClusterId>, min_items = 1)]
    source_cluster_ids: Vec<String>,
    /// The cluster that gets their faces.
    #[schema(value_type = ClusterId)]
    target_cluster_id: String,
}

/// What a merge did.
#[derive(Debug, Serialize, ToSchema)]
struct MergeAnswer {
    /// Always true; a failed merge is answered with a problem instead.
    success: bool,
    /// How many faces moved; 0 if the same merge was already done.
    merged_count: u64,
    /// The cluster in which the faces are now.
    target_cluster_id: ClusterId,
}

problems!(MergeProblems:
    JSON_BODY,
    IDEMPOTENT,
    STORE,
    [Code::InvalidValue, Code::EmptyMerge, Code::SourceIsTarget, Code::UnknownCluster],
);

/// Makes several clusters one person.
///
/// Either all faces move or none. Repeating a merge moves nothing and is not an error. The ids of the source clusters
/// stay valid and return the target cluster.
#[utoipa::path(
    post,
    path = "/api/merge-clusters",
    operation_id = "merge_clusters",
    tag = "people",
    params(IdempotencyKey),
    request_body = MergeRequest,
    responses((status = OK, description = "The faces are in the target cluster.", body = MergeAnswer), MergeProblems)
)]
async fn merge_clusters(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<MergeRequest>,
) -> Result<Response, Problem> {
    let sources: Vec<domain::ClusterId> = request
        .source_cluster_ids
        .iter()
        .map(|id| domain::ClusterId::parse(id))
        .collect::<Result<_, _>>()?;
    let target = domain::ClusterId::parse(&request.target_cluster_id)?;
    once(&app, &headers, ("merge", &request), None, async {
        let merged = app.people.by(&who).merge(&sources, &target).await?;
        Ok(MergeAnswer {
            success: true,
            merged_count: merged.moved,
            target_cluster_id: merged.target.into(),
        })
    })
    .await
}

/// Faces that are another person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct SplitRequest {
    /// The faces that are another person.
    #[schema(min_items = 1)]
    face_ids: Vec<FaceId>,
}

problems!(SplitProblems:
    JSON_BODY,
    IDEMPOTENT,
    STORE,
    [
        Code::EmptySplit, Code::UnknownCluster, Code::UnknownFace, Code::NothingStays, Code::FaceNotInCluster,
    ],
);

/// What a split did.
#[derive(Debug, Serialize, ToSchema)]
struct SplitAnswer {
    /// The cluster that keeps the other faces.
    cluster_id: ClusterId,
    /// The cluster of the named faces.
    new_cluster_id: ClusterId,
    /// How many faces moved; 0 if the same split was already done.
    moved_faces: u64,
}

/// Moves faces out of a cluster into a new one, because they are another person.
///
/// From then on the two clusters count as different people. Repeating a split moves nothing and is not an error.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/split",
    operation_id = "split_cluster",
    tag = "people",
    params(ClusterParameter, IdempotencyKey),
    request_body = SplitRequest,
    responses(
        (status = OK, description = "The faces are in a new cluster of their own.", body = SplitAnswer),
        SplitProblems
    )
)]
async fn split(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<SplitRequest>,
) -> Result<Response, Problem> {
    let id = cluster_in(&cluster)?;
    let same = ("split", &(&id, &request));
    once(&app, &headers, same, None, async {
        let faces: Vec<domain::FaceId> = request.face_ids.iter().map(|face| (*face).into()).collect();
        let split = app.people.by(&who).split(&id, &faces).await?;
        Ok(SplitAnswer {
            cluster_id: split.from.into(),
            new_cluster_id: split.cluster.into(),
            moved_faces: split.moved,
        })
    })
    .await
}

problems!(UnmergeProblems:
    IDEMPOTENT,
    STORE,
    [Code::MalformedRequest, Code::UnknownCluster, Code::NothingToRestore],
);

/// What taking back a merge did.
#[derive(Debug, Serialize, ToSchema)]
struct UnmergeAnswer {
    /// The cluster that exists again.
    cluster_id: ClusterId,
    /// The cluster that it had been merged into; null if it was already restored or never merged.
    #[schema(required)]
    from_cluster_id: Option<ClusterId>,
    /// How many of its earlier faces came back.
    moved_faces: u64,
    /// How many faces that had joined after the merge came with them, because they resemble this person more.
    later_faces: u64,
}

/// Takes back a merge: the cluster with this id exists again, with the faces that it had.
///
/// Faces that joined after the merge go to the cluster that they resemble more, unless a person placed them. From then
/// on the two clusters count as different people. Repeating the call moves nothing and is not an error.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/unmerge",
    operation_id = "unmerge_cluster",
    tag = "people",
    params(ClusterParameter, IdempotencyKey),
    responses((status = OK, description = "The cluster exists again.", body = UnmergeAnswer), UnmergeProblems)
)]
async fn unmerge(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = cluster_in(&cluster)?;
    once(&app, &headers, ("unmerge", &id), None, async {
        let unmerged = app.people.by(&who).unmerge(&id).await?;
        Ok(UnmergeAnswer {
            cluster_id: unmerged.cluster.into(),
            from_cluster_id: unmerged.from.map(Into::into),
            moved_faces: unmerged.moved,
            later_faces: unmerged.later,
        })
    })
    .await
}

/// The person or face that is a different person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct DistinctClusterRequest {
    /// The cluster that is another person.
    cluster_id: ClusterId,
}

problems!(DistinctProblems:
    JSON_BODY,
    STORE,
    [Code::UnknownCluster, Code::SameCluster],
);

/// The people who are stated to be different from this person.
#[derive(Debug, Serialize, ToSchema)]
struct DistinctAnswer {
    /// The person.
    cluster_id: ClusterId,
    /// The clusters that were stated to be different people.
    distinct_cluster_ids: Vec<ClusterId>,
}

/// States permanently that two clusters are different people.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/distinct",
    operation_id = "distinguish_clusters",
    tag = "people",
    params(ClusterParameter),
    request_body = DistinctClusterRequest,
    responses(
        (status = OK, description = "The two count as different people.", body = DistinctAnswer),
        DistinctProblems
    )
)]
async fn distinguish(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(cluster): PathParameters<String>,
    JsonBody(request): JsonBody<DistinctClusterRequest>,
) -> Result<Json<DistinctAnswer>, Problem> {
    let id = cluster_in(&cluster)?;
    app.people
        .by(&who)
        .distinguish_clusters(&id, &request.cluster_id.into())
        .await?;
    let cluster_id = app.people.cluster(&id).await?.cluster_id;
    Ok(Json(DistinctAnswer {
        cluster_id: cluster_id.into(),
        distinct_cluster_ids: each(app.people.distinct_from(&cluster_id).await?),
    }))
}

problems!(WithdrawalProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster, Code::SameCluster]);

/// Takes back the statement that two clusters are different people, even if a split, a move or an `unmerge` made it.
///
/// No face moves. The two may be found to be one person later. Repeating the call is not an error.
#[utoipa::path(
    delete,
    path = "/api/clusters/{cluster_id}/distinct/{other_cluster_id}",
    operation_id = "withdraw_cluster_distinction",
    tag = "people",
    params(PairParameter),
    responses(
        (status = OK, description = "The two no longer count as different people.", body = DistinctAnswer),
        WithdrawalProblems
    )
)]
async fn withdraw_distinction(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters((cluster, other)): PathParameters<(String, String)>,
) -> Result<Json<DistinctAnswer>, Problem> {
    let (id, other) = (cluster_in(&cluster)?, cluster_in(&other)?);
    app.people.by(&who).withdraw_distinction(&id, &other).await?;
    let cluster_id = app.people.cluster(&id).await?.cluster_id;
    Ok(Json(DistinctAnswer {
        cluster_id: cluster_id.into(),
        distinct_cluster_ids: each(app.people.distinct_from(&cluster_id).await?),
    }))
}
