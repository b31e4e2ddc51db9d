//! Reads settings as text and collects every error instead of stopping at the first.

use std::fmt::Display;
use std::str::FromStr;

use super::settings::SETTINGS;

/// Turns texts into values and remembers what was wrong.
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

    /// What was given, else the default; none when both are empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let default = SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .map_or("", |setting| setting.default);
        (self.given)(name)
            .filter(|text| !text.trim().is_empty())
            .or_else(|| Some(default.to_owned()))
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// A value that may be absent. The outer option is none after an error.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Option<T>> {
        let Some(text) = self.text(name) else {
            return Some(None);
        };
        let parsed = text.parse::<T>().map(Some);
        parsed
            .map_err(|error| self.error(format!("{name}: {text:?} is not valid: {error}")))
            .ok()
    }

    /// A value that may be absent, and that no error may show. The outer option is none after an error.
    pub(super) fn optional_secret<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Option<T>> {
        let parsed = self.text(name).map(|text| text.parse::<T>()).transpose();
        parsed
            .map_err(|error| self.error(format!("{name} is not valid: {error}")))
            .ok()
    }

    /// A value that must be there (by its default at least).
    pub(super) fn value<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => {
                self.error(format!("{name} must be set"));
                None
            }
        }
    }

    /// A number within bounds.
    pub(super) fn within<T>(&mut self, name: &str, low: T, high: T) -> Option<T>
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        let value = self.value::<T>(name)?;
        self.check_bounds(name, value, low, high)
    }

    /// A number within bounds that may be absent.
    pub(super) fn optional_within<T>(&mut self, name: &str, low: T, high: T) -> Option<Option<T>>
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        match self.optional::<T>(name)? {
            None => Some(None),
            Some(value) => self.check_bounds(name, value, low, high).map(Some),
        }
    }

    fn check_bounds<T: PartialOrd + Display>(&mut self, name: &str, value: T, low: T, high: T) -> Option<T> {
        // A NaN is not within any bounds.
        if value >= low && value <= high {
            return Some(value);
        }
        self.error(format!("{name}: {value} is not between {low} and {high}"));
        None
    }

    /// Values separated by commas.
    pub(super) fn list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Vec<T>> {
        self.entries(name, |_, part| format!("{part:?}"))
    }

    /// Values separated by commas, none of which an error may show.
    pub(super) fn secret_list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Vec<T>> {
        self.entries(name, |index, _| format!("entry {}", index + 1))
    }

    /// Values separated by commas; `called` says how an error calls one.
    fn entries<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        called: impl Fn(usize, &str) -> String,
    ) -> Option<Vec<T>> {
        let text = self.text(name).unwrap_or_default();
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
                    self.error(format!("{name}: {} is not valid: {error}", called(index, part)));
                    values = None;
                }
            }
        }
        values
    }
}
