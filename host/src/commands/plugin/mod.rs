//! `ai-worker plugin`: what the author of a plugin needs. One file a subcommand.

mod beside;
mod call;
mod case_files;
mod check;
mod componentize;
mod form;
mod new;
mod pack;
mod project_files;
mod record;
mod remote;
mod replay;
mod summary;
mod test;
mod typescript;
mod unpack;
mod watch;
mod wit;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Failure, Outcome, block_on, read_to_run_networks, setting_argument};
use crate::config::settings::SETTINGS;
use crate::plugins::{PluginLimits, Workbench};

pub(super) fn command() -> Command {
    Command::new("plugin")
        .about("Start, build, test and swap plugins")
        // The worker's many settings work here as well, but few matter to a plugin's author.
        .args(SETTINGS.iter().map(|setting| setting_argument(setting).hide(true)))
        .after_help(
            "Settings, such as ADMIN_KEY or PLUGIN_TIMEOUT_MS, come from flags, the environment or .env, like the \
             worker's; `ai-worker --help` lists them.\nExit code 0: done; 1: refused or failed, and a sentence says \
             why; 2: wrong usage.",
        )
        .subcommand_required(true)
        .subcommand(new::command())
        .subcommand(wit::command())
        .subcommand(componentize::command())
        .subcommand(pack::command())
        .subcommand(unpack::command())
        .subcommand(check::command())
        .subcommand(test::command())
        .subcommand(call::command())
        .subcommand(watch::command())
        .subcommand(record::command())
        .subcommand(replay::command())
        .subcommands(remote::commands())
}

pub(super) fn run(given: &dyn Fn(&str) -> Option<String>, arguments: &ArgMatches) -> Outcome {
    match arguments.subcommand() {
        Some(("new", arguments)) => new::run(arguments),
        Some(("wit", arguments)) => wit::run(arguments),
        Some(("componentize", arguments)) => componentize::run(arguments),
        Some(("unpack", arguments)) => unpack::run(arguments),
        Some((name, arguments)) => {
            let config = read_to_run_networks(given)?;
            match name {
                "pack" => pack::run(&config, arguments),
                "check" => check::run(&config, arguments),
                "test" => test::run(&config, arguments),
                "call" => call::run(&config, arguments),
                "watch" => watch::run(&config, arguments),
                "record" => record::run(config, arguments),
                "replay" => replay::run(config, arguments),
                _ => remote::run(name, &config, arguments),
            }
        }
        None => Err("give a subcommand; `ai-worker plugin --help` lists them".into()),
    }
}

fn component_argument() -> Arg {
    Arg::new("component")
        .value_name("FILE")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help("A component, such as tagger.wasm")
}

fn read_component(arguments: &ArgMatches) -> Result<(PathBuf, Vec<u8>), Failure> {
    let path = arguments
        .get_one::<PathBuf>("component")
        .ok_or("give the component's file")?;
    Ok((path.clone(), read(path)?))
}

/// Reads a file that was named.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
}

/// Writes a file that was asked for.
fn written(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, contents)
        .map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
}

/// Runs blocking work on a plugin engine that has the configured limits and nothing else of a worker.
fn on_workbench(
    limits: PluginLimits,
    work: impl FnOnce(&Workbench) -> Result<ExitCode, Failure> + Send + 'static,
) -> Outcome {
    block_on(async move { tokio::task::spawn_blocking(move || work(&Workbench::new(limits)?)).await? })
}
