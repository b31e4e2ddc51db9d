//! What every request passes: identity and log line, time limit, address list, key.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::BodyDataStream;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use subtle::ConstantTimeEq;
use tracing::Instrument;
use uuid::Uuid;

use super::code::Code;
use super::problem::Problem;
use super::{ADMIN_KEY_HEADER, API_KEY_HEADER, REQUEST_ID_HEADER, trace};
use crate::app::App;
use crate::metrics;

/// The longest request id taken over from a caller.
const MAX_REQUEST_ID: usize = 128;

/// What stands before a group of routes, besides what stands before all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Nothing more.
    Open,
    /// [`require_api_key`].
    ApiKey,
    /// [`require_admin_key`].
    AdminKey,
}

impl Door {
    /// What any route may answer, because of what stands before all of them.
    pub(super) const EVERYWHERE: &[Code] = &[Code::AddressNotAllowed, Code::DeadlineExceeded];

    /// Puts itself before these routes.
    pub(super) fn before(self, routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
        let app = Arc::clone(app);
        match self {
            Self::Open => routes,
            Self::ApiKey => routes.layer(middleware::from_fn_with_state(app, require_api_key)),
            Self::AdminKey => routes.layer(middleware::from_fn_with_state(app, require_admin_key)),
        }
    }

    /// How it refuses.
    pub(super) fn refusals(self) -> &'static [Code] {
        match self {
            Self::Open => &[],
            Self::ApiKey => &[Code::WrongApiKey],
            Self::AdminKey => &[Code::WrongAdminKey, Code::NoAdminKey],
        }
    }

    /// The header it asks for, and what is to be said about it.
    pub(super) fn key(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Open => None,
            Self::ApiKey => Some((
                "X-API-Key",
                "The server's `API_KEY`; not asked for when it has none.",
            )),
            Self::AdminKey => Some((
                "X-Admin-Key",
                "The server's `ADMIN_KEY`; when it has none, these calls are off.",
            )),
        }
    }
}

/// What a request is called, for handlers that answer more than once.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) Arc<str>);

/// Gives the request an id (the caller's own when it is presentable), logs one line when it is answered,
/// and completes problems with the id.
pub(super) async fn identify_and_log(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request
        .headers()
        .get(REQUEST_ID_HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID)
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    // The path only: a query may carry what does not belong in a log.
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", id, trace_id = trace::id(request.headers()));
    request.extensions_mut().insert(RequestId(id.as_str().into()));
    let response = next.run(request).instrument(span.clone()).await;
    let mut response = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone().with_request_id(&id).into_response(),
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    let took = started.elapsed();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    metrics::request(route, response.status().as_u16(), took);
    let duration_ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| {
        tracing::info!(
            target: "ai_worker::access",
            ip = %peer.ip().to_canonical(), %method, path, status = response.status().as_u16(), duration_ms,
            "answered"
        );
    });
    response
}

/// Answers 504 when a request takes longer than `REQUEST_TIMEOUT_MS`; its work is dropped, but for a photo that is being
/// stored and a plugin that is being changed: either is done to its end.
pub(super) async fn limit_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.server.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::deadline(app.server.request_timeout).into_response(),
    }
}

/// Refuses clients that are not in `ALLOWED_IPS`, when it is set.
pub(super) async fn require_allowed_address(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    // A dual-stack socket shows IPv4 clients as IPv4-mapped IPv6 addresses.
    let address: IpAddr = peer.ip().to_canonical();
    let allowed = &app.server.allowed_ips;
    if allowed.is_empty() || allowed.iter().any(|network| network.contains(&address)) {
        next.run(request).await
    } else {
        Problem::address_not_allowed(address).into_response()
    }
}

/// Refuses requests without the right `X-API-Key`, when a key is configured.
async fn require_api_key(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(expected) = &app.server.api_key else {
        return next.run(request).await;
    };
    if carries(&request, &API_KEY_HEADER, expected) {
        next.run(request).await
    } else {
        Problem::wrong_api_key().into_response()
    }
}

/// Refuses requests without the right `X-Admin-Key`, and all when no such key is configured.
async fn require_admin_key(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let refusal = match &app.server.admin_key {
        None => Problem::no_admin_key(),
        Some(expected) if carries(&request, &ADMIN_KEY_HEADER, expected) => return next.run(request).await,
        Some(_) => Problem::wrong_admin_key(),
    };
    discard(
        request.into_body().into_data_stream(),
        app.plugins.component_bytes(),
    )
    .await;
    refusal.into_response()
}

/// Reads the rest of a body away, `limit` bytes of it at most. A connection that is closed while its client still sends
/// shows the client a broken connection instead of the answer, and components are large enough for that.
pub(super) async fn discard(mut chunks: BodyDataStream, limit: u64) {
    let mut left = limit;
    while let Some(Ok(chunk)) = chunks.next().await {
        let length = chunk.len() as u64;
        if length > left {
            return;
        }
        left -= length;
    }
}

/// Whether a header has this value; takes the same time whatever the header has.
fn carries(request: &Request, header: &HeaderName, expected: &str) -> bool {
    let given = request
        .headers()
        .get(header)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    given.ct_eq(expected.as_bytes()).into()
}
