//! `/api/faces`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::face_in;
use crate::app::App;
use crate::domain::{BoundingBox, ClusterId, FaceId};
use crate::faces::{Explanation, FacesError, Moved};
use crate::http::extract::JsonBody;
use crate::http::idempotency::once;
use crate::http::problem::Problem;

/// One face, and why it is where it is.
#[derive(Debug, Serialize)]
pub(in crate::http) struct FaceAnswer {
    face_id: FaceId,
    file_id: String,
    /// The person, after all merges.
    cluster_id: ClusterId,
    bounding_box: BoundingBox,
    confidence: f32,
    quality: f32,
    /// Somebody put it into its cluster.
    corrected: bool,
    /// Null when it was stored by a version that did not keep that.
    decision: Option<Explanation>,
}

pub(in crate::http) async fn one(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
) -> Result<Json<FaceAnswer>, Problem> {
    let face = app.people.face(&face_in(&face)?).await?;
    let decision = app
        .people
        .explanation(&face.face_id)
        .await
        .map_err(FacesError::from)?;
    Ok(Json(FaceAnswer {
        face_id: face.face_id,
        file_id: face.file_id.into(),
        cluster_id: face.cluster_id,
        bounding_box: face.bounding_box,
        confidence: face.confidence,
        quality: face.quality,
        corrected: face.corrected,
        decision,
    }))
}

pub(in crate::http) async fn thumbnail(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let jpeg = app.people.portrait(&face_in(&face)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, max-age=60"),
    ];
    Ok((headers, jpeg))
}

/// `POST /api/faces/{face_id}/move`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::http) struct MoveRequest {
    /// The cluster it belongs to; null for a new one of its own.
    cluster_id: Option<ClusterId>,
}

/// Where a face is after a correction.
#[derive(Debug, Serialize)]
pub(in crate::http) struct MoveAnswer {
    face_id: FaceId,
    cluster_id: ClusterId,
    /// Where it was before; the same when nothing moved.
    from_cluster_id: ClusterId,
}

impl MoveAnswer {
    fn new(face_id: FaceId, moved: &Moved) -> Self {
        Self {
            face_id,
            cluster_id: moved.cluster,
            from_cluster_id: moved.from,
        }
    }
}

pub(in crate::http) async fn relocate(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<MoveRequest>,
) -> Result<Response, Problem> {
    let id = face_in(&face)?;
    once(&app, &headers, ("move", &(&id, &request)), None, async {
        let moved = app.people.move_face(&id, request.cluster_id.as_ref()).await?;
        Ok(MoveAnswer::new(id, &moved))
    })
    .await
}

/// `POST /api/faces/{face_id}/distinct`.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::http) struct DistinctRequest {
    /// The face that is another person.
    face_id: FaceId,
}

pub(in crate::http) async fn distinguish(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<DistinctRequest>,
) -> Result<Response, Problem> {
    let id = face_in(&face)?;
    once(&app, &headers, ("distinct", &(&id, &request)), None, async {
        let moved = app.people.distinguish_faces(&id, &request.face_id).await?;
        Ok(MoveAnswer::new(id, &moved))
    })
    .await
}

/// What was no face.
#[derive(Debug, Serialize)]
pub(in crate::http) struct RejectAnswer {
    face_id: FaceId,
    file_id: String,
    /// Nothing that is found here again is taken for a face.
    bounding_box: BoundingBox,
}

pub(in crate::http) async fn reject(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
) -> Result<Json<RejectAnswer>, Problem> {
    let rejection = app.people.reject(&face_in(&face)?).await?;
    Ok(Json(RejectAnswer {
        face_id: rejection.face_id,
        file_id: rejection.file_id.into(),
        bounding_box: rejection.bounding_box,
    }))
}
