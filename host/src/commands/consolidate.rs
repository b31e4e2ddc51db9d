//! `ai-worker consolidate`: a running worker looks again at clusters that resemble each other.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Outcome, remote};
use crate::commands::output::{note, say};
use crate::config::Config;

pub(super) fn command() -> Command {
    Command::new("consolidate")
        .about("Let a running worker merge clusters that are the same person; prints one JSON line per merge")
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Only show what would be merged"),
        )
        .arg(remote::server())
}

/// Goes through all clusters, some at a time.
pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let dry_run = arguments.get_flag("dry-run");
    let (mut after, mut clusters, mut merges) = (Value::Null, 0, 0);
    loop {
        let request = remote::request(config, arguments, Method::POST, "/api/clusters/consolidate")?;
        let body = json!({ "dry_run": dry_run, "after": after });
        let done = remote::send(arguments, request.json(&body))?;
        clusters += done["clusters"].as_u64().unwrap_or_default();
        for merge in done["merges"].as_array().into_iter().flatten() {
            merges += 1;
            say!("{merge}");
        }
        after = done["next"].clone();
        if after.is_null() {
            break;
        }
    }
    let done = if dry_run { "would be merged" } else { "were merged" };
    note!("{clusters} clusters were compared, {merges} {done}");
    Ok(ExitCode::SUCCESS)
}
