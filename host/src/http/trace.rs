//! The trace that a request belongs to, as its caller names it (W3C Trace Context).

use axum::http::HeaderMap;

/// The trace id of `traceparent`, which is then in every log line of the request; none when the header is missing or
/// not as the standard says: `version-trace_id-parent_id-flags` in lower-case hexadecimal, the ids not all zeros.
pub(super) fn id(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = text.split('-');
    let mut part = |length: usize| {
        let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        parts
            .next()
            .filter(|part| part.len() == length && part.bytes().all(is_hexadecimal))
    };
    let (version, trace, parent, _flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let is_set = |id: &str| id.bytes().any(|digit| digit != b'0');
    // Later versions may have more parts.
    let ends = version != "00" || parts.next().is_none();
    (version != "ff" && ends && is_set(trace) && is_set(parent)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_allows_is_taken_over() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let parent = "b7ad6b7169203331";
        for (header, expected) in [
            (format!("00-{trace}-{parent}-01"), Some(trace)),
            (
                format!("cc-{trace}-{parent}-01-what-the-future-brings"),
                Some(trace),
            ),
            (format!("00-{trace}-{parent}-01-more"), None),
            (format!("ff-{trace}-{parent}-01"), None),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{trace}-{parent}"), None),
            (trace.to_owned(), None),
            (String::new(), None),
        ] {
            let headers = HeaderMap::from_iter([(
                axum::http::HeaderName::from_static("traceparent"),
                header
                    .parse()
                    .unwrap_or_else(|_| axum::http::HeaderValue::from_static("")),
            )]);
            assert_eq!(id(&headers), expected, "{header}");
        }
        assert_eq!(id(&HeaderMap::new()), None);
    }
}
