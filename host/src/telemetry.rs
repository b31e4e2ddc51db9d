//! The log: console and rotating file, text or JSON. And traces, sent to a collector where one is configured.

mod lines;
mod traces;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io;
use std::panic::PanicHookInfo;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{LogFormat, LogSettings, TraceSettings};
use crate::files;

use lines::{Lines, Rest};
pub use traces::Traces;

/// Takes what spans and events tell.
type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// The log, which waits at its end, for a second at most, until the last lines are written.
#[must_use = "what is logged last is written when it is dropped"]
pub struct Log {
    _rest: Rest,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log file cannot be written.
    #[error("the log file cannot be written; check LOG_DIR")]
    File(#[from] tracing_appender::rolling::InitError),
    /// There is no thread for writing it.
    #[error("the log cannot be written")]
    Thread(#[source] io::Error),
    /// Traces cannot be sent.
    #[error("traces cannot be sent; check the settings whose names begin with OTEL")]
    Traces(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A log is already set up.
    #[error("the log was set up twice")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends the log to standard error, and to one file a day when a directory is configured, without ever making anybody wait
/// who logs; and traces to a collector, when there are settings for them. Call it outside of a runtime.
///
/// # Errors
/// When the log directory cannot be written, or traces cannot be sent.
pub fn start(log: &LogSettings, traces: Option<&TraceSettings>) -> Result<(Log, Traces), LogError> {
    let mut rest = Rest::default();
    let console = Lines::to(io::stderr(), log.buffer_bytes, &mut rest).map_err(LogError::Thread)?;
    let mut lines = vec![layer(log.format, console)];
    if let Some(directory) = &log.directory {
        let appender = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("ai-worker")
            .filename_suffix("log")
            .max_log_files(log.files);
        // The first file is made here, and the data directory, from which on everything is private, is opened later.
        let appender = files::privately(|| appender.build(directory))?;
        let file = Lines::to(appender, log.buffer_bytes, &mut rest).map_err(LogError::Thread)?;
        lines.push(layer(log.format, file));
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
    std::panic::set_hook(Box::new(log_panic));
    Ok((Log { _rest: rest }, traces))
}

/// A panic is a line of the log like any other: the standard hook writes to the console itself, and waits for whoever
/// reads it.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    let reason = panic.payload_as_str().unwrap_or("without a message");
    // As RUST_BACKTRACE asks.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(at, backtrace, "bug in the worker: {reason}");
}

fn layer(format: LogFormat, lines: Lines) -> BoxedLayer {
    // What cannot be logged is not said on standard error, which may be what is closed: that would be a panic.
    let layer = fmt::layer()
        .with_writer(lines)
        .with_ansi(false)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}
