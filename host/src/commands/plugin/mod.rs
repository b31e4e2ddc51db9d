//! `ai-worker plugin`: what the author of a plugin needs. One file a subcommand.

mod componentize;
mod new;
mod wit;

use clap::{ArgMatches, Command};

use super::Outcome;

pub(super) fn command() -> Command {
    Command::new("plugin")
        .about("Start and build plugins")
        .subcommand_required(true)
        .subcommand(new::command())
        .subcommand(wit::command())
        .subcommand(componentize::command())
}

pub(super) fn run(arguments: &ArgMatches) -> Outcome {
    match arguments.subcommand() {
        Some(("new", arguments)) => new::run(arguments),
        Some(("wit", arguments)) => wit::run(arguments),
        Some(("componentize", arguments)) => componentize::run(arguments),
        _ => Err("name what to do; `ai-worker plugin --help` lists it".into()),
    }
}
