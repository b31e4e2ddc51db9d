//! `ai-worker plugin test`: golden cases on a component, without a model, a store or a server.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::super::Outcome;
use super::{case_files, component_argument, on_workbench, read_component, written};
use crate::commands::output::say;
use crate::config::Config;
use crate::plugins::Inspection;
use crate::plugins::cases::{self, Case, CaseOutcome};

pub(super) fn command() -> Command {
    Command::new("test")
        .about("Run golden cases on a component; needs no model, no store and no server")
        .after_help("Exit code 0: all cases pass; 1: a case fails, or the component cannot fill its slot.")
        .arg(component_argument())
        .arg(
            Arg::new("cases")
                .value_name("CASES_DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("A folder of JSON files, one case each"),
        )
        .arg(
            Arg::new("update")
                .long("update")
                .action(ArgAction::SetTrue)
                .help(
                    "Write the component's answers into the cases that fail; check the difference before you commit it",
                ),
        )
        .arg(
            Arg::new("junit")
                .long("junit")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Also write the results as JUnit XML"),
        )
        .arg(
            Arg::new("pack")
                .long("pack")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help(
                    "If all cases pass, write the component with the cases inside; a worker runs them before a swap",
                ),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let file = |name: &str| arguments.get_one::<PathBuf>(name).cloned();
    let directory = file("cases").ok_or("give the folder of cases")?;
    let (junit, pack, update) = (file("junit"), file("pack"), arguments.get_flag("update"));
    let mut cases = case_files::read(&directory)?;
    on_workbench(config.plugins.limits.clone(), move |bench| {
        let slot = Inspection::of(&component)?.slot;
        let plugin = bench.load(slot, &component, &path.display().to_string())?;
        let mut outcomes = Vec::new();
        for (file, case) in &mut cases {
            let mut outcome = cases::run(&plugin, case);
            let mut verdict = "ok";
            if update
                && !outcome.mismatches.is_empty()
                && let Some(answer) = &outcome.answer
            {
                case.expect = answer.as_expectation();
                case_files::write(file, case)?;
                // Once more, for an answer that varies or comes too late is not mended by writing it down.
                outcome = cases::run(&plugin, case);
                verdict = "updated";
            }
            print(case, &outcome, verdict);
            outcomes.push((case.clone(), outcome));
        }
        let failed = outcomes
            .iter()
            .filter(|(_, outcome)| !outcome.mismatches.is_empty())
            .count();
        say!("{} passed, {failed} failed", outcomes.len() - failed);
        if failed > 0 && !update {
            say!(
                "- expected and missing, + answered and not expected, ~ another score; --update accepts the answers"
            );
        }
        if let Some(junit) = junit {
            case_files::write_text(&junit, &junit_xml(slot.name(), &outcomes))?;
        }
        if failed > 0 {
            return Ok(ExitCode::FAILURE);
        }
        if let Some(pack) = pack {
            let cases: Vec<Case> = outcomes.into_iter().map(|(case, _)| case).collect();
            written(&pack, &cases::embed(&component, &cases)?)?;
            say!(
                "{} contains the component and {} cases",
                pack.display(),
                cases.len()
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn print(case: &Case, outcome: &CaseOutcome, passed: &str) {
    let verdict = if outcome.mismatches.is_empty() {
        passed
    } else {
        "FAILED"
    };
    say!(
        "{verdict:<8} {} ({:.1} ms)",
        case.name,
        outcome.took.as_secs_f64() * 1e3
    );
    for mismatch in &outcome.mismatches {
        say!("           {mismatch}");
    }
    if !outcome.mismatches.is_empty() && !outcome.output.is_empty() {
        say!("           it wrote:");
        for line in outcome.output.lines() {
            say!("           | {line}");
        }
    }
}

fn junit_xml(suite: &str, outcomes: &[(Case, CaseOutcome)]) -> String {
    let failed = outcomes
        .iter()
        .filter(|(_, outcome)| !outcome.mismatches.is_empty())
        .count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{suite}\" tests=\"{}\" failures=\"{failed}\">\n",
        outcomes.len()
    );
    for (case, outcome) in outcomes {
        let (name, seconds) = (escaped(&case.name), outcome.took.as_secs_f64());
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "  <testcase classname=\"{suite}\" name=\"{name}\" time=\"{seconds:.6}\""
        );
        let _ = if outcome.mismatches.is_empty() {
            writeln!(xml, "/>")
        } else {
            let mismatches = escaped(&outcome.mismatches.join("\n"));
            let wrote = match outcome.output.as_str() {
                "" => String::new(),
                output => format!("    <system-out>{}</system-out>\n", escaped(output)),
            };
            writeln!(
                xml,
                ">\n    <failure message=\"not as expected\">{mismatches}</failure>\n{wrote}  </testcase>"
            )
        };
    }
    xml.push_str("</testsuite>\n");
    xml
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            // XML 1.0 has no way to write other control characters.
            letter if letter.is_control() && letter != '\n' => " ".to_owned(),
            letter => letter.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Failure;
    use super::*;

    #[test]
    fn failures_are_told_in_junit() -> Result<(), Failure> {
        let case: Case = serde_json::from_str(r#"{"name": "a<b", "expect": {"has": ["beach"]}}"#)?;
        let outcome = CaseOutcome {
            answer: None,
            mismatches: vec!["- \"beach\"".to_owned()],
            took: Duration::from_millis(2),
            output: "seen <5\nmore".to_owned(),
        };
        let xml = junit_xml("tagger", &[(case, outcome)]);
        assert!(xml.contains("tests=\"1\" failures=\"1\""), "{xml}");
        assert!(xml.contains("name=\"a&lt;b\" time=\"0.002000\""), "{xml}");
        assert!(xml.contains("- &quot;beach&quot;</failure>"), "{xml}");
        assert!(xml.contains("<system-out>seen &lt;5\nmore</system-out>"), "{xml}");
        Ok(())
    }
}
