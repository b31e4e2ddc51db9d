//! `ai-worker plugin check`: what a component is and whether it could fill its slot.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::super::Outcome;
use super::{component_argument, on_workbench, read_component};
use crate::commands::output::say;
use crate::config::Config;
use crate::plugins::{EARLIER_WIT_VERSION, Inspection, PluginIdentity, PluginLimits, WIT_VERSION, cases};

pub(super) fn command() -> Command {
    Command::new("check")
        .about("Say what a component is, and whether it could fill its slot")
        .arg(component_argument())
        .arg(
            Arg::new("models")
                .long("models")
                .value_name("SET")
                .help("Name the tags that this model set cannot give"),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let limits = config.plugins.limits.clone();
    let set = match arguments.get_one::<String>("models") {
        Some(name) => {
            let manifest = config.models.read_manifest()?;
            Some((name.clone(), manifest.evidence(manifest.set(name)?)?))
        }
        None => None,
    };
    on_workbench(limits.clone(), move |bench| {
        let inspection = Inspection::of(&component)?;
        say!("slot      {}", inspection.slot);
        say!(
            "wit       ai-worker:plugin@{} (this worker speaks {WIT_VERSION} and {EARLIER_WIT_VERSION})",
            inspection.wit_version
        );
        say!("size      {} bytes", inspection.bytes);
        say!("digest    {}", inspection.digest);
        say!("imports   {}", listed(&inspection.imports));
        if let Some(data) = &inspection.data {
            let whose = if data.built_in { ", as built in" } else { "" };
            say!("data      {} {}{whose}", data.kind, data.digest);
        }
        say!("cases     {} inside", cases::embedded(&component)?.len());
        print_limits(&limits);
        let plugin = bench.load(inspection.slot, &component, &path.display().to_string())?;
        let PluginIdentity { name, version, .. } = plugin.identity();
        say!("answers   as {name} {version}");
        if let Some((set, available)) = set {
            let lost = plugin.tags_out_of_reach(available);
            say!("tags      {} that {set} cannot give", lost.len());
            for tag in lost {
                say!("          {tag}");
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join("\n          ")
    }
}

fn print_limits(limits: &PluginLimits) {
    say!(
        "limits    {} ms of processor time a call, {} bytes of memory, {} instances, {} inferences, {} log lines",
        limits.timeout.as_millis(),
        limits.memory_bytes,
        limits.instances,
        limits.inferences,
        limits.log_lines
    );
}
