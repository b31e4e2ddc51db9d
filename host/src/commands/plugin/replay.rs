//! `ai-worker plugin replay`: what a component would make of everything that is stored.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use indicatif::ProgressBar;
use reqwest::Method;
use serde_json::Value;

use super::super::{Failure, Outcome, block_on, progress_bar, start_log};
use super::{component_argument, form, read_component, remote};
use crate::app::App;
use crate::commands::output::say;
use crate::config::Config;
use crate::plugins::{Slot, signature_path};
use crate::replay::{Mode, ReplayReport};

/// How often a running worker is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

pub(super) fn command() -> Command {
    let command = Command::new("replay")
        .about("Run a component over all stored photos or faces, and show what would change")
        .arg(remote::slot())
        .arg(component_argument())
        .arg(
            Arg::new("apply")
                .long("apply")
                .action(ArgAction::SetTrue)
                .help("Replace the stored tags and contexts by the component's; no photo is fetched"),
        )
        .arg(
            crate::commands::remote::server()
                .default_value(None::<&str>)
                .help(
                    "A running worker (needs ADMIN_KEY); without this option, the store in DATA_DIR, which no worker \
                     may be using",
                ),
        );
    form::in_either_form(command).after_help(
        "On a terminal, and without --server, the report is text for people. Otherwise it is JSON, which is \
             complete.",
    )
}

pub(super) fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let slot: Slot = arguments
        .get_one::<String>("slot")
        .ok_or("give the slot")?
        .parse()?;
    let mode = if arguments.get_flag("apply") {
        Mode::Apply
    } else {
        Mode::Compare
    };
    if arguments.contains_id("server") {
        let report = ask_worker(&config, arguments, slot, mode, (path, component))?;
        if form::is_text(arguments) {
            let report: ReplayReport = serde_json::from_value(report).map_err(|error| {
                format!(
                    "the worker has another version, so its report can be printed with --json only: {error}"
                )
            })?;
            say!("{report}");
        } else {
            say!("{}", serde_json::to_string_pretty(&report)?);
        }
    } else {
        let _log = start_log(&config)?;
        let report = block_on(replay_here(config, slot, mode, path, component))?;
        if arguments.get_flag("json") {
            say!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            say!("{report}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn replay_here(
    config: Config,
    slot: Slot,
    mode: Mode,
    path: PathBuf,
    component: Vec<u8>,
) -> Result<ReplayReport, Failure> {
    let app = App::start(&config).await?;
    let plugins = Arc::clone(&app.plugins);
    let candidate = tokio::task::spawn_blocking(move || {
        let signature = std::fs::read_to_string(signature_path(&path)).ok();
        plugins.candidate(
            slot,
            &component,
            signature.as_deref(),
            &path.display().to_string(),
        )
    })
    .await??;
    let bar = progress_bar(0);
    let shown = bar.clone();
    let progress = Arc::new(move |done, total| show(&shown, done, total));
    let report = app
        .replay()
        .run(candidate, app.plugins.snapshot(), mode, progress)
        .await;
    bar.finish_and_clear();
    Ok(report?)
}

fn ask_worker(
    config: &Config,
    arguments: &ArgMatches,
    slot: Slot,
    mode: Mode,
    component: (PathBuf, Vec<u8>),
) -> Result<Value, Failure> {
    let path = format!("/api/plugins/{slot}/replay");
    let start = format!("{path}?apply={}", mode == Mode::Apply);
    let mut status = remote::call(config, arguments, Method::POST, &start, Some(component))?;
    let bar = progress_bar(0);
    while status["report"].is_null() {
        if let Some(error) = status["error"].as_str() {
            return Err(error.to_owned().into());
        }
        let number = |name: &str| status[name].as_u64().unwrap_or_default();
        show(&bar, number("done"), number("total"));
        std::thread::sleep(POLL);
        status = remote::call(config, arguments, Method::GET, &path, None)?;
    }
    bar.finish_and_clear();
    Ok(status["report"].take())
}

fn show(bar: &ProgressBar, done: u64, total: u64) {
    bar.set_length(total);
    bar.set_position(done);
}
