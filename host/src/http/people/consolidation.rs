//! `POST /api/clusters/consolidate`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::PageSize;
use crate::app::App;
use crate::domain::ClusterId;
use crate::faces::{ConsolidatedMerge, Consolidation, ConsolidationRequest};
use crate::http::extract::JsonBody;
use crate::http::problem::Problem;

/// `POST /api/clusters/consolidate`.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct ConsolidateRequest {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Only look at clusters after this one; `next` of the answer before.
    after: Option<ClusterId>,
    /// How many clusters to look at.
    #[serde(default)]
    limit: PageSize,
}

/// What was done, or would be.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ConsolidationAnswer {
    dry_run: bool,
    /// How many clusters were looked at.
    clusters: u64,
    /// How many faces the policy was asked about.
    faces: u64,
    merges: Vec<MergeReport>,
    /// Where to go on; null at the end.
    next: Option<ClusterId>,
}

/// Two clusters that are one person.
#[derive(Debug, Serialize)]
struct MergeReport {
    /// Merged away; its id keeps answering, and `unmerge` brings it back.
    source_cluster_id: ClusterId,
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
            source_cluster_id: merge.source,
            target_cluster_id: merge.target,
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
            merges: done.merges.into_iter().map(MergeReport::from).collect(),
            next: done.next,
        }
    }
}

pub(in crate::http) async fn consolidate(
    State(app): State<Arc<App>>,
    JsonBody(request): JsonBody<ConsolidateRequest>,
) -> Result<Json<ConsolidationAnswer>, Problem> {
    let done = app
        .pipeline
        .consolidate(ConsolidationRequest {
            dry_run: request.dry_run,
            after: request.after,
            limit: request.limit.0,
        })
        .await?;
    Ok(Json(ConsolidationAnswer::new(request.dry_run, done)))
}
