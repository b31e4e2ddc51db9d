//! `ai-worker plugin pack`: a tagger with another vocabulary, or a context mapper with other phrases, without a compiler.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use plugin_data::Kind;
use plugin_data::author::Source;

use super::super::{Failure, Outcome};
use super::{on_workbench, read, written};
use crate::commands::output::say;
use crate::config::Config;
use crate::plugins::cases::{self, Case};
use crate::plugins::data::{self, DataError};
use crate::plugins::{Candidate, Inspection, Slot, Workbench};

/// How much of a digest stands in a version.
const SHORT_DIGEST: usize = 8;

pub(super) fn command() -> Command {
    Command::new("pack")
        .about("Put a vocabulary into a tagger, or phrases into a context mapper; needs no compiler")
        .subcommand_required(true)
        // Reading the built-in components is not the business of other commands.
        .defer(|command| {
            command.subcommands(
                Slot::ALL
                    .into_iter()
                    .filter_map(|slot| Some(of_slot(slot, data::kind_for(slot)?))),
            )
        })
}

fn of_slot(slot: Slot, kind: Kind) -> Command {
    let about = match kind {
        Kind::Vocabulary => "Make a tagger with the tags of a vocabulary",
        Kind::Phrases => "Make a context mapper with phrases of your own",
    };
    let path = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
    };
    Command::new(slot.name())
        .about(about)
        .after_help(format!(
            "To start, write the built-in data with `ai-worker plugin unpack {slot}`.\nExit code 0: the component was \
             written; 1: nothing was written, and a sentence says why."
        ))
        .arg(
            path(kind.name())
                .id("data")
                .required(true)
                .help("The data in TOML, in the form that `plugin unpack` writes"),
        )
        .arg(path("base").help("The component that gets the data [default: the built-in one]"))
        .arg(Arg::new("version").long("version").value_name("VERSION").help(
            "The component's version. Without it, the `version` at the top of the data counts; without that, the \
             base's version and the first digits of the data's SHA-256",
        ))
        .arg(
            Arg::new("strict")
                .long("strict")
                .action(ArgAction::SetTrue)
                .help(
                    "Write nothing if a golden case of the base does not pass; without this option such cases are left \
                     out",
                ),
        )
        .arg(
            path("output")
                .short('o')
                .required(true)
                .help("Where to write the component"),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let (slot, arguments) = arguments
        .subcommand()
        .ok_or("give the slot whose plugin gets data")?;
    let slot: Slot = slot.parse()?;
    let file = |name: &str| arguments.get_one::<PathBuf>(name).cloned();
    let (data, output) = file("data").zip(file("output")).ok_or("give the files")?;
    let version = arguments.get_one::<String>("version").cloned();
    let strict = arguments.get_flag("strict");
    let base = Base::read(slot, file("base"))?;
    on_workbench(config.plugins.limits.clone(), move |bench| {
        pack(bench, &base, &data, version, strict, &output)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// What is packed into.
struct Base {
    slot: Slot,
    component: Vec<u8>,
    /// What it is called in messages.
    name: String,
}

impl Base {
    fn read(slot: Slot, file: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(path) = file else {
            return Ok(Self {
                slot,
                component: slot.built_in().to_vec(),
                name: format!("the built-in {slot}"),
            });
        };
        let name = path.display().to_string();
        let component = read(&path)?;
        let fills = Inspection::of(&component)?.slot;
        if fills == slot {
            Ok(Self {
                slot,
                component,
                name,
            })
        } else {
            Err(format!("{name} is a plugin for the {fills} slot, not for {slot}").into())
        }
    }

    /// Its version without what an earlier packing has put behind it.
    fn version(&self, bench: &Workbench) -> Result<String, Failure> {
        let plugin = bench.load(self.slot, &self.component, &self.name)?;
        let version = &plugin.identity().version;
        Ok(version.split('+').next().unwrap_or_default().to_owned())
    }
}

fn pack(
    bench: &Workbench,
    base: &Base,
    data: &Path,
    version: Option<String>,
    strict: bool,
    output: &Path,
) -> Result<(), Failure> {
    let slot = base.slot;
    let kind =
        data::kind_for(slot).ok_or_else(|| format!("a {slot} plugin has no data apart from its code"))?;
    let file = data.display().to_string();
    let text = String::from_utf8(read(data)?).map_err(|_| format!("{file} is not UTF-8 text"))?;
    let source = Source::read(kind, &text).map_err(|mistake| mistake.in_file(&file))?;
    let digest = crate::digest::hexadecimal(&source.digest());
    let version = match version.or_else(|| source.version().map(str::to_owned)) {
        Some(version) => version,
        None => format!("{}+{}", base.version(bench)?, &digest[..SHORT_DIGEST]),
    };
    let packed = data::replace(&base.component, &source, Some(&version)).map_err(|error| match error {
        DataError::Mistake(mistake) => mistake.in_file(&file),
        DataError::TooLarge { .. } => format!("{file}: {error}"),
        _ => format!("{}: {error}", base.name),
    })?;

    let origin = output.display().to_string();
    let plugin = bench.load(slot, &packed.component, &origin)?;
    if plugin.identity().version != version {
        return Err(format!(
            "{} ignores the packed data: it still reports another version",
            base.name
        )
        .into());
    }
    let tried = tried(&plugin, cases::embedded(&base.component)?);
    let left_out = tried.failed.len();
    for failure in &tried.failed {
        say!("FAILED    {failure}");
    }
    if strict && left_out > 0 {
        return Err(format!(
            "{left_out} golden cases of {} do not pass; nothing was written",
            base.name
        )
        .into());
    }
    let component = if left_out == 0 {
        packed.component
    } else {
        cases::embed(&packed.component, &tried.passed)?
    };
    written(output, &component)?;

    let digest_of_component = crate::plugins::digest(&component);
    say!("{origin}: {} bytes", component.len());
    say!("answers   as {} {version}", plugin.identity().name);
    say!("data      {kind} {digest}");
    say!(
        "          {}, {} of {} bytes",
        packed.summary,
        packed.used,
        packed.room
    );
    say!("digest    {digest_of_component}");
    say!(
        "cases     {} inside{}",
        tried.passed.len(),
        match left_out {
            0 => String::new(),
            _ => format!(", {left_out} of the base's cases left out because they no longer pass"),
        }
    );
    say!(
        "The component has new bytes. A worker with PLUGIN_TRUST needs a new signature for it (minisign -Sm {origin}); \
         a worker with PLUGIN_PIN needs the pin {slot}={digest_of_component}."
    );
    say!("Use it: ai-worker plugin swap {slot} {origin}");
    Ok(())
}

/// What came of golden cases.
struct Tried {
    passed: Vec<Case>,
    /// A line about each that did not pass.
    failed: Vec<String>,
}

fn tried(plugin: &Candidate, cases: Vec<Case>) -> Tried {
    let mut tried = Tried {
        passed: Vec::new(),
        failed: Vec::new(),
    };
    for case in cases {
        let mismatches = cases::run(plugin, &case).mismatches;
        if mismatches.is_empty() {
            tried.passed.push(case);
        } else {
            tried
                .failed
                .push(format!("{}: {}", case.name, mismatches.join("; ")));
        }
    }
    tried
}
