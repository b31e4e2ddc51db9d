//! Turns `vocabulary.toml` into Rust tables, so that the guest, which starts afresh for every photo,
//! has nothing to parse. Refuses a vocabulary that could not work as written.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

/// The names the classifier uses, one a line.
const LABELS: &str = "../../models/imagenet-labels.txt";
/// The names the object detector uses, one a line.
const OBJECTS: &str = "../../models/coco-classes.txt";
const VOCABULARY: &str = "vocabulary.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vocabulary {
    placeless: Vec<String>,
    groups: BTreeMap<String, Vec<String>>,
    concept: Vec<Concept>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Concept {
    tag: String,
    prompts: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, f64>,
    #[serde(default)]
    faces: Vec<Rule>,
    #[serde(default)]
    objects: BTreeMap<String, f64>,
    #[serde(default)]
    things: Vec<ThingRule>,
    #[serde(default)]
    lines: Vec<LineRule>,
    place: Option<Place>,
    #[serde(default)]
    at_people: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRule {
    count: [f64; 2],
    width: [f64; 2],
    people: [f64; 2],
    score: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThingRule {
    name: String,
    least: f64,
    count: Option<[f64; 2]>,
    people: Option<[f64; 2]>,
    score: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    Inside,
    Outside,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    people: Option<[f64; 2]>,
    total: Option<[f64; 2]>,
    count: Option<[f64; 2]>,
    share: Option<[f64; 2]>,
    relative: Option<[f64; 2]>,
    age: Option<[f64; 2]>,
    #[serde(default)]
    posed: bool,
    score: Option<f64>,
    #[serde(default)]
    labels: BTreeMap<String, f64>,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed={LABELS}");
    println!("cargo::rerun-if-changed={OBJECTS}");
    println!("cargo::rerun-if-changed={VOCABULARY}");
    let text = fs::read_to_string(LABELS).map_err(|cause| format!("{LABELS}: {cause}"))?;
    let names: Vec<&str> = text.lines().collect();
    let text_of_objects = fs::read_to_string(OBJECTS).map_err(|cause| format!("{OBJECTS}: {cause}"))?;
    let objects: BTreeSet<&str> = text_of_objects.lines().collect();
    let text = fs::read_to_string(VOCABULARY).map_err(|cause| format!("{VOCABULARY}: {cause}"))?;
    let vocabulary: Vocabulary = toml::from_str(&text).map_err(|cause| format!("{VOCABULARY}: {cause}"))?;
    let tables = tables(&names, &objects, &vocabulary).map_err(|cause| format!("{VOCABULARY}: {cause}"))?;
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("vocabulary.rs"), tables)?;
    Ok(())
}

/// The Rust source of the tables, which `src/vocabulary.rs` includes.
fn tables(names: &[&str], objects: &BTreeSet<&str>, vocabulary: &Vocabulary) -> Outcome<String> {
    let unused: BTreeSet<&str> = vocabulary.groups.keys().map(String::as_str).collect();
    let mut labels = Labels {
        names,
        groups: &vocabulary.groups,
        used: BTreeSet::new(),
        unused,
    };
    let mut tags = BTreeSet::new();
    let mut concepts = Vec::new();
    for concept in &vocabulary.concept {
        let tag = &concept.tag;
        if !tags.insert(tag) {
            return Err(format!("the tag {tag:?} occurs twice").into());
        }
        concepts.push(
            labels
                .concept(concept)
                .map_err(|cause| format!("tag {tag:?}: {cause}"))?,
        );
    }
    let mut placeless = BTreeMap::new();
    for entry in &vocabulary.placeless {
        placeless.insert(entry.clone(), 1.0);
    }
    let placeless = labels
        .weights(&placeless)
        .map_err(|cause| format!("placeless: {cause}"))?;
    if let Some(group) = labels.unused.first() {
        return Err(format!("nothing uses the group {group:?}").into());
    }

    // Labels in alphabetical order, so that the guest can look them up by bisection.
    let used: Vec<&str> = labels.used.iter().copied().collect();
    let place: BTreeMap<&str, usize> = used
        .iter()
        .enumerate()
        .map(|(place, name)| (*name, place))
        .collect();
    let weights = |weights: &BTreeMap<&str, f64>| {
        let pairs: Vec<String> = weights
            .iter()
            .map(|(name, weight)| format!("({}, {weight:?})", place[name]))
            .collect();
        format!("&[{}]", pairs.join(", "))
    };
    let mut source = format!("pub(crate) static LABELS: &[&str] = &{used:?};\n");
    writeln!(
        source,
        "pub(crate) static PLACELESS: Weights = {};",
        weights(&placeless)
    )?;
    source.push_str("pub(crate) static CONCEPTS: &[Concept] = &[\n");
    for (concept, (weighted, rules)) in vocabulary.concept.iter().zip(&concepts) {
        let rules: Vec<String> = concept
            .faces
            .iter()
            .zip(rules)
            .map(|(rule, weighted)| {
                format!(
                    "FaceRule {{ people: {}, total: {}, count: {}, share: {}, relative: {}, age: {}, posed: {}, score: {:?}, labels: {} }}",
                    span(rule.people.unwrap_or([0.0, f64::INFINITY])),
                    span(rule.total.unwrap_or([0.0, f64::INFINITY])),
                    span(rule.count.unwrap_or([1.0, f64::INFINITY])),
                    span(rule.share.unwrap_or([0.0, f64::INFINITY])),
                    span(rule.relative.unwrap_or([0.0, f64::INFINITY])),
                    rule.age.map_or("None".to_owned(), |age| format!("Some({})", span(age))),
                    rule.posed,
                    rule.score.unwrap_or(0.0),
                    weights(weighted),
                )
            })
            .collect();
        writeln!(
            source,
            "    Concept {{ tag: {:?}, prompts: &{:?}, labels: {}, faces: &[{}], objects: &[{}], things: &[{}], lines: &[{}], place: {}, \
             at_people: {} }},",
            concept.tag,
            concept.prompts,
            weights(weighted),
            rules.join(", "),
            weighted_objects(concept, objects)?,
            thing_rules(concept, objects)?,
            line_rules(concept)?,
            concept
                .place
                .map_or("None".to_owned(), |place| format!("Some(Place::{place:?})")),
            concept.at_people,
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}

/// The classes of the object detector that speak for a tag, with their weights.
fn weighted_objects(concept: &Concept, known: &BTreeSet<&str>) -> Outcome<String> {
    let mut pairs = Vec::new();
    for (name, &weight) in &concept.objects {
        check_thing(name, weight, known)?;
        pairs.push(format!("({name:?}, {weight:?})"));
    }
    Ok(pairs.join(", "))
}

/// The rules about things that speak for a tag.
fn thing_rules(concept: &Concept, known: &BTreeSet<&str>) -> Outcome<String> {
    let mut rules = Vec::new();
    for rule in &concept.things {
        check_thing(&rule.name, rule.score, known)?;
        check_thing(&rule.name, rule.least, known)?;
        rules.push(format!(
            "ThingRule {{ name: {:?}, least: {:?}, count: {}, people: {}, score: {:?} }}",
            rule.name,
            rule.least,
            span(rule.count.unwrap_or([1.0, f64::INFINITY])),
            span(rule.people.unwrap_or([0.0, f64::INFINITY])),
            rule.score,
        ));
    }
    Ok(rules.join(", "))
}

/// The rules about what was read that speak for a tag.
fn line_rules(concept: &Concept) -> Outcome<String> {
    let mut rules = Vec::new();
    for &LineRule {
        count,
        width,
        people,
        score,
    } in &concept.lines
    {
        if !(score > 0.0 && score <= 1.0) {
            return Err(format!("the score {score} is not above 0 and at most 1").into());
        }
        rules.push(format!(
            "LineRule {{ count: {}, width: {}, people: {}, score: {score:?} }}",
            span(count),
            span(width),
            span(people)
        ));
    }
    Ok(rules.join(", "))
}

fn check_thing(name: &str, value: f64, known: &BTreeSet<&str>) -> Outcome<()> {
    if !known.contains(name) {
        return Err(format!("the object detector has no class {name:?} (see {OBJECTS})").into());
    }
    if !(value > 0.0 && value <= 1.0) {
        return Err(format!("{value} of {name:?} is not above 0 and at most 1").into());
    }
    Ok(())
}

fn span([lowest, highest]: [f64; 2]) -> String {
    let number = |value: f64| {
        if value.is_infinite() {
            "f32::INFINITY".to_owned()
        } else {
            format!("{value:?}")
        }
    };
    format!(
        "Span {{ lowest: {}, highest: {} }}",
        number(lowest),
        number(highest)
    )
}

/// The classifier's labels and which of them the vocabulary uses.
struct Labels<'a> {
    names: &'a [&'a str],
    groups: &'a BTreeMap<String, Vec<String>>,
    used: BTreeSet<&'a str>,
    unused: BTreeSet<&'a str>,
}

type Weights<'a> = BTreeMap<&'a str, f64>;

impl<'a> Labels<'a> {
    /// Checks a concept; gives its own weights and those of its rules.
    fn concept(&mut self, concept: &Concept) -> Outcome<(Weights<'a>, Vec<Weights<'a>>)> {
        let length = concept.tag.chars().count();
        if length == 0
            || length > 64
            || concept.tag.trim() != concept.tag
            || concept.tag != concept.tag.to_lowercase()
        {
            return Err("a tag is 1 to 64 lower-case characters".into());
        }
        let prompts: BTreeSet<&str> = concept.prompts.iter().map(|prompt| prompt.trim()).collect();
        if prompts.is_empty() || concept.prompts.len() > 3 || prompts.len() < concept.prompts.len() {
            return Err("one to three different prompts are needed".into());
        }
        if prompts.contains("") {
            return Err("a prompt is empty".into());
        }
        let rules = concept
            .faces
            .iter()
            .map(|rule| self.rule(rule))
            .collect::<Outcome<_>>()?;
        Ok((self.weights(&concept.labels)?, rules))
    }

    fn rule(&mut self, rule: &Rule) -> Outcome<Weights<'a>> {
        let ranges = [
            rule.people,
            rule.total,
            rule.count,
            rule.share,
            rule.relative,
            rule.age,
        ];
        for [lowest, highest] in ranges.into_iter().flatten() {
            if !(0.0 <= lowest && lowest <= highest) {
                return Err(format!("[{lowest}, {highest}] is not a range").into());
            }
        }
        if rule.total.is_none() && rule.count.is_none() && rule.share.is_none() && rule.age.is_none() {
            return Err("a rule on faces says nothing about them".into());
        }
        match rule.score {
            Some(score) if rule.labels.is_empty() && (0.0..=1.0).contains(&score) => {}
            None if !rule.labels.is_empty() => {}
            _ => return Err("a rule on faces needs either a score from 0 to 1 or labels".into()),
        }
        self.weights(&rule.labels)
    }

    /// Replaces groups and ranges by the labels they stand for.
    fn weights(&mut self, weights: &BTreeMap<String, f64>) -> Outcome<Weights<'a>> {
        let mut all = BTreeMap::new();
        for (entry, &weight) in weights {
            if !(weight > 0.0 && weight <= 1.0) {
                return Err(format!("the weight {weight} of {entry:?} is not above 0 and at most 1").into());
            }
            for name in self.expand(entry, 0)? {
                if all.insert(name, weight).is_some() {
                    return Err(format!("the label {name:?} is named twice").into());
                }
                self.used.insert(name);
            }
        }
        Ok(all)
    }

    fn expand(&mut self, entry: &str, depth: usize) -> Outcome<Vec<&'a str>> {
        if let Some(group) = entry.strip_prefix('@') {
            if depth > 4 {
                return Err(format!("the group {group:?} contains itself").into());
            }
            let entries = self
                .groups
                .get(group)
                .ok_or_else(|| format!("there is no group {group:?}"))?;
            self.unused.remove(group);
            let mut all = Vec::new();
            for entry in entries {
                all.extend(self.expand(entry, depth + 1)?);
            }
            return Ok(all);
        }
        let (first, last) = entry.split_once(" .. ").unwrap_or((entry, entry));
        let (first, last) = (self.place(first)?, self.place(last)?);
        if first > last {
            return Err(format!("{entry:?}: the classifier's list has them the other way round").into());
        }
        Ok(self.names[first..=last].to_vec())
    }

    fn place(&self, name: &str) -> Outcome<usize> {
        let found = self.names.iter().position(|known| *known == name);
        found.ok_or_else(|| format!("the classifier has no label {name:?} (see {LABELS})").into())
    }
}
