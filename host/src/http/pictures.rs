//! `/api/pictures/{file_id}` and `/api/reprocess`: stored photos that are fetched again from where they came.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers;
use super::code::{Code, JSON_BODY, STORE};
use super::extract::{JsonBody, QueryString, whole};
use super::files::named;
use super::middleware::{Deadline, RequestId};
use super::people::Jpeg;
use super::problem::Problem;
use super::problem_docs::problems;
use super::process::{PHOTO, ProcessAnswer, ProcessOptions, described, until};
use crate::app::App;
use crate::domain::{FileId, SourceUrl};

/// Pixels along the longer side unless the caller wants another number.
const DEFAULT_LONGEST: u32 = 1_600;
/// The fewest and the most that may be asked for.
const LONGEST: std::ops::RangeInclusive<usize> = 64..=4_096;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(picture))
        .routes(routes!(reprocess))
}

problems!(PictureProblems: STORE, PHOTO, [Code::MalformedRequest, Code::UnknownFile, Code::NoStoredUrl]);
problems!(ReprocessProblems:
    JSON_BODY,
    STORE,
    PHOTO,
    [Code::InvalidValue, Code::UnknownFile, Code::NoStoredUrl, Code::PluginFailed],
);

/// How large a picture is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
struct Longest(u32);

impl Default for Longest {
    fn default() -> Self {
        Self(DEFAULT_LONGEST)
    }
}

impl TryFrom<f64> for Longest {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        whole("longest", number, LONGEST).map(|longest| Self(longest as u32))
    }
}

/// How a photo is shown.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PictureOptions {
    /// The most pixels of the longer side. Photos are never enlarged.
    #[serde(default)]
    #[param(value_type = u32, minimum = 64, maximum = 4096, default = 1600)]
    longest: Longest,
}

/// A stored photo as a picture.
///
/// The photo is fetched again from the URL that was stored because of `STORE_URLS`, under the same rules as every fetch
/// and after waiting in the queue of photos. It is encoded again: upright, without metadata. The worker keeps no copy.
#[utoipa::path(
    get,
    path = "/api/pictures/{*file_id}",
    operation_id = "get_picture",
    tag = "photos",
    params(
        ("file_id" = answers::FileId, Path, description =
            "The caller's id for the photo, percent-encoded; slashes need not be encoded."),
        PictureOptions
    ),
    responses(
        (status = OK, description = "The picture.", body = inline(Jpeg), content_type = "image/jpeg"),
        PictureProblems
    )
)]
async fn picture(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    QueryString(options): QueryString<PictureOptions>,
) -> Result<impl IntoResponse, Problem> {
    let url = stored_url(&app, &named(path)?).await?;
    let place = app.admissions.photo().await.map_err(Problem::refused)?;
    let photo = app.pipeline.fetch(url.as_str()).await?;
    let jpeg = app.pipeline.show(&place, photo, options.longest.0).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, jpeg))
}

/// A photo to process again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ReprocessRequest {
    /// The caller's id for the photo.
    #[schema(value_type = answers::FileId)]
    file_id: String,
}

/// Describes a stored photo again, with the present plugins and models.
///
/// The photo is fetched from the URL that was stored because of `STORE_URLS`, and the answer is that of `POST
/// /api/process` with this URL. Repeating the call is not an error.
#[utoipa::path(
    post,
    path = "/api/reprocess",
    operation_id = "reprocess_photo",
    tag = "photos",
    params(ProcessOptions),
    request_body = ReprocessRequest,
    responses((status = OK, description = "The description of the photo.", body = ProcessAnswer), ReprocessProblems)
)]
async fn reprocess(
    State(app): State<Arc<App>>,
    Extension(id): Extension<RequestId>,
    Extension(deadline): Extension<Deadline>,
    QueryString(options): QueryString<ProcessOptions>,
    JsonBody(request): JsonBody<ReprocessRequest>,
) -> Result<Json<ProcessAnswer>, Problem> {
    let file_id = FileId::new(request.file_id)?;
    let url = stored_url(&app, &file_id).await?;
    let answer = until(deadline, &app, &id, &file_id, async {
        let place = app.admissions.photo().await.map_err(Problem::refused)?;
        let description = app.pipeline.reprocess_url(place, &file_id, url.as_str()).await;
        described(&app, &id, &file_id, description, options.details)
    });
    Ok(Json(answer.await?))
}

/// Where a stored photo came from.
async fn stored_url(app: &App, file: &FileId) -> Result<SourceUrl, Problem> {
    let photo = app.people.photo(file).await?;
    let photo = photo.ok_or_else(Problem::unknown_file)?;
    let url = photo.record.and_then(|record| record.source_url);
    url.ok_or_else(Problem::no_stored_url)
}
