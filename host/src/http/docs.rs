//! The documentation of the REST interface, as the worker serves it.

use std::sync::Arc;

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::openapi::{self, page};
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(document))
        .routes(routes!(reference))
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

/// This document as a web page, on which each call can be tried.
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
