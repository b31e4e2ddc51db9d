//! The command line: `serve` (the default), `probe`, `demo`, `process`, `models`, `devices`, `plugin`, `keys`,
//! `consolidate` and `store`.

mod annotate;
mod consolidate;
mod demo;
mod devices;
mod keys;
mod models;
pub(crate) mod output;
mod plugin;
mod probe;
mod process;
mod remote;
mod serve;
mod store;

use std::error::Error;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgAction, Command, value_parser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::settings::{SETTINGS, Setting};
use crate::config::{Config, ConfigErrors, TraceSettings, misspelt};
use crate::inference;
#[cfg(target_os = "linux")]
use crate::inference::devices::SEARCH_PATH;
use crate::plugins::PluginError;
use crate::telemetry;

/// What keeps a command from its end; the text is one sentence for the user.
type Failure = Box<dyn Error + Send + Sync>;
/// What a command ends with.
type Outcome = Result<ExitCode, Failure>;

/// How long an inference may take that nobody waits for any more, at the end of a command.
const LAST_INFERENCE: Duration = Duration::from_secs(20);

/// A network still runs, and nobody waits for it any more.
#[derive(Debug, thiserror::Error)]
#[error("a running network does not end")]
struct StillRunning;

/// Parses the command line and runs the command. The process must end afterwards: no network can be run any more.
///
/// # Errors
/// Whatever kept the command from its end; the text is one sentence for the user.
pub fn run() -> Outcome {
    let outcome = run_command();
    let is_given_up = matches!(&outcome, Err(failure) if failure.is::<StillRunning>());
    if is_given_up || !inference::end(LAST_INFERENCE) {
        die();
    }
    outcome
}

fn run_command() -> Outcome {
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
        "probe" => block_on(probe::run(Config::read(&given)?, arguments)),
        "demo" => {
            let config = read_to_run_networks(&demo::settings(&given))?;
            let _log = start_log(&config)?;
            block_on(demo::run(config, arguments.get_flag("once")))
        }
        "process" => {
            let config = read_to_run_networks(&given)?;
            let _log = start_log(&config)?;
            let paths = arguments
                .get_many::<PathBuf>("paths")
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            block_on(process::run(config, paths))
        }
        "models" => {
            let config = read_to_run_networks(&given)?;
            let _log = start_log(&config)?;
            models::run(&config, arguments)
        }
        "devices" => devices::run(&given, arguments),
        "consolidate" => consolidate::run(&Config::read(&given)?, arguments),
        "keys" => {
            // A key that is made because the configured one is too short must not fail for that.
            let others =
                |name: &str| given(name).filter(|_| !["HOST", "API_KEY", "ADMIN_KEY"].contains(&name));
            keys::run(&Config::read(&others)?, arguments)
        }
        "plugin" => plugin::run(&given, arguments),
        "store" => {
            let config = read_to_run_networks(&given)?;
            let _log = start_log(&config)?;
            block_on(store::run(config, arguments))
        }
        _ => {
            let config = read_to_run_networks(&given)?;
            let (_log, traces) = start_log_and_traces(&config, config.traces.as_ref())?;
            block_on(serve::run(config, traces))
        }
    }
}

/// The settings of a command that may run networks.
///
/// # Errors
/// When a setting is wrong.
fn read_to_run_networks(given: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigErrors> {
    let config = Config::read(given)?;
    find_device_libraries(&config);
    Ok(config)
}

/// Starts the program again where a device's package has libraries that the system's loader must look for from the start of the
/// process on.
fn find_device_libraries(config: &Config) {
    #[cfg(target_os = "linux")]
    if let Some(folders) = crate::app::devices::needed_search_path(config) {
        crate::heap::start_again(SEARCH_PATH, &folders);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = config;
}

/// Tells whoever runs the command something, if anybody reads standard error.
pub fn tell(text: &str) {
    output::aside(format_args!("{text}"));
}

/// Tells why a command failed, with its causes, and below it what a plugin wrote before it failed.
pub fn tell_failure(error: &(dyn std::error::Error + 'static)) {
    tell(&format!("ai-worker: {}", crate::report(error)));
    let wrote = error.downcast_ref().map(PluginError::output).or_else(|| {
        error
            .downcast_ref()
            .map(|remote::Refused { output, .. }| output.as_str())
    });
    wrote_before_failure(wrote.unwrap_or_default());
}

/// Tells what a plugin wrote before it failed, if anything.
fn wrote_before_failure(output: &str) {
    if !output.is_empty() {
        tell("output of the plugin before it failed:");
        for line in output.lines() {
            tell(&format!("    {line}"));
        }
    }
}

/// The log without traces, which are for what is served. It ends when it is dropped.
fn start_log(config: &Config) -> Result<telemetry::Log, telemetry::LogError> {
    start_log_and_traces(config, None).map(|(log, _)| log)
}

/// The log, whose first lines are about settings that nobody will read, and traces.
fn start_log_and_traces(
    config: &Config,
    traces: Option<&TraceSettings>,
) -> Result<(telemetry::Log, telemetry::Traces), telemetry::LogError> {
    let started = telemetry::start(&config.log, traces)?;
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for (name, setting) in misspelt(names.iter().filter_map(|name| name.to_str())) {
        tracing::warn!(
            "{name}, which is set in the environment or in .env, is not a setting; did you mean {setting}?"
        );
    }
    Ok(started)
}

fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    // Whatever still runs on blocking threads runs for nobody.
    runtime.shutdown_background();
    outcome
}

/// Ends the process from within a command, whose last inference is waited for as at its end.
fn leave(code: i32) -> ! {
    if !inference::end(LAST_INFERENCE) {
        die();
    }
    std::process::exit(code)
}

/// Ends the process here and now, with whatever threads are inside libraries: those would crash if the libraries took
/// themselves down first, as they do at an ordinary end.
fn die() -> ! {
    #[cfg(unix)]
    {
        let own = rustix::process::getpid();
        // It cannot fail for one's own process.
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
    std::process::abort()
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
        .after_help(
            "Every setting is a flag (--data-dir), an environment variable (DATA_DIR) or a line in .env; `--help` \
             lists all settings with their meaning, and .env.example lists them with their defaults.",
        )
        .after_long_help(
            "Every setting is a flag (--data-dir), an environment variable (DATA_DIR) or a line in .env.",
        )
        .args(SETTINGS.iter().map(setting_argument))
        .subcommand(Command::new("serve").about("Serve the REST interface (the default)"))
        .subcommand(without_settings(probe::command()))
        .subcommand(without_settings(
            Command::new("demo")
                .about(
                    "Fetch missing models and samples, describe a few sample photos through the real service, then \
                     keep running",
                )
                .arg(
                    Arg::new("once")
                        .long("once")
                        .action(ArgAction::SetTrue)
                        .help("Stop after the sample photos"),
                ),
        ))
        .subcommand(without_settings(
            Command::new("process").about("Describe local photos; prints one JSON line per photo").arg(
                Arg::new("paths")
                    .value_name("FILE|DIR")
                    .required(true)
                    .num_args(1..)
                    .value_parser(value_parser!(PathBuf)),
            ),
        ))
        .subcommand(without_settings(models::command()))
        .subcommand(without_settings(devices::command()))
        .subcommand(plugin::command())
        .subcommand(without_settings(keys::command()))
        .subcommand(without_settings(consolidate::command()))
        .subcommand(without_settings(store::command()))
}

/// A command that takes the settings as any other, and does not list them.
fn without_settings(command: Command) -> Command {
    command
        .args(
            SETTINGS
                .iter()
                .map(|setting| setting_argument(setting).hide(true)),
        )
        .after_help("Settings come from flags, the environment or .env; `ai-worker --help` lists them.")
}

fn setting_argument(setting: &'static Setting) -> Arg {
    let default = match setting.default {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    Arg::new(setting.name)
        .long(setting.name.to_lowercase().replace('_', "-"))
        .env(setting.name)
        .hide_env_values(true)
        .value_name("VALUE")
        .help(format!("{} [{}]{default}", setting.help, setting.kind))
        .help_heading(setting.heading)
        .hide_short_help(true)
        .global(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }

    /// A command and all below it.
    fn with_all_below(command: clap::Command) -> Vec<clap::Command> {
        let below: Vec<_> = command
            .get_subcommands()
            .cloned()
            .flat_map(with_all_below)
            .collect();
        [vec![command], below].concat()
    }

    #[test]
    fn the_short_help_of_every_command_is_a_page() {
        let mut all = super::command();
        all.build();
        for mut command in with_all_below(all) {
            let page = command.render_help().to_string();
            assert!(page.lines().count() <= 40, "{page}");
        }
    }

    #[test]
    fn only_what_serves_lists_all_settings() {
        let mut all = super::command();
        all.build();
        let serves = ["ai-worker", "serve"];
        for mut command in with_all_below(all) {
            if !serves.contains(&command.get_name()) {
                let text = command.render_long_help().to_string();
                assert!(text.lines().count() <= 60, "{text}");
            }
        }
    }

    #[test]
    fn the_long_help_has_every_setting_under_its_heading() {
        let text = super::command().render_long_help().to_string();
        let mut rest = text.as_str();
        for setting in super::SETTINGS {
            let heading = format!("\n{}:\n", setting.heading);
            assert_eq!(text.matches(&heading).count(), 1, "{heading}");
            if let Some((_, below)) = rest.split_once(&heading) {
                rest = below;
            }
            let flag = format!("--{} <VALUE>", setting.name.to_lowercase().replace('_', "-"));
            let found = rest.split_once(&flag);
            assert!(found.is_some(), "{flag} is not where it belongs");
            rest = found.map_or("", |(_, below)| below);
        }
    }
}
