//! `ai-worker store repeat-deletions`: on collections that were restored from snapshots.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command, value_parser};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::app;
use crate::commands::output::say;
use crate::commands::{Failure, Outcome};
use crate::config::Config;
use crate::people::{People, Repeated, Since};
use crate::store::ErasureList;

pub(super) const NAME: &str = "repeat-deletions";

pub(super) fn command() -> Command {
    Command::new(NAME)
        .about(
            "Repeat the deletions that were made after a copy of the store, such as after restoring Qdrant's \
             snapshots; `restore` does so by itself. Stop the workers first",
        )
        .arg(
            Arg::new("since")
                .long("since")
                .value_name("TIME")
                .required(true)
                .help("When making the copy began, such as 2026-01-31T04:00:00Z"),
        )
        .arg(
            Arg::new("files")
                .value_name("FILE")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf))
                .help(
                    "The erasures.jsonl files of other workers of this store, in addition to the one in DATA_DIR",
                ),
        )
}

/// Does the deletions of all lists again.
pub(super) async fn run(config: &Config, people: &People, arguments: &ArgMatches) -> Outcome {
    let since = arguments.get_one::<String>("since").map_or("", String::as_str);
    let since = OffsetDateTime::parse(since, &Rfc3339)
        .map_err(|_| format!("--since {since:?} is not a valid time; write it as 2026-01-31T04:00:00Z"))?;
    let since = Since {
        moment: u64::try_from(since.unix_timestamp_nanos() / 1_000).unwrap_or(0),
        revision: people.revision().await?,
    };
    let own = Arc::new(app::erasure_list(config));
    let mut lists = vec![own.read()?];
    for file in arguments.get_many::<PathBuf>("files").into_iter().flatten() {
        if !file.exists() {
            return Err(format!("{} does not exist", file.display()).into());
        }
        lists.push(ErasureList::at(file).read()?);
    }
    let done = people
        .clone()
        .with_erasures(Arc::clone(&own))
        .repeat_erasures(&lists.concat(), since)
        .await?;
    report(&done);
    count_anew(own).await?;
    Ok(ExitCode::SUCCESS)
}

/// Notes in the list of deletions that the store counts its changes anew.
pub(super) async fn count_anew(list: Arc<ErasureList>) -> Result<(), Failure> {
    tokio::task::spawn_blocking(move || {
        list.count_anew().map_err(|error| {
            let list = list.path().display();
            format!("{list} cannot be written, so a later restore may repeat earlier deletions: {error}")
        })
    })
    .await??;
    Ok(())
}

/// Says what was deleted again.
pub(super) fn report(done: &Repeated) {
    say!(
        "{} deletions were requested since then: {} photos and {} faces were deleted again",
        done.erasures,
        done.photos,
        done.faces
    );
    if done.process_again.is_empty() {
        return;
    }
    say!("In these photos, faces of other people may have been deleted too; process the photos again:");
    for file in &done.process_again {
        say!("{}", file.as_str());
    }
}
