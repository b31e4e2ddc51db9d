//! What a setting's value is: its type, bounds and unit.

use std::fmt;

/// The type of a setting, with its bounds, both of which are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Any text, or text in a form that the setting's help describes.
    Text,
    /// A file or a directory.
    Path,
    /// An address. No error repeats it, since somebody may have written a password into it.
    Url,
    /// Text that nobody may see: no error repeats it.
    Secret,
    /// Values separated by commas.
    List,
    /// Values separated by commas, or the word `none` for no value where an empty setting means a default.
    ListOrNone,
    /// Values separated by commas that nobody may see: an error names them by their places.
    SecretList,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `on` or `off`.
    OnOff,
    /// `true` or `false`.
    TrueFalse,
    /// A number with a decimal point or without.
    Decimal(f64, f64),
    /// A whole number.
    Integer(u64, u64),
    /// A whole number of bytes.
    Bytes(u64, u64),
    /// A whole number of pixels.
    Pixels(u64, u64),
    /// A time, written as a whole number of milliseconds.
    Milliseconds(u64, u64),
    /// A time, written as a whole number of seconds.
    Seconds(u64, u64),
    /// A time, written as a whole number of minutes.
    Minutes(u64, u64),
    /// A time, written as a whole number of hours.
    Hours(u64, u64),
    /// A time, written as a whole number of days.
    Days(u64, u64),
}

/// The bounds of a whole number, and what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least value.
    pub low: u64,
    /// The greatest value.
    pub high: u64,
    /// The unit in the plural; empty for a plain number.
    pub unit: &'static str,
}

impl Bounds {
    const fn new(low: u64, high: u64, unit: &'static str) -> Self {
        Self { low, high, unit }
    }

    /// Both with the unit, joined by a word: `1 to 3600000 milliseconds`.
    pub(super) fn joined(&self, word: &str) -> String {
        let between = if self.unit.is_empty() { "" } else { " " };
        format!("{} {word} {}{between}{}", self.low, self.high, self.unit)
    }
}

impl Kind {
    /// Whether no error, log or help may show a value.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Url | Self::Secret | Self::SecretList)
    }

    /// The words of which a value must be one; none where it may be something else.
    #[must_use]
    pub const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::OneOf(words) => Some(words),
            Self::OnOff => Some(&["on", "off"]),
            Self::TrueFalse => Some(&["true", "false"]),
            _ => None,
        }
    }

    /// The bounds of a whole number; none where a value is something else.
    #[must_use]
    pub const fn bounds(self) -> Option<Bounds> {
        Some(match self {
            Self::Integer(low, high) => Bounds::new(low, high, ""),
            Self::Bytes(low, high) => Bounds::new(low, high, "bytes"),
            Self::Pixels(low, high) => Bounds::new(low, high, "pixels"),
            Self::Milliseconds(low, high) => Bounds::new(low, high, "milliseconds"),
            Self::Seconds(low, high) => Bounds::new(low, high, "seconds"),
            Self::Minutes(low, high) => Bounds::new(low, high, "minutes"),
            Self::Hours(low, high) => Bounds::new(low, high, "hours"),
            Self::Days(low, high) => Bounds::new(low, high, "days"),
            _ => return None,
        })
    }

    /// How many milliseconds one of a time's units has; none for what is no time.
    #[must_use]
    pub const fn milliseconds(self) -> Option<u64> {
        Some(match self {
            Self::Milliseconds(..) => 1,
            Self::Seconds(..) => 1_000,
            Self::Minutes(..) => 60_000,
            Self::Hours(..) => 3_600_000,
            Self::Days(..) => 86_400_000,
            _ => return None,
        })
    }
}

/// For whoever sets it, such as `1 to 3600000 milliseconds`.
impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(bounds) = self.bounds() {
            return formatter.write_str(&bounds.joined("to"));
        }
        if let Some(words) = self.words() {
            return formatter.write_str(&one_of(words));
        }
        match self {
            Self::Decimal(low, high) => write!(formatter, "{low} to {high}"),
            Self::Path => formatter.write_str("path"),
            Self::Url => formatter.write_str("URL"),
            Self::Secret => formatter.write_str("secret"),
            Self::List => formatter.write_str("list, separated by commas"),
            Self::ListOrNone => formatter.write_str("list, separated by commas, or none"),
            Self::SecretList => formatter.write_str("list, separated by commas, secret"),
            _ => formatter.write_str("text"),
        }
    }
}

/// These words, such as `off, plain or full`.
pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_shown_with_its_bounds_and_its_unit() {
        for (kind, shown) in [
            (Kind::Integer(1, 1_024), "1 to 1024"),
            (Kind::Milliseconds(1, 1_000), "1 to 1000 milliseconds"),
            (Kind::Decimal(0.1, 10.0), "0.1 to 10"),
            (Kind::OneOf(&["off", "plain", "full"]), "off, plain or full"),
            (Kind::OnOff, "on or off"),
            (Kind::Secret, "secret"),
            (Kind::Text, "text"),
        ] {
            assert_eq!(kind.to_string(), shown);
        }
    }
}
