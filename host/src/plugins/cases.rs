//! Golden cases: plain data in, an expected answer out; no model, no store, no server.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::context_mapper::Context;
use super::custom_sections::{custom, with_custom};
use super::error::PluginError;
use super::set::Candidate;
use super::slot::Slot;
use crate::domain::{
    Assignment, ClusterId, Decision, EmbeddingModel, Neighbour, Scene, SceneFace, ScoredTag,
};

/// The custom section of a component that holds its cases as a JSON list.
const SECTION: &str = "ai-worker-cases";
/// How far a score may be from the expected one, unless the case says otherwise.
const TOLERANCE: f32 = 1e-4;
/// The most cases that a component may bring: each may take as long as a call.
const MAX_CASES: usize = 1_000;

/// One question to a plugin and what is expected of the answer. Which fields it has depends on the slot: `scene` for a
/// tagger; `scene` and `tags` for a context mapper; `candidate`, `neighbours` and `model` for a cluster policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: that of its file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is about, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What the host saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<Scene>,
    /// The tags the caller would see, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ScoredTag>>,
    /// The face to decide on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<SceneFace>,
    /// How many faces the cluster has in which it is stored, when it is reviewed; left out for a face that has just come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_faces: Option<u64>,
    /// Its neighbours, most similar first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbours: Option<Vec<Neighbour>>,
    /// The embedder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<EmbeddingModel>,
    /// What must be true of the answer; all that is given must hold, and something must be given for a test.
    #[serde(default)]
    pub expect: Expectation,
    /// How far a score may be from the expected one; 0.0001 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f32>,
    /// Longest time of the call in milliseconds, when it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_ms: Option<u64>,
}

/// What must be true of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// Tagger: exactly these tags, whatever their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ScoredTag>>,
    /// Tagger: at least these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// Tagger: none of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has_not: Vec<String>,
    /// Tagger: these tags with at least these scores.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub at_least: BTreeMap<String, f32>,
    /// Context mapper: exactly this phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// Context mapper: a phrase with this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Context mapper: a phrase without this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains_not: Option<String>,
    /// Cluster policy: joins this cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<ClusterId>,
    /// Cluster policy: starts a cluster, or (false) joins one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<bool>,
    /// Cluster policy: a reason with this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_contains: Option<String>,
}

/// A plugin's answer to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A tagger's.
    Tags(Vec<ScoredTag>),
    /// A context mapper's.
    Context(Context),
    /// A cluster policy's.
    Decision(Decision),
}

/// Why there is no answer to a case.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The plugin was not asked, because the case lacks this.
    #[error("the case has no {0}, which this slot is asked with")]
    Incomplete(&'static str),
    /// The plugin failed.
    #[error(transparent)]
    Failed(#[from] PluginError),
}

impl Unanswered {
    /// See [`PluginError::output`].
    fn output(&self) -> &str {
        match self {
            Self::Incomplete(_) => "",
            Self::Failed(error) => error.output(),
        }
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The answer, when there was one.
    pub answer: Option<Answer>,
    /// Everything that is not as expected, one line each; empty when the case passed.
    pub mismatches: Vec<String>,
    /// How long the call took.
    pub took: Duration,
    /// What the plugin wrote in the call: always on a workbench, and otherwise when the call failed. See
    /// [`PluginError::output`].
    pub output: String,
}

/// Runs one case. Blocks; call it from a blocking thread of a tokio runtime.
#[must_use]
pub fn run(plugin: &Candidate, case: &Case) -> CaseOutcome {
    let started = Instant::now();
    let asked = ask(plugin, case);
    let took = started.elapsed();
    let (answer, mut mismatches, output) = match asked {
        Ok(answer) => {
            let mismatches = compare(&answer, &case.expect, case.tolerance.unwrap_or(TOLERANCE));
            (Some(answer), mismatches, plugin.written())
        }
        Err(error) => {
            let output = error.output().to_owned();
            (None, vec![crate::report(&error)], output)
        }
    };
    if let Some(budget) = case.budget_ms
        && took > Duration::from_millis(budget)
    {
        mismatches.push(format!(
            "took {:.1} ms; the case allows {budget} ms",
            took.as_secs_f64() * 1e3
        ));
    }
    CaseOutcome {
        answer,
        mismatches,
        took,
        output,
    }
}

/// Asks a plugin what a case asks, whatever it expects. Blocks; call it from a blocking thread of a tokio runtime.
///
/// # Errors
/// When the case lacks what the slot is asked with, or the plugin fails.
pub fn ask(plugin: &Candidate, case: &Case) -> Result<Answer, Unanswered> {
    fn given<'a, T>(field: &'a Option<T>, name: &'static str) -> Result<&'a T, Unanswered> {
        field.as_ref().ok_or(Unanswered::Incomplete(name))
    }
    Ok(match plugin {
        Candidate::Tagger(tagger) => Answer::Tags(tagger.tag(given(&case.scene, "scene")?, None)?),
        Candidate::ContextMapper(mapper) => Answer::Context(mapper.map(
            given(&case.scene, "scene")?,
            case.tags.as_deref().unwrap_or_default(),
            None,
        )?),
        Candidate::ClusterPolicy(policy) => {
            let candidate = given(&case.candidate, "candidate")?;
            let neighbours = case.neighbours.as_deref().unwrap_or_default();
            let model = given(&case.model, "model")?;
            Answer::Decision(match case.cluster_faces {
                None => policy.decide(candidate, neighbours, model),
                Some(faces) => policy.review(candidate, faces, neighbours, model),
            }?)
        }
    })
}

impl Answer {
    /// The expectation that holds of exactly this answer.
    #[must_use]
    pub fn as_expectation(&self) -> Expectation {
        let mut expectation = Expectation::default();
        match self {
            Self::Tags(tags) => expectation.tags = Some(tags.clone()),
            Self::Context(context) => expectation.phrase = Some(context.phrase.clone()),
            Self::Decision(decision) => match decision.assignment {
                Assignment::Join(cluster) => expectation.join = Some(cluster),
                Assignment::Create => expectation.create = Some(true),
            },
        }
        expectation
    }
}

fn compare(answer: &Answer, expect: &Expectation, tolerance: f32) -> Vec<String> {
    let slot = match answer {
        Answer::Tags(_) => Slot::Tagger,
        Answer::Context(_) => Slot::ContextMapper,
        Answer::Decision(_) => Slot::ClusterPolicy,
    };
    let mut mismatches = match answer {
        Answer::Tags(tags) => compare_tags(tags, expect, tolerance),
        Answer::Context(context) => compare_phrase(&context.phrase, expect),
        Answer::Decision(decision) => compare_decision(decision, expect),
    };
    if !speaks_of(expect, slot) {
        mismatches.push(format!("expect says nothing about a {slot}'s answer"));
    }
    mismatches
}

/// An expectation that names nothing of the slot would always hold.
fn speaks_of(expect: &Expectation, slot: Slot) -> bool {
    match slot {
        Slot::Tagger => {
            expect.tags.is_some()
                || !(expect.has.is_empty() && expect.has_not.is_empty() && expect.at_least.is_empty())
        }
        Slot::ContextMapper => {
            expect.phrase.is_some() || expect.contains.is_some() || expect.contains_not.is_some()
        }
        Slot::ClusterPolicy => {
            expect.join.is_some() || expect.create.is_some() || expect.reason_contains.is_some()
        }
    }
}

fn compare_tags(tags: &[ScoredTag], expect: &Expectation, tolerance: f32) -> Vec<String> {
    let score = |name: &str| tags.iter().find(|tag| tag.name == name).map(|tag| tag.score);
    let mut mismatches = Vec::new();
    if let Some(expected) = &expect.tags {
        for tag in expected {
            match score(&tag.name) {
                None => mismatches.push(format!("- {} {:.4}", tag.name, tag.score)),
                Some(found) if (found - tag.score).abs() > tolerance => {
                    mismatches.push(format!("~ {} {found:.4}, expected {:.4}", tag.name, tag.score));
                }
                Some(_) => {}
            }
        }
        for tag in tags {
            if !expected.iter().any(|known| known.name == tag.name) {
                mismatches.push(format!("+ {} {:.4}", tag.name, tag.score));
            }
        }
    }
    for name in &expect.has {
        if score(name).is_none() {
            mismatches.push(format!("- {name}"));
        }
    }
    for name in &expect.has_not {
        if let Some(found) = score(name) {
            mismatches.push(format!("+ {name} {found:.4}"));
        }
    }
    for (name, least) in &expect.at_least {
        match score(name) {
            None => mismatches.push(format!("- {name}, expected at least {least:.4}")),
            Some(found) if found < *least => {
                mismatches.push(format!("~ {name} {found:.4}, expected at least {least:.4}"));
            }
            Some(_) => {}
        }
    }
    mismatches
}

fn compare_phrase(phrase: &str, expect: &Expectation) -> Vec<String> {
    let mut mismatches = Vec::new();
    if let Some(expected) = &expect.phrase
        && expected != phrase
    {
        mismatches.push(format!("- {expected}"));
        mismatches.push(format!("+ {phrase}"));
    }
    if let Some(part) = &expect.contains
        && !phrase.contains(part.as_str())
    {
        mismatches.push(format!("{phrase:?} does not contain {part:?}"));
    }
    if let Some(part) = &expect.contains_not
        && phrase.contains(part.as_str())
    {
        mismatches.push(format!("{phrase:?} contains {part:?}"));
    }
    mismatches
}

fn compare_decision(decision: &Decision, expect: &Expectation) -> Vec<String> {
    let mut mismatches = Vec::new();
    let found = match decision.assignment {
        Assignment::Join(cluster) => format!("joins {cluster}"),
        Assignment::Create => "starts a cluster".to_owned(),
    };
    let reason = &decision.reason;
    if let Some(cluster) = expect.join
        && decision.assignment != Assignment::Join(cluster)
    {
        mismatches.push(format!("{found} instead of joining {cluster}: {reason}"));
    }
    if let Some(create) = expect.create
        && create != (decision.assignment == Assignment::Create)
    {
        mismatches.push(format!("{found}: {reason}"));
    }
    if let Some(part) = &expect.reason_contains
        && !reason.contains(part.as_str())
    {
        mismatches.push(format!("the reason {reason:?} does not contain {part:?}"));
    }
    mismatches
}

/// The component with these cases in it, in place of those it had. They are run whenever it is put into a slot.
///
/// # Errors
/// When the cases cannot be written as JSON.
pub fn embed(component: &[u8], cases: &[Case]) -> Result<Vec<u8>, serde_json::Error> {
    Ok(with_custom(component, SECTION, &serde_json::to_vec(cases)?))
}

/// The cases that a component brings.
///
/// # Errors
/// When the section is there and is no list of cases.
pub fn embedded(component: &[u8]) -> Result<Vec<Case>, serde_json::Error> {
    let contents = custom(component, SECTION).map(|section| section.contents);
    contents.map_or(Ok(Vec::new()), serde_json::from_slice)
}

/// Runs the cases that a component brings; all must pass.
pub(super) fn run_embedded(plugin: &Candidate, component: &[u8]) -> Result<(), PluginError> {
    let failed = |case: String, reason: String, output: String| PluginError::CaseFailed {
        slot: plugin.slot(),
        case,
        reason,
        output,
    };
    let cases = embedded(component).map_err(|error| {
        failed(
            SECTION.to_owned(),
            format!("the section is no list of cases: {error}"),
            String::new(),
        )
    })?;
    if cases.len() > MAX_CASES {
        return Err(failed(
            SECTION.to_owned(),
            format!("there are {} cases; the limit is {MAX_CASES}", cases.len()),
            String::new(),
        ));
    }
    for case in cases {
        let CaseOutcome {
            mismatches, output, ..
        } = run(plugin, &case);
        if !mismatches.is_empty() {
            return Err(failed(case.name, mismatches.join("; "), output));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn case(name: &str) -> Case {
        let text = format!(
            r#"{{"name": "{name}", "scene": {{"width": 1, "height": 1, "faces": []}}, "expect": {{"has": ["x"]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn cases_travel_in_a_component_and_are_replaced() {
        let component = Slot::Tagger.built_in();
        assert_eq!(embedded(component).unwrap(), []);
        let many: Vec<Case> = (0..500).map(|number| case(&number.to_string())).collect();
        let packed = embed(component, &many).unwrap();
        assert_eq!(embedded(&packed).unwrap(), many);
        let again = embed(&packed, &[case("only")]).unwrap();
        assert_eq!(embedded(&again).unwrap(), [case("only")]);
        assert_eq!(again, embed(component, &[case("only")]).unwrap());
    }

    #[test]
    fn all_that_is_expected_must_hold() {
        let tags = |names: &[(&str, f32)]| {
            let tag = |(name, score): &(&str, f32)| ScoredTag {
                name: (*name).to_owned(),
                score: *score,
                reason: None,
            };
            Answer::Tags(names.iter().map(tag).collect())
        };
        let found = tags(&[("beach", 0.5), ("sea", 0.3)]);
        let check = |expect: &str| compare(&found, &serde_json::from_str(expect).unwrap(), TOLERANCE).len();
        assert_eq!(
            check(r#"{"has": ["beach"], "has_not": ["city"], "at_least": {"sea": 0.3}}"#),
            0
        );
        assert_eq!(
            check(r#"{"has": ["city"], "has_not": ["beach"], "at_least": {"sea": 0.4}}"#),
            3
        );
        assert_eq!(
            check(r#"{"tags": [{"name": "beach", "score": 0.50005}, {"name": "sea", "score": 0.3}]}"#),
            0
        );
        assert_eq!(check(r#"{"tags": [{"name": "beach", "score": 0.51}]}"#), 2);
        // What says nothing about tags is a mistake, not a pass.
        assert_eq!(check(r#"{"phrase": "pantai"}"#), 1);
        assert_eq!(
            compare(&found, &found.as_expectation(), TOLERANCE),
            Vec::<String>::new()
        );
    }
}
