//! `POST /api/process`: from a photo's URL to people, tags and a phrase.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code::{Code, IDEMPOTENT, JSON_BODY, STORE, problems};
use super::doors::RequestId;
use super::extract::{JsonBody, QueryString};
use super::idempotency::{IdempotencyKey, once};
use super::problem::Problem;
use crate::app::App;
use crate::app::failures::Cause;
use crate::domain::{FileId, Label, SceneObject, ScoredTag, TextLine};
use crate::metrics;
use crate::pipeline::{DescribedFace, Description, PipelineError, Place, StageTimings};
use crate::plugins::{PluginIdentities, Slot};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(process))
}

/// A photo to be described.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ProcessRequest {
    /// The caller's name for the photo.
    #[schema(value_type = FileId)]
    pub(super) file_id: String,
    /// Where the photo is; http or https.
    #[schema(format = "uri")]
    pub(super) image_url: String,
}

/// What may be asked for beyond the contract.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProcessOptions {
    /// Adds `details` to the answer.
    #[serde(default)]
    pub(super) details: bool,
}

/// The answer of `POST /api/process`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProcessAnswer {
    /// The caller's name for the photo.
    #[schema(value_type = FileId)]
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
    #[schema(nullable = false)]
    pub details: Option<Details>,
}

/// What made an answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Details {
    /// The active model set.
    pub model_set: String,
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// How often the face detector looked at the photo or at parts of it.
    pub detector_looks: u32,
    /// The tags with their scores.
    pub scored_tags: Vec<ScoredTag>,
    /// How sure the context mapper is, 0 to 1.
    pub context_confidence: f32,
    /// Which evidence spoke for the phrase, as the context mapper says it.
    #[schema(required)]
    pub context_reason: Option<String>,
    /// The classifier's best classes, when a plugin asked for them.
    #[schema(required)]
    pub labels: Option<Vec<Label>>,
    /// What a captioner says of the photo, one English sentence, when a plugin asked for it.
    #[schema(required)]
    pub caption: Option<String>,
    /// What an object detector found, surest first, when a plugin asked for it.
    #[schema(required)]
    pub objects: Option<Vec<SceneObject>>,
    /// Probability that the photo was taken inside a building, 0 to 1, when a plugin asked for it.
    #[schema(required)]
    pub indoor: Option<f32>,
    /// The lines of text that were read, largest first, when a plugin asked for them and `STORE_TEXT` is `on`.
    #[schema(required)]
    pub text: Option<Vec<TextLine>>,
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
            detector_looks: description.looks,
            scored_tags: description.tags.clone(),
            context_confidence: description.context.confidence,
            context_reason: description.context.reason,
            labels: description.labels,
            caption: description.caption,
            objects: description.objects,
            indoor: description.indoor,
            text: description.text,
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

problems!(ProcessProblems:
    JSON_BODY,
    IDEMPOTENT,
    STORE,
    [
        Code::InvalidValue, Code::InvalidImageUrl, Code::Busy, Code::ShuttingDown, Code::PhotoTooLarge, Code::PhotoTooManyPixels, Code::PhotoTooMuchMemory,
        Code::PhotoNotAnImage, Code::PhotoCompressed, Code::PhotoDamaged, Code::PhotoEmpty, Code::PhotoNotAvailable,
        Code::PhotoUnreachable, Code::PhotoSourceInvalid, Code::PhotoSourceBusy, Code::PhotoAddressRefused,
        Code::PhotoTooManyRedirects, Code::PhotoTimedOut, Code::PluginFailed,
        Code::InferenceFailed,
    ],
);

/// Describes a photo and remembers its faces.
///
/// The same `file_id` again replaces what was stored of that photo; a face that it held before keeps its `face_id` and
/// its cluster. When this fails nothing is stored.
#[utoipa::path(
    post,
    path = "/api/process",
    operation_id = "process_photo",
    tag = "photos",
    params(ProcessOptions, IdempotencyKey),
    request_body = ProcessRequest,
    responses((status = OK, description = "What is in the photo.", body = ProcessAnswer), ProcessProblems)
)]
async fn process(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    QueryString(options): QueryString<ProcessOptions>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProcessRequest>,
) -> Result<Response, Problem> {
    let file_id = FileId::new(request.file_id.as_str())?;
    let same = ("process", &(&request, &options));
    once(&app, &headers, same, Some(&file_id), async {
        let place = app.admissions.photo().await;
        let place = place.map_err(Problem::refused)?;
        describe(&app, &id, place, &file_id, &request.image_url, options.details).await
    })
    .await
}

/// Describes a photo that has its place, for the request with this id.
pub(super) async fn describe(
    app: &App,
    id: &RequestId,
    place: Place,
    file_id: &FileId,
    url: &str,
    details: bool,
) -> Result<ProcessAnswer, Problem> {
    let description = app.pipeline.process_url(place, file_id, url).await;
    let description = description.map_err(|error| failed(app, id, file_id, error))?;
    metrics::photo("described");
    let model_set = details.then(|| app.model_set());
    Ok(ProcessAnswer::new(file_id, description, model_set))
}

/// Counts and remembers a photo that was not described.
fn failed(app: &App, id: &RequestId, file: &FileId, error: PipelineError) -> Problem {
    let told = Cause::of(&error);
    let problem = Problem::from(error);
    metrics::photo(problem.code_name());
    app.activity
        .failed(told.of_photo(problem.code_name(), file, &id.0));
    problem
}
