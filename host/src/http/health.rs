//! The health of the worker.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::Health;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(health))
}

/// The state of the worker and its parts.
///
/// Answers 200 as long as the worker runs; `status` says whether every part of it works.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "worker",
    responses((status = OK, description = "The state of the worker.", body = Health))
)]
async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    Json(app.health().await.into())
}
