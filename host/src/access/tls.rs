//! The server's certificate, read again when it is renewed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_util::task::AbortOnDropHandle;

use super::reload;

/// Where the certificate and its key lie, both PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// `TLS_CERT_FILE`: the server's certificate, then those between it and the root.
    pub certificate: PathBuf,
    /// `TLS_KEY_FILE`.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM of what it should hold.
    #[error("{path} has no {what} in PEM format; check {setting}")]
    File {
        /// The file.
        path: String,
        /// What it should hold.
        what: &'static str,
        /// Which setting names it.
        setting: &'static str,
        /// What is wrong.
        #[source]
        source: Option<pem::Error>,
    },
    /// Certificate and key do not fit each other, or are of a kind that is not known.
    #[error("TLS_CERT_FILE and TLS_KEY_FILE cannot be used together")]
    Pair(#[source] rustls::Error),
}

/// TLS 1.2 and 1.3, HTTP/1.1, with the certificate that the files hold at the time of each handshake.
pub(super) fn open(files: &TlsFiles) -> Result<(Arc<ServerConfig>, AbortOnDropHandle<()>), TlsError> {
    let provider = Arc::new(ring::default_provider());
    let watched = vec![files.certificate.clone(), files.key.clone()];
    let (files, reader) = (files.clone(), Arc::clone(&provider));
    let (current, watch) = reload::follow("the certificate", watched, move || read(&files, &reader))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Current(current)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), watch))
}

fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain_error = |source| TlsError::File {
        path: files.certificate.display().to_string(),
        what: "certificate",
        setting: "TLS_CERT_FILE",
        source,
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| chain_error(Some(source)))?;
    if chain.is_empty() {
        return Err(chain_error(None));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::File {
        path: files.key.display().to_string(),
        what: "private key",
        setting: "TLS_KEY_FILE",
        source: Some(source),
    })?;
    CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Pair)
}

/// The certificate of the moment.
struct Current(Arc<ArcSwap<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}
