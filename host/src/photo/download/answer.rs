//! What the head of a source's answer says: whether its failure passes, and whether its body is the file as it is.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, RETRY_AFTER};

use crate::photo::PhotoError;

/// The longest wait that is passed on from a source, which may ask for years: asking once an hour harms nobody.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// What a status that is no success means. Those pass that say so by their definition (RFC 9110 and RFC 6585): the
/// source gave up waiting, has too much to do, or is a gateway whose server is away.
pub(super) fn failure(status: StatusCode, headers: &HeaderMap) -> PhotoError {
    const PASSING: [StatusCode; 5] = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    if PASSING.contains(&status) {
        PhotoError::SourceBusy {
            status: status.as_u16(),
            retry_after: retry_after(headers, SystemTime::now()),
        }
    } else {
        PhotoError::SourceStatus(status.as_u16())
    }
}

/// How long `Retry-After` asks to wait, as seconds or as a date, at most [`MAX_RETRY_AFTER`]; zero for a date that is
/// over, nothing when it is neither.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are more than the bound.
        text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

/// How a body is encoded, when it is and its first bytes are not those of a picture: some sources name an encoding
/// that they do not use (`aws-chunked`, or `gzip` for a whole folder), and the content decides.
pub(super) fn encoding(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    /// More than any registered name has.
    const LONGEST: usize = 40;
    let named = headers.get_all(CONTENT_ENCODING).into_iter();
    let named = named.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
    let used = named
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .collect::<Vec<_>>();
    let is_picture = image::guess_format(body).is_ok() || body.get(4..8) == Some(b"ftyp");
    (!used.is_empty() && !is_picture).then(|| used.join(", ").chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let values = values.iter().map(|value| HeaderValue::from_str(value).unwrap());
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_and_bounded() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (text, seconds) in [
            ("0", Some(0)),
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("3600", Some(3600)),
            ("3601", Some(3600)),
            ("99999999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(3600)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let found = retry_after(&headers(&RETRY_AFTER, &[text]), now);
            assert_eq!(found, seconds.map(Duration::from_secs), "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn an_encoding_is_named_unless_the_content_is_a_picture() {
        let packed = b"\x1f\x8b\x08\x00";
        for (values, body, named) in [
            (&[][..], &packed[..], None),
            (&["identity"], packed, None),
            (&[" , Identity"], packed, None),
            (&["gzip"], packed, Some("gzip")),
            (&["br"], b"\x0b\x02\x80", Some("br")),
            (&["deflate, gzip"], packed, Some("deflate, gzip")),
            (&["deflate", "identity", "gzip"], packed, Some("deflate, gzip")),
            (&["gzip"], b"\xff\xd8\xff\xe0", None),
            (&["aws-chunked"], b"\x89PNG\r\n\x1a\n", None),
            (&["gzip"], b"\0\0\0\x18ftypheic", None),
        ] {
            let found = encoding(&headers(&CONTENT_ENCODING, values), body);
            assert_eq!(found.as_deref(), named, "{values:?}");
        }
        let long = encoding(&headers(&CONTENT_ENCODING, &[&"x".repeat(5000)]), packed).unwrap();
        assert_eq!(long.len(), 40);
    }
}
