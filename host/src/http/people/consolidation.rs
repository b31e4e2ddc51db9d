//! `POST /api/clusters/consolidate`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PageSize;
use crate::app::App;
use crate::http::answers::{ClusterId, each};
use crate::http::code::{Code, JSON_BODY, STORE};
use crate::http::extract::JsonBody;
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::people::{ConsolidatedMerge, Consolidation, ConsolidationRequest};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(consolidate))
}

problems!(ConsolidateProblems: JSON_BODY, STORE, [Code::PluginFailed]);

/// Which clusters to compare, and whether to merge them.
#[derive(Debug, Deserialize, ToSchema)]
struct ConsolidateRequest {
    /// Whether to only report what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Where to start: `next` of the previous answer.
    after: Option<ClusterId>,
    /// How many clusters to compare in this call.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
struct ConsolidationAnswer {
    /// Whether this was a dry run, which changed nothing.
    dry_run: bool,
    /// How many clusters were compared.
    clusters: u64,
    /// How many faces the policy was asked about.
    faces: u64,
    /// What was merged, or would be.
    merges: Vec<MergeReport>,
    /// Where the next page starts; null at the end.
    #[schema(required)]
    next: Option<ClusterId>,
}

/// Two clusters that are one person.
#[derive(Debug, Serialize, ToSchema)]
struct MergeReport {
    /// The cluster that is merged into the target; its id stays valid, and `unmerge` restores the cluster.
    source_cluster_id: ClusterId,
    /// The cluster that gets the faces.
    target_cluster_id: ClusterId,
    /// How many faces move.
    moved_faces: u64,
    /// How many faces the policy was asked about.
    asked_faces: u64,
    /// How many of these faces the policy would put into the other cluster.
    votes: u64,
    /// The policy's reason for the first of these faces.
    reason: String,
}

impl From<ConsolidatedMerge> for MergeReport {
    fn from(merge: ConsolidatedMerge) -> Self {
        Self {
            source_cluster_id: merge.source.into(),
            target_cluster_id: merge.target.into(),
            moved_faces: merge.faces,
            asked_faces: merge.asked,
            votes: merge.votes,
            reason: merge.reason,
        }
    }
}

impl ConsolidationAnswer {
    fn new(dry_run: bool, done: Consolidation) -> Self {
        Self {
            dry_run,
            clusters: done.clusters,
            faces: done.faces,
            merges: each(done.merges),
            next: done.next.map(Into::into),
        }
    }
}

/// Asks the cluster policy again about similar clusters, and merges those that are now found to be one person.
///
/// Faces that a person corrected stay where they are. Each call examines one page of clusters; continue with `next`.
#[utoipa::path(
    post,
    path = "/api/clusters/consolidate",
    operation_id = "consolidate_clusters",
    tag = "people",
    request_body = ConsolidateRequest,
    responses(
        (status = OK, description = "What was done, or would be done.", body = ConsolidationAnswer),
        ConsolidateProblems
    )
)]
async fn consolidate(
    State(app): State<Arc<App>>,
    JsonBody(request): JsonBody<ConsolidateRequest>,
) -> Result<Json<ConsolidationAnswer>, Problem> {
    let done = app
        .consolidate(ConsolidationRequest {
            dry_run: request.dry_run,
            after: request.after.map(Into::into),
            limit: request.limit.0,
        })
        .await?;
    Ok(Json(ConsolidationAnswer::new(request.dry_run, done)))
}
