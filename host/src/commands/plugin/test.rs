//! `ai-worker plugin test`: golden cases on a component, without a model, a store or a server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::super::{Failure, Outcome};
use super::{component_argument, on_workbench, read_component};
use crate::config::Config;
use crate::plugins::cases::{self, Case, CaseOutcome};

pub(super) fn command() -> Command {
    Command::new("test")
        .about("Run golden cases on a component; needs no model, no store and no server")
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
                .help("Write what the component answers into the cases that fail"),
        )
        .arg(
            Arg::new("junit")
                .long("junit")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Write the results as JUnit XML too"),
        )
        .arg(
            Arg::new("pack")
                .long("pack")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("When all pass, write the component with the cases inside; a worker runs them before it swaps"),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let file = |name: &str| arguments.get_one::<PathBuf>(name).cloned();
    let directory = file("cases").ok_or("name the folder of cases")?;
    let (junit, pack, update) = (file("junit"), file("pack"), arguments.get_flag("update"));
    let mut cases = read(&directory)?;
    on_workbench(config.plugins.limits.clone(), move |bench| {
        let slot = bench.inspect(&component)?.slot;
        let plugin = bench.load(slot, &component, &path.display().to_string())?;
        let mut outcomes = Vec::new();
        for (file, case) in &mut cases {
            let mut outcome = cases::run(&plugin, case);
            if update
                && !outcome.mismatches.is_empty()
                && let Some(answer) = &outcome.answer
            {
                case.expect = answer.as_expectation();
                write(file, case)?;
                outcome.mismatches.clear();
                println!("updated  {}", case.name);
            }
            print(case, &outcome);
            outcomes.push((case.clone(), outcome));
        }
        let failed = outcomes
            .iter()
            .filter(|(_, outcome)| !outcome.mismatches.is_empty())
            .count();
        println!("{} passed, {failed} failed", outcomes.len() - failed);
        if let Some(junit) = junit {
            write_text(&junit, &junit_xml(slot.name(), &outcomes))?;
        }
        if failed > 0 {
            return Ok(ExitCode::FAILURE);
        }
        if let Some(pack) = pack {
            let cases: Vec<Case> = outcomes.into_iter().map(|(case, _)| case).collect();
            std::fs::write(&pack, cases::embed(&component, &cases)?)
                .map_err(|error| format!("{} cannot be written: {error}", pack.display()))?;
            println!("{} holds the component and {} cases", pack.display(), cases.len());
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Every case of a folder, in the order of the files' names.
fn read(directory: &Path) -> Result<Vec<(PathBuf, Case)>, Failure> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{} holds no case; a case is a JSON file", directory.display()).into());
    }
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read(&file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            let mut case: Case = serde_json::from_slice(&text)
                .map_err(|error| format!("{} is no case: {error}", file.display()))?;
            case.name = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok((file, case))
        })
        .collect()
}

/// Writes a case; its name is its file's.
pub(super) fn write(file: &Path, case: &Case) -> Result<(), Failure> {
    let nameless = Case {
        name: String::new(),
        ..case.clone()
    };
    let mut text = serde_json::to_string_pretty(&nameless)?;
    text.push('\n');
    write_text(file, &text)
}

fn write_text(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text)
        .map_err(|error| format!("{} cannot be written: {error}", file.display()).into())
}

fn print(case: &Case, outcome: &CaseOutcome) {
    let verdict = if outcome.mismatches.is_empty() {
        "ok"
    } else {
        "FAILED"
    };
    println!(
        "{verdict:<8} {} ({:.1} ms)",
        case.name,
        outcome.took.as_secs_f64() * 1e3
    );
    for mismatch in &outcome.mismatches {
        println!("           {mismatch}");
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
            writeln!(
                xml,
                ">\n    <failure message=\"not as expected\">{mismatches}</failure>\n  </testcase>"
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

    use super::*;

    #[test]
    fn failures_are_told_in_junit() -> Result<(), Failure> {
        let case: Case = serde_json::from_str(r#"{"name": "a<b", "expect": {"has": ["beach"]}}"#)?;
        let outcome = CaseOutcome {
            answer: None,
            mismatches: vec!["- \"beach\"".to_owned()],
            took: Duration::from_millis(2),
        };
        let xml = junit_xml("tagger", &[(case, outcome)]);
        assert!(xml.contains("tests=\"1\" failures=\"1\""), "{xml}");
        assert!(xml.contains("name=\"a&lt;b\" time=\"0.002000\""), "{xml}");
        assert!(xml.contains("- &quot;beach&quot;</failure>"), "{xml}");
        Ok(())
    }
}
