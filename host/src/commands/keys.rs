//! `ai-worker keys`.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::Outcome;
use crate::access::{KeyName, Keys, NewKey, Role};
use crate::commands::output::{note, say};
use crate::config::Config;

pub(super) fn command() -> Command {
    Command::new("keys")
        .about(
            "Manage the API keys of callers in API_KEYS_FILE; a running worker reloads the file within seconds",
        )
        .subcommand_required(true)
        .subcommand(
            Command::new("new")
                .about("Make a key, add its digest to the file, and show the key once")
                .arg(
                    Arg::new("name")
                        .value_name("NAME")
                        .required(true)
                        .value_parser(value_parser!(KeyName))
                        .help("The key's name in the log"),
                )
                .arg(
                    Arg::new("role")
                        .value_name("ROLE")
                        .required(true)
                        .value_parser(value_parser!(Role))
                        .help(
                            "process (photos and reading), curate (also corrections) or admin (also plugins)",
                        ),
                ),
        )
        .subcommand(
            Command::new("list").about(
                "List the name and role of every key; to revoke a key, delete its line in the file",
            ),
        )
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let Some(file) = &config.access.keys_file else {
        return Err("no key file is configured; name one with API_KEYS_FILE or --api-keys-file".into());
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
        note!("This is the key of {name}. It is not stored anywhere, so keep it safe; send it in X-API-Key.");
        say!("{}", key.text());
    } else {
        for (name, role) in Keys::read(file)?.list() {
            say!("{name}\t{}", role.name());
        }
    }
    Ok(ExitCode::SUCCESS)
}
