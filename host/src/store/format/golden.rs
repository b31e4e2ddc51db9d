//! What is stored, held against the texts in `golden/`: a text that changes is a store that earlier workers cannot read.
//!
//! `golden/NAME` has what this version writes, one text a line; `golden/earlier/NAME` what earlier ones wrote of the same
//! values. `UPDATE_STORED=1` writes the first anew. What was there before then goes to the second, with what it must read as.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod samples;

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use serde_json::Value;

use self::samples::{
    cluster_id, corrections, description, erasures, events, explanations, face_id, header, lines, scene,
    tags, totals,
};
use super::archive::Line;
use super::{Stored, from_text, to_text};
use crate::domain::{Scene, Slot};
use crate::store::archive::Done;
use crate::store::record::PhotoDescription;

/// Holds the texts of values against a file, and reads them back.
fn check<T: Stored + PartialEq + Debug>(name: &str, values: &[T]) {
    let texts: Vec<String> = values.iter().map(|value| to_text(value).unwrap()).collect();
    assert_golden(name, &texts);
    for (text, value) in texts.iter().zip(values) {
        assert_eq!(&from_text::<T>(text).unwrap(), value, "{name}");
    }
}

fn assert_golden(name: &str, texts: &[String]) {
    let path = golden(name);
    let written = texts.join("\n") + "\n";
    if std::env::var_os("UPDATE_STORED").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    assert_eq!(written, std::fs::read_to_string(&path).unwrap(), "{name}");
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/store/format/golden")
        .join(name)
}

#[test]
fn what_is_stored_is_written_as_it_always_was() {
    check("scene.jsonl", &[scene(), Scene::default()]);
    check("tags.jsonl", &[tags()]);
    check("description.jsonl", &[description()]);
    check("explanation.jsonl", &explanations());
    check("event.jsonl", &events());
    check("face_ids.jsonl", &[vec![face_id(1), face_id(2)], Vec::new()]);
    check(
        "cluster_ids.jsonl",
        &[vec![cluster_id(1), cluster_id(2)], Vec::new()],
    );
    check("correction.jsonl", &corrections());
    check("erasure.jsonl", &erasures());
}

#[test]
fn the_lines_of_an_archive_are_written_as_they_always_were() {
    let line = |line: &Line| serde_json::to_string(line).unwrap();
    let texts: Vec<String> = lines().iter().map(line).collect();
    assert_golden("archive.jsonl", &texts);
    for text in texts {
        assert_eq!(line(&serde_json::from_str(&text).unwrap()), text);
    }
    let done = Done {
        archive: header(),
        target: "a collection".to_owned(),
        end: 1_234,
        lines: 5,
        totals: totals(),
    };
    assert_golden("import.jsonl", &[to_text(&done).unwrap()]);
}

/// The texts of an earlier version.
fn earlier(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(golden("earlier").join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Before text was compared in words, and before objects, text and surroundings were evidence.
#[test]
fn a_scene_with_fewer_kinds_of_evidence_is_read() {
    let expected = Scene {
        text_similarities: None,
        objects: None,
        text: None,
        indoor: None,
        ..scene()
    };
    let texts = earlier("scene.jsonl");
    assert_eq!(texts.len(), 1);
    assert_eq!(from_text::<Scene>(&texts[0]).unwrap(), expected);
}

/// Before there was the slot: nothing of it is known, and everything else is read.
#[test]
fn a_description_from_before_a_slot_came_is_read() {
    let text = to_text(&description()).unwrap();
    for slot in Slot::ALL {
        let mut stored: Value = serde_json::from_str(&text).unwrap();
        let digest = stored["plugins"].as_object_mut().unwrap().remove(slot.field());
        let mut expected = description();
        let known = std::mem::take(&mut expected.plugins[slot]);
        assert_eq!(digest, Some(Value::String(known)));
        assert_eq!(
            from_text::<PhotoDescription>(&stored.to_string()).unwrap(),
            expected
        );
    }
}

/// Lines of archives of formats 1 and 2: everything that they say is read, and what they do not say is nothing.
#[test]
fn the_lines_of_earlier_archives_are_read() {
    for (format, count) in [(1, 8), (2, 9)] {
        let texts = earlier(&format!("archive-{format}.jsonl"));
        assert_eq!(texts.len(), count);
        for text in texts {
            let line: Line = serde_json::from_str(&text).unwrap();
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let now = value(&serde_json::to_string(&line).unwrap());
            assert_said(&text, &value(&text), &now);
            line.changes().unwrap();
        }
    }
}

/// Panics unless everything that was said is said now, and nothing besides but what is empty.
fn assert_said(line: &str, before: &Value, now: &Value) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (key, now) in now {
                match before.get(key) {
                    Some(before) => assert_said(line, before, now),
                    None => assert!(
                        matches!(now, Value::Null | Value::Bool(false)) || *now == 0,
                        "{key} of {line}"
                    ),
                }
            }
            let lost = before.keys().find(|key| !now.contains_key(*key));
            assert_eq!(lost, None, "{line}");
        }
        (Value::Array(before), Value::Array(now)) => {
            assert_eq!(before.len(), now.len(), "{line}");
            for (before, now) in before.iter().zip(now) {
                assert_said(line, before, now);
            }
        }
        _ => assert_eq!(before, now, "{line}"),
    }
}
