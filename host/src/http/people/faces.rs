//! `/api/faces`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{FaceParameter, Jpeg, face_in, picture};
use crate::app::App;
use crate::audit::Who;
use crate::domain;
use crate::http::answers::{ClusterId, Explanation, FaceId, FileId};
use crate::http::code::{Code, IDEMPOTENT, JSON_BODY, STORE};
use crate::http::extract::{JsonBody, PathParameters};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::problem::Problem;
use crate::http::problem_docs::problems;
use crate::people::Moved;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(one))
        .routes(routes!(thumbnail))
        .routes(routes!(relocate))
        .routes(routes!(distinguish))
        .routes(routes!(withdraw_distinction))
        .routes(routes!(reject, withdraw_rejection))
}

problems!(FaceProblems: STORE, [Code::MalformedRequest, Code::UnknownFace]);
problems!(MoveProblems: JSON_BODY, IDEMPOTENT, STORE, [Code::UnknownFace, Code::UnknownCluster]);
problems!(DistinctProblems: JSON_BODY, IDEMPOTENT, STORE, [Code::UnknownFace, Code::SameFace]);

/// One face, and why it is in its cluster.
#[derive(Debug, Serialize, ToSchema)]
struct FaceAnswer {
    /// Stays the same when the photo is processed again.
    face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    file_id: FileId,
    /// The person, after all merges.
    cluster_id: ClusterId,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
    /// Whether a user put the face into its cluster.
    corrected: bool,
    /// Why the face is in its cluster; null if the face was stored by a version that did not record it.
    #[schema(required)]
    decision: Option<Explanation>,
}

/// One face, and why it is in its cluster.
#[utoipa::path(
    get,
    path = "/api/faces/{face_id}",
    operation_id = "get_face",
    tag = "people",
    params(FaceParameter),
    responses((status = OK, description = "The face.", body = FaceAnswer), FaceProblems)
)]
async fn one(
    State(app): State<Arc<App>>,
    PathParameters(face): PathParameters<String>,
) -> Result<Json<FaceAnswer>, Problem> {
    let face = app.people.face(&face_in(&face)?).await?;
    let decision = app.people.explanation(&face.face_id).await?;
    Ok(Json(FaceAnswer {
        face_id: face.face_id.into(),
        file_id: face.file_id.into(),
        cluster_id: face.cluster_id.into(),
        bounding_box: face.bounding_box.into(),
        confidence: face.confidence,
        quality: face.quality,
        corrected: face.corrected,
        decision: decision.map(Into::into),
    }))
}

/// A square picture of a face.
#[utoipa::path(
    get,
    path = "/api/faces/{face_id}/thumbnail",
    operation_id = "get_face_thumbnail",
    tag = "people",
    params(FaceParameter),
    responses(
        (status = OK, description = "The picture.", body = inline(Jpeg), content_type = "image/jpeg"),
        FaceProblems
    )
)]
async fn thumbnail(
    State(app): State<Arc<App>>,
    PathParameters(face): PathParameters<String>,
) -> Result<impl IntoResponse, Problem> {
    Ok(picture(app.people.portrait(&face_in(&face)?).await?))
}

/// The cluster to which a face belongs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct MoveRequest {
    /// The cluster that the face belongs to; null for a new cluster of its own.
    cluster_id: Option<ClusterId>,
}

/// The cluster of a face after a correction.
#[derive(Debug, Serialize, ToSchema)]
struct MoveAnswer {
    /// The face.
    face_id: FaceId,
    /// The cluster in which it is now.
    cluster_id: ClusterId,
    /// The cluster in which it was before; the same one if nothing moved.
    from_cluster_id: ClusterId,
}

impl MoveAnswer {
    fn new(face_id: domain::FaceId, moved: &Moved) -> Self {
        Self {
            face_id: face_id.into(),
            cluster_id: moved.cluster.into(),
            from_cluster_id: moved.from.into(),
        }
    }
}

/// Puts a face into another cluster, or into a new one of its own.
///
/// The worker never moves the face automatically afterwards. A cluster whose only face moves to another cluster is
/// merged into that one. Repeating the call moves nothing and is not an error.
#[utoipa::path(
    post,
    path = "/api/faces/{face_id}/move",
    operation_id = "move_face",
    tag = "people",
    params(FaceParameter, IdempotencyKey),
    request_body = MoveRequest,
    responses((status = OK, description = "The face is in the cluster.", body = MoveAnswer), MoveProblems)
)]
async fn relocate(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(face): PathParameters<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<MoveRequest>,
) -> Result<Response, Problem> {
    let id = face_in(&face)?;
    once(&app, &headers, ("move", &(&id, &request)), None, async {
        let cluster = request.cluster_id.map(domain::ClusterId::from);
        let moved = app.people.by(&who).move_face(&id, cluster.as_ref()).await?;
        Ok(MoveAnswer::new(id, &moved))
    })
    .await
}

/// The person or face that is a different person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct DistinctFaceRequest {
    /// The face that is another person.
    face_id: FaceId,
}

/// States permanently that two faces are different people.
///
/// If both faces are in the same cluster, this face leaves it.
#[utoipa::path(
    post,
    path = "/api/faces/{face_id}/distinct",
    operation_id = "distinguish_faces",
    tag = "people",
    params(FaceParameter, IdempotencyKey),
    request_body = DistinctFaceRequest,
    responses((status = OK, description = "The two count as different people.", body = MoveAnswer), DistinctProblems)
)]
async fn distinguish(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(face): PathParameters<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<DistinctFaceRequest>,
) -> Result<Response, Problem> {
    let id = face_in(&face)?;
    once(&app, &headers, ("distinct", &(&id, &request)), None, async {
        let moved = app
            .people
            .by(&who)
            .distinguish_faces(&id, &request.face_id.into())
            .await?;
        Ok(MoveAnswer::new(id, &moved))
    })
    .await
}

/// What was rejected as not being a face.
#[derive(Debug, Serialize, ToSchema)]
struct RejectAnswer {
    /// The id of the rejected face, which no longer exists.
    face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    file_id: FileId,
    /// The rejected place: whatever is detected here again is ignored.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
}

/// States that this is not a face.
///
/// The face is deleted and does not come back when the photo is processed again. Repeating the call is not an error.
#[utoipa::path(
    post,
    path = "/api/faces/{face_id}/reject",
    operation_id = "reject_face",
    tag = "people",
    params(FaceParameter),
    responses((status = OK, description = "The face is deleted.", body = RejectAnswer), FaceProblems)
)]
async fn reject(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(face): PathParameters<String>,
) -> Result<Json<RejectAnswer>, Problem> {
    let rejection = app.people.by(&who).reject(&face_in(&face)?).await?;
    Ok(Json(RejectAnswer {
        face_id: rejection.face_id.into(),
        file_id: rejection.file_id.into(),
        bounding_box: rejection.bounding_box.into(),
    }))
}

/// Whether anything was taken back.
#[derive(Debug, Serialize, ToSchema)]
struct WithdrawalAnswer {
    /// The face, or what was detected as one.
    face_id: FaceId,
    /// Whether there was a statement to take back; false if it was already taken back or never made.
    withdrawn: bool,
}

/// Takes back the statement that something is not a face.
///
/// The face may be found again, as a new face, when its photo is processed the next time. Repeating the call is not an
/// error.
#[utoipa::path(
    delete,
    path = "/api/faces/{face_id}/reject",
    operation_id = "withdraw_rejection",
    tag = "people",
    params(FaceParameter),
    responses((status = OK, description = "The place is no longer ignored.", body = WithdrawalAnswer), FaceProblems)
)]
async fn withdraw_rejection(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters(face): PathParameters<String>,
) -> Result<Json<WithdrawalAnswer>, Problem> {
    let face_id = face_in(&face)?;
    let withdrawn = app.people.by(&who).withdraw_rejection(&face_id).await?;
    Ok(Json(WithdrawalAnswer {
        face_id: face_id.into(),
        withdrawn,
    }))
}

problems!(FaceDistinctionProblems: STORE, [Code::MalformedRequest, Code::UnknownFace, Code::SameFace]);

/// The two faces that a path names.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is only described")]
struct PairParameter {
    /// The face.
    face_id: FaceId,
    /// The other face.
    other_face_id: FaceId,
}

/// Takes back the statement that two faces are different people: their present clusters no longer count as different.
///
/// No face moves: a face that left its cluster because of the statement stays where it is; `move` or `merge-clusters`
/// brings it back. Repeating the call is not an error.
#[utoipa::path(
    delete,
    path = "/api/faces/{face_id}/distinct/{other_face_id}",
    operation_id = "withdraw_face_distinction",
    tag = "people",
    params(PairParameter),
    responses(
        (status = OK, description = "The two no longer count as different people.", body = WithdrawalAnswer),
        FaceDistinctionProblems
    )
)]
async fn withdraw_distinction(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    PathParameters((face, other)): PathParameters<(String, String)>,
) -> Result<Json<WithdrawalAnswer>, Problem> {
    let (face_id, other) = (face_in(&face)?, face_in(&other)?);
    let withdrawn = app
        .people
        .by(&who)
        .withdraw_face_distinction(&face_id, &other)
        .await?;
    Ok(Json(WithdrawalAnswer {
        face_id: face_id.into(),
        withdrawn,
    }))
}
