//! `ai-worker devices`.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Outcome;
use super::output::{Output, say};
use crate::app;
use crate::config::Config;
use crate::inference::devices::{
    DeviceReport, DeviceTrial, ProviderReport, ProviderState, RejectedDevice, Request, try_devices,
};
use crate::models;
use crate::models::manifest::ModelDirectory;
use crate::table::{Side, lines};

/// The most bytes of what a trial is told.
const LARGEST_REQUEST: u64 = 1 << 20;

pub(super) fn command() -> Command {
    Command::new("devices")
        .about(
            "Show the devices on which networks can run here, which is fastest, and the commands that install more",
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print one JSON object"),
        )
        .arg(
            Arg::new("again")
                .long("again")
                .action(ArgAction::SetTrue)
                .help("Try every device again, ignoring the stored results of earlier trials"),
        )
        .subcommand(
            // For the worker itself; see `inference::devices`.
            Command::new("try")
                .about("Try a device in this process, as described on standard input")
                .hide(true),
        )
}

pub(super) fn run(given: &dyn Fn(&str) -> Option<String>, arguments: &ArgMatches) -> Outcome {
    if arguments.subcommand_name() == Some("try") {
        return try_one();
    }
    let config = super::read_to_run_networks(given)?;
    let _log = super::start_log(&config)?;
    list(&config, arguments.get_flag("json"), arguments.get_flag("again"))
}

/// Does a trial, in this process: it may end it.
fn try_one() -> Outcome {
    // Nobody waits for it any more when the worker that started it is gone.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let mut request = Vec::new();
    io::stdin().take(LARGEST_REQUEST).read_to_end(&mut request)?;
    let request: Request = serde_json::from_slice(&request)?;
    let mut out = Output;
    try_devices(&request, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn list(config: &Config, as_json: bool, again: bool) -> Outcome {
    let manifest = config.models.read_manifest()?;
    let set = manifest.set(&config.inference.model_set)?;
    let directory = ModelDirectory(config.directories.models.clone());
    let manifest = models::with_present_graphs(&manifest, set, &directory)?;
    let library = app::runtime_library(config, &manifest);
    // Without ONNX Runtime nothing is tried: there are no networks either, or they cannot be run.
    let (placement, report) = app::devices::search(config, &manifest, set, library.as_deref(), again)?;
    let failure = placement.err().map(|error| error.to_string());
    if as_json {
        // As `device` of `GET /health` has it.
        let mut json = serde_json::to_value(&report)?;
        if let (Some(failure), Some(fields)) = (&failure, json.as_object_mut()) {
            fields.insert("problem".to_owned(), failure.as_str().into());
        }
        say!("{}", serde_json::to_string_pretty(&json)?);
    } else {
        print(&report, library.is_some());
        if let Some(failure) = &failure {
            say!("\n{failure}");
        }
    }
    Ok(if failure.is_some() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Prints what a person reads.
fn print(report: &DeviceReport, has_runtime: bool) {
    let machine = &report.machine;
    say!(
        "processor  {}, {} cores",
        crate::plain(&machine.processor.name),
        machine.processor.cores
    );
    for (what, all) in [("graphics", &machine.cards), ("NPU", &machine.npus)] {
        for one in all {
            let id = one.id.as_deref().unwrap_or("no number");
            let driver = one.driver.as_deref().unwrap_or("no driver");
            let problem = one.problem.as_ref().map(|problem| format!("; {problem}"));
            say!(
                "{what:<9}  {} ({id}, {driver}){}",
                crate::plain(&one.name),
                problem.unwrap_or_default()
            );
        }
        if all.is_empty() {
            say!("{what:<9}  none found");
        }
    }
    say!("in use     {}: {}", report.selected, crate::plain(&report.name));
    if report.providers.is_empty() {
        say!("\nDEVICE asks for the processor only; no other device was searched for.");
        return;
    }
    say!("");
    let rows: Vec<[String; 4]> = report.providers.iter().map(row).collect();
    let heads = [
        ("DEVICE", Side::Left),
        ("FOR", Side::Left),
        ("PACKAGE", Side::Left),
        ("HERE", Side::Left),
    ];
    for line in lines(heads, &rows) {
        say!("{line}");
    }
    for trial in &report.trials {
        print_trial(trial);
    }
    if report.trials.is_empty() && !has_runtime {
        say!("\nNo device was tried, because ONNX Runtime is not installed; run `ai-worker models pull`.");
    }
    if !report.rejected.is_empty() {
        say!("\nnot used:");
    }
    for RejectedDevice { device, reason, .. } in &report.rejected {
        say!("  {device}: {}", crate::plain(reason));
    }
    for provider in &report.providers {
        for missing in &provider.missing {
            say!("\n{} needs {}:", provider.device, missing.what);
            for install in &missing.install {
                say!("  {install}");
            }
        }
    }
}

fn row(provider: &ProviderReport) -> [String; 4] {
    let here = match (provider.state, &provider.command) {
        (ProviderState::PartOfRuntime, _) => "yes, in ONNX Runtime".to_owned(),
        (ProviderState::Present, _) => "yes".to_owned(),
        (ProviderState::NotPackaged, _) => "not for this system".to_owned(),
        (ProviderState::Incomplete, Some(command)) => format!("damaged; {command}"),
        (_, Some(command)) => {
            format!(
                "no; {command} ({} MB)",
                provider.download_bytes.div_ceil(1_000_000)
            )
        }
        (_, None) => "no".to_owned(),
    };
    [
        provider.device.to_string(),
        provider.hardware.clone(),
        provider.package.clone().unwrap_or_else(|| "-".to_owned()),
        here,
    ]
}

fn print_trial(trial: &DeviceTrial) {
    let kept = if trial.kept { ", from an earlier trial" } else { "" };
    let outcome = if trial.passed { "passed" } else { "did not pass" };
    say!(
        "\n{}:{} {} {outcome}{kept}: {:.1} ms for one image in every network, {:.1} ms on the processor",
        trial.device,
        trial.index,
        crate::plain(&trial.name),
        trial.milliseconds,
        trial.processor_milliseconds
    );
    let rows: Vec<[String; 5]> = trial
        .networks
        .iter()
        .map(|network| {
            let nodes = format!(
                "{} of {}",
                network.nodes_on_device,
                network.nodes_on_device + network.nodes_on_processor
            );
            let shown = |text: String| match &network.problem {
                None => text,
                Some(_) => "-".to_owned(),
            };
            [
                format!("  {}", network.model),
                shown(nodes),
                shown(format!("{:.1e}", network.difference)),
                shown(format!(
                    "{:.2} ms, {} at a time",
                    network.milliseconds, network.batch
                )),
                network.problem.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let heads = [
        ("  NETWORK", Side::Left),
        ("NODES THERE", Side::Right),
        ("DIFFERENCE", Side::Right),
        ("TIME", Side::Right),
        ("PROBLEM", Side::Left),
    ];
    for line in lines(heads, &rows) {
        say!("{line}");
    }
}
