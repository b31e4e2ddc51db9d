//! How much of a photo's URL is kept with it.

use std::str::FromStr;

use crate::domain::SourceUrl;

/// How much of a photo's URL is kept with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredUrls {
    /// Nothing.
    Off,
    /// All but the query.
    Plain,
    /// All of it, tokens in the query included.
    Full,
}

impl StoredUrls {
    /// What is kept of this URL.
    #[must_use]
    pub fn keep(self, url: &str) -> Option<SourceUrl> {
        match self {
            Self::Off => None,
            Self::Plain => SourceUrl::plain(url),
            Self::Full => SourceUrl::full(url),
        }
    }
}

impl FromStr for StoredUrls {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "plain" => Ok(Self::Plain),
            "full" => Ok(Self::Full),
            _ => Err("choose off, plain or full"),
        }
    }
}
