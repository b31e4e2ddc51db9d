//! Reads settings as their rows say, and collects every error instead of stopping at the first.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::kind::{Kind, one_of};
use super::settings::{SETTINGS, Setting};

/// Turns texts into values and remembers what was wrong.
///
/// Each method reads certain kinds. A name without a row, or with a row of another kind, is a mistake in the code; it is an
/// error of every configuration, so that no test of any configuration passes with it.
pub(super) struct Reader<'a> {
    given: &'a dyn Fn(&str) -> Option<String>,
    pub(super) errors: Vec<String>,
}

impl<'a> Reader<'a> {
    /// `given` answers what flags or environment say for a name; empty text counts as not given.
    pub(super) fn new(given: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            given,
            errors: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }

    /// Text as it was given, secret or not; none when it is empty.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.look_up(name, |kind| matches!(kind, Kind::Text | Kind::Secret))?
            .1
    }

    /// A file or a directory; none when none is named.
    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        let (_, text) = self.look_up(name, |kind| kind == Kind::Path)?;
        text.map(PathBuf::from)
    }

    /// A text in a form of its own, or a word, that may be absent. The outer option is none after an error.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Option<T>> {
        let (row, text) = self.look_up(name, |kind| {
            matches!(kind, Kind::Text | Kind::Url | Kind::Secret | Kind::OneOf(_))
        })?;
        match text {
            None => Some(None),
            Some(text) => {
                self.check_word(row, &text)?;
                self.parsed(row, &text).map(Some)
            }
        }
    }

    /// A text in a form of its own, or a word, that must be there (by its default at least).
    pub(super) fn value<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => self.missing(name),
        }
    }

    /// Whether something is done: on rather than off, or true rather than false.
    pub(super) fn switch(&mut self, name: &str) -> Option<bool> {
        let (row, text) = self.required(name, |kind| matches!(kind, Kind::OnOff | Kind::TrueFalse))?;
        self.check_word(row, &text)?;
        Some(matches!(text.as_str(), "on" | "true"))
    }

    /// A whole number that is no time, within the bounds of its row.
    pub(super) fn integer<T: TryFrom<u64, Error: Display>>(&mut self, name: &str) -> Option<T> {
        let (row, text) = self.required(name, |kind| {
            kind.bounds().is_some() && kind.milliseconds().is_none()
        })?;
        let value = self.bounded(row, &text)?;
        let fitting = T::try_from(value);
        fitting.map_err(|error| self.invalid(row, &text, error)).ok()
    }

    /// A time within the bounds of its row.
    pub(super) fn duration(&mut self, name: &str) -> Option<Duration> {
        let (row, text) = self.required(name, |kind| kind.milliseconds().is_some())?;
        let unit = row.kind.milliseconds()?;
        let value = self.bounded(row, &text)?;
        Some(Duration::from_millis(value.saturating_mul(unit)))
    }

    /// A number within the bounds of its row.
    pub(super) fn decimal<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.optional_decimal(name)? {
            Some(value) => Some(value),
            None => self.missing(name),
        }
    }

    /// A number within the bounds of its row that may be absent. The outer option is none after an error.
    pub(super) fn optional_decimal<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Option<T>> {
        let (row, text) = self.look_up(name, |kind| matches!(kind, Kind::Decimal(..)))?;
        let (Kind::Decimal(low, high), Some(text)) = (row.kind, text) else {
            return Some(None);
        };
        let value = self.parsed::<f64>(row, &text)?;
        // A NaN is not within any bounds.
        if !(low..=high).contains(&value) {
            self.error(format!("{name}: {value} is not between {low} and {high}"));
            return None;
        }
        self.parsed(row, &text).map(Some)
    }

    /// Values separated by commas, secret or not.
    pub(super) fn list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Vec<T>> {
        let (row, text) = self.look_up(name, |kind| {
            matches!(kind, Kind::List | Kind::ListOrNone | Kind::SecretList)
        })?;
        let text = text.unwrap_or_default();
        if row.kind == Kind::ListOrNone && text == "none" {
            return Some(Vec::new());
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let mut values = Some(Vec::new());
        for (index, part) in parts.enumerate() {
            match part.parse() {
                Ok(value) => {
                    if let Some(values) = &mut values {
                        values.push(value);
                    }
                }
                Err(error) => {
                    let called = if row.kind.is_secret() {
                        format!("entry {}", index + 1)
                    } else {
                        format!("{part:?}")
                    };
                    self.error(format!("{name}: {called} is not valid: {error}"));
                    values = None;
                }
            }
        }
        values
    }

    /// The row of a setting of such a kind, and what was given, else the default; no text when both are empty.
    fn look_up(
        &mut self,
        name: &str,
        fits: impl Fn(Kind) -> bool,
    ) -> Option<(&'static Setting, Option<String>)> {
        let row = SETTINGS.iter().find(|setting| setting.name == name);
        let Some(row) = row.filter(|setting| fits(setting.kind)) else {
            self.error(format!(
                "{name}: the worker reads it as what it is not in its table of settings"
            ));
            return None;
        };
        let text = (self.given)(name)
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| row.default.to_owned());
        Some((row, Some(text.trim().to_owned()).filter(|text| !text.is_empty())))
    }

    /// The same of a setting that must be there.
    fn required(&mut self, name: &str, fits: impl Fn(Kind) -> bool) -> Option<(&'static Setting, String)> {
        match self.look_up(name, fits)? {
            (row, Some(text)) => Some((row, text)),
            (_, None) => self.missing(name),
        }
    }

    fn missing<T>(&mut self, name: &str) -> Option<T> {
        self.error(format!("{name} must be set"));
        None
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, row: &Setting, text: &str) -> Option<T> {
        let parsed = text.parse::<T>();
        parsed.map_err(|error| self.invalid(row, text, error)).ok()
    }

    fn invalid(&mut self, row: &Setting, text: &str, error: impl Display) {
        let name = row.name;
        self.error(if row.kind.is_secret() {
            format!("{name} is not valid: {error}")
        } else {
            format!("{name}: {text:?} is not valid: {error}")
        });
    }

    /// None after an error, when the row has words and this is none of them.
    fn check_word(&mut self, row: &Setting, text: &str) -> Option<()> {
        match row.kind.words() {
            Some(words) if !words.contains(&text) => {
                self.invalid(row, text, format_args!("choose {}", one_of(words)));
                None
            }
            _ => Some(()),
        }
    }

    /// A whole number within the bounds of its row, in their unit.
    fn bounded(&mut self, row: &Setting, text: &str) -> Option<u64> {
        let bounds = row.kind.bounds()?;
        let value = self.parsed(row, text)?;
        if (bounds.low..=bounds.high).contains(&value) {
            return Some(value);
        }
        self.error(format!(
            "{}: {value} is not between {}",
            row.name,
            bounds.joined("and")
        ));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_as_something_else_than_its_row_says_is_an_error() {
        let mut reader = Reader::new(&|_| None);
        assert_eq!(reader.integer::<u16>("HOST"), None);
        assert_eq!(reader.integer::<u64>("SHUTDOWN_SECONDS"), None);
        assert_eq!(reader.duration("PORT"), None);
        assert_eq!(reader.text("DATA_DIR"), None);
        assert_eq!(reader.list::<String>("API_KEY"), None);
        assert_eq!(reader.text("NO_SUCH_SETTING"), None);
        assert_eq!(reader.errors.len(), 6, "{:?}", reader.errors);
    }

    #[test]
    fn a_value_out_of_bounds_is_named_with_bounds_and_unit() {
        let given = |name: &str| match name {
            "PORT" => Some("65536".to_owned()),
            "SHUTDOWN_SECONDS" => Some("3601".to_owned()),
            "TAG_THRESHOLD" => Some("1.5".to_owned()),
            _ => None,
        };
        let mut reader = Reader::new(&given);
        assert_eq!(reader.integer::<u16>("PORT"), None);
        assert_eq!(reader.duration("SHUTDOWN_SECONDS"), None);
        assert_eq!(reader.decimal::<f32>("TAG_THRESHOLD"), None);
        assert_eq!(
            reader.errors,
            [
                "PORT: 65536 is not between 0 and 65535",
                "SHUTDOWN_SECONDS: 3601 is not between 0 and 3600 seconds",
                "TAG_THRESHOLD: 1.5 is not between 0 and 1",
            ]
        );
    }
}
