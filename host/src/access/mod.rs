//! Who may call, and how often: keys with names and roles, the proxies that are believed, the server's certificate.
//!
//! Knows nothing of HTTP: what a request carries is handed in.

mod guesses;
mod keys;
mod limiter;
mod proxies;
mod reload;
mod tls;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use ipnet::IpNet;
use tokio_util::task::AbortOnDropHandle;

use guesses::Guesses;
use limiter::Limiter;

pub use guesses::network;
pub use keys::{Digest, KeyName, Keys, KeysError, NewKey, Role};
pub use limiter::Subject;
pub use proxies::{ForwardedHeader, TrustedProxies, Unreadable};
pub use tls::{TlsError, TlsFiles};

/// What [`Access`] is made of.
#[derive(Clone, Debug, Default)]
pub struct AccessSettings {
    /// `API_KEYS_FILE`.
    pub keys_file: Option<PathBuf>,
    /// Requests a minute of one key, or of one address where no key is asked for; none: no limit.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Requests that may come at once; none: as many as in a minute.
    pub request_burst: Option<NonZeroU32>,
    /// Wrong keys a minute that may come from one address; none: no limit.
    pub wrong_keys_per_minute: Option<NonZeroU32>,
    /// `TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<IpNet>,
    /// `FORWARDED_HEADER`.
    pub forwarded_header: ForwardedHeader,
    /// `TLS_CERT_FILE` and `TLS_KEY_FILE`.
    pub tls: Option<TlsFiles>,
    /// Longest time for a TLS handshake.
    pub tls_handshake: Duration,
}

/// Why access cannot be set up; happens at start only.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file of keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Whom a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The key's name; never the key.
    pub name: Arc<str>,
    /// What it may do.
    pub role: Role,
    /// From `API_KEYS_FILE`, rather than one of the two keys of the settings.
    pub filed: bool,
}

/// Who may do what, and how often.
pub struct Access {
    api_key: Option<Digest>,
    admin_key: Option<Digest>,
    filed: Option<Arc<ArcSwap<Keys>>>,
    limiter: Option<Limiter>,
    guesses: Option<Guesses>,
    /// Whose word about a caller's address is taken.
    pub proxies: TrustedProxies,
    /// Set when the server speaks TLS.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// `TLS_HANDSHAKE_MS`.
    pub tls_handshake: Duration,
    _watches: Vec<AbortOnDropHandle<()>>,
}

impl Access {
    /// Reads the files, and reads them again whenever they change. Of the keys that the settings give only digests are
    /// kept. Call it within a runtime.
    ///
    /// # Errors
    /// When a file cannot be used. One that cannot be used later leaves what was read before in force.
    pub fn open(
        settings: &AccessSettings,
        api_key: Option<&str>,
        admin_key: Option<&str>,
    ) -> Result<Self, AccessError> {
        let mut watches = Vec::new();
        let filed = match &settings.keys_file {
            None => None,
            Some(file) => {
                let path = file.clone();
                let (keys, watch) =
                    reload::follow("the key file", vec![file.clone()], move || Keys::read(&path))?;
                watches.push(watch);
                Some(keys)
            }
        };
        let tls = match &settings.tls {
            None => None,
            Some(files) => {
                let (config, watch) = tls::open(files)?;
                watches.push(watch);
                Some(config)
            }
        };
        let limiter = settings.requests_per_minute.map(|requests| {
            let burst = settings.request_burst.unwrap_or(requests);
            Limiter::new(requests, burst)
        });
        Ok(Self {
            api_key: api_key.map(Digest::of),
            admin_key: admin_key.map(Digest::of),
            filed,
            limiter,
            guesses: settings.wrong_keys_per_minute.map(Guesses::new),
            proxies: TrustedProxies {
                networks: settings.trusted_proxies.clone(),
                header: settings.forwarded_header,
            },
            tls,
            tls_handshake: settings.tls_handshake,
            _watches: watches,
        })
    }

    /// Whether callers need a key at all.
    #[must_use]
    pub fn asks_for_keys(&self) -> bool {
        self.api_key.is_some() || self.filed.is_some()
    }

    /// Whether there is a key that opens everything.
    #[must_use]
    pub fn has_administrators(&self) -> bool {
        let filed = || {
            self.filed
                .as_ref()
                .is_some_and(|keys| keys.load().has(Role::Admin))
        };
        self.admin_key.is_some() || filed()
    }

    /// Who sends these keys from this address: what `X-API-Key` and `X-Admin-Key` hold, empty when they are not there.
    /// Either header may hold any key; of two known keys the mightier one counts. Whatever a request sends is at most one
    /// wrong guess. `X-API-Key` is not looked at where no key is asked for.
    ///
    /// # Errors
    /// How long to wait, when too many wrong keys came from there. What is sent then, wrong or right, says nothing of
    /// itself, unless it is a key that was right from there within the last hour.
    pub fn identify(
        &self,
        address: IpAddr,
        api_key: &[u8],
        admin_key: &[u8],
    ) -> Result<Option<Caller>, Duration> {
        // Where no key is asked for, clients may send one that another worker gave them.
        let by_api_key = self.known(api_key).filter(|_| self.asks_for_keys());
        let by_admin_key = self.known(admin_key);
        let is_wrong = |asked: bool, key: &[u8], known: &Option<Caller>| {
            // Nobody guesses a key that is not asked for.
            asked && !key.is_empty() && known.is_none()
        };
        let wrong = is_wrong(self.asks_for_keys(), api_key, &by_api_key)
            || is_wrong(self.has_administrators(), admin_key, &by_admin_key);
        let caller = [by_api_key, by_admin_key]
            .into_iter()
            .flatten()
            .max_by_key(|caller| caller.role);
        if let Some(guesses) = &self.guesses {
            if wrong {
                guesses.wrong(address, Instant::now())?;
            } else if let Some(caller) = &caller {
                guesses.right(address, &caller.name, Instant::now())?;
            }
        }
        Ok(caller)
    }

    /// Whose key this is, whichever header it came in: one of the two of the settings, or one of the file.
    fn known(&self, given: &[u8]) -> Option<Caller> {
        // `API_KEY` opens what it always has: everything but the plugins.
        let settings = [
            (&self.api_key, "API_KEY", Role::Curate),
            (&self.admin_key, "ADMIN_KEY", Role::Admin),
        ];
        let configured = settings.into_iter().filter_map(|(expected, name, role)| {
            let matches = expected.as_ref()?.matches(given);
            matches.then(|| Caller {
                name: name.into(),
                role,
                filed: false,
            })
        });
        let filed = || {
            let (name, role) = self.filed.as_ref()?.load().find(given)?;
            Some(Caller {
                name,
                role,
                filed: true,
            })
        };
        configured.chain(filed()).max_by_key(|caller| caller.role)
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait when there were too many.
    pub fn count(&self, subject: &Subject) -> Result<(), Duration> {
        match &self.limiter {
            Some(limiter) => limiter.count(subject, Instant::now()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn access(settings: &AccessSettings, api: Option<&str>, admin: Option<&str>) -> Access {
        Access::open(settings, api, admin).unwrap()
    }

    #[tokio::test]
    async fn the_two_keys_of_the_settings_open_what_they_always_did() {
        let access = access(&AccessSettings::default(), Some("one"), Some("two"));
        let role = |api: &str, admin: &str| {
            let caller = access.identify(LOCAL, api.as_bytes(), admin.as_bytes());
            caller.unwrap().map(|caller| caller.role)
        };
        assert_eq!(role("one", ""), Some(Role::Curate));
        assert_eq!(role("", "two"), Some(Role::Admin));
        assert_eq!(role("one", "two"), Some(Role::Admin));
        // Either header takes either key, as a page sends one key in both.
        assert_eq!(role("two", "one"), Some(Role::Admin));
        assert_eq!(role("two", ""), Some(Role::Admin));
        assert_eq!(role("", "one"), Some(Role::Curate));
        assert_eq!(role("three", "four"), None);
        assert_eq!(role("", ""), None);
        assert_eq!(role("on", ""), None);
        assert!(access.asks_for_keys() && access.has_administrators());
    }

    #[tokio::test]
    async fn keys_of_the_file_have_roles_and_change_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let (old, new) = (NewKey::generate(), NewKey::generate());
        std::fs::write(&file, format!("backend process {}\n", old.digest())).unwrap();
        let settings = AccessSettings {
            keys_file: Some(file.clone()),
            ..AccessSettings::default()
        };
        let access = access(&settings, None, None);
        let known = |key: &NewKey| access.identify(LOCAL, key.text().as_bytes(), b"").unwrap();
        assert!(access.asks_for_keys() && !access.has_administrators());
        assert_eq!(known(&old).unwrap().role, Role::Process);
        assert_eq!(known(&new), None);

        // A file with a mistake changes nothing, then a right one does.
        std::fs::write(&file, "backend process\n").unwrap();
        tokio::time::sleep(2 * reload::EVERY).await;
        assert_eq!(known(&old).unwrap().role, Role::Process);
        std::fs::write(&file, format!("backend admin {}\n", new.digest())).unwrap();
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if known(&new).is_some() {
                break;
            }
        }
        assert_eq!(known(&new).unwrap().role, Role::Admin);
        assert_eq!(known(&old), None);
        assert!(access.has_administrators());
    }
}
