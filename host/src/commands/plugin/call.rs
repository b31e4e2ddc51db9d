//! `ai-worker plugin call`: one question to a component, and what it cost.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::super::Outcome;
use super::{case_files, component_argument, form, on_workbench, read_component};
use crate::commands::output::{note, say};
use crate::config::Config;
use crate::plugins::cases::{self, Answer, Unanswered};
use crate::plugins::{CallUsage, Inspection, PluginIdentity, Slot};

pub(super) fn command() -> Command {
    Command::new("call")
        .about("Ask a component one question, and show its answer, its time and its memory")
        .after_help(
            "The component's output, its log lines included, goes to standard error. There is no photo: a component \
             that asks for pixels gets none.\nExit code 0: it answered; 1: it failed, or cannot fill its slot.",
        )
        .arg(component_argument())
        .arg(
            Arg::new("question")
                .value_name("SCENE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(
                    "A JSON file with a scene, or a golden case (its `expect` is ignored); - is standard input",
                ),
        )
        .arg(form::json())
}

/// One call.
struct Call {
    answer: Result<Arc<dyn Answer>, Unanswered>,
    usage: CallUsage,
    /// By the clock on the wall.
    took: Duration,
    /// What the component wrote.
    output: String,
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let question = arguments.get_one::<PathBuf>("question");
    let question = case_files::read_question(question.ok_or("give the file with the question")?)?;
    let as_json = arguments.get_flag("json");
    on_workbench(config.plugins.limits.clone(), move |bench| {
        let slot = Inspection::of(&component)?.slot;
        let plugin = bench.load(slot, &component, &path.display().to_string())?;
        let started = Instant::now();
        let answer = cases::ask(&plugin, &question);
        let took = started.elapsed();
        let answer = match answer {
            Err(error @ Unanswered::Incomplete(_)) => return Err(error.into()),
            answer => answer,
        };
        let call = Call {
            answer,
            usage: plugin.usage(),
            took,
            output: plugin.written(),
        };
        for line in call.output.lines() {
            note!("| {line}");
        }
        if as_json {
            say!(
                "{}",
                serde_json::to_string_pretty(&call.as_json(slot, plugin.identity()))?
            );
        } else {
            call.print(slot, plugin.identity());
        }
        Ok(if call.answer.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

impl Call {
    fn as_json(&self, slot: Slot, plugin: &PluginIdentity) -> Value {
        json!({
            "slot": slot,
            "plugin": plugin,
            "answer": self.answer.as_ref().ok().map(|answer| answer.as_json()),
            "error": self.answer.as_ref().err().map(|error| crate::report(error)),
            "processor_ms": milliseconds(self.usage.processor),
            "wall_clock_ms": milliseconds(self.took),
            "memory_bytes": self.usage.memory_bytes,
            "output": self.output,
        })
    }

    fn print(&self, slot: Slot, PluginIdentity { name, version, .. }: &PluginIdentity) {
        match &self.answer {
            Ok(answer) => {
                say!("{slot} {name} {version} answers");
                for line in answer.lines() {
                    say!("  {line}");
                }
            }
            Err(error) => note!("{slot} {name} {version} failed: {}", crate::report(error)),
        }
        say!(
            "{:.1} ms of processor time, {:.1} ms by the clock, {:.1} MiB of memory",
            milliseconds(self.usage.processor),
            milliseconds(self.took),
            self.usage.memory_bytes as f64 / f64::from(1 << 20)
        );
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
