//! `phrases.toml`: its fields, and what cannot work.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::names::{check_object, labels};
use super::{Fault, Tables};
use crate::Written;
use crate::phrases::{Entry, Key, LARGE_THING, Phrases, SEVERAL_THINGS};

/// What a phrase may leave open.
const SLOTS: [&str; 2] = ["{place}", "{who}"];
/// The longest phrase in characters, with what fills its slots.
const MOST_CHARS: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Option<String>,
    #[serde(default)]
    place: Vec<Row>,
    phrase: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    text: Spanned<String>,
    needs: Vec<Spanned<String>>,
    people: Option<[u32; 2]>,
    #[serde(default)]
    sure: f64,
}

impl File {
    pub(super) fn tables(&self, version: Option<&str>) -> Result<Tables, Fault> {
        let (places, phrases) = (write(&self.place)?, write(&self.phrase)?);
        let tables = Phrases {
            version,
            places: places.list(),
            phrases: phrases.list(),
        };
        Ok(Tables {
            bytes: postcard::to_allocvec(&tables)?,
            summary: format!("{} phrases and {} places", self.phrase.len(), self.place.len()),
        })
    }
}

fn write(rows: &[Row]) -> Result<Written, Fault> {
    let mut seen = BTreeSet::new();
    let mut written = Written::default();
    for row in rows {
        let text = row.text.get_ref();
        let of_row = |fault: Fault| Fault {
            place: fault.place.or(Some(row.text.span())),
            reason: format!("{text:?}: {}", fault.reason),
        };
        if !seen.insert(text) {
            return Err(Fault::at(row.text.span(), format!("{text:?} occurs twice")));
        }
        row.check().map_err(|reason| of_row(Fault::anywhere(reason)))?;
        let mut needs = Written::default();
        for need in &row.needs {
            needs.push(&alternatives(need).map_err(of_row)?.list::<Key<'_>>())?;
        }
        let [least, most] = row.people.unwrap_or([0, u32::MAX]);
        written.push(&Entry {
            text,
            needs: needs.list(),
            sure: row.sure as f32,
            people: least > 0,
            least,
            most,
        })?;
    }
    Ok(written)
}

impl Row {
    fn check(&self) -> Result<(), String> {
        let text = self.text.get_ref();
        let mut bare = text.clone();
        for slot in SLOTS {
            bare = bare.replacen(slot, "", 1);
        }
        if bare.contains(['{', '}']) {
            return Err("it has an unknown slot, or one twice; there are {place} and {who}".to_owned());
        }
        if text.trim().is_empty() || text.ends_with('.') || self.needs.is_empty() {
            return Err("a phrase has text without a full stop, and needs".to_owned());
        }
        if text.chars().count() > MOST_CHARS {
            return Err(format!("it is longer than {MOST_CHARS} characters"));
        }
        if let Some([least, most]) = self.people.filter(|[least, most]| least > most) {
            return Err(format!("[{least}, {most}] is not a range"));
        }
        if !(0.0..=1.0).contains(&self.sure) {
            return Err(format!("sure is {}; 0 to 1 is allowed", self.sure));
        }
        Ok(())
    }
}

fn alternatives(need: &Spanned<String>) -> Result<Written, Fault> {
    let mut keys = Written::default();
    for key in need.get_ref().split('|').map(str::trim) {
        let key = match key.strip_prefix("label:") {
            Some(label) => labels(label, label).map(|_| Key::Label(label)),
            None if let Some(class) = class(key) => check_object(class).map(|()| Key::Tag(key)),
            None if key.is_empty() => Err("an alternative is empty".to_owned()),
            None => Ok(Key::Tag(key)),
        };
        keys.push(&key.map_err(|reason| Fault::at(need.span(), reason))?)?;
    }
    Ok(keys)
}

/// The class of the object detector that a need asks for.
fn class(key: &str) -> Option<&str> {
    [LARGE_THING, SEVERAL_THINGS]
        .into_iter()
        .find_map(|prefix| key.strip_prefix(prefix))
}
