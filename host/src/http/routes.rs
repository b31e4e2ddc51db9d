//! The handlers: from JSON to a call of the application and back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::CLUSTER_ID_HEADER;
use super::extract::{JsonBody, QueryString};
use super::idempotency::once;
use super::problem::Problem;
use crate::app::{App, Health};
use crate::domain::{ClusterId, FileId, Label, ScoredTag};
use crate::pipeline::{DescribedFace, Description, StageTimings};
use crate::plugins::{PluginIdentities, Slot};

/// `POST /api/process`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProcessRequest {
    file_id: String,
    image_url: String,
}

/// What `POST /api/process` may be asked for beyond the contract.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProcessOptions {
    /// Adds `details` to the answer.
    #[serde(default)]
    details: bool,
}

/// The answer of `POST /api/process`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProcessAnswer {
    /// The caller's name for the photo.
    pub file_id: String,
    /// The people, largest face first.
    pub faces: Vec<DescribedFace>,
    /// Best first.
    pub tags: Vec<String>,
    /// One Indonesian phrase.
    pub context: String,
    /// Slots whose plugin failed, so that something else stands in for its answer; only when there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Slot>,
    /// What made the answer; only when asked for with `?details=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// What made an answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Details {
    /// The active model set.
    pub model_set: String,
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// The tags with their scores.
    pub scored_tags: Vec<ScoredTag>,
    /// How sure the context mapper is, 0 to 1.
    pub context_confidence: f32,
    /// The classifier's best classes, when a plugin asked for them.
    pub labels: Option<Vec<Label>>,
    /// Why each face is in its cluster, in the order of `faces`.
    pub cluster_reasons: Vec<String>,
    /// Which plugins decided.
    pub plugins: PluginIdentities,
    /// Where the time went, in milliseconds.
    pub timings_ms: StageTimings,
}

impl ProcessAnswer {
    /// The answer for a described photo.
    #[must_use]
    pub fn new(file_id: &FileId, description: Description, model_set: Option<&str>) -> Self {
        let details = model_set.map(|model_set| Details {
            model_set: model_set.to_owned(),
            width: description.size.0,
            height: description.size.1,
            scored_tags: description.tags.clone(),
            context_confidence: description.context.confidence,
            labels: description.labels,
            cluster_reasons: description.faces.iter().map(|face| face.reason.clone()).collect(),
            plugins: description.plugins,
            timings_ms: description.timings,
        });
        Self {
            file_id: file_id.as_str().to_owned(),
            faces: description.faces,
            tags: description.tags.into_iter().map(|tag| tag.name).collect(),
            context: description.context.phrase,
            degraded: description.degraded,
            details,
        }
    }
}

pub(super) async fn process(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<ProcessOptions>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProcessRequest>,
) -> Result<Response, Problem> {
    let file_id = FileId::new(request.file_id.as_str())?;
    let same = ("process", &(&request, &options));
    once(&app, &headers, same, Some(&file_id), async {
        let _admission = app.admit().await.map_err(|_| Problem::busy(app.retry_after()))?;
        let description = app.pipeline.process_url(&file_id, &request.image_url).await?;
        let model_set = options.details.then(|| app.model_set());
        Ok(ProcessAnswer::new(&file_id, description, model_set))
    })
    .await
}

/// `POST /api/merge-clusters`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MergeRequest {
    source_cluster_ids: Vec<String>,
    target_cluster_id: String,
}

/// The answer of `POST /api/merge-clusters`.
#[derive(Debug, Serialize)]
pub(super) struct MergeAnswer {
    success: bool,
    /// How many faces moved; 0 when the same merge was done before.
    merged_count: u64,
    target_cluster_id: ClusterId,
}

pub(super) async fn merge_clusters(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<MergeRequest>,
) -> Result<Response, Problem> {
    let sources: Vec<ClusterId> = request
        .source_cluster_ids
        .iter()
        .map(|id| ClusterId::parse(id))
        .collect::<Result<_, _>>()?;
    let target = ClusterId::parse(&request.target_cluster_id)?;
    once(&app, &headers, ("merge", &request), None, async {
        let merged = app.people.merge(&sources, &target).await?;
        Ok(MergeAnswer {
            success: true,
            merged_count: merged.moved,
            target_cluster_id: merged.target,
        })
    })
    .await
}

pub(super) async fn thumbnail(
    State(app): State<Arc<App>>,
    Path(cluster_id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    // An id that is not a UUID names no cluster, which is the same to the caller.
    let cluster = ClusterId::parse(&cluster_id).map_err(|_| Problem::unknown_cluster(&cluster_id))?;
    let (survivor, jpeg) = app.people.thumbnail(&cluster).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=60".to_owned()),
        (CLUSTER_ID_HEADER, survivor.to_string()),
    ];
    Ok((headers, jpeg))
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    Json(app.health().await)
}

pub(super) async fn not_found() -> Problem {
    Problem::no_such_route()
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
