//! Where and for whom the server listens.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

use super::milliseconds;
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
    /// `CORS_ORIGINS`.
    pub cors_origins: Vec<String>,
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

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ServerSettings> {
    let host = reader.value::<ListenAddress>("HOST").map(|host| host.0);
    let port = reader.value("PORT");
    let api_key = reader.text("API_KEY");
    let allowed_ips = networks(reader, "ALLOWED_IPS");
    let cors_origins = reader.list::<Origin>("CORS_ORIGINS");
    let request_timeout = milliseconds(reader, "REQUEST_TIMEOUT_MS");
    let max_body_bytes = reader.within("MAX_BODY_BYTES", 1_024, 16 << 20);
    let admin_key = reader.text("ADMIN_KEY");
    if admin_key.is_some() && admin_key == api_key {
        reader
            .error("ADMIN_KEY must not be API_KEY: whoever sends photos must not be able to change plugins");
    }
    if let (Some(host), None, None) = (host, &api_key, reader.text("API_KEYS_FILE"))
        && !host.is_loopback()
    {
        reader.error(format!(
            "HOST: {host} is reachable from outside; set API_KEY or API_KEYS_FILE, or listen on 127.0.0.1"
        ));
    }
    Some(ServerSettings {
        host: host?,
        port: port?,
        api_key,
        admin_key,
        allowed_ips: allowed_ips?,
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
