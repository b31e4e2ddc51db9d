//! A proxy that photos are fetched through.
//!
//! It is given names, not addresses (it may decide by them, and TLS is spoken with whom they name), and so it resolves
//! them itself: that it calls what was checked a moment before is up to it. What the worker can do is done: a URL's
//! host is judged as without a proxy, and a name must have addresses that may be called, and no other.

use std::fmt;
use std::str::FromStr;

use reqwest::dns::{Name, Resolve, Resolving};
use url::{Host, Url};

use super::{CheckedResolver, Lookup, without_port};
use crate::photo::PhotoError;

/// An HTTP proxy, `http(s)://[user:password@]host[:port]`; `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchProxy(Url);

impl FetchProxy {
    /// For the HTTP client: every request goes this way.
    pub(super) fn for_client(&self) -> reqwest::Result<reqwest::Proxy> {
        reqwest::Proxy::all(self.0.clone())
    }

    /// Finds the proxy, which may be anywhere, and nothing else.
    pub(super) fn resolver(&self, lookup: Lookup) -> ProxyResolver {
        ProxyResolver {
            host: self.0.host_str().unwrap_or_default().to_owned(),
            lookup,
        }
    }
}

impl fmt::Debug for FetchProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.host_str().unwrap_or_default())
    }
}

impl FromStr for FetchProxy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write an address such as http://proxy:3128 or http://user:password@proxy:3128";
        let url = Url::parse(text).map_err(|_| SHAPE)?;
        let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return Err(SHAPE);
        }
        Ok(Self(url))
    }
}

/// The resolver of a client that calls a proxy only.
pub(super) struct ProxyResolver {
    host: String,
    lookup: Lookup,
}

impl Resolve for ProxyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = name.as_str() == self.host;
        let found = (self.lookup)(self.host.clone());
        Box::pin(async move {
            if !is_proxy {
                return Err("only the proxy is called".into());
            }
            Ok(without_port(found.await?))
        })
    }
}

impl CheckedResolver {
    /// Judges the name in a URL by its addresses, whichever of them a proxy will call.
    pub(super) async fn check(&self, url: &Url) -> Result<(), PhotoError> {
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let found = self.addresses(name).await;
        let (allowed, refusal) = found.map_err(|cause| PhotoError::Unreachable(cause.into()))?;
        match refusal {
            Some(refusal) => Err(refusal.of(name)),
            None if allowed.is_empty() => Err(PhotoError::Unreachable("the name has no address".into())),
            None => Ok(()),
        }
    }
}
