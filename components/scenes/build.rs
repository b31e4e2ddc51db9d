//! Turns `events.toml` into Rust tables, so that the guests, which start afresh for every photo, have nothing to parse.
//! Refuses a lexicon that could not work as written.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

const EVENTS: &str = "events.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lexicon {
    event: Vec<Event>,
    detail: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    words: Vec<String>,
    text: String,
    #[serde(default)]
    tags: BTreeMap<String, f64>,
    #[serde(default)]
    details: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detail {
    words: Vec<String>,
    text: String,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed={EVENTS}");
    let text = fs::read_to_string(EVENTS).map_err(|cause| format!("{EVENTS}: {cause}"))?;
    let lexicon: Lexicon = toml::from_str(&text).map_err(|cause| format!("{EVENTS}: {cause}"))?;
    let source = tables(&lexicon).map_err(|cause| format!("{EVENTS}: {cause}"))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("events.rs"), source)?;
    Ok(())
}

fn tables(lexicon: &Lexicon) -> Outcome<String> {
    let mut seen = BTreeSet::new();
    let mut source = "pub(crate) static EVENTS: &[Event] = &[\n".to_owned();
    for event in &lexicon.event {
        let words = words(&event.words, &event.text, &mut seen)?;
        let tags: Vec<String> = event
            .tags
            .iter()
            .map(|(tag, score)| format!("({tag:?}, {score:?})"))
            .collect();
        if event.tags.values().any(|score| !(*score > 0.0 && *score <= 1.0)) {
            return Err(format!("{:?}: a tag's score is above 0 and at most 1", event.text).into());
        }
        writeln!(
            source,
            "    Event {{ words: &[{words}], text: {:?}, tags: &[{}], takes_detail: {} }},",
            event.text,
            tags.join(", "),
            event.details,
        )?;
    }
    source.push_str("];\npub(crate) static DETAILS: &[Detail] = &[\n");
    let mut seen = BTreeSet::new();
    for detail in &lexicon.detail {
        let words = words(&detail.words, &detail.text, &mut seen)?;
        writeln!(
            source,
            "    Detail {{ words: &[{words}], text: {:?} }},",
            detail.text
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}

/// The words of an entry as they are looked for: letters without anything between them. Two that differ by a gap are one.
fn words(words: &[String], text: &str, seen: &mut BTreeSet<String>) -> Outcome<String> {
    if words.is_empty() || text.trim().is_empty() || text.ends_with('.') {
        return Err(format!("{text:?}: an entry has words, and a text without a full stop").into());
    }
    let mut letters: Vec<String> = Vec::new();
    for word in words {
        let compact: String = word
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric())
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        if compact.chars().count() < 2 || !word.is_ascii() {
            return Err(format!("{word:?} is not made of at least two ASCII letters").into());
        }
        if letters.contains(&compact) {
            continue;
        }
        if !seen.insert(compact.clone()) {
            return Err(format!("{word:?} occurs twice").into());
        }
        letters.push(compact);
    }
    let quoted: Vec<String> = letters.iter().map(|word| format!("{word:?}")).collect();
    Ok(quoted.join(", "))
}
