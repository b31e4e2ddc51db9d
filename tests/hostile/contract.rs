//! Answers that are values of their types and not what the interfaces ask for.

use ai_worker::audit::Who;
use ai_worker::domain::ClusterId;
use ai_worker::plugins::Slot;

use crate::guest::{data, mapper, on_photos, on_photos_of_today, policy, words};
use crate::host::{Attack, Kind, repel};
use test_support::guests::tagger;

const LETTERS: u32 = 1_024;

/// More letters than anything may have.
fn letters() -> String {
    data(LETTERS, &[b'x'; 600])
}

/// A tagger that answers with one tag of so many letters and this score.
fn tag(length: u32, score: f32) -> Vec<u8> {
    let fields = [
        words(128, &[0, 256, 1]),
        words(256, &[LETTERS, length, score.to_bits()]),
        letters(),
    ];
    on_photos(&fields.concat(), "(i32.const 128)")
}

#[test]
fn tags_outside_the_contract_are_refused() {
    let attack = |name, guest, says| Attack(name, guest, Kind::InvalidAnswer, says);
    // Where there are only zeros.
    let many = |count| on_photos(&words(128, &[0, 16_384, count]), "(i32.const 128)");
    repel(
        Slot::Tagger,
        vec![
            attack(
                "a tag of 65 characters",
                tag(65, 0.5),
                "a tag of 65 characters; 1 to 64",
            ),
            attack("an empty tag", tag(0, 0.5), "a tag of 0 characters"),
            attack(
                "a score that is no number",
                tag(5, f32::NAN),
                "has score NaN; 0 to 1",
            ),
            attack("a negative score", tag(5, -0.5), "has score -0.5"),
            attack("an infinite score", tag(5, f32::INFINITY), "has score inf"),
            attack("a score above 1", tag(5, 1.5), "has score 1.5"),
            attack("1,001 tags", many(1_001), "1001 tags; the limit is 1000"),
        ],
    );
}

/// A tagger that answers with these tags, twenty letters each at most.
fn tags(names: &[&str]) -> Vec<u8> {
    let mut list = Vec::new();
    let mut texts = String::new();
    for (address, name) in (LETTERS..).step_by(32).zip(names) {
        list.extend([address, u32::try_from(name.len()).unwrap(), 0.5_f32.to_bits()]);
        texts.push_str(&data(address, name.as_bytes()));
    }
    let count = u32::try_from(names.len()).unwrap();
    let fields = [words(128, &[0, 256, count]), words(256, &list), texts];
    on_photos(&fields.concat(), "(i32.const 128)")
}

#[test]
fn tags_that_nobody_could_read_are_refused() {
    let attack = |name, names: &[&str], says| Attack(name, tags(names), Kind::InvalidAnswer, says);
    repel(
        Slot::Tagger,
        vec![
            attack("two lines", &["beach\nadmin"], "a tag with the character U+000A"),
            attack(
                "a terminal's colours",
                &["\u{1b}[31mred"],
                "a tag with the character U+001B",
            ),
            attack(
                "text that runs backwards",
                &["gnp.\u{202e}exe"],
                "a tag with the character U+202E",
            ),
            attack(
                "text in an isolate",
                &["\u{2066}beach"],
                "a tag with the character U+2066",
            ),
            attack("a blank tag", &["beach", "  "], "a blank tag"),
            attack("a tag that shows nothing", &["\u{200b}"], "a blank tag"),
            attack(
                "a tag twice",
                &["beach", "sea", "beach"],
                "the tag \"beach\" twice",
            ),
            attack(
                "a tag twice, once with a space",
                &["beach", "beach "],
                "the tag \"beach \" twice",
            ),
        ],
    );
}

/// Taggers give reasons since version 1.1.0.
#[test]
fn reasons_outside_the_contract_are_refused() {
    let reasoned = |discriminant: u32, length: u32| {
        let fields = [
            words(128, &[0, 256, 1]),
            words(
                256,
                &[LETTERS, 5, 0.5_f32.to_bits(), discriminant, LETTERS, length],
            ),
            letters(),
        ];
        on_photos_of_today(&fields.concat(), "(i32.const 128)")
    };
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "a reason of 201 characters",
                reasoned(1, 201),
                Kind::InvalidAnswer,
                "a reason of 201 characters; at most 200",
            ),
            Attack(
                "a reason that is neither there nor not",
                reasoned(2, 5),
                Kind::Trapped,
                "discriminant",
            ),
        ],
    );
}

#[test]
fn descriptions_outside_the_contract_are_refused() {
    // One concept whose 20,001 prompts are all the same nothing.
    let prompts = [
        words(128, &[0, 0, 0, 0, 0, 256, 1]),
        words(256, &[0, 0, 1_024, 20_001]),
    ]
    .concat();
    let fields = format!("{prompts} (func $grow (drop (memory.grow (i32.const 3)))) (start $grow)");
    let named = |name: u32, version: u32| {
        let description = words(128, &[LETTERS, name, LETTERS, version, 0, 0, 0]);
        tagger(
            &format!("{description} {}", letters()),
            "(i32.const 128)",
            "(i32.const 64)",
        )
    };
    let broken = [
        words(128, &[LETTERS, 8, 0, 0, 0, 0, 0]),
        data(LETTERS, b"a\nb\x1b[1mc"),
    ]
    .concat();
    let attack = |name, guest, says| Attack(name, guest, Kind::InvalidAnswer, says);
    repel(
        Slot::Tagger,
        vec![
            attack(
                "20,001 prompts",
                tagger(&fields, "(i32.const 128)", "(i32.const 64)"),
                "20001 prompts; the limit is 20000",
            ),
            attack("a name of 65 characters", named(65, 5), "a name of 65 characters"),
            attack(
                "a version of 65 characters",
                named(5, 65),
                "a version of 65 characters",
            ),
            attack(
                "a name of several lines",
                tagger(&broken, "(i32.const 128)", "(i32.const 64)"),
                "control character",
            ),
        ],
    );
}

/// A context mapper with a phrase of so many letters.
fn phrase(length: u32, confidence: f32) -> Vec<u8> {
    let answer = words(128, &[0, LETTERS, length, confidence.to_bits()]);
    mapper(&[answer, letters()].concat(), 0, 128)
}

#[test]
fn phrases_outside_the_contract_are_refused() {
    let attack = |name, guest, says| Attack(name, guest, Kind::InvalidAnswer, says);
    repel(
        Slot::ContextMapper,
        vec![
            attack(
                "a phrase of 201 characters",
                phrase(201, 0.5),
                "a phrase of 201 characters; 1 to 200",
            ),
            attack("an empty phrase", phrase(0, 0.5), "a phrase of 0 characters"),
            attack(
                "a confidence that is no number",
                phrase(9, f32::NAN),
                "a confidence of NaN; 0 to 1",
            ),
            attack("a negative confidence", phrase(9, -1.0), "a confidence of -1"),
            attack(
                "an infinite confidence",
                phrase(9, f32::INFINITY),
                "a confidence of inf",
            ),
        ],
    );
}

#[test]
fn phrases_that_nobody_could_read_are_refused() {
    let says = |text: &str| {
        let length = u32::try_from(text.len()).unwrap();
        let answer = words(128, &[0, LETTERS, length, 0.5_f32.to_bits()]);
        mapper(&[answer, data(LETTERS, text.as_bytes())].concat(), 0, 128)
    };
    let attack = |name, text, reason| Attack(name, says(text), Kind::InvalidAnswer, reason);
    repel(
        Slot::ContextMapper,
        vec![
            attack("a blank phrase", " \u{a0} ", "a blank phrase"),
            attack(
                "a phrase that shows nothing",
                "\u{200b}\u{feff}",
                "a blank phrase",
            ),
            attack(
                "a phrase of two lines",
                "Rapat\r\nadmin",
                "a phrase with the character U+000D",
            ),
            attack(
                "a phrase that runs backwards",
                "Rapat \u{202e}",
                "a phrase with the character U+202E",
            ),
        ],
    );
}

/// A policy that asks for so many neighbours and starts a cluster, with a reason of so many letters.
fn asks_for(neighbours: u32, reason: u32) -> Vec<u8> {
    let fields = [
        words(64, &[0, 0, 0, 0, neighbours]),
        words(128, &[0, 1, 0, 0, LETTERS, reason]),
        letters(),
    ];
    policy(&fields.concat(), 64, 128)
}

#[test]
fn decisions_outside_the_contract_are_refused() {
    let joins = |cluster: &str| {
        let fields = [
            words(64, &[0, 0, 0, 0, 10]),
            words(128, &[0, 0, LETTERS, u32::try_from(cluster.len()).unwrap(), 0, 0]),
            data(LETTERS, cluster.as_bytes()),
        ];
        policy(&fields.concat(), 64, 128)
    };
    let foreign = ClusterId::random().to_string();
    let attack = |name, guest, says| Attack(name, guest, Kind::InvalidAnswer, says);
    let two_lines = [
        words(64, &[0, 0, 0, 0, 10]),
        words(128, &[0, 1, 0, 0, LETTERS, 3]),
        data(LETTERS, b"a\nb"),
    ]
    .concat();
    let not_among = "joins a cluster that was not among the neighbours";
    repel(
        Slot::ClusterPolicy,
        vec![
            attack("no neighbours", asks_for(0, 0), "asks for 0 neighbours; 1 to 100"),
            attack("101 neighbours", asks_for(101, 0), "asks for 101 neighbours"),
            attack(
                "all neighbours",
                asks_for(u32::MAX, 0),
                "asks for 4294967295 neighbours",
            ),
            attack("a foreign cluster", joins(&foreign), not_among),
            attack("a cluster that is none", joins("../../etc/passwd"), not_among),
            attack(
                "a reason of 501 characters",
                asks_for(10, 501),
                "a reason of 501 characters",
            ),
            attack(
                "a reason of two lines",
                policy(&two_lines, 64, 128),
                "a reason with the character U+000A",
            ),
        ],
    );
}

/// A guest that declines says why, in its own words: they reach callers, so there are few of them.
#[test]
fn a_guests_own_words_are_cut_short() {
    let guest = on_photos(&words(128, &[1, 2, 8_192, 55_000]), "(i32.const 128)");
    crate::host::with_host(crate::host::settings(), Default::default(), move |host| {
        host.plugins
            .swap(Slot::Tagger, &guest, None, "a test", &Who::default())
            .unwrap();
        let error = host.call(Slot::Tagger).unwrap_err().to_string();
        assert!(error.starts_with("the tagger plugin declined"), "{error}");
        assert!(
            error.chars().count() < 600,
            "{} characters",
            error.chars().count()
        );
    });
}

/// They reach a console, too.
#[test]
fn a_guests_own_words_are_one_line() {
    let said = "no\u{1b}[2J\n\u{202e}more";
    let length = u32::try_from(said.len()).unwrap();
    let fields = [
        words(128, &[1, 2, LETTERS, length]),
        data(LETTERS, said.as_bytes()),
    ];
    let guest = on_photos(&fields.concat(), "(i32.const 128)");
    crate::host::with_host(crate::host::settings(), Default::default(), move |host| {
        host.plugins
            .swap(Slot::Tagger, &guest, None, "a test", &Who::default())
            .unwrap();
        let error = host.call(Slot::Tagger).unwrap_err().to_string();
        assert!(error.ends_with("declined: no [2J  more"), "{error:?}");
    });
}
