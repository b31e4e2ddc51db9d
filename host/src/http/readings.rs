//! `GET /api/readings/{file_id}`: what the active plugins say of a stored photo now, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{self, PluginIdentities, ScoredTag, each};
use super::code::{Code, STORE};
use super::files::named;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;
use crate::domain::FileId;
use crate::pipeline::PipelineError;
use crate::replay::Reading;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(reading))
}

problems!(ReadingProblems: STORE, [Code::UnknownFile, Code::PluginFailed]);

/// The answers of the active plugins about a stored photo.
#[derive(Debug, Serialize, ToSchema)]
struct ReadingAnswer {
    /// The caller's id for the photo.
    file_id: answers::FileId,
    /// The tags at or above `TAG_THRESHOLD`, best first, with their scores, and with reasons if the tagger gives any.
    scored_tags: Vec<ScoredTag>,
    /// The phrase for these tags.
    context: ReadingContext,
    /// The plugins that answered.
    plugins: PluginIdentities,
    /// Evidence that the tagger or the context mapper wants and the model set can give, but that was not stored with
    /// the photo; with its names in WIT. If there is any, processing the photo again may give another description.
    lacking: Vec<&'static str>,
    /// Whether tags, scores and phrase are the same as the stored ones.
    same_as_stored: bool,
}

/// A phrase and the context mapper's reason for it.
#[derive(Debug, Serialize, ToSchema)]
struct ReadingContext {
    /// One Indonesian phrase.
    phrase: String,
    /// How sure the context mapper is, 0 to 1.
    confidence: f32,
    /// The context mapper's reason: which evidence led to the phrase.
    #[schema(required)]
    reason: Option<String>,
}

impl ReadingAnswer {
    fn new(file: &FileId, reading: Reading) -> Self {
        Self {
            file_id: file.clone().into(),
            scored_tags: each(reading.tags),
            context: ReadingContext {
                phrase: reading.context.phrase,
                confidence: reading.context.confidence,
                reason: reading.context.reason,
            },
            plugins: reading.plugins.into(),
            lacking: reading.lacking.names(),
            same_as_stored: reading.same_as_stored,
        }
    }
}

/// What the active plugins answer about a stored photo now, with reasons.
///
/// The plugins are asked about the stored scene: no photo is fetched, no network runs, and nothing is stored. The
/// worker answers one such request at a time.
#[utoipa::path(
    get,
    path = "/api/readings/{*file_id}",
    operation_id = "get_reading",
    tag = "photos",
    params(("file_id" = answers::FileId, Path, description =
        "The caller's id for the photo, percent-encoded; slashes need not be encoded.")),
    responses((status = OK, description = "The answers of the plugins.", body = ReadingAnswer), ReadingProblems)
)]
async fn reading(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<ReadingAnswer>, Problem> {
    let file = named(path)?;
    let turn = Arc::clone(&app.reading).lock_owned().await;
    let photo = app.people.photo(&file).await?;
    // A version that kept faces only kept no scene either.
    let record = photo.and_then(|photo| photo.record);
    let record = record.ok_or_else(Problem::unknown_file)?;
    let (replay, plugins) = (app.replay(), app.plugins.snapshot());
    let reading = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        replay.reading(&record, &plugins)
    })
    .await
    .map_err(|error| Problem::fault(&error))?
    .map_err(PipelineError::from)?;
    Ok(Json(ReadingAnswer::new(&file, reading)))
}
