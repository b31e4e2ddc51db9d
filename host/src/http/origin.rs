//! What keeps web pages of others from using a worker through the browser of somebody who may call it.
//!
//! A name of theirs may lead to this machine (DNS rebinding): a worker that asks for no key answers to names that it
//! knows. And a page may send forms anywhere without asking (cross-site request forgery): a request that changes
//! something may come from a page of the worker's own or of an origin that is allowed, or from no page.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::{Host, Url};

use super::problem::Problem;
use crate::app::App;

/// What a browser says of a request: from a page of the same origin, of the same site, or of another one.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `host` or `host:port`, as in `Host`.
#[derive(Debug, PartialEq, Eq)]
struct Authority {
    host: Host,
    port: Option<u16>,
}

impl FromStr for Authority {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An address of IPv6 has colons of its own, and stands in brackets.
        let colon = text.rfind(':').filter(|colon| !text[*colon..].contains(']'));
        let (host, port) = match colon {
            Some(colon) => (&text[..colon], &text[colon + 1..]),
            None => (text, ""),
        };
        let host = Host::parse(host).map_err(drop)?;
        if port.is_empty() {
            return Ok(Self { host, port: None });
        }
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number).ok_or(())?;
        Ok(Self {
            host,
            port: Some(port),
        })
    }
}

/// For which host a request is; none in HTTP/1.0, whose clients need not say it.
///
/// # Errors
/// When it says none, several, or what is no host.
fn authority(version: Version, headers: &HeaderMap) -> Result<Option<Authority>, ()> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => Ok(None),
        (Some(host), None) => host.to_str().map_err(drop)?.parse().map(Some),
        _ => Err(()),
    }
}

/// Refuses requests that do not name one host, and, where no key is asked for, those for a host that is neither this
/// machine's loopback nor in `ALLOWED_HOSTS`.
pub(super) async fn require_known_host(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(named) = authority(request.version(), request.headers()) else {
        return Problem::invalid_host_header().into_response();
    };
    if !app.access.asks_for_keys() {
        // Of a target with a host of its own, that one counts for HTTP; nobody is let in by either.
        let targeted = request.uri().authority().map(|target| target.as_str().parse());
        let known = |authority: &Authority| is_known(&authority.host, &app.server.allowed_hosts);
        if !(named.as_ref().is_none_or(known)
            && targeted.is_none_or(|target| target.as_ref().is_ok_and(known)))
        {
            return Problem::host_not_allowed().into_response();
        }
    }
    next.run(request).await
}

fn is_known(host: &Host, allowed: &[Host]) -> bool {
    let is_loopback = match host {
        Host::Domain(name) => name.trim_end_matches('.') == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    };
    is_loopback || allowed.contains(host)
}

/// Refuses requests that may change something and that a browser sends for a page of somebody else.
pub(super) async fn require_own_origin(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || !is_foreign(request.headers(), request.uri(), &app.server.cors_origins) {
        next.run(request).await
    } else {
        Problem::origin_not_allowed().into_response()
    }
}

/// Whether a browser sends this for a page that is neither the worker's own nor of an origin that is allowed. Who sends
/// neither header is no browser, or one that is older than both.
fn is_foreign(headers: &HeaderMap, uri: &Uri, allowed: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    if let Some(origin) = origins.next() {
        if origins.next().is_some() {
            return true;
        }
        if allowed.iter().any(|allowed| origin == allowed.as_str()) {
            return false;
        }
        if !is_own(origin, headers, uri) {
            return true;
        }
    }
    headers
        .get_all(SEC_FETCH_SITE)
        .iter()
        .any(|site| site == "cross-site" || site == "same-site")
}

/// Whether an origin is that of the host for which a request is. Schemes may differ: a proxy before the worker may
/// speak TLS where the worker does not.
fn is_own(origin: &HeaderValue, headers: &HeaderMap, uri: &Uri) -> bool {
    let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
    let Some(origin) = origin.filter(|origin| matches!(origin.scheme(), "http" | "https")) else {
        return false;
    };
    let target = uri.authority().map(|target| target.as_str().parse().ok());
    let target: Option<Authority> =
        target.unwrap_or_else(|| authority(Version::HTTP_11, headers).ok().flatten());
    target.is_some_and(|target| {
        let default = if origin.scheme() == "https" { 443 } else { 80 };
        origin.host().map(|host| host.to_owned()) == Some(target.host)
            && origin.port_or_known_default() == Some(target.port.unwrap_or(default))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn an_authority_is_a_host_and_perhaps_a_port() {
        let parts = |text: &str| {
            let authority: Result<Authority, ()> = text.parse();
            authority.map(|authority| (authority.host.to_string(), authority.port))
        };
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("LOCALHOST:8000", "localhost", Some(8000)),
            ("localhost:", "localhost", None),
            ("my_service:80", "my_service", Some(80)),
            ("127.0.0.1:1", "127.0.0.1", Some(1)),
            ("[::1]", "[::1]", None),
            ("[::1]:8000", "[::1]", Some(8000)),
        ] {
            assert_eq!(parts(text).unwrap(), (host.to_owned(), port), "{text}");
        }
        for text in [
            "", ":80", "a b", "a:b", "a:+1", "a:99999", "a@b", "a/b", "::1", "[::1", "[::1]8", "a:1:2",
        ] {
            assert_eq!(parts(text), Err(()), "{text}");
        }
    }
}
