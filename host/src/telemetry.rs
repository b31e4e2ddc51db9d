//! The log: console and rotating file, text or JSON. And traces, sent to a collector where one is configured.

mod traces;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{LogFormat, LogSettings, TraceSettings};

pub use traces::Traces;

/// Takes what spans and events tell.
type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log file cannot be written.
    #[error("the log file cannot be written; check LOG_DIR")]
    File(#[from] tracing_appender::rolling::InitError),
    /// Traces cannot be sent.
    #[error("traces cannot be sent; check the settings that begin with OTEL")]
    Traces(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A log is already set up.
    #[error("the log was set up twice")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends the log to standard error, and to one file a day when a directory is configured; and traces to a collector,
/// when there are settings for them. Call it outside of a runtime.
///
/// # Errors
/// When the log directory cannot be written, or traces cannot be sent.
pub fn start(log: &LogSettings, traces: Option<&TraceSettings>) -> Result<Traces, LogError> {
    let mut lines = vec![layer(log.format, std::io::stderr)];
    if let Some(directory) = &log.directory {
        let appender = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("ai-worker")
            .filename_suffix("log")
            .max_log_files(log.files)
            .build(directory)?;
        lines.push(layer(log.format, std::sync::Mutex::new(appender)));
    }
    // The configuration has checked the filter.
    let mut layers: Vec<BoxedLayer> = vec![lines.with_filter(EnvFilter::new(&log.level)).boxed()];
    let traces = match traces {
        None => Traces::default(),
        Some(settings) => {
            let (traces, spans) = traces::open(settings).map_err(LogError::Traces)?;
            layers.push(spans);
            traces
        }
    };
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(traces)
}

fn layer<Writer>(format: LogFormat, writer: Writer) -> BoxedLayer
where
    Writer: for<'writer> fmt::MakeWriter<'writer> + Send + Sync + 'static,
{
    // What cannot be logged is not said on standard error, which may be what is closed: that would be a panic.
    let layer = fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}
