//! `ai-worker models`.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Failure, Outcome};
use crate::app;
use crate::commands::output;
use crate::commands::output::say;
use crate::config::Config;
use crate::files;
use crate::inference::devices::Placement;
use crate::inference::{self, Inference};
use crate::models::devices;
use crate::models::manifest::{Manifest, ManifestError, Model, ModelDirectory, Role, Set};
use crate::models::precision::Precisions;
use crate::models::{self, Access, Brought, Comparison, ImportError};

/// The device that libraries are fetched for, and the setting.
const DEVICE: &str = "DEVICE";

pub(super) fn command() -> Command {
    let set = || {
        Arg::new("set")
            .value_name("SET")
            .help("A model set [default: MODEL_SET]")
    };
    let accept = || {
        Arg::new("accept-license")
            .long("accept-license")
            .action(ArgAction::SetTrue)
            .help("Accept the licences that are shown, without a question")
    };
    Command::new("models")
        .about("List, fetch, import and check model files")
        .subcommand_required(true)
        .subcommand(Command::new("list").about("List every model set with its models, licences and sizes"))
        .subcommand(
            Command::new("pull")
                .about("Fetch the ONNX Runtime library and a set's files")
                .arg(set())
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Fetch optional models too"),
                )
                .arg(
                    // In the place of the setting's flag, which is spelt the same.
                    Arg::new(DEVICE)
                        .long("device")
                        .value_name("DEVICE")
                        .action(ArgAction::Append)
                        .help("Also fetch the libraries that run networks on this device; may be repeated"),
                )
                .arg(accept()),
        )
        .subcommand(
            Command::new("import")
                .about(
                    "Import a file that was copied here by hand, for a role of MODEL_SET, for a device or by its name",
                )
                .allow_missing_positional(true)
                .arg(
                    Arg::new("role")
                        .value_name("ROLE")
                        .help("The role of the network, if the file's name does not show it"),
                )
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help("The file"),
                )
                .arg(accept()),
        )
        .subcommand(
            Command::new("verify")
                .about("Check the hashes of a set's files, then run every network once")
                .arg(set()),
        )
}

/// Models may be read by others, but not the data directory that they are put into by default.
fn make_data_directory(config: &Config) -> Result<(), Failure> {
    let directories = &config.directories;
    if directories.models.starts_with(&directories.data) {
        files::create_private_folder(&directories.data)
            .map_err(|error| format!("{} cannot be made: {error}", directories.data.display()))?;
    }
    Ok(())
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let manifest = config.models.read_manifest()?;
    let devices = devices::Table::built_in()?;
    let directory = ModelDirectory(config.directories.models.clone());
    let mut out = output::Output;
    let set = |arguments: &ArgMatches| {
        let name = arguments
            .get_one::<String>("set")
            .unwrap_or(&config.inference.model_set);
        let set = manifest.set(name)?;
        config.models.precision.check(&manifest, set)?;
        Ok::<_, ManifestError>(set)
    };
    match arguments.subcommand() {
        Some(("pull", arguments)) => {
            make_data_directory(config)?;
            let mut consent = consent(arguments);
            let mut comparison = comparison(config, &manifest);
            let mut access = access(config, &mut consent, &mut comparison);
            let all = arguments.get_flag("all");
            let wanted: Vec<&String> = match arguments.value_source(DEVICE) {
                Some(ValueSource::CommandLine) => arguments.get_many(DEVICE).unwrap_or_default().collect(),
                // A setting of the environment says where networks run, and not what is fetched.
                _ => Vec::new(),
            };
            // Before anything is downloaded.
            for id in &wanted {
                devices.to_fetch_here(id)?;
            }
            models::pull(&manifest, set(arguments)?, all, &directory, &mut access, &mut out)?;
            for id in wanted {
                devices::pull(&devices, id, &directory, &mut access, &mut out)?;
            }
        }
        Some(("import", arguments)) => {
            make_data_directory(config)?;
            let mut consent = consent(arguments);
            let mut comparison = comparison(config, &manifest);
            let mut access = access(config, &mut consent, &mut comparison);
            let set = manifest.set(&config.inference.model_set)?;
            let brought = Brought {
                file: arguments.get_one::<PathBuf>("file").ok_or("name a file")?,
                role: arguments.get_one::<String>("role").map(String::as_str),
            };
            let mut trial =
                |model: &Model, staged: &ModelDirectory| try_out(config, &manifest, set, model, staged);
            let imported = models::import(
                &manifest,
                set,
                brought,
                &directory,
                &mut access,
                &mut trial,
                &mut out,
            );
            match imported {
                Err(ImportError::UnknownName { .. })
                    if devices::import(&devices, brought.file, &directory, &mut access, &mut out)? => {}
                imported => imported?,
            }
        }
        Some(("verify", arguments)) => {
            let set = set(arguments)?;
            let right = models::verify(&manifest, set, &directory, &mut out)?;
            let right = devices::verify(&devices, &directory, &mut out)? && right;
            if !right || !run_all(config, &manifest, set, &directory)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        _ => {
            models::list(&manifest, &directory, &mut out)?;
            devices::list(&devices, &directory, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What fetching needs beyond the manifest.
pub(super) fn access<'a>(
    config: &Config,
    consent: &'a mut dyn FnMut(&[&str]) -> io::Result<bool>,
    comparison: &'a mut Comparison<'a>,
) -> Access<'a> {
    Access {
        hub: config.models.hub.clone(),
        consent,
        comparison,
    }
}

/// Runs networks as published and as rewritten, by the ONNX Runtime that the worker would use.
pub(super) fn comparison<'a>(
    config: &'a Config,
    manifest: &'a Manifest,
) -> impl FnMut(&Model, &Path, &Path) -> Result<bool, Failure> + 'a {
    move |model, published, rewritten| {
        let Some(library) = app::runtime_library(config, manifest) else {
            return Ok(false);
        };
        inference::compare(&library, model, published, rewritten)?;
        Ok(true)
    }
}

/// Who accepts licences: the flag, or whoever sits at the terminal.
fn consent(arguments: &ArgMatches) -> impl FnMut(&[&str]) -> io::Result<bool> + use<> {
    let accepted = arguments.get_flag("accept-license");
    move |licences| {
        if accepted {
            Ok(true)
        } else {
            ask_for_consent(licences)
        }
    }
}

/// Asks at the terminal whether licences are accepted; nobody sits there when there is none.
pub(super) fn ask_for_consent(licences: &[&str]) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    output::ask(format_args!("Do you accept {}? [y/N] ", licences.join(" and ")));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// The set's networks as they lie in a directory, none of them loaded; none without ONNX Runtime.
fn inference(
    config: &Config,
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
    place: impl FnOnce(&Path) -> Result<Placement, Failure>,
) -> Result<Option<Inference>, Failure> {
    let Some(library) = app::runtime_library(config, manifest) else {
        return Ok(None);
    };
    let settings = config.inference.settings(place(&library)?);
    Ok(Some(Inference::load(
        &library, manifest, set, directory, &settings,
    )?))
}

/// Runs the network of a file that is about to be taken in, once; false when something that it needs is not there.
fn try_out(
    config: &Config,
    manifest: &Manifest,
    set: &Set,
    model: &Model,
    staged: &ModelDirectory,
) -> Result<bool, Failure> {
    // What was brought is the graph as published.
    let manifest = &manifest
        .clone()
        .with_precision(&Precisions::default())
        .as_published();
    let runs = |role| role == model.role || (is_captioner(role) && is_captioner(model.role));
    let mut alone = Set {
        models: Vec::new(),
        optional: Vec::new(),
        ..set.clone()
    };
    for name in set.models.iter().chain(&set.optional) {
        let other = manifest.model(name)?;
        // Every set has a detector and an embedder, which are not loaded unless they run.
        if runs(other.role) || matches!(other.role, Role::FaceDetector | Role::FaceEmbedder) {
            alone.models.push(name.clone());
        }
        let mut files = other.tokenizer.iter().chain([&other.file]);
        if runs(other.role) && !files.all(|file| staged.path(file).exists()) {
            return Ok(false);
        }
    }
    // Choosing another device needs the detector's file, which may not be there yet.
    match inference(config, manifest, &alone, staged, |_| Ok(Placement::processor()))? {
        Some(inference) => inference.try_out(model.role).map(|()| true).map_err(Into::into),
        None => Ok(false),
    }
}

/// The two networks that write a caption run together only.
fn is_captioner(role: Role) -> bool {
    matches!(role, Role::CaptionEncoder | Role::CaptionDecoder)
}

/// Runs every network of a set that is there once, and says of each whether it does.
fn run_all(
    config: &Config,
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
) -> Result<bool, Failure> {
    let manifest = &models::with_present_graphs(manifest, set, directory)?;
    let place = |library: &Path| Ok(app::devices::placement(config, manifest, set, library)?);
    let Some(inference) = inference(config, manifest, set, directory, place)? else {
        say!("not run  ONNX Runtime is not installed; run `ai-worker models pull`, or set ORT_DYLIB_PATH");
        return Ok(false);
    };
    let mut all = true;
    for model in inference.models() {
        let started = Instant::now();
        match inference.try_out(model.role) {
            Ok(()) => say!(
                "runs     {} ({} ms to load and run once)",
                model.name,
                started.elapsed().as_millis()
            ),
            Err(error) => {
                all = false;
                say!("fails    {}: {}", model.name, crate::report(&error));
            }
        }
    }
    Ok(all)
}
