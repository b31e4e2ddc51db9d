//! The settings of access: keys, addresses, rate limits.

use std::num::NonZeroU32;
use std::path::PathBuf;

use super::reader::Reader;
use super::server::networks;
use crate::access::{AccessSettings, TlsFiles};

/// `keys_file` is `API_KEYS_FILE`.
pub(super) fn read(reader: &mut Reader<'_>, keys_file: Option<PathBuf>) -> Option<AccessSettings> {
    let requests_per_minute = reader.integer("KEY_REQUESTS_PER_MINUTE");
    let request_burst = reader.integer("KEY_REQUEST_BURST");
    let wrong_keys_per_minute = reader.integer("WRONG_KEYS_PER_MINUTE");
    let trusted_proxies = networks(reader, "TRUSTED_PROXIES");
    let forwarded_header = reader.value("FORWARDED_HEADER");
    let tls_handshake = reader.duration("TLS_HANDSHAKE_MS");
    let tls = match (reader.path("TLS_CERT_FILE"), reader.path("TLS_KEY_FILE")) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        _ => {
            reader.error("TLS_CERT_FILE and TLS_KEY_FILE go together; set both, or neither");
            None
        }
    };
    Some(AccessSettings {
        keys_file,
        requests_per_minute: NonZeroU32::new(requests_per_minute?),
        request_burst: NonZeroU32::new(request_burst?),
        wrong_keys_per_minute: NonZeroU32::new(wrong_keys_per_minute?),
        trusted_proxies: trusted_proxies?,
        forwarded_header: forwarded_header?,
        tls,
        tls_handshake: tls_handshake?,
    })
}
