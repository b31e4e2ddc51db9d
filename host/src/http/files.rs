//! `/api/files/{file_id}`: what is stored of a photo, and its deletion.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{self, ClusterId, FaceId, Gender, PluginDigests, Scene, ScoredTag, each};
use super::code::{Code, STORE};
use super::extract::QueryString;
use super::people::DeletedFaces;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;
use crate::audit::Who;
use crate::domain::FileId;
use crate::store::StoredPhoto;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(stored, delete))
}

/// What is stored for a photo.
#[derive(Debug, Serialize, ToSchema)]
struct FileAnswer {
    /// The caller's id for the photo.
    file_id: answers::FileId,
    /// The faces, largest first, as in the answer.
    faces: Vec<FileFace>,
    /// Null if the photo was processed by a version that did not store tags.
    #[schema(required)]
    tags: Option<Vec<String>>,
    /// Null if the photo was processed by a version that did not store contexts.
    #[schema(required)]
    context: Option<String>,
    /// Whether the photo's URL is stored (`STORE_URLS`).
    has_url: bool,
    /// How the description was made; only with `?details=true`, and if it was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<FileDetails>,
}

/// From what a stored description was made.
#[derive(Debug, Serialize, ToSchema)]
struct FileDetails {
    /// What the plugins were shown.
    scene: Scene,
    /// The tags with their scores.
    scored_tags: Vec<ScoredTag>,
    /// The digests of the plugins.
    plugins: PluginDigests,
    /// The model set that described the photo.
    model_set: String,
}

/// What may be asked for beyond the answer.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileOptions {
    /// Whether to add `details` to the answer.
    #[serde(default)]
    details: bool,
}

/// One stored face.
#[derive(Debug, Serialize, ToSchema)]
struct FileFace {
    /// Stays the same when the photo is processed again.
    face_id: FaceId,
    /// The cluster in which the face is now, after all merges.
    cluster_id: ClusterId,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
    /// Apparent age in years, if it was determined.
    #[schema(required)]
    age: Option<f32>,
    /// Apparent gender, if it was determined.
    #[schema(required)]
    gender: Option<Gender>,
}

problems!(FileProblems: STORE, [Code::MalformedRequest, Code::UnknownFile]);
problems!(DeleteProblems: STORE, [Code::UnknownFile]);

/// What is stored for a photo.
///
/// Tags and context are those of the answer, or of a replay that was applied since then. Clusters are those in which
/// the faces are now, after all merges.
#[utoipa::path(
    get,
    path = "/api/files/{*file_id}",
    operation_id = "get_file",
    tag = "photos",
    params(
        ("file_id" = answers::FileId, Path, description =
            "The caller's id for the photo, percent-encoded; slashes need not be encoded."),
        FileOptions
    ),
    responses((status = OK, description = "What is stored for the photo.", body = FileAnswer), FileProblems)
)]
async fn stored(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    QueryString(options): QueryString<FileOptions>,
) -> Result<Json<FileAnswer>, Problem> {
    let file = named(path)?;
    let photo = app.people.photo(&file).await?;
    let photo = photo.ok_or_else(Problem::unknown_file)?;
    Ok(Json(answer(&file, photo, options.details)))
}

/// Deletes everything that is known of a photo.
///
/// Deleted are its faces, their pictures and explanations, the photo's description, and answers that are stored under
/// an `Idempotency-Key`. Repeating the call is not an error.
#[utoipa::path(
    delete,
    path = "/api/files/{*file_id}",
    operation_id = "delete_file",
    tag = "photos",
    params(("file_id" = answers::FileId, Path, description =
        "The caller's id for the photo, percent-encoded; slashes need not be encoded.")),
    responses(
        (status = OK, description = "Everything about the photo is deleted.", body = DeletedFaces),
        DeleteProblems
    )
)]
async fn delete(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<DeletedFaces>, Problem> {
    let file = named(path)?;
    app.activity.forget(&file);
    let deleted = app.people.by(&who).delete_file(&file).await?;
    Ok(Json(DeletedFaces::new(deleted)))
}

/// What is not UTF-8 or no file id names no photo, which is the same to the caller.
pub(super) fn named(path: Result<Path<String>, PathRejection>) -> Result<FileId, Problem> {
    path.ok()
        .and_then(|Path(id)| FileId::new(id).ok())
        .ok_or_else(Problem::unknown_file)
}

fn answer(file: &FileId, photo: StoredPhoto, with_details: bool) -> FileAnswer {
    let faces = photo
        .seen_faces()
        .into_iter()
        .map(|(face, seen)| FileFace {
            face_id: face.face_id.into(),
            cluster_id: face.cluster_id.into(),
            bounding_box: face.bounding_box.into(),
            confidence: face.confidence,
            quality: face.quality,
            age: seen.and_then(|seen| seen.age),
            gender: seen.and_then(|seen| seen.gender).map(Into::into),
        })
        .collect();
    let details = photo
        .record
        .as_ref()
        .filter(|_| with_details)
        .map(|record| FileDetails {
            scene: record.scene.clone().into(),
            scored_tags: each(record.description.tags.clone()),
            plugins: record.description.plugins.clone().into(),
            model_set: record.model_set.clone(),
        });
    let has_url = photo
        .record
        .as_ref()
        .is_some_and(|record| record.source_url.is_some());
    let description = photo.record.map(|record| record.description);
    let (tags, context) = description
        .map(|description| {
            let tags = description.tags.into_iter().map(|tag| tag.name).collect();
            (tags, description.context.phrase)
        })
        .unzip();
    FileAnswer {
        file_id: file.clone().into(),
        faces,
        tags,
        context,
        has_url,
        details,
    }
}
