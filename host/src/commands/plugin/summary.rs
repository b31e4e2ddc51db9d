//! What a worker answers about its plugins, as text for people.

use serde_json::Value;

use crate::plain;
use crate::table::{self, Side};

/// How many hexadecimal digits of a digest tell components apart for people.
const DIGEST_DIGITS: usize = 12;
/// How many differences of a shadow are shown; JSON has all that the worker kept.
const DIFFERENCES: usize = 5;
/// Where what is said of a plugin begins, below its line: under its name.
const INDENT: &str = "                ";

/// The answer of `GET /api/plugins`: a line for each slot, and below it where the plugin comes from.
pub(super) fn list(slots: &Value) -> Vec<String> {
    let slots = slots.as_array().map_or(&[][..], Vec::as_slice);
    let rows: Vec<_> = slots
        .iter()
        .map(|slot| {
            [
                text(&slot["slot"]).to_owned(),
                format!("{} {}", text(&slot["name"]), text(&slot["version"])),
                number(&slot["calls"]).to_string(),
                number(&slot["failures"]).to_string(),
                milliseconds(&slot["p50_us"]),
                milliseconds(&slot["p99_us"]),
            ]
        })
        .collect();
    let heads = [
        ("SLOT", Side::Left),
        ("PLUGIN", Side::Left),
        ("CALLS", Side::Right),
        ("FAILED", Side::Right),
        ("P50", Side::Right),
        ("P99", Side::Right),
    ];
    let mut lines = table::lines(heads, &rows).into_iter();
    let mut printed: Vec<String> = lines.next().into_iter().collect();
    for (line, slot) in lines.zip(slots) {
        printed.push(line);
        printed.extend(
            particulars(slot)
                .iter()
                .map(|line| format!("{INDENT}{}", plain(line))),
        );
    }
    printed
}

/// What the table has no column for.
fn particulars(slot: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{} from {}",
        digest(&slot["digest"]),
        text(&slot["origin"])
    )];
    if let Some(since) = slot["since"].as_str() {
        lines.push(format!("since {since}"));
    }
    if slot["previous_digest"].is_string() {
        lines.push(format!(
            "the previous one was {}",
            digest(&slot["previous_digest"])
        ));
    }
    let data = &slot["data"];
    if !data.is_null() {
        let whose = if data["built_in"] == true {
            ", as built in"
        } else {
            ""
        };
        lines.push(format!(
            "data: {} {}{whose}",
            text(&data["kind"]),
            digest(&data["digest"])
        ));
    }
    let lost = slot["tags_out_of_reach"].as_array().map_or(0, Vec::len);
    if lost > 0 {
        lines.push(format!("{lost} of its tags cannot be given by this model set"));
    }
    let shadow = &slot["shadow"];
    if !shadow.is_null() {
        lines.push(format!(
            "shadow: {} {}, {} of {} answers differ, {} failed",
            text(&shadow["candidate"]["name"]),
            text(&shadow["candidate"]["version"]),
            number(&shadow["different"]),
            number(&shadow["compared"]),
            number(&shadow["failed"]),
        ));
    }
    lines
}

/// The answer to a swap or a rollback.
pub(super) fn change(change: &Value) -> Vec<String> {
    let (slot, active) = (text(&change["slot"]), identity(&change["active"]));
    let line = if change["changed"] == true {
        format!(
            "{slot}: {active} is now active; it replaced {}",
            identity(&change["previous"])
        )
    } else {
        format!("{slot}: {active} was already active; nothing changed")
    };
    let mut lines = vec![line];
    // A worker that tries candidates on what is stored says what came of it.
    let trial = &change["trial"];
    if !trial.is_null() {
        let over = if trial["timed_out"] == true {
            ", then its time limit was reached"
        } else {
            ""
        };
        lines.push(format!(
            "trial on stored scenes: {} answered, {} skipped{over}",
            number(&trial["tried"]),
            number(&trial["skipped"]),
        ));
        lines.extend(
            trial["problem"]
                .as_str()
                .map(|problem| format!("the trial ended early: {problem}")),
        );
    }
    lines.iter().map(|line| plain(line)).collect()
}

/// The results of a shadow so far.
pub(super) fn shadow(slot: &str, report: &Value) -> Vec<String> {
    let (compared, different) = (number(&report["compared"]), number(&report["different"]));
    let calls = &report["calls"];
    let mut lines = vec![
        format!(
            "{slot}: {} runs beside the active plugin",
            identity(&report["candidate"])
        ),
        format!("  compared   {compared} answers"),
        format!("  different  {different}"),
        format!("  failed     {}", number(&report["failed"])),
        format!(
            "  skipped    {}, because the limit of parallel comparisons was reached",
            number(&report["skipped"])
        ),
        format!(
            "  time       p50 {}, p99 {}",
            milliseconds(&calls["p50_us"]),
            milliseconds(&calls["p99_us"])
        ),
    ];
    let examples = report["examples"].as_array().map_or(&[][..], Vec::as_slice);
    for example in examples.iter().take(DIFFERENCES) {
        let [active, candidate] = ["active", "candidate"].map(|whose| &example[whose]);
        match (names(active), names(candidate)) {
            (Some(before), Some(after)) => {
                let gained = after
                    .iter()
                    .filter(|tag| !before.contains(tag))
                    .map(|tag| format!(" +{tag}"));
                let lost = before
                    .iter()
                    .filter(|tag| !after.contains(tag))
                    .map(|tag| format!(" -{tag}"));
                lines.push(format!("   {}", gained.chain(lost).collect::<String>()));
            }
            _ => {
                lines.push(format!("    {}", said(active)));
                lines.push(format!("    ->  {}", said(candidate)));
            }
        }
    }
    let shown = examples.len().min(DIFFERENCES) as u64;
    if different > shown {
        lines.push(format!("    and {} more", different - shown));
    }
    lines.iter().map(|line| plain(line)).collect()
}

/// The tags of an answer, when it has tags.
fn names(answer: &Value) -> Option<Vec<&str>> {
    Some(answer.as_array()?.iter().map(text).collect())
}

/// A phrase, or what a cluster policy decided.
fn said(answer: &Value) -> String {
    match (answer.as_str(), answer["join"].as_str()) {
        (Some("create"), _) => "starts a cluster".to_owned(),
        (Some(phrase), _) => phrase.to_owned(),
        (None, Some(cluster)) => format!("joins {cluster}"),
        (None, None) => answer.to_string(),
    }
}

/// Name, version and the beginning of the digest.
fn identity(plugin: &Value) -> String {
    format!(
        "{} {} ({})",
        text(&plugin["name"]),
        text(&plugin["version"]),
        digest(&plugin["digest"])
    )
}

fn digest(value: &Value) -> &str {
    let digest = text(value);
    digest.get(..DIGEST_DIGITS).unwrap_or(digest)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn milliseconds(microseconds: &Value) -> String {
    match microseconds.as_f64() {
        Some(microseconds) => format!("{:.2} ms", microseconds / 1e3),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plugin(name: &str) -> Value {
        json!({ "name": name, "version": "0.1.0", "digest": "0123456789abcdef", "origin": "built-in" })
    }

    #[test]
    fn a_list_fits_into_eighty_columns() {
        let mut slot = plugin("our-own-context-mapper");
        for (field, value) in [
            ("slot", json!("context-mapper")),
            ("calls", json!(123_456)),
            ("failures", json!(12)),
            ("p50_us", json!(310)),
            ("p99_us", json!(12_345)),
            ("since", json!("2026-11-30T23:58:49.123456789Z")),
            ("previous_digest", json!("fedcba9876543210")),
            (
                "data",
                json!({ "kind": "phrases", "digest": "abcdef0123456789", "built_in": false }),
            ),
            ("tags_out_of_reach", json!(["sunset"])),
            (
                "shadow",
                json!({ "candidate": plugin("other"), "compared": 20, "different": 3, "failed": 1 }),
            ),
        ] {
            slot[field] = value;
        }
        let lines = list(&json!([slot]));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        let text = lines.join("\n");
        for part in [
            "SLOT            PLUGIN ",
            "context-mapper  our-own-context-mapper 0.1.0  123456      12  0.31 ms  12.35 ms",
            "\n                0123456789ab from built-in",
            "\n                since 2026-11-30T23:58:49.123456789Z\n",
            "\n                the previous one was fedcba987654\n",
            "\n                data: phrases abcdef012345\n",
            "1 of its tags cannot be given by this model set",
            "shadow: other 0.1.0, 3 of 20 answers differ, 1 failed",
        ] {
            assert!(text.contains(part), "{part} is missing from\n{text}");
        }
    }

    #[test]
    fn a_change_says_what_came_of_its_trial() {
        let mut swap =
            json!({ "slot": "tagger", "changed": true, "active": plugin("new"), "previous": plugin("old") });
        let line = "tagger: new 0.1.0 (0123456789ab) is now active; it replaced old 0.1.0 (0123456789ab)";
        assert_eq!(change(&swap), [line]);
        swap["trial"] = json!({ "tried": 48, "skipped": 2, "timed_out": false, "problem": null });
        assert_eq!(
            change(&swap),
            [line, "trial on stored scenes: 48 answered, 2 skipped"]
        );
        swap["changed"] = json!(false);
        swap["trial"] = Value::Null;
        assert_eq!(
            change(&swap),
            ["tagger: new 0.1.0 (0123456789ab) was already active; nothing changed"]
        );
    }

    #[test]
    fn differences_of_a_shadow_are_told_by_slot() {
        let report = |examples: Value| {
            let different = examples.as_array().map_or(0, Vec::len) + 1;
            json!({
                "candidate": plugin("other"), "compared": 9, "different": different, "failed": 0, "skipped": 0,
                "calls": { "p50_us": null, "p99_us": null }, "examples": examples,
            })
        };
        let tags = json!([{ "active": ["beach", "sea"], "candidate": ["sea", "sun"] }]);
        let told = shadow("tagger", &report(tags));
        assert!(told.contains(&"    +sun -beach".to_owned()), "{told:#?}");
        assert!(told.contains(&"    and 1 more".to_owned()), "{told:#?}");
        let phrases = json!([{ "active": "Sebuah foto", "candidate": "Foto\u{1b}[2J" }]);
        let told = shadow("context-mapper", &report(phrases));
        assert!(told.contains(&"    ->  Foto\u{fffd}[2J".to_owned()), "{told:#?}");
        let decisions = json!([{ "active": "create", "candidate": { "join": "c1" } }]);
        let told = shadow("cluster-policy", &report(decisions));
        assert!(told.contains(&"    starts a cluster".to_owned()), "{told:#?}");
        assert!(told.contains(&"    ->  joins c1".to_owned()), "{told:#?}");
    }
}
