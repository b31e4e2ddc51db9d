//! Where traces are sent.

use std::str::FromStr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::reader::Reader;

/// Where traces are sent, and which.
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// Where spans go: `v1/traces` below `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: Url,
    /// `OTEL_EXPORTER_OTLP_HEADERS`; their values are marked as sensitive.
    pub headers: HeaderMap,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub timeout: Duration,
    /// `OTEL_SERVICE_NAME`.
    pub service: String,
    /// `OTEL_TRACES_SAMPLER_ARG`.
    pub sampled: f64,
}

/// The address of a collector, completed with the path for traces.
struct Endpoint(Url);

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write the collector's address for OTLP over HTTP, such as http://collector:4318; \
            a key belongs into OTEL_EXPORTER_OTLP_HEADERS";
        let mut url = Url::parse(text).map_err(|_| SHAPE)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return Err(SHAPE);
        }
        // As the OTLP exporter specification says of an address for all signals.
        url.path_segments_mut()
            .map_err(|()| SHAPE)?
            .pop_if_empty()
            .extend(["v1", "traces"]);
        Ok(Self(url))
    }
}

/// A header, as OpenTelemetry writes it: `NAME=VALUE`, the value percent-encoded.
struct Header(HeaderName, HeaderValue);

impl FromStr for Header {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write NAME=VALUE, such as Authorization=Bearer%20abc";
        let (name, value) = text.split_once('=').ok_or(SHAPE)?;
        let value: Vec<u8> = percent_encoding::percent_decode_str(value.trim()).collect();
        let mut value = HeaderValue::from_bytes(&value).map_err(|_| SHAPE)?;
        value.set_sensitive(true);
        Ok(Self(name.trim().parse().map_err(|_| SHAPE)?, value))
    }
}

/// The outer option is none after an error, the inner one where no traces are sent.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<TraceSettings>> {
    let endpoint = reader.optional::<Endpoint>("OTEL_EXPORTER_OTLP_ENDPOINT");
    let headers = reader.list::<Header>("OTEL_EXPORTER_OTLP_HEADERS");
    let timeout = reader.duration("OTEL_EXPORTER_OTLP_TIMEOUT");
    let service = reader.value("OTEL_SERVICE_NAME");
    let sampled = reader.decimal("OTEL_TRACES_SAMPLER_ARG");
    let (headers, timeout, service, sampled) = (headers?, timeout?, service?, sampled?);
    Some(endpoint?.map(|endpoint| {
        TraceSettings {
            endpoint: endpoint.0,
            headers: headers
                .into_iter()
                .map(|Header(name, value)| (name, value))
                .collect(),
            timeout,
            service,
            sampled,
        }
    }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn settings(given: &[(&str, &str)]) -> Result<Option<TraceSettings>, Vec<String>> {
        let given = |name: &str| {
            let found = given.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut reader = Reader::new(&given);
        read(&mut reader).ok_or(reader.errors)
    }

    #[test]
    fn traces_are_sent_where_a_collector_is_named() {
        assert!(settings(&[]).unwrap().is_none());
        for (endpoint, expected) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("https://collector/", "https://collector/v1/traces"),
            ("https://collector/otlp", "https://collector/otlp/v1/traces"),
            ("https://collector/otlp/", "https://collector/otlp/v1/traces"),
        ] {
            let settings = settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)])
                .unwrap()
                .unwrap();
            assert_eq!(settings.endpoint.as_str(), expected);
            assert_eq!((settings.service.as_str(), settings.sampled), ("ai-worker", 1.0));
        }
        for wrong in [
            "collector:4318",
            "grpc://collector:4317",
            "http://user:hidden@collector:4318",
            "http://collector:4318?key=hidden",
        ] {
            let errors = settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", wrong)]).unwrap_err();
            assert!(
                errors.len() == 1 && !errors[0].contains("hidden"),
                "{wrong}: {errors:?}"
            );
        }
        assert!(settings(&[("OTEL_TRACES_SAMPLER_ARG", "1.1")]).is_err());
    }

    #[test]
    fn headers_of_the_collector_are_decoded_and_never_shown() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        let headers = (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "Authorization=Bearer%20hidden=, x-tenant=photos",
        );
        let found = settings(&[endpoint, headers]).unwrap().unwrap();
        assert_eq!(found.headers["authorization"], "Bearer hidden=");
        assert_eq!(found.headers["x-tenant"], "photos");
        assert!(!format!("{found:?}").contains("hidden"));
        let wrong = ("OTEL_EXPORTER_OTLP_HEADERS", "hidden");
        let errors = settings(&[endpoint, wrong]).unwrap_err();
        assert!(!errors[0].contains("hidden"), "{errors:?}");
    }
}
