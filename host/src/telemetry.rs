//! The log: console and rotating file, text or JSON.

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{LogFormat, LogSettings};

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log file cannot be written.
    #[error("the log file cannot be written; check LOG_DIR")]
    File(#[from] tracing_appender::rolling::InitError),
    /// A log is already set up.
    #[error("the log was set up twice")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends the log to standard error, and to one file a day when a directory is configured.
///
/// # Errors
/// When the log directory cannot be written.
pub fn start(settings: &LogSettings) -> Result<(), LogError> {
    let mut layers = vec![layer(settings.format, std::io::stderr)];
    if let Some(directory) = &settings.directory {
        let appender = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("ai-worker")
            .filename_suffix("log")
            .max_log_files(settings.files)
            .build(directory)?;
        layers.push(layer(settings.format, std::sync::Mutex::new(appender)));
    }
    // The configuration has checked the filter.
    let filter = EnvFilter::new(&settings.level);
    tracing_subscriber::registry()
        .with(layers.with_filter(filter))
        .try_init()?;
    Ok(())
}

fn layer<Writer>(format: LogFormat, writer: Writer) -> Box<dyn Layer<Registry> + Send + Sync>
where
    Writer: for<'writer> fmt::MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer).with_ansi(false);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}
