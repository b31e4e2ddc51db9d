//! What is logged, and where.

use std::path::PathBuf;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::reader::Reader;

/// What is logged, and where.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// `LOG_LEVEL`.
    pub level: String,
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `LOG_DIR`.
    pub directory: Option<PathBuf>,
    /// `LOG_FILES`.
    pub files: usize,
    /// `LOG_BUFFER_BYTES`.
    pub buffer_bytes: usize,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("choose text or json"),
        }
    }
}

/// A filter of [`tracing_subscriber`]. A word alone must be a level: the filter takes any other for the name of a module, of
/// which it logs everything, and nothing else.
struct Filter(String);

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        for part in text.split(',').map(str::trim) {
            let is_word = !part.is_empty() && part.chars().all(char::is_alphanumeric);
            if is_word && part.parse::<LevelFilter>().is_err() {
                return Err(format!(
                    "there is no level {part:?}; choose error, warn, info, debug, trace or off, or write a filter such as \
                     info,ai_worker=debug"
                ));
            }
        }
        EnvFilter::try_new(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LogSettings> {
    let level = reader.value::<Filter>("LOG_LEVEL");
    let format = reader.value("LOG_FORMAT");
    let directory = reader.path("LOG_DIR");
    let files = reader.integer("LOG_FILES");
    let buffer_bytes = reader.integer("LOG_BUFFER_BYTES");
    Some(LogSettings {
        level: level?.0,
        format: format?,
        directory,
        files: files?,
        buffer_bytes: buffer_bytes?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_level_is_no_filter() {
        for right in [
            "info",
            "WARN",
            "off",
            "info,ai_worker=debug",
            "ai_worker::http=trace",
            "warn,[request]=debug",
        ] {
            assert!(right.parse::<Filter>().is_ok(), "{right}");
        }
        for wrong in ["inof", "verbose", "info,degub", "ai_worker=inof", "9"] {
            assert!(wrong.parse::<Filter>().is_err(), "{wrong}");
        }
    }
}
