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

/// The answer of a successful probe.
#[derive(Debug, Serialize, ToSchema)]
struct Probe {
    /// `alive` or `ready`.
    status: &'static str,
    /// Devices that failed and whose networks now run on the processor, one clause each; left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    degraded: Vec<String>,
}

problems!(ReadyProblems: [Code::NotReady]);

/// Whether the worker is alive (liveness probe).
///
/// The worker is alive as long as it answers. When it does not answer, it should be restarted.
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "get_livez",
    tag = "worker",
    responses((status = OK, description = "The worker is alive.", body = Probe))
)]
async fn alive() -> Json<Probe> {
    Json(Probe {
        status: "alive",
        degraded: Vec::new(),
    })
}

/// Whether the worker can describe photos right now (readiness probe).
///
/// It is ready when its models run on their devices (or, with `DEVICE_FALLBACK=cpu`, on the processor instead), its
/// vector store answers, its plugins are loaded, and it is not shutting down. When it is not ready, send it no requests
/// until it is ready again; restarting it does not help.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readyz",
    tag = "worker",
    responses((status = OK, description = "The worker is ready.", body = Probe), ReadyProblems)
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

/// The metrics of the worker, for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "worker",
    responses(
        (status = OK, description = "The metrics as OpenMetrics text.", body = String, content_type = "application/openmetrics-text")
    )
)]
async fn measured(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], app.metrics())
}
