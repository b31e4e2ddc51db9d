//! Where and for whom the server listens.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use url::Host;

use super::connections::{self, ConnectionSettings};
use super::reader::Reader;
use crate::photo::canonical_network;

/// Where and for whom the server listens.
#[derive(Clone)]
pub struct ServerSettings {
    /// `HOST`.
    pub host: IpAddr,
    /// `PORT`.
    pub port: u16,
    /// `API_KEY`.
    pub api_key: Option<String>,
    /// `ADMIN_KEY`.
    pub admin_key: Option<String>,
    /// `ALLOWED_IPS`; empty lets everyone in.
    pub allowed_ips: Vec<IpNet>,
    /// `ALLOWED_HOSTS`, besides those of loopback.
    pub allowed_hosts: Vec<Host>,
    /// `CORS_ORIGINS`.
    pub cors_origins: Vec<String>,
    /// `CONSOLE`.
    pub console: bool,
    /// How many connections there may be, and how long each may wait.
    pub connections: ConnectionSettings,
    /// `REQUEST_TIMEOUT_MS`.
    pub request_timeout: Duration,
    /// `MAX_BODY_BYTES`.
    pub max_body_bytes: usize,
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys must not reach a log.
        formatter
            .debug_struct("ServerSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("api_key", &self.api_key.as_ref().map(|_| "set"))
            .field("admin_key", &self.admin_key.as_ref().map(|_| "set"))
            .field("allowed_ips", &self.allowed_ips)
            .finish_non_exhaustive()
    }
}

/// The fewest characters of a key that cannot be guessed over a network.
const KEY_LENGTH: usize = 16;

impl ServerSettings {
    /// Whether an address is let in by `ALLOWED_IPS`.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allowed_ips.is_empty() || self.allowed_ips.iter().any(|network| network.contains(&address))
    }

    /// The names of those keys that have too few characters for anything but this machine.
    #[must_use]
    pub fn short_keys(&self) -> Vec<&'static str> {
        short_keys(self.api_key.as_deref(), self.admin_key.as_deref())
    }
}

fn short_keys(api_key: Option<&str>, admin_key: Option<&str>) -> Vec<&'static str> {
    let keys = [("API_KEY", api_key), ("ADMIN_KEY", admin_key)].into_iter();
    keys.filter(|(_, key)| key.is_some_and(|key| key.chars().count() < KEY_LENGTH))
        .map(|(name, _)| name)
        .collect()
}

/// A host without a port, as a client may call this server.
struct KnownHost(Host);

impl FromStr for KnownHost {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host = match text.parse() {
            Ok(address) => Ok(Host::Ipv6(address)),
            Err(_) => Host::parse(text),
        };
        host.ok()
            .filter(|host| !host.to_string().contains('*'))
            .map(Self)
            .ok_or("write a host such as photos.internal or 10.0.0.7, without a port")
    }
}

/// An address or a CIDR network.
struct Network(IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(|network| Self(canonical_network(network)))
            .map_err(|_| "write an address such as 10.0.0.7 or a network such as 10.0.0.0/8")
    }
}

/// An address of this machine, or the one name that every machine has for itself.
struct ListenAddress(IpAddr);

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(Self(Ipv4Addr::LOCALHOST.into()));
        }
        text.parse()
            .map(Self)
            .map_err(|_| "write an address such as 127.0.0.1, 0.0.0.0 or ::, or localhost")
    }
}

/// An `http(s)://host[:port]` origin.
struct Origin(String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write an origin such as http://photos.internal:8080, without a path";
        let url = url::Url::parse(text).map_err(|_| SHAPE)?;
        let origin = url.origin().ascii_serialization();
        if !matches!(url.scheme(), "http" | "https") || origin != text.trim_end_matches('/') {
            return Err(SHAPE);
        }
        Ok(Self(origin))
    }
}

/// `has_keys_file` says whether `API_KEYS_FILE` is set.
pub(super) fn read(reader: &mut Reader<'_>, has_keys_file: bool) -> Option<ServerSettings> {
    let host = reader.value::<ListenAddress>("HOST").map(|host| host.0);
    let port = reader.integer("PORT");
    let api_key = reader.text("API_KEY");
    let allowed_ips = networks(reader, "ALLOWED_IPS");
    let allowed_hosts = reader.list::<KnownHost>("ALLOWED_HOSTS");
    let cors_origins = reader.list::<Origin>("CORS_ORIGINS");
    let console = reader.switch("CONSOLE");
    let connections = connections::read(reader);
    let request_timeout = reader.duration("REQUEST_TIMEOUT_MS");
    let max_body_bytes = reader.integer("MAX_BODY_BYTES");
    let admin_key = reader.text("ADMIN_KEY");
    if admin_key.is_some() && admin_key == api_key {
        reader
            .error("ADMIN_KEY must not be API_KEY: whoever sends photos must not be able to change plugins");
    }
    if let (Some(host), None, false) = (host, &api_key, has_keys_file)
        && !host.is_loopback()
    {
        reader.error(format!(
            "HOST: {host} is reachable from outside; set API_KEY or API_KEYS_FILE, or listen on 127.0.0.1"
        ));
    }
    if host.is_some_and(|host| !host.is_loopback()) {
        for name in short_keys(api_key.as_deref(), admin_key.as_deref()) {
            reader.error(format!(
                "{name} has fewer than {KEY_LENGTH} characters, and HOST is reachable from outside, where it can be \
                 guessed; `ai-worker keys new NAME ROLE --api-keys-file FILE` makes and shows a key that cannot"
            ));
        }
    }
    Some(ServerSettings {
        host: host?,
        port: port?,
        api_key,
        admin_key,
        allowed_ips: allowed_ips?,
        allowed_hosts: allowed_hosts?.into_iter().map(|host| host.0).collect(),
        console: console?,
        connections: connections?,
        cors_origins: cors_origins?.into_iter().map(|origin| origin.0).collect(),
        request_timeout: request_timeout?,
        max_body_bytes: max_body_bytes?,
    })
}

/// A list of addresses and networks.
pub(super) fn networks(reader: &mut Reader<'_>, name: &str) -> Option<Vec<IpNet>> {
    Some(
        reader
            .list::<Network>(name)?
            .into_iter()
            .map(|network| network.0)
            .collect(),
    )
}
