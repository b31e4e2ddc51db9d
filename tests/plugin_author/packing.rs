//! `ai-worker plugin pack` and `unpack`: another word in a tagger or a context mapper without a compiler.

use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::{Said, component, folder, plugin};

/// The data of a default plugin: its slot, the option that takes them, and their file.
const DATA: [(&str, &str, &str); 2] = [
    ("tagger", "--vocabulary", "vocabulary.toml"),
    ("context-mapper", "--phrases", "phrases.toml"),
];

/// A tag that the default vocabulary does not have.
const KEBAYA: &str = "\n# What is worn on Fridays.\n[[concept]]\ntag = \"kebaya\"\nprompts = [\"women in kebaya\"]\n\
                     labels = { suit = 0.9, sarong = 0.8 }\nat_people = true\n";

fn data(slot: &str) -> String {
    let (_, _, file) = DATA.iter().find(|data| data.0 == slot).unwrap();
    std::fs::read_to_string(folder(slot).join(file)).unwrap()
}

/// A folder to work in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.file(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Packs a text for a slot into `packed.wasm`.
    fn pack(&self, slot: &str, text: &str, options: &[&str]) -> Said {
        let (_, option, file) = DATA.iter().find(|data| data.0 == slot).unwrap();
        let (data, packed) = (self.write(file, text), self.packed());
        let mut arguments = vec!["pack", slot, option, data.to_str().unwrap()];
        arguments.extend(["-o", packed.to_str().unwrap()]);
        arguments.extend(options);
        plugin(arguments)
    }

    fn packed(&self) -> PathBuf {
        self.file("packed.wasm")
    }

    /// Why a text is refused. Nothing may be written then.
    fn refusal(&self, slot: &str, text: &str, options: &[&str]) -> String {
        let said = self.pack(slot, text, options);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(!self.packed().exists(), "{said:?}");
        said.errors
    }
}

fn run(arguments: &[&str], file: &Path) -> Said {
    plugin(
        arguments[..1]
            .iter()
            .copied()
            .chain([file.to_str().unwrap()])
            .chain(arguments[1..].iter().copied()),
    )
}

#[test]
fn data_come_back_byte_for_byte() {
    for (slot, _, _) in DATA {
        let desk = Desk::new();
        let built_in = plugin(["unpack", slot]);
        assert_eq!(built_in.code, Some(0), "{built_in:?}");
        assert_eq!(built_in.out, data(slot), "{slot}");
        // As an author may write it.
        let text = format!(
            "# Catatan: ditulis di Windows\r\n{}\n\n# akhir, tanpa baris baru",
            data(slot)
        );
        let said = desk.pack(slot, &text, &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(run(&["unpack"], &desk.packed()).out, text);
        let file = desk.file("again.toml");
        let said = run(&["unpack", "-o", file.to_str().unwrap()], &desk.packed());
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
        assert_eq!(std::fs::read_to_string(file).unwrap(), text);
    }
}

#[test]
fn the_same_data_give_the_same_answers() {
    for (slot, _, _) in DATA {
        let desk = Desk::new();
        let said = desk.pack(slot, &data(slot), &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let cases = folder(slot).join("cases");
        let said = run(&["test", cases.to_str().unwrap()], &desk.packed());
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains(", 0 failed"), "{said:?}");
    }
}

#[test]
fn a_new_tag_is_given() {
    let desk = Desk::new();
    let said = desk.pack("tagger", &(data("tagger") + KEBAYA), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let cases = desk.file("cases");
    std::fs::create_dir(&cases).unwrap();
    let case = json!({
        "scene": { "width": 100, "height": 100, "faces": [], "labels": [{ "name": "sarong", "score": 0.5 }] },
        "expect": { "at_least": { "kebaya": 0.4 } },
    });
    std::fs::write(cases.join("sarong.json"), case.to_string()).unwrap();
    let cases = cases.to_str().unwrap();
    let said = run(&["test", cases], &desk.packed());
    assert_eq!(said.code, Some(0), "{said:?}");
    // The built-in one does not know it.
    let said = run(&["test", cases], &component("tagger"));
    assert_eq!(said.code, Some(1), "{said:?}");
}

#[test]
fn a_new_phrase_is_given() {
    let desk = Desk::new();
    let text = data("context-mapper").replacen(
        "phrase = [\n",
        "phrase = [\n    { text = \"Hari batik {place}\", needs = [\"batik\"] },\n",
        1,
    );
    let said = desk.pack("context-mapper", &text, &["--version", "kementerian-3"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out
            .contains("answers   as default-context-mapper kementerian-3\n"),
        "{said:?}"
    );
    let cases = desk.file("cases");
    std::fs::create_dir(&cases).unwrap();
    let case = json!({
        "scene": { "width": 100, "height": 100, "faces": [] },
        "tags": [{ "name": "batik", "score": 0.8 }, { "name": "office", "score": 0.6 }],
        "expect": { "phrase": "Hari batik di kantor" },
    });
    std::fs::write(cases.join("batik.json"), case.to_string()).unwrap();
    let said = run(&["test", cases.to_str().unwrap()], &desk.packed());
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn what_was_packed_says_what_it_is() {
    let desk = Desk::new();
    let text = data("tagger") + KEBAYA;
    let said = desk.pack("tagger", &text, &[]);
    let bytes = std::fs::read(desk.packed()).unwrap();
    let (digest, of_data) = (sha256(&bytes), sha256(text.as_bytes()));
    let version = format!("default-tagger 2.3.0+{}", &of_data[..8]);
    for part in [
        format!("answers   as {version}\n"),
        format!("data      vocabulary {of_data}\n"),
        "          135 tags with ".to_owned(),
        format!("digest    {digest}\n"),
        "cases     0 inside\n".to_owned(),
        "The component has new bytes. A worker with PLUGIN_TRUST needs a new signature for it".to_owned(),
        format!("PLUGIN_PIN needs the pin tagger={digest}."),
        format!("ai-worker plugin swap tagger {}\n", desk.packed().display()),
    ] {
        assert!(said.out.contains(&part), "{part} is missing from {}", said.out);
    }
    let check = run(&["check"], &desk.packed()).out;
    assert!(
        check.contains(&format!("data      vocabulary {of_data}\n")),
        "{check}"
    );
    assert!(check.contains(&format!("answers   as {version}\n")), "{check}");
    let check = run(&["check"], &component("tagger")).out;
    assert!(
        check.contains("data      vocabulary ") && check.contains(", as built in\n"),
        "{check}"
    );
    let check = run(&["check"], &component("cluster-policy")).out;
    assert!(!check.contains("data "), "{check}");
}

#[test]
fn a_version_is_what_the_author_says() {
    let answers = |said: &Said| {
        let line = said.out.lines().find(|line| line.starts_with("answers")).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    let desk = Desk::new();
    let text = format!("version = \"smk-4\"\n{}", data("tagger"));
    assert_eq!(answers(&desk.pack("tagger", &text, &[])), "smk-4");
    assert_eq!(answers(&desk.pack("tagger", &text, &["--version", "5"])), "5");
    // Packed once more, a version gets no longer.
    let packed = desk.pack("tagger", &data("tagger"), &[]);
    let first = answers(&packed);
    let base = desk.file("base.wasm");
    std::fs::rename(desk.packed(), &base).unwrap();
    let again = desk.pack(
        "tagger",
        &(data("tagger") + KEBAYA),
        &["--base", base.to_str().unwrap()],
    );
    assert_eq!(again.code, Some(0), "{again:?}");
    let second = answers(&again);
    assert!(
        second.starts_with("2.3.0+") && second != first && second.len() == first.len(),
        "{second}"
    );
    // From whatever it was packed, only data make the bytes.
    let from_base = std::fs::read(desk.packed()).unwrap();
    desk.pack("tagger", &(data("tagger") + KEBAYA), &[]);
    assert!(from_base == std::fs::read(desk.packed()).unwrap(), "other bytes");
    let long = "x".repeat(65);
    std::fs::remove_file(desk.packed()).unwrap();
    let errors = desk.refusal("tagger", &text, &["--version", &long]);
    assert!(
        errors.contains("a version of 65 characters; 1 to 64 are allowed"),
        "{errors}"
    );
}

#[test]
fn what_cannot_work_is_named_with_its_line() {
    let desk = Desk::new();
    let concept = |rest: &str| format!("[[concept]]\ntag = \"batik\"\nprompts = [\"batik\"]\n{rest}\n");
    let mistakes: Vec<(String, &str)> = vec![
        (
            concept("labels = { sarung = 0.9 }"),
            ":4: tag \"batik\": the classifier has no label \"sarung\"; the nearest is \"sarong\" (see models/imagenet-labels.txt)",
        ),
        (
            concept("labels = { \"tabby .. tench\" = 0.9 }"),
            ":4: tag \"batik\": \"tabby .. tench\": the classifier's list has them the other way round",
        ),
        (
            concept("labels = { suit = 1.9 }"),
            ":4: tag \"batik\": the weight of \"suit\" is 1.9; above 0 and at most 1 is allowed",
        ),
        (
            concept("labels = { \"@cloth\" = 0.9 }\n[groups]\nclothes = [\"suit\"]"),
            ":4: tag \"batik\": there is no group \"cloth\"; the nearest is \"clothes\"",
        ),
        (
            concept("[groups]\nclothes = [\"suit\"]"),
            ":5: nothing uses the group \"clothes\"",
        ),
        (
            concept("labels = { \"@a\" = 0.9 }\n[groups]\na = [\"@a\"]"),
            ":6: tag \"batik\": the group \"a\" contains itself",
        ),
        (
            concept("labels = { suit = 0.9, \"@a\" = 0.5 }\n[groups]\na = [\"suit\"]"),
            "tag \"batik\": the label \"suit\" is named twice",
        ),
        (
            concept("objects = { tei = 0.9 }"),
            ":4: tag \"batik\": the object detector has no class \"tei\"; the nearest is \"tie\"",
        ),
        (
            concept("things = [{ name = \"tie\", least = 0.5, score = 2 }]"),
            ":4: tag \"batik\": the score of a rule on \"tie\" is 2",
        ),
        (
            concept("things = [{ name = \"tie\", least = 0.5, score = 1, count = [3, 2] }]"),
            ":4: tag \"batik\": [3, 2] is not a range",
        ),
        (
            concept("lines = [{ count = [1, 2], width = [0, 1], people = [nan, 1], score = 1 }]"),
            ":4: tag \"batik\": [NaN, 1] is not a range",
        ),
        (
            concept("faces = [{ score = 0.5 }]"),
            ":4: tag \"batik\": a rule on faces says nothing about them",
        ),
        (
            concept("faces = [{ count = [1, 2] }]"),
            ":4: tag \"batik\": a rule on faces needs either a score from 0 to 1 or labels",
        ),
        (
            concept("place = \"under water\""),
            ":4: unknown variant `under water`, expected `inside` or `outside`",
        ),
        (
            concept("label = { suit = 0.9 }"),
            ":4: unknown field `label`, expected one of `tag`, `prompts`, `labels`",
        ),
        (concept(&concept("")), ":5: the tag \"batik\" occurs twice"),
        (
            concept("").replace("batik\"\np", "Batik\"\np"),
            ":2: tag \"Batik\": a tag is 1 to 64 lower-case characters",
        ),
        (
            concept("").replace("[\"batik\"]", "[\"batik\", \" batik\"]"),
            ":3: tag \"batik\": 1 to 3 different prompts are needed",
        ),
        (
            concept("").replace("[\"batik\"]", "[\" \"]"),
            ":3: tag \"batik\": a prompt is empty",
        ),
        (
            "placeless = [\"sarung\"]\n".to_owned() + &concept(""),
            ":1: placeless: the classifier has no label \"sarung\"",
        ),
        ("concept = []".to_owned(), ": it has no tag"),
        (String::new(), "missing field `concept`"),
        (concept("labels = { suit = 0.9"), ":4: "),
    ];
    for (text, expected) in mistakes {
        let errors = desk.refusal("tagger", &text, &[]);
        assert!(
            errors.contains(&format!("vocabulary.toml{expected}"))
                || (expected.starts_with(char::is_alphabetic) && errors.contains(expected)),
            "{expected}: {errors}"
        );
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
    let phrase = |row: &str| {
        format!("phrase = [\n    {{ text = \"Rapat\", needs = [\"meeting\"] }},\n    {{ {row} }},\n]\n")
    };
    for (row, expected) in [
        (
            "text = \"Batik\", needs = [\"label:sarung\"]",
            ":3: \"Batik\": the classifier has no label \"sarung\"; the nearest is \"sarong\"",
        ),
        (
            "text = \"Batik\", needs = [\"objects:chiar\"]",
            ":3: \"Batik\": the object detector has no class \"chiar\"; the nearest is \"chair\"",
        ),
        (
            "text = \"Batik {siapa}\", needs = [\"batik\"]",
            ":3: \"Batik {siapa}\": it has an unknown slot, or one twice; there are {place} and {who}",
        ),
        (
            "text = \"Batik.\", needs = [\"batik\"]",
            ":3: \"Batik.\": a phrase has text without a full stop, and needs",
        ),
        (
            "text = \"Batik\", needs = []",
            ":3: \"Batik\": a phrase has text without a full stop, and needs",
        ),
        (
            "text = \"Batik\", needs = [\"batik|\"]",
            ":3: \"Batik\": an alternative is empty",
        ),
        (
            "text = \"Batik\", needs = [\"batik\"], people = [3, 2]",
            ":3: \"Batik\": [3, 2] is not a range",
        ),
        (
            "text = \"Batik\", needs = [\"batik\"], sure = 7",
            ":3: \"Batik\": sure is 7; 0 to 1 is allowed",
        ),
        (
            "text = \"Rapat\", needs = [\"batik\"]",
            ":3: \"Rapat\" occurs twice",
        ),
        ("text = \"Batik\"", ":3: missing field `needs`"),
    ] {
        let errors = desk.refusal("context-mapper", &phrase(row), &[]);
        assert!(
            errors.contains(&format!("phrases.toml{expected}")),
            "{expected}: {errors}"
        );
    }
}

#[test]
fn what_has_no_room_is_told_how_much_there_is() {
    let desk = Desk::new();
    let prompt = "a photo of something that nobody has seen before ".repeat(20);
    let many: String = (0..300)
        .map(|number| format!("[[concept]]\ntag = \"tag {number}\"\nprompts = [\"{prompt}\"]\n"))
        .collect();
    let errors = desk.refusal("tagger", &many, &[]);
    let words: Vec<usize> = errors
        .split([' ', ':'])
        .filter_map(|word| word.parse().ok())
        .collect();
    let [needs, over, room] = words[..] else {
        unreachable!("{errors}");
    };
    assert!(
        needs > 290_000 && room > 200_000 && over == needs - room,
        "{errors}"
    );
    assert!(
        errors.contains("more than the") && errors.contains("that the component has room for"),
        "{errors}"
    );
}

#[test]
fn a_component_whose_code_holds_its_data_is_told_apart() {
    let desk = Desk::new();
    let base = |name: &str| component(name).to_str().unwrap().to_owned();
    let errors = desk.refusal(
        "tagger",
        &data("tagger"),
        &["--base", &base("examples/label-classifier")],
    );
    assert!(
        errors.contains("label-classifier.wasm: it has no data that can be read or replaced"),
        "{errors}"
    );
    let errors = desk.refusal("tagger", &data("tagger"), &["--base", &base("context-mapper")]);
    assert!(
        errors.contains("is a plugin for the context-mapper slot, not for tagger"),
        "{errors}"
    );
    let earlier =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/plugins-1.0.0/tagger/tagger.wasm");
    let errors = desk.refusal("tagger", &data("tagger"), &["--base", earlier.to_str().unwrap()]);
    assert!(errors.contains("it has no data"), "{errors}");
    for name in ["cluster-policy", "no-such-file.wasm"] {
        let said = plugin(["unpack", name]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    }
}

#[test]
fn golden_cases_that_the_data_contradict_are_named_and_left_out() {
    let desk = Desk::new();
    let cases = desk.file("cases");
    std::fs::create_dir(&cases).unwrap();
    for (name, label, tag) in [("a-suit", "suit", "formal wear"), ("a-cat", "tabby", "cat")] {
        let case = json!({
            "scene": { "width": 100, "height": 100, "faces": [], "labels": [{ "name": label, "score": 0.9 }] },
            "expect": { "has": [tag], "has_not": ["kebaya"] },
        });
        std::fs::write(cases.join(name).with_extension("json"), case.to_string()).unwrap();
    }
    let base = desk.file("base.wasm");
    let said = run(
        &["test", cases.to_str().unwrap(), "--pack", base.to_str().unwrap()],
        &component("tagger"),
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    let text = data("tagger") + KEBAYA;
    let base = ["--base", base.to_str().unwrap()];
    let errors = desk.refusal("tagger", &text, &[base[0], base[1], "--strict"]);
    assert!(errors.contains("1 golden cases of"), "{errors}");
    let said = desk.pack("tagger", &text, &base);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out.contains("FAILED    a-suit: + kebaya 0.8100\n"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("cases     1 inside, 1 of the base's cases left out because they no longer pass\n"),
        "{said:?}"
    );
    assert!(
        run(&["check"], &desk.packed())
            .out
            .contains("cases     1 inside\n")
    );
    // The data are still those that were packed.
    assert_eq!(run(&["unpack"], &desk.packed()).out, text);
}

fn sha256(bytes: &[u8]) -> String {
    ai_worker::plugins::digest(bytes)
}
