//! Traces: a collector that keeps what it gets, one that refuses and one that never answers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Kind;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use reqwest::Method;
use serde_json::json;

use test_support::worker::{Worker, only_file};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
/// Everything that a span may say.
const ATTRIBUTES: [&str; 12] = [
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "id",
    "index",
    "key",
    "model",
    "operation",
    "plugin",
    "slot",
    "trace_id",
];

/// What a collector was sent.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

/// A collector's address, and what it is sent from now on.
async fn collector() -> (String, Collected) {
    let collected = Collected::default();
    let kept = collected.clone();
    #[expect(clippy::disallowed_methods, reason = "no part of the REST interface")]
    let router = axum::Router::new().route(
        "/v1/traces",
        axum::routing::post(move |headers: HeaderMap, body: Bytes| {
            kept.0.lock().unwrap().push((headers, body));
            std::future::ready(())
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, collected)
}

impl Collected {
    /// The spans, each with its service.
    fn spans(&self) -> Vec<(String, Span)> {
        let mut spans = Vec::new();
        for (_, body) in self.0.lock().unwrap().iter() {
            let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
            for of_resource in request.resource_spans {
                let attributes = of_resource.resource.unwrap().attributes;
                let service = attributes
                    .iter()
                    .find(|attribute| attribute.key == "service.name")
                    .and_then(|attribute| text(attribute.value.as_ref()?.value.as_ref()?))
                    .unwrap();
                let of_scopes = of_resource.scope_spans.into_iter();
                spans.extend(
                    of_scopes
                        .flat_map(|scope| scope.spans)
                        .map(|span| (service.clone(), span)),
                );
            }
        }
        spans
    }
}

fn text(value: &Kind) -> Option<String> {
    match value {
        Kind::StringValue(text) => Some(text.clone()),
        Kind::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An attribute of a span, a text or a whole number.
fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    text(found.value.as_ref()?.value.as_ref()?)
}

fn hexadecimal(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything in the log.
fn log(directory: &tempfile::TempDir) -> String {
    std::fs::read_to_string(only_file(directory.path())).unwrap()
}

/// Ends a worker in order; how long that took.
async fn stop(worker: &mut Worker) -> Duration {
    let started = Instant::now();
    worker.terminate();
    assert!(worker.ended_within(Duration::from_secs(15)).await.success());
    started.elapsed()
}

#[test_support::test]
async fn a_photos_journey_is_a_trace_that_goes_on_with_the_callers() {
    let (address, collected) = collector().await;
    let logs = tempfile::tempdir().unwrap();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "x-token=Bearer%20of-the-collector-s3cret",
        ),
        ("OTEL_SERVICE_NAME", "photos"),
        ("API_KEY", "of-the-caller-s3cret"),
        ("LOG_DIR", logs.path().to_str().unwrap()),
    ];
    let mut worker = Worker::start(&settings).await;
    let url = worker.photos.url("obama.jpg?signature=of-the-url-s3cret");
    let request = worker
        .request(Method::POST, "/api/process")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .header("X-API-Key", "of-the-caller-s3cret")
        .json(&json!({ "file_id": "of-the-file-s3cret", "image_url": url }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    // What is left is sent when the worker ends.
    stop(&mut worker).await;

    let spans = collected.spans();
    assert!(spans.iter().all(|(service, _)| service == "photos"));
    let spans: Vec<Span> = spans.into_iter().map(|(_, span)| span).collect();
    let named = |name: &str| -> Vec<&Span> { spans.iter().filter(|span| span.name == name).collect() };
    let only = |name: &str| -> &Span {
        let found = named(name);
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    };
    let request = only("POST /api/process");
    assert_eq!(hexadecimal(&request.parent_span_id), CALLER);
    assert_eq!(request.kind, SpanKind::Server as i32);
    assert_eq!(attribute(request, "http.route").unwrap(), "/api/process");
    assert_eq!(attribute(request, "http.request.method").unwrap(), "POST");
    assert_eq!(attribute(request, "http.response.status_code").unwrap(), "200");
    for stage in ["download", "decode", "inference", "plugins", "faces"] {
        assert_eq!(only(stage).parent_span_id, request.span_id, "{stage}");
    }
    let below = |parent: &str, name: &str, key: &str| -> HashSet<String> {
        let children = named(name).into_iter();
        let children = children.filter(|span| span.parent_span_id == only(parent).span_id);
        children.map(|span| attribute(span, key).unwrap()).collect()
    };
    assert!(below("inference", "network", "model").contains("yunet-2023mar"));
    let slots = below("plugins", "plugin", "slot");
    assert_eq!(
        slots,
        HashSet::from(["tagger".to_owned(), "context-mapper".to_owned()])
    );
    assert_eq!(
        below("faces", "plugin", "slot"),
        HashSet::from(["cluster-policy".to_owned()])
    );
    let operations = below("faces", "store", "operation");
    assert!(
        operations.contains("nearest") && operations.contains("apply"),
        "{operations:?}"
    );

    let ids: HashSet<&[u8]> = spans.iter().map(|span| span.span_id.as_slice()).collect();
    assert_eq!(ids.len(), spans.len());
    for span in &spans {
        assert_eq!(hexadecimal(&span.trace_id), TRACE, "{}", span.name);
        assert!(
            span.name == request.name || ids.contains(span.parent_span_id.as_slice()),
            "{}",
            span.name
        );
        assert!(
            request.start_time_unix_nano <= span.start_time_unix_nano,
            "{}",
            span.name
        );
        assert!(
            span.start_time_unix_nano <= span.end_time_unix_nano,
            "{}",
            span.name
        );
        assert!(
            span.end_time_unix_nano <= request.end_time_unix_nano,
            "{}",
            span.name
        );
        assert!(span.events.is_empty() && span.links.is_empty(), "{}", span.name);
        for attribute in &span.attributes {
            assert!(
                ATTRIBUTES.contains(&attribute.key.as_str()),
                "{}: {}",
                span.name,
                attribute.key
            );
        }
    }
    for (headers, body) in collected.0.lock().unwrap().iter() {
        assert_eq!(headers["x-token"], "Bearer of-the-collector-s3cret");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        assert!(
            !body.windows(6).any(|part| part == b"s3cret"),
            "a secret was sent"
        );
    }
    let log = log(&logs);
    let line = log.lines().find(|line| line.contains("answered")).unwrap();
    assert!(line.contains(TRACE), "{line}");
    assert!(
        !log.contains("collector-s3cret") && !log.contains("url-s3cret"),
        "{log}"
    );
}

#[test_support::test]
async fn who_calls_decides_whether_a_trace_is_sent() {
    let (address, collected) = collector().await;
    let logs = tempfile::tempdir().unwrap();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        ("LOG_DIR", logs.path().to_str().unwrap()),
    ];
    let mut worker = Worker::start(&settings).await;
    let unsampled = worker.request(Method::GET, "/health");
    let unsampled = unsampled.header("traceparent", format!("00-{TRACE}-{CALLER}-00"));
    assert_eq!(unsampled.send().await.unwrap().status(), 200);
    let photo = |name: &str| json!({ "file_id": name, "image_url": worker.photos.url(name) });
    let photos = json!({ "photos": [photo("coffee.png"), photo("missing.jpg")] });
    assert_eq!(worker.post_lines("/api/process/batch", &photos).await.len(), 2);
    stop(&mut worker).await;

    // Of the batch, which began a trace of its own, and of nothing else.
    let spans = collected.spans();
    let trace: HashSet<String> = spans
        .iter()
        .map(|(_, span)| hexadecimal(&span.trace_id))
        .collect();
    assert_eq!(trace.len(), 1, "{trace:?}");
    let trace = trace.into_iter().next().unwrap();
    assert_ne!(trace, TRACE);
    let batch = spans
        .iter()
        .find(|(_, span)| span.name == "POST /api/process/batch");
    let (_, batch) = batch.unwrap();
    assert!(batch.parent_span_id.is_empty());
    let photos: Vec<&Span> = spans
        .iter()
        .map(|(_, span)| span)
        .filter(|span| span.name == "photo")
        .collect();
    assert!(photos.iter().all(|photo| photo.parent_span_id == batch.span_id));
    let indices: HashSet<_> = photos
        .iter()
        .map(|photo| attribute(photo, "index").unwrap())
        .collect();
    assert_eq!(indices, HashSet::from(["0".to_owned(), "1".to_owned()]));
    let downloads = spans.iter().filter(|(_, span)| span.name == "download");
    let of_photos = |span: &Span| photos.iter().any(|photo| photo.span_id == span.parent_span_id);
    assert!(downloads.into_iter().all(|(_, download)| of_photos(download)));

    let log = log(&logs);
    for (part, id) in [("/health", TRACE), ("batch answered", trace.as_str())] {
        let line = log.lines().find(|line| line.contains(part)).unwrap();
        assert!(line.contains(id), "{line}");
    }
}

#[test_support::test]
async fn a_collector_that_is_away_is_no_hindrance() {
    let logs = tempfile::tempdir().unwrap();
    let settings = [
        // Nobody listens there.
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("LOG_DIR", logs.path().to_str().unwrap()),
    ];
    let mut worker = Worker::start(&settings).await;
    for name in ["coffee.png", "obama.jpg", "biden.jpg"] {
        worker.describe(name).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let took = stop(&mut worker).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    let log = log(&logs);
    assert_eq!(
        log.matches("the collector does not accept spans").count(),
        1,
        "{log}"
    );
}

#[test_support::test]
async fn a_collector_that_never_answers_is_no_hindrance() {
    // The system accepts its connections, and nobody reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1500"),
        ("OTEL_BSP_SCHEDULE_DELAY", "10"),
    ];
    let mut worker = Worker::start(&settings).await;
    worker.describe("coffee.png").await;
    // Now the sending hangs.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(worker.get("/livez").await.0, 200);
    }
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    let took = stop(&mut worker).await;
    assert!(took < Duration::from_secs(4), "{took:?}");
}
