//! Turns `phrases.toml` into Rust tables, so that the guest, which starts afresh for every photo, has nothing to
//! parse. Refuses phrases that could not work as written.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

const LABELS: &str = "../../models/imagenet-labels.txt";
const PHRASES: &str = "phrases.toml";
const SLOTS: [&str; 2] = ["{place}", "{who}"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    place: Vec<Entry>,
    phrase: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    text: String,
    needs: Vec<String>,
    people: Option<[usize; 2]>,
    #[serde(default)]
    sure: f64,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed={LABELS}");
    println!("cargo::rerun-if-changed={PHRASES}");
    let labels = fs::read_to_string(LABELS).map_err(|cause| format!("{LABELS}: {cause}"))?;
    let labels: BTreeSet<&str> = labels.lines().collect();
    let text = fs::read_to_string(PHRASES).map_err(|cause| format!("{PHRASES}: {cause}"))?;
    let tables: Tables = toml::from_str(&text).map_err(|cause| format!("{PHRASES}: {cause}"))?;
    let mut source = String::new();
    for (name, entries) in [("PLACES", &tables.place), ("PHRASES", &tables.phrase)] {
        writeln!(source, "pub(crate) static {name}: &[Entry] = &[")?;
        let mut seen = BTreeSet::new();
        for entry in entries {
            let line =
                row(entry, &labels).map_err(|cause| format!("{PHRASES}: {:?}: {cause}", entry.text))?;
            if !seen.insert(&entry.text) {
                return Err(format!("{PHRASES}: {:?} occurs twice", entry.text).into());
            }
            source.push_str(&line);
        }
        source.push_str("];\n");
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("phrases.rs"), source)?;
    Ok(())
}

fn row(entry: &Entry, labels: &BTreeSet<&str>) -> Outcome<String> {
    let mut bare = entry.text.clone();
    for slot in SLOTS {
        bare = bare.replacen(slot, "", 1);
    }
    if bare.contains(['{', '}']) {
        return Err("it has an unknown slot, or one twice".into());
    }
    if entry.text.trim().is_empty() || entry.text.ends_with('.') || entry.needs.is_empty() {
        return Err("a phrase has text without a full stop, and needs".into());
    }
    let needs: Vec<String> = entry
        .needs
        .iter()
        .map(|need| alternatives(need, labels))
        .collect::<Outcome<_>>()?;
    let [least, most] = entry.people.unwrap_or([0, usize::MAX]);
    if least > most {
        return Err(format!("[{least}, {most}] is not a range").into());
    }
    if !(0.0..=1.0).contains(&entry.sure) {
        return Err(format!("{} is not from 0 to 1", entry.sure).into());
    }
    let most = if most == usize::MAX {
        "usize::MAX".to_owned()
    } else {
        most.to_string()
    };
    Ok(format!(
        "    Entry {{ text: {:?}, needs: &[{}], sure: {:?}, people: {}, least: {least}, most: {most} }},\n",
        entry.text,
        needs.join(", "),
        entry.sure,
        entry.people.is_some_and(|[least, _]| least > 0),
    ))
}

fn alternatives(need: &str, labels: &BTreeSet<&str>) -> Outcome<String> {
    let mut keys = Vec::new();
    for key in need.split('|').map(str::trim) {
        match key.strip_prefix("label:") {
            Some(label) if labels.contains(label) => keys.push(format!("Key::Label({label:?})")),
            Some(label) => return Err(format!("the classifier has no label {label:?}").into()),
            None if key.is_empty() => return Err("an alternative is empty".into()),
            None => keys.push(format!("Key::Tag({key:?})")),
        }
    }
    Ok(format!("&[{}]", keys.join(", ")))
}
