//! `vocabulary.toml`: its fields, and what cannot work.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::names::{check_object, labels, meant};
use super::{Fault, Tables};
use crate::Written;
use crate::vocabulary::{Concept, FaceRule, Labels, LineRule, Place, Span, ThingRule, Vocabulary};

/// The longest tag in characters.
const MOST_TAG_CHARS: usize = 64;
/// The most prompts of a tag, and the longest in characters.
const MOST_PROMPTS: usize = 3;
const MOST_PROMPT_CHARS: usize = 1_000;
/// How deep groups may lie in groups.
const DEEPEST_GROUP: usize = 4;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Option<String>,
    #[serde(default)]
    placeless: Vec<Spanned<String>>,
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    concept: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    tag: Spanned<String>,
    prompts: Spanned<Vec<String>>,
    #[serde(default)]
    labels: Weighted,
    #[serde(default)]
    faces: Vec<Spanned<Rule>>,
    #[serde(default)]
    objects: Weighted,
    #[serde(default)]
    things: Vec<Spanned<OfThings>>,
    #[serde(default)]
    lines: Vec<Spanned<OfLines>>,
    place: Option<Place>,
    #[serde(default)]
    at_people: bool,
}

/// Names and how surely each of them means a tag.
type Weighted = BTreeMap<Spanned<String>, f64>;
/// Two numbers, the lower first.
type Range = [f64; 2];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfLines {
    count: Range,
    width: Range,
    people: Range,
    score: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfThings {
    name: String,
    least: f64,
    count: Option<Range>,
    people: Option<Range>,
    score: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    people: Option<Range>,
    total: Option<Range>,
    count: Option<Range>,
    share: Option<Range>,
    relative: Option<Range>,
    age: Option<Range>,
    #[serde(default)]
    posed: bool,
    score: Option<f64>,
    #[serde(default)]
    labels: Weighted,
}

impl File {
    pub(super) fn tables(&self, version: Option<&str>) -> Result<Tables, Fault> {
        let mut labels = UsedLabels {
            groups: &self.groups,
            used: BTreeSet::new(),
            unused: self.groups.keys().collect(),
        };
        let mut tags = BTreeSet::new();
        let mut checked = Vec::new();
        for concept in &self.concept {
            let tag = concept.tag.get_ref();
            if !tags.insert(tag) {
                return Err(Fault::at(
                    concept.tag.span(),
                    format!("the tag {tag:?} occurs twice"),
                ));
            }
            let of_tag = |fault: Fault| Fault {
                place: fault.place.or(Some(concept.tag.span())),
                reason: format!("tag {tag:?}: {}", fault.reason),
            };
            checked.push(concept.check(&mut labels).map_err(of_tag)?);
        }
        if checked.is_empty() {
            return Err(Fault::anywhere("it has no tag"));
        }
        let placeless: Weighted = self.placeless.iter().map(|entry| (entry.clone(), 1.0)).collect();
        let placeless = labels.weights(&placeless).map_err(|fault| Fault {
            reason: format!("placeless: {}", fault.reason),
            ..fault
        })?;
        if let Some(group) = labels.unused.first() {
            let reason = format!("nothing uses the group {:?}", group.get_ref());
            return Err(Fault::at(group.span(), reason));
        }

        // In alphabetical order, so that the guest can look labels up by bisection.
        let names = Labels::written(labels.used.iter().copied())
            .ok_or_else(|| Fault::anywhere("the labels that it uses are too long together"))?;
        let places: Places = labels.used.into_iter().zip(0..).collect();
        let placeless = places.write(&placeless)?;
        let mut concepts = Written::default();
        for (concept, weights) in self.concept.iter().zip(&checked) {
            concept.write(weights, &places, &mut concepts)?;
        }
        let vocabulary = Vocabulary {
            version,
            labels: Labels::of(&names),
            placeless: placeless.list(),
            concepts: concepts.list(),
        };
        let prompts: usize = self
            .concept
            .iter()
            .map(|concept| concept.prompts.get_ref().len())
            .sum();
        Ok(Tables {
            bytes: postcard::to_allocvec(&vocabulary)?,
            summary: format!("{} tags with {prompts} prompts", self.concept.len()),
        })
    }
}

/// Labels of the classifier and how surely each of them means a tag.
type Weights = BTreeMap<&'static str, f32>;

/// The weights of an entry: its own, and those of each of its rules about faces.
struct Checked {
    own: Weights,
    of_faces: Vec<Weights>,
}

impl Entry {
    fn check(&self, labels: &mut UsedLabels<'_>) -> Result<Checked, Fault> {
        let tag = self.tag.get_ref();
        let length = tag.chars().count();
        if length == 0 || length > MOST_TAG_CHARS || tag.trim() != tag || *tag != tag.to_lowercase() {
            return Err(Fault::anywhere(format!(
                "a tag is 1 to {MOST_TAG_CHARS} lower-case characters"
            )));
        }
        self.check_prompts()
            .map_err(|reason| Fault::at(self.prompts.span(), reason))?;
        for (name, weight) in &self.objects {
            check_object(name.get_ref())
                .and_then(|()| check_worth(&format!("the weight of {:?}", name.get_ref()), *weight))
                .map_err(|reason| Fault::at(name.span(), reason))?;
        }
        for rule in &self.things {
            rule.get_ref()
                .check()
                .map_err(|reason| Fault::at(rule.span(), reason))?;
        }
        for rule in &self.lines {
            rule.get_ref()
                .check()
                .map_err(|reason| Fault::at(rule.span(), reason))?;
        }
        let mut of_faces = Vec::new();
        for rule in &self.faces {
            rule.get_ref()
                .check()
                .map_err(|reason| Fault::at(rule.span(), reason))?;
            of_faces.push(labels.weights(&rule.get_ref().labels)?);
        }
        Ok(Checked {
            own: labels.weights(&self.labels)?,
            of_faces,
        })
    }

    fn check_prompts(&self) -> Result<(), String> {
        let all = self.prompts.get_ref();
        let different: BTreeSet<&str> = all.iter().map(|prompt| prompt.trim()).collect();
        if different.is_empty() || all.len() > MOST_PROMPTS || different.len() < all.len() {
            return Err(format!("1 to {MOST_PROMPTS} different prompts are needed"));
        }
        if different.contains("") {
            return Err("a prompt is empty".to_owned());
        }
        match all
            .iter()
            .find(|prompt| prompt.chars().count() > MOST_PROMPT_CHARS)
        {
            Some(_) => Err(format!("a prompt is longer than {MOST_PROMPT_CHARS} characters")),
            None => Ok(()),
        }
    }

    fn write(&self, weights: &Checked, places: &Places, concepts: &mut Written) -> Result<(), Fault> {
        let mut prompts = Written::default();
        for prompt in self.prompts.get_ref() {
            prompts.push(prompt)?;
        }
        let mut faces = Written::default();
        for (rule, weights) in self.faces.iter().zip(&weights.of_faces) {
            let rule = rule.get_ref();
            faces.push(&FaceRule {
                people: span(rule.people.unwrap_or(ANY)),
                total: span(rule.total.unwrap_or(ANY)),
                count: span(rule.count.unwrap_or(SOME)),
                share: span(rule.share.unwrap_or(ANY)),
                relative: span(rule.relative.unwrap_or(ANY)),
                age: rule.age.map(span),
                posed: rule.posed,
                score: rule.score.unwrap_or_default() as f32,
                labels: places.write(weights)?.list(),
            })?;
        }
        let mut objects = Written::default();
        for (name, weight) in &self.objects {
            objects.push(&(name.get_ref(), *weight as f32))?;
        }
        let mut things = Written::default();
        for rule in &self.things {
            let rule = rule.get_ref();
            things.push(&ThingRule {
                name: &rule.name,
                least: rule.least as f32,
                count: span(rule.count.unwrap_or(SOME)),
                people: span(rule.people.unwrap_or(ANY)),
                score: rule.score as f32,
            })?;
        }
        let mut lines = Written::default();
        for rule in &self.lines {
            let rule = rule.get_ref();
            lines.push(&LineRule {
                count: span(rule.count),
                width: span(rule.width),
                people: span(rule.people),
                score: rule.score as f32,
            })?;
        }
        concepts.push(&Concept {
            tag: self.tag.get_ref(),
            prompts: prompts.list(),
            labels: places.write(&weights.own)?.list(),
            faces: faces.list(),
            objects: objects.list(),
            things: things.list(),
            lines: lines.list(),
            place: self.place,
            at_people: self.at_people,
        })?;
        Ok(())
    }
}

const ANY: Range = [0.0, f64::INFINITY];
const SOME: Range = [1.0, f64::INFINITY];

fn span([lowest, highest]: Range) -> Span {
    Span {
        lowest: lowest as f32,
        highest: highest as f32,
    }
}

fn check_ranges(ranges: impl IntoIterator<Item = Range>) -> Result<(), String> {
    for [lowest, highest] in ranges {
        if !(0.0 <= lowest && lowest <= highest) {
            return Err(format!("[{lowest}, {highest}] is not a range"));
        }
    }
    Ok(())
}

/// Makes sure that a weight or a score says something.
fn check_worth(what: &str, value: f64) -> Result<(), String> {
    if value > 0.0 && value <= 1.0 {
        Ok(())
    } else {
        Err(format!("{what} is {value}; above 0 and at most 1 is allowed"))
    }
}

impl OfLines {
    fn check(&self) -> Result<(), String> {
        check_ranges([self.count, self.width, self.people])?;
        check_worth("the score of a rule on lines", self.score)
    }
}

impl OfThings {
    fn check(&self) -> Result<(), String> {
        check_object(&self.name)?;
        check_ranges([self.count, self.people].into_iter().flatten())?;
        check_worth(&format!("the least score of {:?}", self.name), self.least)?;
        check_worth(&format!("the score of a rule on {:?}", self.name), self.score)
    }
}

impl Rule {
    fn check(&self) -> Result<(), String> {
        let of_faces = [self.total, self.count, self.share, self.age];
        check_ranges([self.people, self.relative].into_iter().chain(of_faces).flatten())?;
        if of_faces.iter().all(Option::is_none) {
            return Err("a rule on faces says nothing about them".to_owned());
        }
        match self.score {
            Some(score) if self.labels.is_empty() && (0.0..=1.0).contains(&score) => Ok(()),
            None if !self.labels.is_empty() => Ok(()),
            _ => Err("a rule on faces needs either a score from 0 to 1 or labels".to_owned()),
        }
    }
}

/// Where each label is among those that the vocabulary uses.
struct Places(BTreeMap<&'static str, u16>);

impl FromIterator<(&'static str, u16)> for Places {
    fn from_iter<I: IntoIterator<Item = (&'static str, u16)>>(labels: I) -> Self {
        Self(labels.into_iter().collect())
    }
}

impl Places {
    fn write(&self, weights: &Weights) -> Result<Written, Fault> {
        let mut written = Written::default();
        for (name, weight) in weights {
            if let Some(place) = self.0.get(name) {
                written.push(&(*place, *weight))?;
            }
        }
        Ok(written)
    }
}

/// The groups of a vocabulary, and what it uses.
struct UsedLabels<'f> {
    groups: &'f BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    used: BTreeSet<&'static str>,
    unused: BTreeSet<&'f Spanned<String>>,
}

impl UsedLabels<'_> {
    /// Replaces groups and ranges by the labels they stand for.
    fn weights(&mut self, entries: &Weighted) -> Result<Weights, Fault> {
        let mut all = Weights::new();
        for (entry, &weight) in entries {
            check_worth(&format!("the weight of {:?}", entry.get_ref()), weight)
                .map_err(|reason| Fault::at(entry.span(), reason))?;
            for name in self.expand(entry, 0)? {
                if all.insert(name, weight as f32).is_some() {
                    return Err(Fault::at(
                        entry.span(),
                        format!("the label {name:?} is named twice"),
                    ));
                }
                self.used.insert(name);
            }
        }
        Ok(all)
    }

    fn expand(&mut self, entry: &Spanned<String>, depth: usize) -> Result<Vec<&'static str>, Fault> {
        let fault = |reason: String| Fault::at(entry.span(), reason);
        let text = entry.get_ref();
        let Some(group) = text.strip_prefix('@') else {
            let (first, last) = text.split_once(" .. ").unwrap_or((text, text));
            return labels(first, last).map(<[_]>::to_vec).map_err(fault);
        };
        if depth > DEEPEST_GROUP {
            return Err(fault(format!("the group {group:?} contains itself")));
        }
        let Some((name, entries)) = self.groups.get_key_value(group) else {
            let meant = meant(group, self.groups.keys().map(|name| name.get_ref().as_str()));
            return Err(fault(format!("there is no group {group:?}{meant}")));
        };
        self.unused.remove(name);
        let mut all = Vec::new();
        for entry in entries {
            all.extend(self.expand(entry, depth + 1)?);
        }
        Ok(all)
    }
}
