//! The settings of access: keys, addresses, rate limits.

use std::num::NonZeroU32;
use std::path::PathBuf;

use super::milliseconds;
use super::reader::Reader;
use super::server::networks;
use crate::access::{AccessSettings, TlsFiles};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<AccessSettings> {
    let requests_per_minute = reader.within("KEY_REQUESTS_PER_MINUTE", 0, 10_000_000);
    let request_burst = reader.within("KEY_REQUEST_BURST", 0, 10_000_000);
    let wrong_keys_per_minute = reader.within("WRONG_KEYS_PER_MINUTE", 0, 10_000_000);
    let trusted_proxies = networks(reader, "TRUSTED_PROXIES");
    let forwarded_header = reader.value("FORWARDED_HEADER");
    let tls_handshake = milliseconds(reader, "TLS_HANDSHAKE_MS");
    let tls = match (reader.text("TLS_CERT_FILE"), reader.text("TLS_KEY_FILE")) {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: certificate.into(),
            key: key.into(),
        }),
        (None, None) => None,
        _ => {
            reader.error("TLS_CERT_FILE and TLS_KEY_FILE go together; set both, or neither");
            None
        }
    };
    Some(AccessSettings {
        keys_file: reader.text("API_KEYS_FILE").map(PathBuf::from),
        requests_per_minute: NonZeroU32::new(requests_per_minute?),
        request_burst: NonZeroU32::new(request_burst?),
        wrong_keys_per_minute: NonZeroU32::new(wrong_keys_per_minute?),
        trusted_proxies: trusted_proxies?,
        forwarded_header: forwarded_header?,
        tls,
        tls_handshake: tls_handshake?,
    })
}
