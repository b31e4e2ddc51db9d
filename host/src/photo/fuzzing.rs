//! An entry for the fuzz targets.

use std::sync::Arc;

use url::Url;

use super::UrlRule;
use super::fetch_policy::FetchPolicy;

/// Whether a URL passes all checks that are made before its name is resolved.
#[must_use]
pub fn is_let_in(url: &str, allow: &[UrlRule], deny: &[UrlRule]) -> bool {
    let policy = FetchPolicy {
        allow_private: false,
        networks: Arc::default(),
        allow: allow.into(),
        deny: deny.into(),
    };
    Url::parse(url).is_ok_and(|url| policy.check_url(&url).is_ok())
}
