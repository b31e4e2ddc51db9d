//! The REST interface: routes, doors and problems.

mod audit;
mod batch;
mod code;
mod connections;
mod console;
mod doors;
mod extract;
mod files;
mod idempotency;
mod identify;
mod jobs;
mod listing;
mod openapi;
mod origin;
mod people;
mod pictures;
mod plugins;
mod probes;
mod problem;
mod process;
mod readings;
pub mod samples;
mod serve;
mod store;
mod trace;
mod upload;
mod whoami;
mod worker;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use doors::Door;

pub use idempotency::{IDEMPOTENCY_KEY_HEADER, REPLAYED_HEADER};
pub use plugins::SIGNATURE_HEADER;
pub use process::{Details, ProcessAnswer};
pub use serve::serve;

/// The header that carries the caller's key.
pub const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");
/// The header that carries the key of whoever may change plugins.
pub const ADMIN_KEY_HEADER: HeaderName = HeaderName::from_static("x-admin-key");
/// The header that names the cluster an answer is about, which is another than was asked for when that was merged.
pub const CLUSTER_ID_HEADER: HeaderName = HeaderName::from_static("x-cluster-id");
/// The header that names a request, in and out.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Every route, by the door before it. `routes!` takes none without its documentation, and its answers and parameters
/// stand there, beside the handler; what a door adds to them is added in [`openapi`].
fn routes() -> [(Door, OpenApiRouter<Arc<App>>); 5] {
    [
        (
            Door::Open,
            worker::routes().merge(probes::routes()).merge(console::routes()),
        ),
        (
            Door::Process,
            process::routes().merge(batch::routes()).merge(whoami::routes()),
        ),
        (
            Door::ApiKey,
            files::routes()
                .merge(people::routes())
                .merge(plugins::routes())
                .merge(listing::routes())
                .merge(readings::routes())
                .merge(jobs::routes()),
        ),
        (
            Door::Curate,
            identify::routes()
                .merge(pictures::routes())
                .merge(jobs::failures()),
        ),
        (
            Door::AdminKey,
            plugins::administration()
                .merge(store::administration())
                .merge(audit::routes()),
        ),
    ]
}

/// The routes with every door before them; the same for production and tests.
///
/// Serve it with connection info of [`SocketAddr`](std::net::SocketAddr), which the address list and the log need.
pub fn router(app: Arc<App>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (door, routes)| {
            router.merge(door.before(routes.into(), &app))
        })
        .fallback(console::elsewhere)
        .method_not_allowed_fallback(worker::method_not_allowed)
        .layer(DefaultBodyLimit::max(app.server.max_body_bytes))
        .layer(cors(&app.server.cors_origins))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            origin::require_own_origin,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            origin::require_known_host,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            doors::require_allowed_address,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            doors::limit_time,
        ))
        .layer(middleware::from_fn(doors::identify_and_log))
        // Outside of what completes problems, and so makes their answers anew.
        .layer(middleware::from_fn_with_state(Arc::clone(&app), doors::secure))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            doors::find_client,
        ))
        .with_state(app)
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::CONTENT_TYPE,
            API_KEY_HEADER,
            IDEMPOTENCY_KEY_HEADER,
            REQUEST_ID_HEADER,
        ])
        .expose_headers([
            REQUEST_ID_HEADER,
            REPLAYED_HEADER,
            CLUSTER_ID_HEADER,
            header::RETRY_AFTER,
        ])
}
