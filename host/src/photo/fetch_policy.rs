//! The fetch policy: which URLs photos may be fetched from, by name, and by the addresses that names turn out to have. It is
//! what keeps callers from server-side request forgery (SSRF).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use url::{Host, Url};

use super::PhotoError;
use super::address::{self, is_public};

/// A host, the hosts below a domain, or a network; what `URL_ALLOW` and `URL_DENY` list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlRule {
    /// One host, as IDNA writes it, without a dot at its end.
    Host(String),
    /// Every host below this domain, at any depth; not the domain itself.
    Below(String),
    /// Addresses, whatever name leads to them.
    Network(IpNet),
}

impl UrlRule {
    fn names(&self, host: &str) -> bool {
        match self {
            Self::Host(name) => name == host,
            Self::Below(domain) => host
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            Self::Network(_) => false,
        }
    }

    fn holds(&self, address: IpAddr) -> bool {
        matches!(self, Self::Network(network) if network.contains(&address))
    }
}

impl fmt::Display for UrlRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => formatter.write_str(name),
            Self::Below(domain) => write!(formatter, "*.{domain}"),
            Self::Network(network) => network.fmt(formatter),
        }
    }
}

impl FromStr for UrlRule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write a host such as photos.example, the hosts below a domain such as *.photos.example, \
            an address, or a network such as 203.0.113.0/24";
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(canonical_network(network).trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.to_canonical().into()));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(domain) => (true, domain),
            None => (false, text),
        };
        match Host::parse(name) {
            Ok(Host::Domain(domain)) if !is_name(plain(&domain)) => Err(SHAPE),
            Ok(Host::Domain(domain)) if below => Ok(Self::Below(plain(&domain).to_owned())),
            Ok(Host::Domain(domain)) => Ok(Self::Host(plain(&domain).to_owned())),
            Ok(Host::Ipv4(address)) if !below => Ok(Self::Network(IpAddr::from(address).into())),
            Ok(Host::Ipv6(address)) if !below => {
                Ok(Self::Network(IpAddr::from(address).to_canonical().into()))
            }
            _ => Err(SHAPE),
        }
    }
}

/// A network of IPv4-mapped addresses as the IPv4 network that it is; only such addresses are ever compared.
pub(crate) fn canonical_network(network: IpNet) -> IpNet {
    match network.addr().to_canonical() {
        IpAddr::V4(address) if network.prefix_len() >= 96 => {
            // At most 32 bits are left, so this cannot fail; what it would mean then is the network as it came.
            IpNet::new(address.into(), network.prefix_len() - 96).unwrap_or(network)
        }
        _ => network,
    }
}

/// Whether a host can have this name: an asterisk, which may have been percent-encoded, and nothing between two dots are
/// mistakes.
fn is_name(name: &str) -> bool {
    !name.contains('*') && !name.split('.').any(str::is_empty)
}

/// A name without the dot that makes it absolute: `photos.example.` is `photos.example`.
fn plain(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Which hosts and addresses may be called.
#[derive(Clone, Debug, Default)]
pub(super) struct FetchPolicy {
    /// Special addresses may be called, too.
    pub(super) allow_private: bool,
    /// Special networks that may be called all the same.
    pub(super) networks: Arc<[IpNet]>,
    /// Nothing else may be called; empty: all.
    pub(super) allow: Arc<[UrlRule]>,
    /// Never called.
    pub(super) deny: Arc<[UrlRule]>,
}

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FetchDenied {
    /// It is a special one.
    NotPublic,
    /// `URL_ALLOW` does not list it, or `URL_DENY` does.
    NotListed,
}

impl FetchDenied {
    /// As the caller sees it; `host` is a name or an address.
    pub(super) fn of(self, host: impl Into<String>) -> PhotoError {
        match self {
            Self::NotPublic => PhotoError::AddressRefused(host.into()),
            Self::NotListed => PhotoError::HostRefused(host.into()),
        }
    }
}

impl FetchPolicy {
    /// What can be said about a URL without resolving its name. The url crate has already turned spellings such as
    /// `0x7f.1` and `2130706433` into addresses.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), PhotoError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(PhotoError::InvalidUrl("its scheme is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PhotoError::InvalidUrl("it holds a user name or a password"));
        }
        let host = url.host().ok_or(PhotoError::InvalidUrl("it names no host"))?;
        self.check_host(&host)
    }

    /// Judges a URL's host: an address for good, a name as far as that is possible before it is resolved.
    fn check_host(&self, host: &Host<&str>) -> Result<(), PhotoError> {
        let address: IpAddr = match host {
            Host::Domain(name) => {
                return if self.may_name(name) {
                    Ok(())
                } else {
                    Err(FetchDenied::NotListed.of(plain(name)))
                };
            }
            Host::Ipv4(address) => (*address).into(),
            Host::Ipv6(address) => (*address).into(),
        };
        self.check_address(address, None)
            .map_err(|refusal| refusal.of(address.to_string()))
    }

    fn may_name(&self, name: &str) -> bool {
        let name = plain(name);
        let denied = self.deny.iter().any(|rule| rule.names(name));
        let open = self.allow.is_empty()
            || self
                .allow
                .iter()
                .any(|rule| rule.names(name) || matches!(rule, UrlRule::Network(_)));
        open && !denied
    }

    /// Judges an address, as the one that `name` was resolved to or as written in a URL.
    pub(super) fn check_address(&self, address: IpAddr, name: Option<&str>) -> Result<(), FetchDenied> {
        // ::ffff:10.0.0.1 is reached as 10.0.0.1, so a rule for the latter covers it.
        let direct = address.to_canonical();
        let special = !self.allow_private
            && !is_public(address)
            && !self.networks.iter().any(|network| network.contains(&direct));
        if special {
            return Err(FetchDenied::NotPublic);
        }
        let inner = match address {
            IpAddr::V4(_) => [None, None],
            IpAddr::V6(address) => address::embedded(address),
        };
        let mut ways = inner.into_iter().flatten().map(IpAddr::from).chain([direct]);
        let denied = ways.any(|way| self.deny.iter().any(|rule| rule.holds(way)));
        let listed = self.allow.is_empty()
            || self
                .allow
                .iter()
                .any(|rule| rule.holds(direct) || name.is_some_and(|name| rule.names(plain(name))));
        if denied || !listed {
            return Err(FetchDenied::NotListed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    fn rules(texts: &[&str]) -> Arc<[UrlRule]> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_rule_is_a_host_a_domain_or_a_network() {
        for (text, shown) in [
            ("photos.example", "photos.example"),
            ("Photos.Example.", "photos.example"),
            ("*.photos.example", "*.photos.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
            ("[::ffff:203.0.113.7]", "203.0.113.7/32"),
            ("203.0.113.7", "203.0.113.7/32"),
            ("0xcb007107", "203.0.113.7/32"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("[2001:db8::1]", "2001:db8::1/128"),
        ] {
            assert_eq!(text.parse::<UrlRule>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in [
            "",
            "*",
            "*.",
            ".",
            "..",
            "*..",
            "a..example",
            "a%2ab.example",
            "http://photos.example",
            "photos.example:80",
            "*.10.0.0.1",
            "a b",
            "x/8",
        ] {
            assert!(wrong.parse::<UrlRule>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_denied_host_stays_denied_in_every_spelling() {
        let policy = FetchPolicy {
            deny: rules(&["secret.example", "*.internal.example", "8.8.8.0/24"]),
            ..FetchPolicy::default()
        };
        for (url, allowed) in [
            ("http://photos.example/", true),
            ("http://secret.example/", false),
            ("http://SECRET.example./", false),
            ("http://www.secret.example/", true),
            ("http://internal.example/", true),
            ("http://a.internal.example/", false),
            ("http://a.b.internal.example/", false),
            ("http://evilinternal.example/", true),
            ("http://8.8.8.8/", false),
            ("http://0x08080808/", false),
            ("http://[::ffff:8.8.8.8]/", false),
            ("http://[64:ff9b::8.8.8.8]/", false),
            ("http://[2002:808:808::1]/", false),
            ("http://8.8.4.4/", true),
        ] {
            let parsed = url::Url::parse(url).unwrap();
            let found = policy.check_host(&parsed.host().unwrap());
            assert_eq!(found.is_ok(), allowed, "{url}: {found:?}");
        }
        let resolved = "8.8.8.8".parse().unwrap();
        assert_eq!(
            policy.check_address(resolved, Some("photos.example")),
            Err(FetchDenied::NotListed)
        );
    }

    #[test]
    fn with_a_list_of_allowed_hosts_nothing_else_is_called() {
        let policy = FetchPolicy {
            allow: rules(&["*.photos.example", "9.9.9.0/24"]),
            ..FetchPolicy::default()
        };
        let public = "8.8.8.8".parse().unwrap();
        let listed = "9.9.9.9".parse().unwrap();
        assert_eq!(policy.check_address(public, Some("a.photos.example.")), Ok(()));
        assert_eq!(
            policy.check_address(public, Some("other.example")),
            Err(FetchDenied::NotListed)
        );
        assert_eq!(policy.check_address(listed, Some("other.example")), Ok(()));
        assert_eq!(policy.check_address(listed, None), Ok(()));
        assert_eq!(policy.check_address(public, None), Err(FetchDenied::NotListed));
        // Naming a host opens no special address.
        assert_eq!(
            policy.check_address("10.0.0.1".parse().unwrap(), Some("a.photos.example")),
            Err(FetchDenied::NotPublic)
        );
        let hosts_only = FetchPolicy {
            allow: rules(&["photos.example"]),
            ..FetchPolicy::default()
        };
        assert!(hosts_only.check_host(&Host::Domain("other.example")).is_err());
        assert!(hosts_only.check_host(&Host::Domain("photos.example.")).is_ok());
    }
}
