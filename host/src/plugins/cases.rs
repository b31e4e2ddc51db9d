//! Golden cases: plain data in, an expected answer out; no model, no store, no server.

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use super::case::{Answer, Case, Expectation, Unanswered};

use super::custom_sections::{custom, with_custom};
use super::error::PluginError;
use super::set::Candidate;
use super::slot::Slot;

/// The custom section of a component that holds its cases as a JSON list.
const SECTION: &str = "ai-worker-cases";
/// How far a score may be from the expected one, unless the case says otherwise.
const TOLERANCE: f32 = 1e-4;
/// The most cases that a component may bring: each may take as long as a call.
const MAX_CASES: usize = 1_000;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The answer, when there was one.
    pub answer: Option<Arc<dyn Answer>>,
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
            let tolerance = case.tolerance.unwrap_or(TOLERANCE);
            let mismatches = compare(plugin.slot(), &*answer, &case.expect, tolerance);
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
pub fn ask(plugin: &Candidate, case: &Case) -> Result<Arc<dyn Answer>, Unanswered> {
    plugin.plugin().answer_case(case)
}

fn compare(slot: Slot, answer: &dyn Answer, expect: &Expectation, tolerance: f32) -> Vec<String> {
    answer
        .mismatches(expect, tolerance)
        // It would always hold.
        .unwrap_or_else(|| vec![format!("expect says nothing about a {slot}'s answer")])
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
    use crate::domain::ScoredTag;

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
        let tag = |(name, score): (&str, f32)| ScoredTag {
            name: name.to_owned(),
            score,
            reason: None,
        };
        let found = [("beach", 0.5), ("sea", 0.3)].map(tag).to_vec();
        let compare = |expect: &Expectation| compare(Slot::Tagger, &found, expect, TOLERANCE);
        let check = |expect: &str| compare(&serde_json::from_str(expect).unwrap()).len();
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
        assert_eq!(compare(&found.as_expectation()), Vec::<String>::new());
    }
}
