//! Headers that single photo servers ask for, such as a bearer token.

use std::str::FromStr;

use reqwest::header::{self, HeaderName, HeaderValue};
use url::{Origin, Url};

/// A header that is sent to one origin and to no other.
///
/// Written `https://photos.example=Authorization: Bearer abc`. Neither `Debug` nor an error shows its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceHeader {
    /// Scheme, host and port of the requests that carry it.
    origin: Origin,
    pub(super) name: HeaderName,
    /// Marked as sensitive.
    pub(super) value: HeaderValue,
}

impl SourceHeader {
    /// Whether a request for this URL carries it.
    pub(super) fn is_for(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }
}

impl FromStr for SourceHeader {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str =
            "write ORIGIN=NAME: VALUE, such as https://photos.example=Authorization: Bearer abc";
        /// What the connection itself needs.
        const RESERVED: [HeaderName; 5] = [
            header::HOST,
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::UPGRADE,
        ];
        let (origin, header) = text.split_once('=').ok_or(SHAPE)?;
        let (name, value) = header.split_once(':').ok_or(SHAPE)?;
        let url = Url::parse(origin.trim()).map_err(|_| SHAPE)?;
        let written = url.origin().ascii_serialization();
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
            || url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || written == "null"
        {
            return Err(SHAPE);
        }
        let name: HeaderName = name.trim().parse().map_err(|_| SHAPE)?;
        if RESERVED.contains(&name) {
            return Err("the connection itself sets this header; choose another");
        }
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| SHAPE)?;
        value.set_sensitive(true);
        Ok(Self {
            origin: url.origin(),
            name,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn a_header_belongs_to_one_origin_and_is_not_shown() {
        let header: SourceHeader = "https://photos.example=Authorization: Bearer a=b:c"
            .parse()
            .unwrap();
        assert_eq!(
            (header.name.as_str(), header.value.to_str().unwrap()),
            ("authorization", "Bearer a=b:c")
        );
        assert!(!format!("{header:?}").contains("Bearer"));
        for (url, same) in [
            ("https://photos.example/a?b=c", true),
            ("https://photos.example:443/", true),
            ("http://photos.example/", false),
            ("https://photos.example:8443/", false),
            ("https://photos.example.evil/", false),
            ("https://www.photos.example/", false),
        ] {
            assert_eq!(header.is_for(&Url::parse(url).unwrap()), same, "{url}");
        }
    }

    #[test]
    fn what_is_no_header_of_an_origin_is_refused() {
        for wrong in [
            "",
            "photos.example=A: b",
            "https://photos.example",
            "https://photos.example=A",
            "https://photos.example=A b: c",
            "https://photos.example/path=A: b",
            "https://user@photos.example=A: b",
            "https://photos.example=Host: other",
            "https://photos.example=Content-Length: 1",
            "ftp://photos.example=A: b",
            "https://photos.example=A: b\nC: d",
        ] {
            assert!(wrong.parse::<SourceHeader>().is_err(), "{wrong:?}");
        }
    }
}
