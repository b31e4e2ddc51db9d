//! `POST /api/process`: from a photo or its URL to people, tags and a phrase.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{
    self, DescribedFace, Label, PluginIdentities, SceneObject, ScoredTag, Slot, StageTimings, TextLine, each,
};
use super::code::{Code, IDEMPOTENT, JSON_BODY, STORE};
use super::extract::QueryString;
use super::idempotency::{IDEMPOTENCY_KEY_HEADER, IdempotencyKey, once};
use super::middleware::{Deadline, RequestId};
use super::problem::Problem;
use super::problem_docs::problems;
use super::upload::{PhotoFile, Sent, UPLOAD, Upload};
use crate::activity::{FailureKind, FailureReport};
use crate::app::App;
use crate::app::failures::Cause;
use crate::digest::digest;
use crate::domain::FileId;
use crate::metrics;
use crate::pipeline::{Description, PipelineError, Place};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(process))
}

/// A photo to describe.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ProcessRequest {
    /// The caller's id for the photo.
    #[schema(value_type = answers::FileId)]
    pub(super) file_id: String,
    /// The URL of the photo; http or https.
    #[schema(format = "uri")]
    pub(super) image_url: String,
}

/// What may be asked for beyond the contract.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProcessOptions {
    /// Whether to add `details` to the answer.
    #[serde(default)]
    pub(super) details: bool,
}

/// A form with a photo to describe.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only described")]
struct ProcessForm {
    /// The caller's id for the photo.
    #[schema(value_type = answers::FileId)]
    file_id: String,
    /// The file.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
}

/// What stands beside a body that is a photo.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadOptions {
    /// The caller's id for the photo, if the body is the photo; ignored otherwise.
    #[param(nullable = false, value_type = Option<answers::FileId>)]
    file_id: Option<String>,
}

/// The answer of `POST /api/process`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProcessAnswer {
    /// The caller's id for the photo.
    #[schema(value_type = answers::FileId)]
    pub(crate) file_id: String,
    /// The people, largest face first.
    pub(crate) faces: Vec<DescribedFace>,
    /// Best tag first.
    pub(crate) tags: Vec<String>,
    /// One Indonesian phrase.
    pub(crate) context: String,
    /// Slots whose plugin failed and whose answer was replaced by a fallback; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) degraded: Vec<Slot>,
    /// How the answer was made; only with `?details=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) details: Option<Details>,
}

/// How an answer was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Details {
    /// The active model set.
    model_set: String,
    /// Width of the upright photo in pixels.
    width: u32,
    /// Height of the upright photo in pixels.
    height: u32,
    /// How often the face detector ran on the photo or on parts of it.
    detector_looks: u32,
    /// The tags with their scores.
    scored_tags: Vec<ScoredTag>,
    /// How sure the context mapper is, 0 to 1.
    context_confidence: f32,
    /// The context mapper's reason: which evidence led to the phrase.
    #[schema(required)]
    context_reason: Option<String>,
    /// The classifier's best classes, when a plugin asked for them.
    #[schema(required)]
    labels: Option<Vec<Label>>,
    /// A caption of the photo, one English sentence, if a plugin asked for it.
    #[schema(required)]
    caption: Option<String>,
    /// The objects that were detected, highest score first, if a plugin asked for them.
    #[schema(required)]
    objects: Option<Vec<SceneObject>>,
    /// Probability that the photo was taken inside a building, 0 to 1, when a plugin asked for it.
    #[schema(required)]
    indoor: Option<f32>,
    /// The lines of text that were read, largest first, when a plugin asked for them and `STORE_TEXT` is `on`.
    #[schema(required)]
    text: Option<Vec<TextLine>>,
    /// Why each face is in its cluster, in the order of `faces`.
    cluster_reasons: Vec<String>,
    /// Which plugins decided.
    plugins: PluginIdentities,
    /// The time of each stage, in milliseconds.
    timings_ms: StageTimings,
}

impl Details {
    /// What made a description; `cluster_reasons` are those of its faces.
    pub(super) fn new<F>(
        model_set: &str,
        description: &Description<F>,
        cluster_reasons: Vec<String>,
    ) -> Self {
        Self {
            model_set: model_set.to_owned(),
            width: description.size.0,
            height: description.size.1,
            detector_looks: description.looks,
            scored_tags: each(description.tags.clone()),
            context_confidence: description.context.confidence,
            context_reason: description.context.reason.clone(),
            labels: description.labels.clone().map(each),
            caption: description.caption.clone(),
            objects: description.objects.clone().map(each),
            indoor: description.indoor,
            text: description.text.clone().map(each),
            cluster_reasons,
            plugins: description.plugins.clone().into(),
            timings_ms: description.timings.into(),
        }
    }
}

impl ProcessAnswer {
    /// The answer for a described photo.
    #[must_use]
    pub(crate) fn new(file_id: &FileId, description: Description, model_set: Option<&str>) -> Self {
        let details = model_set.map(|model_set| {
            let reasons = description.faces.iter().map(|face| face.reason.clone());
            Details::new(model_set, &description, reasons.collect())
        });
        Self {
            file_id: file_id.as_str().to_owned(),
            faces: each(description.faces),
            tags: description.tags.into_iter().map(|tag| tag.name).collect(),
            context: description.context.phrase,
            degraded: each(description.degraded),
            details,
        }
    }
}

/// The problems of whatever has a photo fetched and looked at.
pub(super) const PHOTO: [Code; 18] = [
    Code::InvalidImageUrl,
    Code::Busy,
    Code::ShuttingDown,
    Code::PhotoTooLarge,
    Code::PhotoTooManyPixels,
    Code::PhotoTooMuchMemory,
    Code::PhotoNotAnImage,
    Code::PhotoCompressed,
    Code::PhotoDamaged,
    Code::PhotoEmpty,
    Code::PhotoNotAvailable,
    Code::PhotoUnreachable,
    Code::PhotoSourceInvalid,
    Code::PhotoSourceBusy,
    Code::PhotoAddressRefused,
    Code::PhotoTooManyRedirects,
    Code::PhotoTimedOut,
    Code::InferenceFailed,
];

problems!(ProcessProblems:
    JSON_BODY,
    UPLOAD,
    IDEMPOTENT,
    STORE,
    PHOTO,
    [Code::InvalidValue, Code::PluginFailed],
);

/// Describes a photo and remembers its faces.
///
/// Processing the same `file_id` again replaces everything that was stored for that photo; a face that was found before
/// keeps its `face_id` and its cluster. When the call fails, nothing is stored.
///
/// The photo is fetched from `image_url`, or it is in the request: as the part `photo` of a form with the field
/// `file_id`, or as the body, with `?file_id=`.
#[utoipa::path(
    post,
    path = "/api/process",
    operation_id = "process_photo",
    tag = "photos",
    params(ProcessOptions, UploadOptions, IdempotencyKey),
    request_body(content(
        (ProcessRequest = "application/json"), (inline(ProcessForm) = "multipart/form-data"), (inline(PhotoFile) = "image/*"),
        (inline(PhotoFile) = "application/octet-stream")
    )),
    responses((status = OK, description = "The description of the photo.", body = ProcessAnswer), ProcessProblems)
)]
async fn process(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    Extension(deadline): Extension<Deadline>,
    QueryString(options): QueryString<ProcessOptions>,
    QueryString(named): QueryString<UploadOptions>,
    headers: HeaderMap,
    sent: Sent<ProcessRequest>,
) -> Result<Response, Problem> {
    let request = match sent {
        Sent::Json(request) => {
            named.file_id.map(FileId::new).transpose()?;
            request
        }
        Sent::Photos(upload) => {
            return process_upload(&app, (&id, deadline), upload, options, named, &headers).await;
        }
    };
    let file_id = FileId::new(request.file_id.as_str())?;
    let same = ("process", &(&request, &options));
    let work = until(deadline, &app, &id, &file_id, async {
        let place = app.admissions.photo().await;
        let place = place.map_err(Problem::refused)?;
        describe(&app, &id, place, &file_id, &request.image_url, options.details).await
    });
    once(&app, &headers, same, Some(&file_id), work).await
}

/// Describes a photo that comes in the request.
async fn process_upload(
    app: &Arc<App>,
    (id, deadline): (&RequestId, Deadline),
    upload: Upload,
    options: ProcessOptions,
    UploadOptions { file_id }: UploadOptions,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let named = match file_id.map(FileId::new).transpose() {
        Ok(named) => named,
        Err(invalid) => return Err(upload.refuse(invalid.into()).await),
    };
    // A form says it within.
    let known = named.filter(|_| !upload.is_form());
    if known.is_none() && !upload.is_form() {
        return Err(upload.refuse(Problem::missing_file_id()).await);
    }
    if let Err(away) = app.people.expect_store() {
        return Err(upload.refuse(away.into()).await);
    }
    let (place, parts) = upload.admitted(app).await?;
    let counted = |problem: &Problem| metrics::photo(problem.code_name());
    let (photo, field) = parts.only(Some("file_id")).await.inspect_err(counted)?;
    let file_id = match known {
        Some(file_id) => file_id,
        None => FileId::new(field.ok_or_else(Problem::missing_file_id)?)?,
    };
    // Of a large file this takes a while, and it is for comparing with another request.
    let hash = if headers.contains_key(IDEMPOTENCY_KEY_HEADER) {
        let photo = photo.clone();
        let hashed = tokio::task::spawn_blocking(move || digest(&photo)).await;
        hashed.map_err(|error| Problem::fault(&error))?
    } else {
        String::new()
    };
    let same = ("process", &(file_id.as_str(), hash, &options));
    let work = until(deadline, app, id, &file_id, async {
        let description = app.pipeline.process_bytes(place, &file_id, photo).await;
        described(app, id, &file_id, description, options.details)
    });
    once(app, headers, same, Some(&file_id), work).await
}

/// Work on a photo that is not answered yet.
struct Unanswered<'a> {
    deadline: Instant,
    app: &'a App,
    id: &'a RequestId,
    file: &'a FileId,
    answered: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        // Given up before that, it is because whoever asked has hung up.
        if !self.answered && Instant::now() >= self.deadline {
            let problem = Problem::deadline(self.app.server.request_timeout);
            remember(self.app, self.id, self.file.clone(), &problem);
        }
    }
}

/// Does the work on a photo, and remembers it among the failures when it is given up because the request's time is over:
/// then it is dropped where it waits.
pub(super) async fn until<T>(
    Deadline(deadline): Deadline,
    app: &App,
    id: &RequestId,
    file: &FileId,
    work: impl Future<Output = T>,
) -> T {
    let mut unanswered = Unanswered {
        deadline,
        app,
        id,
        file,
        answered: false,
    };
    let answer = work.await;
    unanswered.answered = true;
    answer
}

/// Remembers a photo that was given up.
pub(super) fn remember(app: &App, id: &RequestId, file: FileId, problem: &Problem) {
    app.activity.failed(FailureReport {
        file_id: Some(file),
        request_id: Some(id.0.to_string()),
        ..FailureReport::new(FailureKind::Photo, problem.code_name(), problem.detail())
    });
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
    described(app, id, file_id, description, details)
}

/// Counts a photo that was described or was not, and answers.
pub(super) fn described(
    app: &App,
    id: &RequestId,
    file_id: &FileId,
    description: Result<Description, PipelineError>,
    details: bool,
) -> Result<ProcessAnswer, Problem> {
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
