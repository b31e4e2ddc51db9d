//! Traces: the spans of requests, sent to a collector by OTLP (protobuf over HTTP).
//!
//! Spans wait in a queue that drops what does not fit, and a thread of the SDK sends them: whether a collector takes
//! them, slowly or not at all, is nothing to a request.

use std::error::Error;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use parking_lot::Mutex;
use reqwest::header::HeaderMap;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::{Layer as _, Registry};

use super::BoxedLayer;
use crate::config::TraceSettings;

/// The shortest time between two log lines about a collector that does not take spans.
const COMPLAINT_INTERVAL: Duration = Duration::from_secs(60);
/// The span that a trace begins with, or this worker's part of one.
const ROOT: &str = "request";

/// The sending of traces; nothing, where none are sent.
#[derive(Default)]
pub struct Traces(Option<Sending>);

struct Sending {
    provider: SdkTracerProvider,
    timeout: Duration,
}

impl Traces {
    /// Sends what is left, and ends the sending; within this time, and within the time of one attempt.
    pub async fn finish(self, limit: Duration) {
        let Some(Sending { provider, timeout }) = self.0 else {
            return;
        };
        let limit = limit.min(timeout);
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(limit)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(
                error = crate::report(&error),
                "the last spans could not be sent to the collector"
            );
        }
    }
}

/// Starts the sending, with the layer that makes spans of this worker's requests into what is sent.
///
/// Queue, batches and further attributes of the worker are as the SDK's own variables say (`OTEL_BSP_…`,
/// `OTEL_RESOURCE_ATTRIBUTES`).
pub(super) fn open(settings: &TraceSettings) -> Result<(Traces, BoxedLayer), Box<dyn Error + Send + Sync>> {
    let client = reqwest::blocking::ClientBuilder::from(crate::client_builder())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(settings.timeout)
        .build()?;
    let collector = Collector {
        client,
        headers: settings.headers.clone(),
        complained: Mutex::default(),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(settings.endpoint.as_str())
        .with_timeout(settings.timeout)
        .build()?;
    // Who calls decides whether a trace is recorded; about a trace that begins here, its id does.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sampled)));
    let resource = Resource::builder().with_service_name(settings.service.clone());
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(sampler)
        .with_resource(resource.build())
        .build();
    // Requests, and what is done for them: a consolidation asks the store a thousand times for nobody.
    let filter = dynamic_filter_fn(|metadata: &Metadata<'_>, context: &Context<'_, Registry>| {
        is_traced(metadata) && (metadata.name() == ROOT || context.lookup_current().is_some())
    })
    .with_callsite_filter(|metadata| {
        if is_traced(metadata) {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    })
    .with_max_level_hint(LevelFilter::DEBUG);
    let layer = tracing_opentelemetry::layer::<Registry>()
        .with_tracer(provider.tracer(env!("CARGO_PKG_NAME")))
        .with_context_activation(false)
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter);
    let timeout = settings.timeout;
    Ok((Traces(Some(Sending { provider, timeout })), layer.boxed()))
}

/// Spans of the worker itself. Not its log lines: those are in the log, with the id of the trace.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
}

/// The collector, as the exporter sees it.
#[derive(Debug)]
struct Collector {
    client: reqwest::blocking::Client,
    /// Marked as sensitive.
    headers: HeaderMap,
    /// When the log last said that it takes no spans.
    complained: Mutex<Option<Instant>>,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        request.headers_mut().extend(self.headers.clone());
        let outcome = self.client.send_bytes(request).await;
        match &outcome {
            Ok(response) if response.status().is_success() => {}
            Ok(response) => self.complain(&format!(
                "the collector answered with status {}",
                response.status()
            )),
            Err(error) => self.complain(&crate::report(error.as_ref())),
        }
        outcome
    }
}

impl Collector {
    fn complain(&self, error: &str) {
        let mut complained = self.complained.lock();
        if complained.is_none_or(|when| when.elapsed() >= COMPLAINT_INTERVAL) {
            *complained = Some(Instant::now());
            tracing::warn!(
                error,
                "the collector does not accept spans; spans may be lost until it does"
            );
        }
    }
}
