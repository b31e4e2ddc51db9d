//! `ai-worker keys`.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::Outcome;
use crate::access::{KeyName, Keys, NewKey, Role};
use crate::commands::output::{note, say};
use crate::config::Config;

pub(super) fn command() -> Command {
    Command::new("keys")
        .about("Keys of callers, in API_KEYS_FILE; a running worker takes changes over within seconds")
        .subcommand_required(true)
        .subcommand(
            Command::new("new")
                .about("Make a key, add its digest to the file, and show it this once")
                .arg(
                    Arg::new("name")
                        .value_name("NAME")
                        .required(true)
                        .value_parser(value_parser!(KeyName))
                        .help("What the log calls it"),
                )
                .arg(
                    Arg::new("role")
                        .value_name("ROLE")
                        .required(true)
                        .value_parser(value_parser!(Role))
                        .help("process (photos, reading), curate (and corrections) or admin (and plugins)"),
                ),
        )
        .subcommand(
            Command::new("list").about("Every key's name and role; to take one away, delete its line"),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let Some(file) = &config.access.keys_file else {
        return Err("there is no file of keys; name one with API_KEYS_FILE or --api-keys-file".into());
    };
    if let Some(("new", arguments)) = arguments.subcommand() {
        let (Some(name), Some(role)) = (
            arguments.get_one::<KeyName>("name"),
            arguments.get_one::<Role>("role"),
        ) else {
            return Err("give the key a name and a role".into());
        };
        let key = NewKey::generate();
        Keys::add(file, name, *role, &key)?;
        note!("This is the key of {name}. It is kept nowhere; send it in X-API-Key.");
        say!("{}", key.text());
    } else {
        for (name, role) in Keys::read(file)?.list() {
            say!("{name}\t{}", role.name());
        }
    }
    Ok(ExitCode::SUCCESS)
}
