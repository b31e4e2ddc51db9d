//! Where a photo came from, as far as that is kept.

use std::fmt;

use url::Url;

/// The URL that a photo was fetched from. It may name a person or carry a token, so that it is shown nowhere: no log line
/// and no error gets to see more of it than that it is there.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceUrl(String);

impl SourceUrl {
    /// The whole URL but for its fragment, which no server is told. None when it is no URL.
    #[must_use]
    pub fn full(url: &str) -> Option<Self> {
        let mut url = Url::parse(url).ok()?;
        url.set_fragment(None);
        Some(Self(url.into()))
    }

    /// The URL without its query, where tokens are. None when it is no URL.
    #[must_use]
    pub fn plain(url: &str) -> Option<Self> {
        let mut url = Url::parse(url).ok()?;
        url.set_fragment(None);
        url.set_query(None);
        Some(Self(url.into()))
    }

    /// Takes it back from a store.
    pub(crate) fn stored(url: String) -> Self {
        Self(url)
    }

    /// The URL, for the store and for fetching the photo again.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SourceUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_plain_url_has_no_query_and_neither_kind_a_fragment() {
        let url = "https://photos.example/a%20b.jpg?token=secret#top";
        let plain = SourceUrl::plain(url).unwrap();
        assert_eq!(plain.as_str(), "https://photos.example/a%20b.jpg");
        let full = SourceUrl::full(url).unwrap();
        assert_eq!(full.as_str(), "https://photos.example/a%20b.jpg?token=secret");
        assert_eq!(SourceUrl::plain("no URL"), None);
    }

    #[test]
    fn a_url_is_not_shown_by_accident() {
        let url = SourceUrl::full("https://photos.example/secret.jpg").unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
