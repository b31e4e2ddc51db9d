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

/// Which clusters to look at, and whether to do anything.
#[derive(Debug, Deserialize, ToSchema)]
struct ConsolidateRequest {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Only look at clusters after this one; `next` of the answer before.
    after: Option<ClusterId>,
    /// How many clusters to look at.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    limit: PageSize,
}

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
struct ConsolidationAnswer {
    /// Nothing was done.
    dry_run: bool,
    /// How many clusters were looked at.
    clusters: u64,
    /// How many faces the policy was asked about.
    faces: u64,
    /// What was merged, or would be.
    merges: Vec<MergeReport>,
    /// Where to go on; null at the end.
    #[schema(required)]
    next: Option<ClusterId>,
}

/// Two clusters that are one person.
#[derive(Debug, Serialize, ToSchema)]
struct MergeReport {
    /// Merged away; its id keeps answering, and `unmerge` brings it back.
    source_cluster_id: ClusterId,
    /// Gets its faces.
    target_cluster_id: ClusterId,
    /// How many faces move.
    moved_faces: u64,
    /// How many faces the policy was asked about.
    asked_faces: u64,
    /// How many of them it would put into the other cluster.
    votes: u64,
    /// What it said about the first of those.
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

/// Asks the policy again about clusters that resemble each other, and merges those that are one person by now.
///
/// Faces that somebody corrected stay where they are. Looks at a page of clusters; go on with `next`.
#[utoipa::path(
    post,
    path = "/api/clusters/consolidate",
    operation_id = "consolidate_clusters",
    tag = "people",
    request_body = ConsolidateRequest,
    responses((status = OK, description = "What was done, or would be.", body = ConsolidationAnswer), ConsolidateProblems)
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
