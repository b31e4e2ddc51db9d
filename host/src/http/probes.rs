//! For whoever looks after the worker: whether it lives, whether it is ready, and what it has measured.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code::Code;
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;
use crate::metrics::OPEN_METRICS;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(measured))
}

/// A probe that found nothing wrong.
#[derive(Debug, Serialize, ToSchema)]
struct Probe {
    /// `alive` or `ready`.
    status: &'static str,
    /// Devices that have failed, for whose networks the processor stands in, each in a clause; left out when there are
    /// none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    degraded: Vec<String>,
}

problems!(ReadyProblems: [Code::NotReady]);

/// Whether the worker lives.
///
/// It does as long as it answers. When it does not, it should be restarted.
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "get_livez",
    tag = "worker",
    responses((status = OK, description = "It lives.", body = Probe))
)]
async fn alive() -> Json<Probe> {
    Json(Probe {
        status: "alive",
        degraded: Vec::new(),
    })
}

/// Whether the worker can describe photos right now.
///
/// Its models run on their devices, or on the processor where `DEVICE_FALLBACK` has them go on there, its vector store answers, its plugins are loaded, and it does not stop. When it is not ready, it
/// should get no requests until it is; restarting it is no use.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readyz",
    tag = "worker",
    responses((status = OK, description = "It is ready.", body = Probe), ReadyProblems)
)]
async fn ready(State(app): State<Arc<App>>) -> Result<Json<Probe>, Problem> {
    let obstacles = app.obstacles().await;
    if obstacles.is_empty() {
        Ok(Json(Probe {
            status: "ready",
            degraded: app.replaced_devices(),
        }))
    } else {
        Err(Problem::not_ready(&obstacles))
    }
}

/// What the worker has counted and timed, for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "worker",
    responses(
        (status = OK, description = "The text format of OpenMetrics.", body = String, content_type = "application/openmetrics-text")
    )
)]
async fn measured(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], app.metrics())
}
