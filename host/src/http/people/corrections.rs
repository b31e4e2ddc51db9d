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
    /// Their faces move; their ids keep answering for the target.
    #[schema(value_type = Vec<ClusterId>, min_items = 1)]
    source_cluster_ids: Vec<String>,
    /// Gets their faces.
    #[schema(value_type = ClusterId)]
    target_cluster_id: String,
}

/// What a merge did.
#[derive(Debug, Serialize, ToSchema)]
struct MergeAnswer {
    /// Always true: what could not be done is a problem.
    success: bool,
    /// How many faces moved; 0 when the same merge was done before.
    merged_count: u64,
    /// Where the faces are now.
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
/// Every face moves or none. Repeating a merge moves nothing and is no error. The ids that were merged away keep
/// answering for the surviving cluster.
#[utoipa::path(
    post,
    path = "/api/merge-clusters",
    operation_id = "merge_clusters",
    tag = "people",
    params(IdempotencyKey),
    request_body = MergeRequest,
    responses((status = OK, description = "The faces are in the target.", body = MergeAnswer), MergeProblems)
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

/// Faces that are somebody else.
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
    /// How many faces moved; 0 when the same split was done before.
    moved_faces: u64,
}

/// Takes faces out of a cluster: they are another person.
///
/// The two are told apart from then on. Repeating a split moves nothing and is no error.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/split",
    operation_id = "split_cluster",
    tag = "people",
    params(ClusterParameter, IdempotencyKey),
    request_body = SplitRequest,
    responses((status = OK, description = "The faces are in a cluster of their own.", body = SplitAnswer), SplitProblems)
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
    /// The cluster it had been merged into; null when it is back already or was never merged.
    #[schema(required)]
    from_cluster_id: Option<ClusterId>,
    /// How many faces came back that had been merged away.
    moved_faces: u64,
    /// How many faces that had joined since went with them, because they resemble this person more.
    later_faces: u64,
}

/// Takes a merge back: the cluster of this id exists again, with the faces it had.
///
/// Faces that joined since go with the one of the two that they resemble more, unless somebody placed them. The two are
/// told apart from then on. Repeating it moves nothing and is no error.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/unmerge",
    operation_id = "unmerge_cluster",
    tag = "people",
    params(ClusterParameter, IdempotencyKey),
    responses((status = OK, description = "The cluster is back.", body = UnmergeAnswer), UnmergeProblems)
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

/// Who somebody is not.
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

/// Who is who else than this person.
#[derive(Debug, Serialize, ToSchema)]
struct DistinctAnswer {
    /// The person.
    cluster_id: ClusterId,
    /// The clusters that are known to be other people.
    distinct_cluster_ids: Vec<ClusterId>,
}

/// Says that two clusters are different people, for good.
#[utoipa::path(
    post,
    path = "/api/clusters/{cluster_id}/distinct",
    operation_id = "distinguish_clusters",
    tag = "people",
    params(ClusterParameter),
    request_body = DistinctClusterRequest,
    responses((status = OK, description = "They are told apart.", body = DistinctAnswer), DistinctProblems)
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

/// Takes back that two clusters are different people, also where a split, a move or an `unmerge` had said so.
///
/// Nothing moves. What is left is that they may be found to be one person. Repeating it is no error.
#[utoipa::path(
    delete,
    path = "/api/clusters/{cluster_id}/distinct/{other_cluster_id}",
    operation_id = "withdraw_cluster_distinction",
    tag = "people",
    params(PairParameter),
    responses((status = OK, description = "They may be one person.", body = DistinctAnswer), WithdrawalProblems)
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
