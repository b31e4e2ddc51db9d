//! `POST /api/process/batch`: many photos in, a line for each out, as soon as it is known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout_at;
use tracing::Instrument as _;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code::{Code, JSON_BODY};
use super::extract::{JsonBody, QueryString};
use super::middleware::RequestId;
use super::problem::Problem;
use super::problem_docs::problems;
use super::process::{ProcessAnswer, ProcessOptions, ProcessRequest, describe, remember};
use crate::activity::{Job, JobKind};
use crate::app::App;
use crate::domain::FileId;
use crate::pipeline::{Batch, Place};

/// The media type of one JSON value a line.
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
/// Asks nginx, and proxies that follow it, to pass each line on at once.
const NO_BUFFERING: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(process_batch))
}

/// Photos to describe.
#[derive(Debug, Deserialize, ToSchema)]
struct BatchRequest {
    /// At least one, and at most `BATCH_PHOTOS`.
    #[schema(min_items = 1)]
    photos: Vec<ProcessRequest>,
}

/// A batch's body, which may be larger than others.
struct BatchBody(BatchRequest);

impl FromRequest<Arc<App>> for BatchBody {
    type Rejection = Problem;

    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        DefaultBodyLimit::max(app.load.batch_bytes).apply(&mut request);
        let JsonBody(batch) = JsonBody::from_request(request, app).await?;
        Ok(Self(batch))
    }
}

/// A line of the answer to a batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    clippy::large_enum_variant,
    reason = "a line is written as soon as it is made, and never kept"
)]
enum BatchLine {
    /// The photo was described.
    Described(BatchAnswer),
    /// The photo was not described, and nothing of it was stored.
    Failed(BatchProblem),
}

/// The description of one photo of a batch.
#[derive(Debug, Serialize, ToSchema)]
struct BatchAnswer {
    /// The photo's place in the request, from 0.
    index: usize,
    #[serde(flatten)]
    answer: ProcessAnswer,
}

/// Why one photo of a batch could not be described.
#[derive(Debug, Serialize, ToSchema)]
struct BatchProblem {
    /// The photo's place in the request, from 0.
    index: usize,
    /// The caller's id for the photo, exactly as it was sent.
    file_id: String,
    /// What `POST /api/process` would have answered.
    problem: Problem,
}

problems!(BatchProblems:
    JSON_BODY,
    [Code::EmptyBatch, Code::BatchTooLarge, Code::Busy, Code::ShuttingDown],
);

/// Describes many photos.
///
/// The answer has one line per photo, in the order in which the photos are finished. A line has what `POST
/// /api/process` answers and the photo's `index`; or, if the photo failed, its `index`, its `file_id` and the
/// `problem`. One failing photo does not affect the others. Photos of a batch count towards `MAX_CONCURRENT_PHOTOS`,
/// but they never fill the queue of single photos. Each photo has the time limit of a single request, which starts when
/// the worker begins to process it; the whole batch has `BATCH_TIMEOUT_MS`. If the caller disconnects, the remaining
/// photos are not processed. A batch may be repeated.
#[utoipa::path(
    post,
    path = "/api/process/batch",
    operation_id = "process_batch",
    tag = "photos",
    params(ProcessOptions),
    request_body = BatchRequest,
    responses(
        (status = OK, description = "One JSON line per photo.", body = BatchLine, content_type = "application/x-ndjson"),
        BatchProblems
    )
)]
async fn process_batch(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    QueryString(options): QueryString<ProcessOptions>,
    BatchBody(BatchRequest { photos }): BatchBody,
) -> Result<Response, Problem> {
    if photos.is_empty() {
        return Err(Problem::empty_batch());
    }
    if photos.len() > app.load.batch_photos {
        return Err(Problem::batch_too_large(photos.len(), app.load.batch_photos));
    }
    let batch = app.admissions.batch().map_err(Problem::refused)?;
    // Room for every line: whoever reads slowly keeps no photo's place.
    let (lines, received) = mpsc::channel(photos.len());
    let job = app.activity.begin(JobKind::Batch, None);
    job.progress(0, photos.len() as u64);
    let progress = Progress {
        job: Arc::new(job),
        app,
        id,
        details: options.details,
        lines,
    };
    // Dropping the set, when the caller is gone, ends the batch.
    let mut work = JoinSet::new();
    work.spawn(progress.run(batch, photos).in_current_span());
    let stream = futures_util::stream::unfold((received, work), async |(mut received, work)| {
        let line: Result<Bytes, serde_json::Error> = received.recv().await?;
        Some((line, (received, work)))
    });
    let headers = [(header::CONTENT_TYPE, NDJSON), NO_BUFFERING];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// A batch that is being answered.
#[derive(Clone)]
struct Progress {
    app: Arc<App>,
    id: RequestId,
    details: bool,
    /// Ends when the last photo is answered, or the caller is gone.
    job: Arc<Job>,
    lines: mpsc::Sender<Result<Bytes, serde_json::Error>>,
}

impl Progress {
    /// Sends the photos into work one after another, as places become free.
    async fn run(self, mut batch: Batch, photos: Vec<ProcessRequest>) {
        let (started, count) = (Instant::now(), photos.len());
        let deadline = tokio::time::Instant::now() + self.app.load.batch_timeout;
        let mut seen = HashMap::new();
        let mut working = JoinSet::new();
        for (index, photo) in photos.into_iter().enumerate() {
            let place = match checked(index, &photo, &mut seen) {
                Err(problem) => Err(problem),
                Ok(file) => match timeout_at(deadline, batch.photo()).await {
                    Ok(Ok(place)) => Ok((file, place)),
                    Ok(Err(refusal)) => Err(Problem::refused(refusal)),
                    Err(_) => Err(Problem::batch_deadline(self.app.load.batch_timeout)),
                },
            };
            match place {
                Err(problem) => self.fail(index, photo.file_id, problem).await,
                Ok((file, place)) => {
                    let work = self.clone().describe(index, file, photo, place, deadline);
                    let work = work.instrument(tracing::debug_span!("photo", index));
                    working.spawn(work.in_current_span());
                }
            }
        }
        while working.join_next().await.is_some() {}
        self.job.end(Ok(()));
        let duration_ms = started.elapsed().as_secs_f64() * 1_000.0;
        tracing::info!(photos = count, duration_ms, "batch answered");
    }

    async fn describe(
        self,
        index: usize,
        file: FileId,
        photo: ProcessRequest,
        place: Place,
        deadline: tokio::time::Instant,
    ) {
        let limit = self.app.server.request_timeout;
        let until = deadline.min(tokio::time::Instant::now() + limit);
        let work = describe(&self.app, &self.id, place, &file, &photo.image_url, self.details);
        match timeout_at(until, work).await {
            Ok(Ok(answer)) => {
                self.send(&BatchLine::Described(BatchAnswer { index, answer }))
                    .await;
            }
            Ok(Err(problem)) => self.fail(index, photo.file_id, problem).await,
            Err(_) => {
                let problem = if until == deadline {
                    Problem::batch_deadline(self.app.load.batch_timeout)
                } else {
                    Problem::deadline(limit)
                };
                remember(&self.app, &self.id, file, &problem);
                self.fail(index, photo.file_id, problem).await;
            }
        }
    }

    async fn fail(&self, index: usize, file_id: String, problem: Problem) {
        self.job.failures(1);
        let problem = problem.with_request_id(&self.id.0);
        let failed = BatchProblem {
            index,
            file_id,
            problem,
        };
        self.send(&BatchLine::Failed(failed)).await;
    }

    async fn send(&self, line: &BatchLine) {
        self.job.done(1);
        let line = serde_json::to_vec(line).map(|mut line| {
            line.push(b'\n');
            Bytes::from(line)
        });
        // A caller who has left reads nothing more.
        let _ = self.lines.send(line).await;
    }
}

/// A photo's identifier, if it is one and no photo before has it: of two photos under one name, the one that is done
/// last would win.
fn checked(
    index: usize,
    photo: &ProcessRequest,
    seen: &mut HashMap<String, usize>,
) -> Result<FileId, Problem> {
    let file = FileId::new(photo.file_id.as_str())?;
    match seen.entry(photo.file_id.clone()) {
        Entry::Occupied(first) => Err(Problem::repeated_file(*first.get())),
        Entry::Vacant(free) => {
            free.insert(index);
            Ok(file)
        }
    }
}
