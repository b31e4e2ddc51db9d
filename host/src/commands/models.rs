//! `ai-worker models`.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Outcome;
use crate::config::Config;
use crate::models;
use crate::models::manifest::{Manifest, ModelDirectory};

pub(super) fn command() -> Command {
    let set = || {
        Arg::new("set")
            .value_name("SET")
            .help("A model set; MODEL_SET when left out")
    };
    Command::new("models")
        .about("List, fetch and check model files")
        .subcommand_required(true)
        .subcommand(Command::new("list").about("Every set with its models, licences and sizes"))
        .subcommand(
            Command::new("pull")
                .about("Fetch the ONNX Runtime library and a set's files")
                .arg(set())
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Fetch optional models too"),
                ),
        )
        .subcommand(
            Command::new("verify")
                .about("Hash a set's files and compare")
                .arg(set()),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let manifest = Manifest::built_in()?;
    let directory = ModelDirectory(config.directories.models.clone());
    let mut out = std::io::stdout().lock();
    let set = |arguments: &ArgMatches| {
        let name = arguments
            .get_one::<String>("set")
            .unwrap_or(&config.inference.model_set);
        manifest.set(name)
    };
    match arguments.subcommand() {
        Some(("pull", arguments)) => {
            models::pull(
                &manifest,
                set(arguments)?,
                arguments.get_flag("all"),
                &directory,
                &mut out,
            )?;
        }
        Some(("verify", arguments)) => {
            if !models::verify(&manifest, set(arguments)?, &directory, &mut out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        _ => models::list(&manifest, &directory, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}
