//! Traces: a request goes on with the trace of its caller, whose id is in every log line of the request.

use axum::http::{HeaderMap, StatusCode};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{Status, TraceContextExt as _};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Makes a request's span a part of the trace that `traceparent` (W3C Trace Context) names, and notes the trace in the
/// span's field `trace_id`. Without that header the trace is a new one where traces are sent, and there is none
/// elsewhere. Call it before the span is entered; attributes are those of OpenTelemetry's HTTP conventions.
pub(super) fn begin(span: &Span, headers: &HeaderMap, method: &str, route: Option<&str>) {
    let mut caller = Context::new();
    if is_standard(headers) {
        caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    }
    let mut trace = caller.span().span_context().clone();
    // It fails where no traces are sent.
    if span.set_parent(caller).is_ok() {
        span.record("otel.kind", "server");
        span.set_attribute("http.request.method", method.to_owned());
        if let Some(route) = route {
            span.record("otel.name", format!("{method} {route}"));
            span.set_attribute("http.route", route.to_owned());
        }
        trace = span.context().span().span_context().clone();
    }
    if trace.is_valid() {
        span.record("trace_id", tracing::field::display(trace.trace_id()));
    }
}

/// Notes what became of the request.
pub(super) fn end(span: &Span, status: StatusCode, problem: Option<&'static str>) {
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if let Some(code) = problem {
        span.set_attribute("error.type", code);
    }
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
}

/// Whether `traceparent` is as the standard says: `version-trace_id-parent_id-flags` in lower-case hexadecimal, the ids
/// not all zeros. The propagator takes numbers of any length.
fn is_standard(headers: &HeaderMap) -> bool {
    let text = headers.get("traceparent").and_then(|header| header.to_str().ok());
    let mut parts = text.unwrap_or_default().split('-');
    let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let mut part = |length: usize| {
        let part = parts.next();
        part.filter(|part| part.len() == length && part.bytes().all(is_hexadecimal))
    };
    let (Some(version), Some(trace), Some(parent), Some(_flags)) = (part(2), part(32), part(16), part(2))
    else {
        return false;
    };
    let is_set = |id: &str| id.bytes().any(|digit| digit != b'0');
    // Later versions may have more parts.
    let ends = version != "00" || parts.next().is_none();
    version != "ff" && ends && is_set(trace) && is_set(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_allows_is_taken_over() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let parent = "b7ad6b7169203331";
        for (header, expected) in [
            (format!("00-{trace}-{parent}-01"), true),
            (format!("cc-{trace}-{parent}-01-what-the-future-brings"), true),
            (format!("00-{trace}-{parent}-01-more"), false),
            (format!("ff-{trace}-{parent}-01"), false),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), false),
            (format!("00-{}-{parent}-01", "0".repeat(32)), false),
            (format!("00-{trace}-{}-01", "0".repeat(16)), false),
            (format!("00-{trace}-{parent}"), false),
            (trace.to_owned(), false),
            (String::new(), false),
        ] {
            let headers = HeaderMap::from_iter([(
                axum::http::HeaderName::from_static("traceparent"),
                header
                    .parse()
                    .unwrap_or_else(|_| axum::http::HeaderValue::from_static("")),
            )]);
            assert_eq!(is_standard(&headers), expected, "{header}");
        }
        assert!(!is_standard(&HeaderMap::new()));
    }
}
