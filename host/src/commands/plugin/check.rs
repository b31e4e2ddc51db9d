//! `ai-worker plugin check`: what a component is and whether it could fill its slot.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use serde::Serialize;

use super::super::{Failure, Outcome, wrote_before_failure};
use super::{component_argument, form, on_workbench, read_component};
use crate::commands::output::{note, say};
use crate::config::Config;
use crate::domain::Evidence;
use crate::plugins::{
    Candidate, EARLIER_WIT_VERSION, Inspection, PluginError, PluginLimits, WIT_VERSION, Workbench, cases,
};

pub(super) fn command() -> Command {
    Command::new("check")
        .about("Check whether a component can fill its slot, and show its details")
        .after_help(
            "Exit code 0: it can, and the first line says so; 1: it is refused, and standard error says why first.",
        )
        .arg(component_argument())
        .arg(
            Arg::new("models")
                .long("models")
                .value_name("SET")
                .help("List the tags that this model set cannot give"),
        )
        .arg(form::json())
}

/// A component, and what a worker would say to it.
#[derive(Serialize)]
struct Report {
    /// It could fill its slot.
    ok: bool,
    /// Why it could not.
    refused: Option<String>,
    /// What it calls itself.
    name: Option<String>,
    version: Option<String>,
    /// None when the file is no plugin.
    #[serde(flatten)]
    inspection: Option<Inspection>,
    /// What it wrote when it was called.
    output: String,
    /// How many golden cases it brings.
    cases: usize,
    /// Tags that the model set cannot give; none when no set was named.
    tags_out_of_reach: Option<Vec<String>>,
}

impl Report {
    /// Looks at a component, and loads it as a worker would. `available` is the evidence of a model set.
    fn of(
        bench: &Workbench,
        component: &[u8],
        origin: &str,
        available: Option<Evidence>,
    ) -> Result<Self, Failure> {
        let inspection = Inspection::of(component);
        let loaded = match &inspection {
            Ok(inspection) => bench.load(inspection.slot, component, origin).map(Some),
            Err(_) => Ok(None),
        };
        let refusal: Option<&PluginError> = inspection.as_ref().err().or(loaded.as_ref().err());
        let plugin = loaded.as_ref().ok().and_then(Option::as_ref);
        let identity = plugin.map(Candidate::identity);
        Ok(Self {
            ok: refusal.is_none(),
            refused: refusal.map(|error| crate::report(error)),
            name: identity.map(|identity| identity.name.clone()),
            version: identity.map(|identity| identity.version.clone()),
            output: match refusal {
                Some(error) => error.output().to_owned(),
                None => plugin.map(Candidate::written).unwrap_or_default(),
            },
            cases: cases::embedded(component)?.len(),
            tags_out_of_reach: plugin
                .zip(available)
                .map(|(plugin, available)| plugin.tags_out_of_reach(available)),
            inspection: inspection.ok(),
        })
    }

    /// The verdict comes first.
    fn print(&self, limits: &PluginLimits, set: Option<&str>) {
        if let Some(reason) = &self.refused {
            note!("refused: {reason}");
            wrote_before_failure(&self.output);
        }
        let Some(inspection) = &self.inspection else {
            return;
        };
        let (slot, wit) = (inspection.slot, &inspection.wit_version);
        let name = self.name.as_ref().zip(self.version.as_ref());
        if let Some((name, version)) = name {
            say!("ok: a {slot} for ai-worker:plugin@{wit}, answers as {name} {version}");
        }
        say!("slot      {slot}");
        say!(
            "wit       ai-worker:plugin@{wit} (this worker supports {WIT_VERSION} and {EARLIER_WIT_VERSION})"
        );
        say!("size      {} bytes", inspection.bytes);
        say!("digest    {}", inspection.digest);
        say!("imports   {}", listed(&inspection.imports));
        if let Some(data) = &inspection.data {
            let whose = if data.built_in { ", as built in" } else { "" };
            say!("data      {} {}{whose}", data.kind, data.digest);
        }
        say!("cases     {} inside", self.cases);
        print_limits(limits);
        if let Some((name, version)) = name {
            say!("answers   as {name} {version}");
        }
        if self.ok && !self.output.is_empty() {
            say!("wrote     {}", self.output.replace('\n', "\n          "));
        }
        if let Some((set, lost)) = set.zip(self.tags_out_of_reach.as_ref()) {
            say!("tags      {} that {set} cannot give", lost.len());
            for tag in lost {
                say!("          {tag}");
            }
        }
    }
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (path, component) = read_component(arguments)?;
    let limits = config.plugins.limits.clone();
    let set = arguments.get_one::<String>("models").cloned();
    let available = match &set {
        Some(name) => {
            let manifest = config.models.read_manifest()?;
            Some(manifest.evidence(manifest.set(name)?)?)
        }
        None => None,
    };
    let as_json = arguments.get_flag("json");
    on_workbench(limits.clone(), move |bench| {
        let report = Report::of(bench, &component, &path.display().to_string(), available)?;
        if as_json {
            say!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            report.print(&limits, set.as_deref());
        }
        Ok(if report.ok {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
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
        "limits    {} ms of processor time per call, {} bytes of memory, {} instances, {} inferences, {} log lines",
        limits.timeout.as_millis(),
        limits.memory_bytes,
        limits.instances,
        limits.inferences,
        limits.log_lines
    );
}
