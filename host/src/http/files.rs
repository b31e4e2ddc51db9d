//! `/api/files/{file_id}`: what is stored of a photo, and its deletion.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use super::extract::QueryString;
use super::people::DeletedFaces;
use super::problem::Problem;
use crate::app::App;
use crate::domain::{BoundingBox, ClusterId, FaceId, FileId, Gender, Scene, ScoredTag};
use crate::faces::{FacesError, PluginDigests, StoredPhoto};

/// What is stored of a photo.
#[derive(Debug, Serialize)]
pub(super) struct FileAnswer {
    file_id: String,
    /// Largest first, as they were answered.
    faces: Vec<FileFace>,
    /// Null when the photo was processed by a version that did not keep tags.
    tags: Option<Vec<String>>,
    /// Null when the photo was processed by a version that did not keep contexts.
    context: Option<String>,
    /// What made the description; only when asked for with `?details=true`, and when it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<FileDetails>,
}

/// What a stored description was made of.
#[derive(Debug, Serialize)]
struct FileDetails {
    /// What the plugins were shown.
    scene: Scene,
    /// The tags with their scores.
    scored_tags: Vec<ScoredTag>,
    /// The digests of the plugins.
    plugins: PluginDigests,
    /// The model set that saw it.
    model_set: String,
}

/// What may be asked for beyond the answer.
#[derive(Debug, Deserialize)]
pub(super) struct FileOptions {
    /// Adds `details`.
    #[serde(default)]
    details: bool,
}

/// One stored face.
#[derive(Debug, Serialize)]
struct FileFace {
    face_id: FaceId,
    /// Where it is now, after all merges.
    cluster_id: ClusterId,
    bounding_box: BoundingBox,
    confidence: f32,
    quality: f32,
    age: Option<f32>,
    gender: Option<Gender>,
}

pub(super) async fn stored(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    QueryString(options): QueryString<FileOptions>,
) -> Result<Json<FileAnswer>, Problem> {
    let file = named(path)?;
    let photo = app.people.photo(&file).await.map_err(FacesError::from)?;
    let photo = photo.ok_or_else(Problem::unknown_file)?;
    Ok(Json(answer(&file, photo, options.details)))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<DeletedFaces>, Problem> {
    let deleted = app.people.delete_file(&named(path)?).await?;
    Ok(Json(DeletedFaces::new(deleted)))
}

/// What is not UTF-8 or no file id names no photo, which is the same to the caller.
fn named(path: Result<Path<String>, PathRejection>) -> Result<FileId, Problem> {
    path.ok()
        .and_then(|Path(id)| FileId::new(id).ok())
        .ok_or_else(Problem::unknown_file)
}

fn answer(file: &FileId, photo: StoredPhoto, with_details: bool) -> FileAnswer {
    let seen = photo
        .record
        .as_ref()
        .map_or([].as_slice(), |record| &record.scene.faces);
    let faces = photo
        .faces
        .iter()
        .enumerate()
        .map(|(index, face)| FileFace {
            face_id: face.face_id,
            cluster_id: face.cluster_id,
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: face.quality,
            age: seen.get(index).and_then(|seen| seen.age),
            gender: seen.get(index).and_then(|seen| seen.gender),
        })
        .collect();
    let details = photo
        .record
        .as_ref()
        .filter(|_| with_details)
        .map(|record| FileDetails {
            scene: record.scene.clone(),
            scored_tags: record.description.tags.clone(),
            plugins: record.description.plugins.clone(),
            model_set: record.model_set.clone(),
        });
    let description = photo.record.map(|record| record.description);
    let (tags, context) = description
        .map(|description| {
            let tags = description.tags.into_iter().map(|tag| tag.name).collect();
            (tags, description.context.phrase)
        })
        .unzip();
    FileAnswer {
        file_id: file.as_str().to_owned(),
        faces,
        tags,
        context,
        details,
    }
}
