//! The REST interface: routes, middleware and problems.

pub(crate) mod answers;
mod audit;
mod batch;
mod code;
mod connections;
mod console;
mod docs;
mod extract;
mod files;
mod headers;
mod health;
mod idempotency;
mod identify;
mod jobs;
mod listing;
mod middleware;
mod openapi;
mod origin;
mod people;
mod pictures;
mod plugins;
mod probes;
mod problem;
mod problem_docs;
mod process;
mod readings;
pub mod samples;
mod serve;
mod store;
mod trace;
mod upload;
mod whoami;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

use self::headers::REQUEST_ID_HEADER;
use self::middleware::RouteAccess;
use crate::app::App;

pub use headers::{ADMIN_KEY_HEADER, API_KEY_HEADER, CLUSTER_ID_HEADER};
pub use idempotency::{IDEMPOTENCY_KEY_HEADER, REPLAYED_HEADER};
pub use plugins::SIGNATURE_HEADER;
pub(crate) use process::ProcessAnswer;
pub use serve::serve;

/// Every route, by what it asks for before it is reached. `routes!` takes none without its documentation, and its answers and parameters
/// stand there, beside the handler; what that adds to them is added in [`openapi`].
fn routes() -> [(RouteAccess, OpenApiRouter<Arc<App>>); 5] {
    [
        (
            RouteAccess::Open,
            health::routes()
                .merge(docs::routes())
                .merge(probes::routes())
                .merge(console::routes()),
        ),
        (
            RouteAccess::Process,
            process::routes().merge(batch::routes()).merge(whoami::routes()),
        ),
        (
            RouteAccess::ApiKey,
            files::routes()
                .merge(people::routes())
                .merge(plugins::routes())
                .merge(listing::routes())
                .merge(readings::routes())
                .merge(jobs::routes()),
        ),
        (
            RouteAccess::Curate,
            identify::routes()
                .merge(pictures::routes())
                .merge(jobs::failures()),
        ),
        (
            RouteAccess::AdminKey,
            plugins::administration()
                .merge(store::administration())
                .merge(audit::routes()),
        ),
    ]
}

/// The routes behind all of the middleware; the same for production and tests.
///
/// Serve it with connection info of [`SocketAddr`](std::net::SocketAddr), which the address list and the log need.
pub fn router(app: Arc<App>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (access, routes)| {
            router.merge(access.protect(routes.into(), &app))
        })
        .fallback(console::elsewhere)
        .method_not_allowed_fallback(middleware::method_not_allowed)
        .layer(DefaultBodyLimit::max(app.server.max_body_bytes))
        .layer(cors(&app.server.cors_origins))
        .layer(from_fn_with_state(Arc::clone(&app), origin::require_own_origin))
        .layer(from_fn_with_state(Arc::clone(&app), origin::require_known_host))
        .layer(from_fn_with_state(
            Arc::clone(&app),
            middleware::require_allowed_address,
        ))
        .layer(from_fn_with_state(Arc::clone(&app), middleware::limit_time))
        .layer(from_fn(middleware::identify_and_log))
        // Outside of what completes problems, and so makes their answers anew.
        .layer(from_fn_with_state(Arc::clone(&app), middleware::secure))
        .layer(from_fn_with_state(Arc::clone(&app), middleware::find_client))
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
