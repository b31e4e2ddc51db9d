//! The worker itself: how it is, and what it can be asked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::openapi::{self, page};
use super::problem::Problem;
use crate::app::{App, Health};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(document))
        .routes(routes!(reference))
}

/// How the worker is.
///
/// Answers 200 as long as the worker runs; `status` says whether all of it works.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "worker",
    responses((status = OK, description = "How it is.", body = Health))
)]
async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    Json(app.health().await)
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "get_openapi",
    tag = "worker",
    responses((status = OK, description = "OpenAPI 3.1.", body = Object))
)]
async fn document() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-cache")], Json(openapi::document()))
}

/// This document as a page for people, who can try each call there.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "get_reference",
    tag = "worker",
    responses((status = OK, description = "The page.", body = String, content_type = "text/html"))
)]
async fn reference() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, page::policy()),
    ];
    (headers, page::page())
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
