//! The command line: `serve` (the default), `demo`, `process`, `models`, `plugin`, `keys`,
//! `consolidate` and `store`.

mod annotate;
mod consolidate;
mod demo;
mod keys;
mod models;
pub(crate) mod output;
mod plugin;
mod process;
mod remote;
mod serve;
mod store;

use std::error::Error;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::Config;
use crate::config::settings::{SETTINGS, Setting};
use crate::telemetry;

/// What keeps a command from its end; the text is one sentence for the user.
type Failure = Box<dyn Error + Send + Sync>;
/// What a command ends with.
type Outcome = Result<ExitCode, Failure>;

/// Parses the command line and runs the command.
///
/// # Errors
/// Whatever kept the command from its end; the text is one sentence for the user.
pub fn run() -> Outcome {
    // A missing file is fine; a malformed one is not.
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => {
            return Err(format!("the .env file cannot be read: {error}").into());
        }
        _ => {}
    }
    let matches = command().get_matches();
    let (name, arguments) = matches.subcommand().unwrap_or(("serve", &matches));
    let given = |setting: &str| arguments.get_one::<String>(setting).cloned();
    match name {
        "demo" => {
            let config = Config::read(&demo::settings(&given))?;
            start_log(&config)?;
            block_on(demo::run(config, arguments.get_flag("once")))
        }
        "process" => {
            let config = Config::read(&given)?;
            start_log(&config)?;
            let paths = arguments
                .get_many::<PathBuf>("paths")
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            block_on(process::run(config, paths))
        }
        "models" => {
            let config = Config::read(&given)?;
            start_log(&config)?;
            models::run(&config, arguments)
        }
        "consolidate" => consolidate::run(&Config::read(&given)?, arguments),
        "keys" => keys::run(&Config::read(&given)?, arguments),
        "plugin" => plugin::run(&given, arguments),
        "store" => {
            let config = Config::read(&given)?;
            start_log(&config)?;
            block_on(store::run(config, arguments))
        }
        _ => {
            let config = Config::read(&given)?;
            let traces = telemetry::start(&config.log, config.traces.as_ref())?;
            block_on(serve::run(config, traces))
        }
    }
}

/// Tells whoever runs the command something, if anybody reads standard error.
pub fn tell(text: &str) {
    output::aside(format_args!("{text}"));
}

/// The log without traces, which are for what is served.
fn start_log(config: &Config) -> Result<(), telemetry::LogError> {
    telemetry::start(&config.log, None).map(drop)
}

fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    // Whatever still runs on blocking threads runs for nobody.
    runtime.shutdown_background();
    outcome
}

/// An HTTP client for a worker on this machine or in this network: no proxy stands between.
fn local_client() -> Result<reqwest::Client, Failure> {
    Ok(crate::client_builder().no_proxy().build()?)
}

/// A progress bar on a terminal, and nothing elsewhere.
fn progress_bar(length: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    // The template is a constant; were it wrong, the default style would do.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn command() -> Command {
    Command::new("ai-worker")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Describes photos over REST: people, tags and one Indonesian phrase, with WebAssembly plugins")
        .args(SETTINGS.iter().map(setting_argument))
        .subcommand(Command::new("serve").about("Serve the REST interface (the default)"))
        .subcommand(
            Command::new("demo")
                .about("Fetch what is missing, describe a few sample photos through the real service, keep serving")
                .arg(
                    Arg::new("once")
                        .long("once")
                        .action(ArgAction::SetTrue)
                        .help("End after the sample photos"),
                ),
        )
        .subcommand(
            Command::new("process").about("Describe local photos, one JSON line each").arg(
                Arg::new("paths")
                    .value_name("FILE|DIR")
                    .required(true)
                    .num_args(1..)
                    .value_parser(value_parser!(PathBuf)),
            ),
        )
        .subcommand(models::command())
        .subcommand(plugin::command())
        .subcommand(keys::command())
        .subcommand(consolidate::command())
        .subcommand(store::command())
}

fn setting_argument(setting: &'static Setting) -> Arg {
    let help = if setting.default.is_empty() {
        setting.help.to_owned()
    } else {
        format!("{} [default: {}]", setting.help, setting.default)
    };
    Arg::new(setting.name)
        .long(setting.name.to_lowercase().replace('_', "-"))
        .env(setting.name)
        .hide_env_values(true)
        .value_name("VALUE")
        .help(help)
        .global(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
