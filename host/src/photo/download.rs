//! Fetches a photo over HTTP without being led into a private network, flooded or kept waiting.
//!
//! The address check sits in the resolver that dials, so the address that was checked is the one that is
//! called, whatever the name resolves to a moment later. Addresses written into the URL never reach a
//! resolver and are checked before each request, redirects included. A proxy resolves names itself, past the check, so
//! none is used, whatever the environment says, unless it is configured; see [`proxy`].

mod answer;
mod failure;
mod proxy;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use url::Url;

pub use proxy::FetchProxy;

use super::PhotoError;
use super::fetch_policy::{FetchDenied, FetchPolicy, UrlRule};
use super::source_header::SourceHeader;

/// What the decoder reads; a server that can choose must not choose AVIF.
const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "image/jpeg, image/png, image/webp, image/gif;q=0.8, image/tiff;q=0.8, image/bmp;q=0.8, */*;q=0.1",
);

/// The file as it is: what is compressed once more takes longer, and may be made to grow without end.
const ACCEPTED_ENCODING: HeaderValue = HeaderValue::from_static("identity");

/// What a download may reach and cost.
#[derive(Clone, Debug)]
pub struct DownloadSettings {
    /// Call every address, private ones too.
    pub allow_private: bool,
    /// Networks that may be called although they are not public.
    pub allowed_networks: Vec<IpNet>,
    /// Hosts and networks that may be called and no others; empty: all. Opens no address that is not public.
    pub allow: Vec<UrlRule>,
    /// Hosts and networks that are never called.
    pub deny: Vec<UrlRule>,
    /// Whom to send every request through; none calls the photo's server.
    pub proxy: Option<FetchProxy>,
    /// Headers for single origins; a redirect to another origin does not carry them.
    pub headers: Vec<SourceHeader>,
    /// The largest photo, in bytes.
    pub max_bytes: u64,
    /// Limit for name resolution, TCP and TLS together.
    pub connect_timeout: Duration,
    /// Limit from the start of a request, connecting included, to the head of its answer; for each redirect anew.
    pub first_byte_timeout: Duration,
    /// Limit for the whole download, redirects included.
    pub timeout: Duration,
    /// Redirects to follow, at most.
    pub max_redirects: usize,
}

/// What a photo file may cost on its way in, whichever that is.
#[derive(Clone, Copy, Debug)]
pub struct FileLimits {
    /// The largest, in bytes.
    pub max_bytes: u64,
    /// The longest time from its beginning to its end.
    pub timeout: Duration,
}

impl DownloadSettings {
    /// The limits that a file has which is not downloaded, too.
    #[must_use]
    pub fn file_limits(&self) -> FileLimits {
        FileLimits {
            max_bytes: self.max_bytes,
            timeout: self.timeout,
        }
    }
}

#[cfg(test)]
impl Default for DownloadSettings {
    /// Public addresses only, 50 MiB, 5 s to connect, 10 s to the first byte, 30 s in all, 5 redirects.
    fn default() -> Self {
        Self {
            allow_private: false,
            allowed_networks: Vec::new(),
            allow: Vec::new(),
            deny: Vec::new(),
            proxy: None,
            headers: Vec::new(),
            max_bytes: 50 << 20,
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            max_redirects: 5,
        }
    }
}

/// Fetches photos; one is enough for the whole process.
#[derive(Clone, Debug)]
pub struct Downloader {
    /// Keeps connections that a server leaves open, for the next request.
    client: Client,
    /// Makes a connection for each request, by the same rules.
    fresh: Client,
    policy: FetchPolicy,
    /// With a proxy, which resolves names itself: what the worker finds them to be.
    names: Option<CheckedResolver>,
    headers: Arc<[SourceHeader]>,
    max_bytes: u64,
    max_redirects: usize,
    first_byte_timeout: Duration,
    timeout: Duration,
}

impl Downloader {
    /// Prepares TLS, with the system's root certificates, and the connection pool.
    ///
    /// # Errors
    /// [`PhotoError::HttpClient`] when there are no root certificates.
    pub fn new(settings: DownloadSettings) -> Result<Self, PhotoError> {
        Self::with_lookup(settings, Arc::new(|name| system_lookup(name).boxed()))
    }

    fn with_lookup(settings: DownloadSettings, lookup: Lookup) -> Result<Self, PhotoError> {
        let policy = FetchPolicy {
            allow_private: settings.allow_private,
            networks: settings.allowed_networks.into(),
            allow: settings.allow.into(),
            deny: settings.deny.into(),
        };
        let resolver = CheckedResolver {
            policy: policy.clone(),
            lookup,
        };
        let client = |keep: usize| {
            let builder = builder(settings.connect_timeout).pool_max_idle_per_host(keep);
            match &settings.proxy {
                None => builder.dns_resolver(resolver.clone()).build(),
                Some(proxy) => {
                    let find_proxy = proxy.resolver(Arc::clone(&resolver.lookup));
                    let proxied = |proxy| builder.proxy(proxy).dns_resolver(find_proxy).build();
                    proxy.for_client().and_then(proxied)
                }
            }
            .map_err(|cause| PhotoError::HttpClient(cause.into()))
        };
        let (client, fresh) = (client(usize::MAX)?, client(0)?);
        Ok(Self {
            client,
            fresh,
            policy,
            names: settings.proxy.is_some().then_some(resolver),
            headers: settings.headers.into(),
            max_bytes: settings.max_bytes,
            max_redirects: settings.max_redirects,
            first_byte_timeout: settings.first_byte_timeout,
            timeout: settings.timeout,
        })
    }

    /// The bytes behind a URL, whatever they are, at least one.
    ///
    /// # Errors
    /// [`PhotoError::InvalidUrl`], [`PhotoError::AddressRefused`], [`PhotoError::HostRefused`],
    /// [`PhotoError::Unreachable`], [`PhotoError::Broken`], [`PhotoError::NotHttp`], [`PhotoError::HeadTooLarge`],
    /// [`PhotoError::TimedOut`], [`PhotoError::SourceBusy`], [`PhotoError::SourceStatus`], [`PhotoError::TooLarge`],
    /// [`PhotoError::Compressed`], [`PhotoError::TooManyRedirects`] or [`PhotoError::EmptyBody`].
    pub async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError> {
        tokio::time::timeout(self.timeout, self.follow(url))
            .await
            .map_err(|_| PhotoError::TimedOut)?
    }

    async fn follow(&self, url: &str) -> Result<Bytes, PhotoError> {
        let mut url = Url::parse(url).map_err(|_| PhotoError::InvalidUrl("it is not a URL"))?;
        for _ in 0..=self.max_redirects {
            self.policy.check_url(&url)?;
            let response = self.request(&url).await?;
            match redirect_target(&url, &response)? {
                Some(target) => url = target,
                None => return self.body(response).await,
            }
        }
        Err(PhotoError::TooManyRedirects(self.max_redirects))
    }

    /// Asks for a URL: once, and once more on a connection of its own when the first one ended without an answer, as
    /// kept ones do. Both attempts share the limit for the first byte.
    async fn request(&self, url: &Url) -> Result<Response, PhotoError> {
        let answer = async {
            match self.attempt(&self.client, url).await? {
                Err(error) if failure::is_unanswered(&error) => {
                    tracing::debug!(
                        error = crate::report(&error.without_url()),
                        "no answer; requesting the photo again on a new connection"
                    );
                    self.attempt(&self.fresh, url).await?
                }
                answer => answer,
            }
            .map_err(failure::of_request)
        };
        tokio::time::timeout(self.first_byte_timeout, answer)
            .await
            .map_err(|_| PhotoError::TimedOut)?
    }

    async fn attempt(&self, client: &Client, url: &Url) -> Result<reqwest::Result<Response>, PhotoError> {
        if let Some(names) = &self.names {
            names.check(url).await?;
        }
        let mut request = client.get(url.clone());
        for header in self.headers.iter().filter(|header| header.is_for(url)) {
            request = request.header(&header.name, &header.value);
        }
        Ok(request.send().await)
    }

    async fn body(&self, mut response: Response) -> Result<Bytes, PhotoError> {
        if !response.status().is_success() {
            return Err(answer::failure(response.status(), response.headers()));
        }
        let too_large = || PhotoError::TooLarge {
            limit: self.max_bytes,
        };
        let announced = response.content_length().unwrap_or(0);
        if announced > self.max_bytes {
            return Err(too_large());
        }
        // At most `max_bytes`, which fits memory or the limit is pointless.
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(failure::of_body)? {
            if body.len() as u64 + chunk.len() as u64 > self.max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if body.is_empty() {
            return Err(PhotoError::EmptyBody);
        }
        match answer::encoding(response.headers(), &body) {
            Some(encoding) => Err(PhotoError::Compressed(encoding)),
            None => Ok(body.freeze()),
        }
    }
}

/// A client as every request here needs it. It reads what servers write that is not quite HTTP and that other clients
/// read: spaces before the colon of a header, lines that are folded, lines that are no headers, and many of them.
fn builder(connect_timeout: Duration) -> ClientBuilder {
    crate::client_builder()
        .default_headers(HeaderMap::from_iter([
            (ACCEPT, ACCEPTED),
            (ACCEPT_ENCODING, ACCEPTED_ENCODING),
        ]))
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(failure::MAX_HEADERS)
        .no_proxy()
}

/// Where a response sends the client, when it does.
fn redirect_target(from: &Url, response: &Response) -> Result<Option<Url>, PhotoError> {
    const REDIRECTS: [StatusCode; 5] = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    if !REDIRECTS.contains(&response.status()) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    std::str::from_utf8(location.as_bytes())
        .ok()
        .and_then(|location| from.join(location).ok())
        .map(Some)
        .ok_or(PhotoError::InvalidUrl(
            "it redirects to something that is not a URL",
        ))
}

/// Finds the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

async fn system_lookup(name: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// No address of a host may be called; travels through the HTTP client's error chain.
#[derive(Debug, thiserror::Error)]
#[error("no address of {1} may be called")]
struct Refused(FetchDenied, String);

/// A resolver whose answers lack the addresses that must not be called.
#[derive(Clone)]
struct CheckedResolver {
    policy: FetchPolicy,
    lookup: Lookup,
}

impl fmt::Debug for CheckedResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policy.fmt(formatter)
    }
}

impl CheckedResolver {
    /// The addresses of a name that may be called, and why the others may not.
    async fn addresses(&self, name: &str) -> io::Result<(Vec<IpAddr>, Option<FetchDenied>)> {
        let mut refusal = None;
        let mut allowed = Vec::new();
        for address in (self.lookup)(name.to_owned()).await? {
            match self.policy.check_address(address, Some(name)) {
                Ok(()) => allowed.push(address),
                Err(why) => refusal = Some(why),
            }
        }
        Ok((allowed, refusal))
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, name) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let (allowed, refusal) = resolver.addresses(&name).await?;
            match refusal {
                Some(refusal) if allowed.is_empty() => Err(Refused(refusal, name).into()),
                _ => Ok(without_port(allowed)),
            }
        })
    }
}

/// Addresses for the HTTP client; port 0 makes it use the URL's.
fn without_port(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod proxied;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tests;
