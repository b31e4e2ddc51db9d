//! The middleware that every request passes: who calls, identity and log line, time limit, address list, security headers,
//! authentication by key, rate limit.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::BodyDataStream;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use futures_util::StreamExt as _;
use tracing::Instrument;
use uuid::Uuid;

use super::code::Code;
use super::headers::{ADMIN_KEY_HEADER, API_KEY_HEADER, REQUEST_ID_HEADER};
use super::problem::Problem;
use super::trace;
use crate::access::{Caller, Role, Subject};
use crate::app::App;
use crate::audit::Who;
use crate::metrics;

/// The longest request id taken over from a caller.
const MAX_REQUEST_ID: usize = 128;
/// The longest part of a path that is logged, in bytes.
const MAX_LOGGED_PATH: usize = 512;
/// The longest part of a method that is logged, in bytes.
const MAX_METHOD: usize = 32;

/// What a group of routes asks for, besides what stands before all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteAccess {
    /// Nothing more.
    Open,
    /// [`require_api_key`], of any role.
    Process,
    /// [`require_api_key`]; whoever only sends photos may read.
    ApiKey,
    /// [`require_api_key`]; for those who correct, also to read.
    Curate,
    /// [`require_admin_key`].
    AdminKey,
}

impl RouteAccess {
    /// What any route may answer, because of what stands before all of them.
    pub(super) const EVERYWHERE: &[Code] = &[
        Code::AddressNotAllowed,
        Code::InvalidForwardedHeader,
        Code::InvalidHostHeader,
        Code::HostNotAllowed,
        Code::DeadlineExceeded,
    ];

    /// What any route that may change something may answer besides.
    pub(super) const BEFORE_CHANGES: &[Code] = &[Code::OriginNotAllowed];

    /// Puts the middleware that asks for it before these routes.
    pub(super) fn protect(self, routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
        let app = Arc::clone(app);
        match self {
            Self::Open => routes,
            Self::Process | Self::ApiKey | Self::Curate => {
                routes.layer(middleware::from_fn_with_state((app, self), require_api_key))
            }
            Self::AdminKey => routes.layer(middleware::from_fn_with_state(app, require_admin_key)),
        }
    }

    /// How it refuses.
    pub(super) fn refusals(self) -> &'static [Code] {
        match self {
            Self::Open => &[],
            Self::Process => &[Code::WrongApiKey, Code::TooManyWrongKeys, Code::RateLimited],
            Self::ApiKey | Self::Curate => &[
                Code::WrongApiKey,
                Code::RoleNotAllowed,
                Code::TooManyWrongKeys,
                Code::RateLimited,
            ],
            Self::AdminKey => &[
                Code::WrongAdminKey,
                Code::NoAdminKey,
                Code::RoleNotAllowed,
                Code::TooManyWrongKeys,
                Code::RateLimited,
            ],
        }
    }

    /// The header it asks for, and what is to be said about it.
    pub(super) fn key(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Open => None,
            Self::Process | Self::ApiKey | Self::Curate => Some((
                "X-API-Key",
                "The server's `API_KEY` or `ADMIN_KEY`, or a key in its `API_KEYS_FILE`. The role `process` permits \
                 photos and reading; `curate` and `admin` also permit corrections. No key is needed if the server has \
                 neither `API_KEY` nor `API_KEYS_FILE`.",
            )),
            Self::AdminKey => Some((
                "X-Admin-Key",
                "The server's `ADMIN_KEY`, or a key in its `API_KEYS_FILE` with the role `admin`; if the server needs \
                 `X-API-Key`, the same key may be sent there. If the server has no such key, these calls are disabled.",
            )),
        }
    }

    /// The least role that a call behind it needs; none where no key is asked for.
    pub(super) fn role(self, method: &Method) -> Option<Role> {
        match self {
            Self::Open => None,
            Self::Process => Some(Role::Process),
            Self::ApiKey if method.is_safe() => Some(Role::Process),
            Self::ApiKey | Self::Curate => Some(Role::Curate),
            Self::AdminKey => Some(Role::Admin),
        }
    }
}

/// Whether a request comes with a key that may do everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct IsAdministrator(pub(super) bool);

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// The caller's address; the peer's when `readable` is false.
    pub(super) address: IpAddr,
    /// Whether the proxies that are believed have said whom they speak for.
    readable: bool,
}

/// Finds out where a request comes from: from its peer, or from whom a trusted proxy names.
pub(super) async fn find_client(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let proxies = &app.access.proxies;
    let values = request.headers().get_all(proxies.header.name()).iter();
    let found = proxies.client(peer.ip(), values.map(HeaderValue::as_bytes));
    request.extensions_mut().insert(Client {
        address: found.unwrap_or(peer.ip().to_canonical()),
        readable: found.is_ok(),
    });
    next.run(request).await
}

/// What a request is called, for handlers that answer more than once.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) Arc<str>);

/// Gives the request an id (the caller's own when it is presentable), logs one line when it is answered,
/// and completes problems with the id.
pub(super) async fn identify_and_log(
    Extension(client): Extension<Client>,
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
    // Whoever has no key may send any of these, too.
    let method = shortened(request.method().as_str(), MAX_METHOD).into_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    // The path only: a query may carry what does not belong in a log.
    let path = shortened(request.uri().path(), MAX_LOGGED_PATH).into_owned();
    // Only the name of a key is ever written; whose it is, [`crate::access`] finds out.
    let span = tracing::info_span!(
        "request",
        id,
        trace_id = tracing::field::Empty,
        key = tracing::field::Empty,
        otel.name = tracing::field::Empty,
        otel.kind = tracing::field::Empty,
    );
    let route = route.as_ref().map(MatchedPath::as_str);
    trace::begin(&span, request.headers(), &method, route);
    request.extensions_mut().insert(RequestId(id.as_str().into()));
    let response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions().get::<Problem>();
    trace::end(&span, response.status(), problem.map(Problem::code_name));
    let mut response = match problem {
        Some(problem) => problem.clone().with_request_id(&id).into_response(),
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    let took = started.elapsed();
    metrics::request(route.unwrap_or("none"), response.status().as_u16(), took);
    let duration_ms = took.as_secs_f64() * 1_000.0;
    let path = logged_path(route, &path);
    span.in_scope(|| {
        tracing::info!(
            target: "ai_worker::access",
            ip = %client.address, method = %method, path, status = response.status().as_u16(), duration_ms,
            "answered"
        );
    });
    response
}

/// What the log says of a path. A photo's name, which alone may have slashes, would stay there when the photo is deleted.
fn logged_path<'a>(route: Option<&'a str>, path: &'a str) -> &'a str {
    match route {
        Some(route) if route.contains("{*") => route,
        _ => path,
    }
}

/// When a request is given up, for handlers that say so.
#[derive(Clone, Copy)]
pub(super) struct Deadline(pub(super) Instant);

/// Answers 504 when a request takes longer than `REQUEST_TIMEOUT_MS`; its work is dropped, but for a photo that is being
/// stored and a plugin that is being put back: either is done to its end.
pub(super) async fn limit_time(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let deadline = Instant::now() + app.server.request_timeout;
    request.extensions_mut().insert(Deadline(deadline));
    match tokio::time::timeout_at(deadline.into(), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::deadline(app.server.request_timeout).into_response(),
    }
}

/// Refuses clients that are not in `ALLOWED_IPS`, when it is set, and those of whom a trusted proxy says nothing that can
/// be read.
pub(super) async fn require_allowed_address(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    if !client.readable {
        Problem::invalid_forwarded_header(app.access.proxies.header.name()).into_response()
    } else if app.server.allows(client.address) {
        next.run(request).await
    } else {
        Problem::address_not_allowed(client.address).into_response()
    }
}

/// Tells browsers to make nothing of an answer but what it is, and nobody to keep it; what a route itself says of these
/// stays.
pub(super) async fn secure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    /// Two years, in seconds, as browsers ask for.
    const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000");
    const HEADERS: [(HeaderName, HeaderValue); 4] = [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if app.access.tls.is_some() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    response
}

/// Refuses requests without a key whose role is enough, when keys are configured, and those that come too fast.
async fn require_api_key(
    State((app, access)): State<(Arc<App>, RouteAccess)>,
    Extension(client): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    let needed = access.role(request.method());
    let refusal = match identify(&app, client, &request) {
        Err(wait) => Problem::too_many_wrong_keys(wait),
        Ok(None) if app.access.asks_for_keys() => Problem::wrong_api_key(),
        Ok(Some(caller)) if app.access.asks_for_keys() && Some(caller.role) < needed => {
            Problem::role_not_allowed(caller.role, needed)
        }
        Ok(caller) => return counted(&app, caller, client, request, next).await,
    };
    // A photo may be in it.
    turn_away(request, app.file_limits.max_bytes, refusal).await
}

/// Refuses requests without a key that may do everything, and all when there is no such key.
async fn require_admin_key(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    let refusal = match identify(&app, client, &request) {
        Ok(Some(caller)) if caller.role == Role::Admin => {
            return counted(&app, Some(caller), client, request, next).await;
        }
        Err(wait) => Problem::too_many_wrong_keys(wait),
        Ok(_) if !app.access.has_administrators() => Problem::no_admin_key(),
        Ok(Some(caller)) if caller.filed => Problem::role_not_allowed(caller.role, Some(Role::Admin)),
        Ok(_) => Problem::wrong_admin_key(),
    };
    turn_away(request, app.plugins.component_bytes(), refusal).await
}

/// Goes on, and says who calls, unless there were too many requests of this caller.
async fn counted(
    app: &App,
    caller: Option<Caller>,
    client: Client,
    mut request: Request,
    next: Next,
) -> Response {
    let is_administrator = caller.as_ref().is_some_and(|caller| caller.role == Role::Admin);
    request.extensions_mut().insert(IsAdministrator(is_administrator));
    // Where no key is asked for, everybody may do everything but change plugins.
    let role = caller.as_ref().map_or(Role::Curate, |caller| caller.role);
    request.extensions_mut().insert(role);
    request.extensions_mut().insert(Who {
        key: caller.as_ref().map(|caller| Arc::clone(&caller.name)),
        address: Some(client.address),
    });
    let subject = match &caller {
        Some(caller) => Subject::Key(Arc::clone(&caller.name)),
        None => Subject::Address(client.address),
    };
    match app.access.count(&subject) {
        Ok(()) => next.run(request).await,
        Err(wait) => turn_away(request, app.file_limits.max_bytes, Problem::rate_limited(wait)).await,
    }
}

/// Answers with a problem when the body is read away, `limit` bytes of it at most.
async fn turn_away(request: Request, limit: u64, problem: Problem) -> Response {
    discard(request.into_body().into_data_stream(), limit).await;
    problem.into_response()
}

/// Whose key a request carries; from now on the log names it.
///
/// # Errors
/// How long to wait, when too many wrong keys came from there.
fn identify(app: &App, client: Client, request: &Request) -> Result<Option<Caller>, Duration> {
    let header = |name: &HeaderName| {
        let value = request.headers().get(name);
        value.map(HeaderValue::as_bytes).unwrap_or_default()
    };
    let keys = (header(&API_KEY_HEADER), header(&ADMIN_KEY_HEADER));
    let caller = app.access.identify(client.address, keys.0, keys.1)?;
    if let Some(caller) = &caller {
        tracing::Span::current().record("key", &*caller.name);
    }
    Ok(caller)
}

/// A text for a log line, of at most so many bytes.
fn shortened(text: &str, bytes: usize) -> Cow<'_, str> {
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!(
        "{}... ({} bytes)",
        &text[..text.floor_char_boundary(bytes)],
        text.len()
    ))
}

/// Reads the rest of a body away, `limit` bytes of it at most. A connection that is closed while its client still sends
/// shows the client a broken connection instead of the answer, and components and photos are large enough for that.
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

/// A route that does not answer to a method.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_names_a_photo_is_not_logged() {
        for (route, path) in [
            ("/api/files/{*file_id}", "/api/files/anna.jpg"),
            ("/api/pictures/{*file_id}", "/api/pictures/2026/anna.jpg"),
        ] {
            assert_eq!(logged_path(Some(route), path), route);
        }
        assert_eq!(logged_path(Some("/health"), "/health"), "/health");
        assert_eq!(logged_path(None, "/nowhere"), "/nowhere");
    }
}
