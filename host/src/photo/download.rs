//! Fetches a photo over HTTP without being led into a private network, flooded or kept waiting.
//!
//! The address check sits in the resolver that dials, so the address that was checked is the one that is
//! called, whatever the name resolves to a moment later. Addresses written into the URL never reach a
//! resolver and are checked before each request, redirects included.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Response, StatusCode};
use url::{Host, Url};

use super::{PhotoError, is_public};

/// What the decoder reads; a server that can choose must not choose AVIF.
const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "image/jpeg, image/png, image/webp, image/gif;q=0.8, image/tiff;q=0.8, image/bmp;q=0.8, */*;q=0.1",
);

/// What a download may reach and cost.
#[derive(Clone, Debug)]
pub struct DownloadSettings {
    /// Call every address, private ones too.
    pub allow_private: bool,
    /// Networks that may be called although they are not public.
    pub allowed_networks: Vec<IpNet>,
    /// The largest photo, in bytes.
    pub max_bytes: u64,
    /// Limit for name resolution, TCP and TLS together.
    pub connect_timeout: Duration,
    /// Limit for the whole download, redirects included.
    pub timeout: Duration,
    /// Redirects to follow, at most.
    pub max_redirects: usize,
    /// How the worker names itself.
    pub user_agent: String,
}

impl Default for DownloadSettings {
    /// Public addresses only, 50 MiB, 5 s to connect, 30 s in all, 5 redirects.
    fn default() -> Self {
        Self {
            allow_private: false,
            allowed_networks: Vec::new(),
            max_bytes: 50 << 20,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            max_redirects: 5,
            user_agent: concat!("ai-worker/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Fetches photos; one is enough for the whole process.
#[derive(Clone, Debug)]
pub struct Downloader {
    client: Client,
    rule: AddressRule,
    max_bytes: u64,
    max_redirects: usize,
    timeout: Duration,
}

impl Downloader {
    /// Prepares TLS, with the system's root certificates, and the connection pool.
    ///
    /// # Errors
    /// [`PhotoError::HttpClient`] when there are no root certificates or the user agent is no header value.
    pub fn new(settings: DownloadSettings) -> Result<Self, PhotoError> {
        // An error means that a provider is installed already, and that is all reqwest needs.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rule = AddressRule {
            allow_private: settings.allow_private,
            networks: settings.allowed_networks.into(),
        };
        let client = Client::builder()
            .user_agent(settings.user_agent)
            .default_headers(HeaderMap::from_iter([(ACCEPT, ACCEPTED)]))
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A proxy would resolve names itself, past the check.
            .no_proxy()
            .dns_resolver(CheckedResolver(rule.clone()))
            .build()
            .map_err(|cause| PhotoError::HttpClient(cause.into()))?;
        Ok(Self {
            client,
            rule,
            max_bytes: settings.max_bytes,
            max_redirects: settings.max_redirects,
            timeout: settings.timeout,
        })
    }

    /// The bytes behind a URL, whatever they are, at least one.
    ///
    /// # Errors
    /// [`PhotoError::InvalidUrl`], [`PhotoError::AddressRefused`], [`PhotoError::Unreachable`],
    /// [`PhotoError::TimedOut`], [`PhotoError::SourceStatus`], [`PhotoError::TooLarge`],
    /// [`PhotoError::TooManyRedirects`] or [`PhotoError::EmptyBody`].
    pub async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError> {
        tokio::time::timeout(self.timeout, self.follow(url))
            .await
            .map_err(|_| PhotoError::TimedOut)?
    }

    async fn follow(&self, url: &str) -> Result<Bytes, PhotoError> {
        let mut url = Url::parse(url).map_err(|_| PhotoError::InvalidUrl("it is not a URL"))?;
        for _ in 0..=self.max_redirects {
            self.check(&url)?;
            let response = self.client.get(url.clone()).send().await.map_err(failure)?;
            match redirect_target(&url, &response)? {
                Some(target) => url = target,
                None => return self.body(response).await,
            }
        }
        Err(PhotoError::TooManyRedirects(self.max_redirects))
    }

    /// What can be said about a URL without resolving its name.
    fn check(&self, url: &Url) -> Result<(), PhotoError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(PhotoError::InvalidUrl("its scheme is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PhotoError::InvalidUrl("it holds a user name or a password"));
        }
        // The url crate has already turned spellings such as 0x7f.1 and 2130706433 into addresses.
        let address: IpAddr = match url.host() {
            None => return Err(PhotoError::InvalidUrl("it names no host")),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
        };
        if self.rule.allows(address) {
            Ok(())
        } else {
            Err(PhotoError::AddressRefused(address.to_string()))
        }
    }

    async fn body(&self, mut response: Response) -> Result<Bytes, PhotoError> {
        if !response.status().is_success() {
            return Err(PhotoError::SourceStatus(response.status().as_u16()));
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
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() as u64 + chunk.len() as u64 > self.max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if body.is_empty() {
            return Err(PhotoError::EmptyBody);
        }
        Ok(body.freeze())
    }
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

/// What an error of the HTTP client means for the caller.
fn failure(error: reqwest::Error) -> PhotoError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        if let Some(Refused(host)) = current.downcast_ref() {
            return PhotoError::AddressRefused(host.clone());
        }
        cause = current.source();
    }
    if error.is_timeout() {
        PhotoError::TimedOut
    } else {
        PhotoError::Unreachable(error.without_url().into())
    }
}

/// Which addresses may be called.
#[derive(Clone, Debug)]
struct AddressRule {
    allow_private: bool,
    networks: Arc<[IpNet]>,
}

impl AddressRule {
    fn allows(&self, address: IpAddr) -> bool {
        // ::ffff:10.0.0.1 is reached as 10.0.0.1, so a rule for the latter covers it.
        let plain = address.to_canonical();
        self.allow_private
            || is_public(address)
            || self.networks.iter().any(|network| network.contains(&plain))
    }
}

/// No address of a host may be called; travels through the HTTP client's error chain.
#[derive(Debug, thiserror::Error)]
#[error("no address of {0} may be called")]
struct Refused(String);

/// The system's resolver, less the addresses that must not be called.
#[derive(Debug)]
struct CheckedResolver(AddressRule);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0.clone();
        Box::pin(async move {
            // Port 0 makes the client use the URL's.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|address| rule.allows(address.ip()))
                .collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(Refused(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
