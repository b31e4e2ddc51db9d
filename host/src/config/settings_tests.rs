//! The table of settings, what is read of it, and the pages that repeat its defaults.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::RefCell;
use std::path::Path;

use super::settings::{SETTINGS, Setting};
use super::{Config, ConfigErrors};
use crate::inference::CaptionSettings;
use crate::people::{DEFAULT_CHANGES_KEPT, DEFAULT_CORRECTIONS_KEPT};
use crate::photo::DecodeSettings;

/// A configuration with one setting.
fn read(setting: &Setting, value: &str) -> Result<Config, ConfigErrors> {
    Config::read(&|name| (name == setting.name).then(|| value.to_owned()))
}

/// The errors about the value itself; others are about what it asks for of another setting.
fn refusals(setting: &Setting, value: &str) -> Vec<String> {
    let errors = read(setting, value)
        .err()
        .map_or_else(Vec::new, |errors| errors.0);
    let is_refusal = |error: &String| error.starts_with(setting.name) && error.contains(" is not ");
    errors.into_iter().filter(is_refusal).collect()
}

#[test]
fn every_setting_is_read_once_and_accepts_its_default() {
    let asked = RefCell::new(Vec::new());
    let config = Config::read(&|name| {
        asked.borrow_mut().push(name.to_owned());
        None
    });
    assert!(config.is_ok(), "{config:?}");
    let mut asked = asked.into_inner();
    asked.sort_unstable();
    let mut rows: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
    rows.sort_unstable();
    assert_eq!(asked, rows);
}

#[test]
fn every_bound_holds_and_is_named() {
    let mut bounded = 0;
    for setting in SETTINGS {
        let Some(bounds) = setting.kind.bounds() else {
            continue;
        };
        bounded += 1;
        for inside in [bounds.low, bounds.high] {
            assert_eq!(refusals(setting, &inside.to_string()), Vec::<String>::new());
        }
        for outside in [bounds.low.checked_sub(1), bounds.high.checked_add(1)] {
            let Some(outside) = outside else {
                continue;
            };
            let expected = format!(
                "{}: {outside} is not between {}",
                setting.name,
                setting.kind.to_string().replace(" to ", " and ")
            );
            assert_eq!(refusals(setting, &outside.to_string()), [expected]);
        }
    }
    assert!(bounded > 80, "{bounded}");
}

#[test]
fn every_word_is_accepted_and_no_other() {
    for setting in SETTINGS {
        for word in setting.kind.words().unwrap_or_default() {
            assert_eq!(refusals(setting, word), Vec::<String>::new());
        }
        if setting.kind.words().is_some() {
            let refused = refusals(setting, "no such word");
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert!(
                refused[0].ends_with(&format!("choose {}", setting.kind)),
                "{refused:?}"
            );
        }
    }
}

#[test]
fn no_help_repeats_what_is_shown_after_it() {
    for Setting { name, kind, help, .. } in SETTINGS {
        assert!(!help.contains(&kind.to_string()), "{name}");
        if let Some(bounds) = kind.bounds() {
            assert!(
                bounds.unit.is_empty() || !help.contains(&format!("in {}", bounds.unit)),
                "{name}"
            );
        }
    }
}

#[test]
fn no_secret_is_shown() {
    let secret = |setting: &&Setting| setting.kind.is_secret();
    for setting in SETTINGS.iter().filter(secret) {
        // What fits some of them, and what fits none.
        for value in [
            "http://user:hidden@photos.example:3128",
            "http://photos.example=X-Token: hidden",
            "X-Token=hidden",
            "hidden",
            "http://user:hidden@photos.example:99999/hidden",
            "http://photos.example:4318?key=hidden",
        ] {
            let read = read(setting, value);
            let shown = format!("{read:?}");
            assert!(!shown.contains("hidden"), "{}: {shown}", setting.name);
        }
    }
    assert_eq!(SETTINGS.iter().filter(secret).count(), 10);
}

/// Parts that are made without a configuration, too, have values of their own. They are the same.
#[test]
fn parts_have_the_defaults_of_the_table() {
    let config = Config::read(&|_| None).unwrap();
    assert_eq!(config.decode, DecodeSettings::default());
    assert_eq!(config.inference.caption, CaptionSettings::default());
    assert_eq!(config.people.changes_kept, DEFAULT_CHANGES_KEPT);
    assert_eq!(config.people.corrections_kept, DEFAULT_CORRECTIONS_KEPT);
}

/// The number that a page writes, such as `1,000` or `16 MiB`.
fn number(text: &str) -> Option<String> {
    let (digits, unit) = match text.strip_suffix(" MiB") {
        Some(digits) => (digits, 1 << 20),
        None => (text, 1),
    };
    let digits = digits.replace(',', "");
    match digits.parse::<u64>() {
        Ok(number) => Some((number * unit).to_string()),
        Err(_) => digits.parse::<f64>().ok().map(|number| number.to_string()),
    }
}

#[test]
fn pages_name_the_defaults_of_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = 0;
    for folder in ["docs", "docs/deploy", "models"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let page = std::fs::read_to_string(&path).unwrap();
            for Setting { name, default, .. } in SETTINGS {
                // `NAME` (DEFAULT): whatever else stands in parentheses is no number.
                for rest in page.split(&format!("`{name}` (")).skip(1) {
                    let written = rest.split(')').next().and_then(number);
                    if let Some(written) = written {
                        found += 1;
                        assert_eq!(written, *default, "{name} in {}", path.display());
                    }
                }
            }
        }
    }
    assert!(found > 10, "{found}");
}
