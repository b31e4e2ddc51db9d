//! `ai-worker plugin unpack`: the data of a component, as their author wrote them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::super::Outcome;
use super::{read, written};
use crate::commands::output::Output;
use crate::plugins::{Slot, data};

pub(super) fn command() -> Command {
    Command::new("unpack")
        .about("Write the vocabulary of a tagger, or the phrases of a context mapper, as TOML")
        .arg(
            Arg::new("component")
                .value_name("FILE|tagger|context-mapper")
                .required(true)
                .help("A component, or the name of a slot for the built-in one"),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Where to write it [default: standard output]"),
        )
}

pub(super) fn run(arguments: &ArgMatches) -> Outcome {
    let name = arguments
        .get_one::<String>("component")
        .ok_or("give a component")?;
    let component = match name.parse::<Slot>() {
        Ok(slot) => slot.built_in().to_vec(),
        Err(_) => read(Path::new(name))?,
    };
    let text = data::text(&component).map_err(|error| format!("{name}: {error}"))?;
    match arguments.get_one::<PathBuf>("output") {
        Some(output) => written(output, text.as_bytes())?,
        None => Output.write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
