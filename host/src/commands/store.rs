//! `ai-worker store`.

mod backups;
mod deletions;
mod person;
mod reembed;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Outcome, progress_bar};
use crate::commands::output::say;
use crate::config::{Config, VectorStore};
use crate::people::{Integrity, People};
use crate::store;
use crate::store::{EmbeddedStore, Totals};
use crate::{app, backup};

pub(super) fn command() -> Command {
    let file = |help| {
        Arg::new("file")
            .value_name("FILE")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(help)
    };
    Command::new("store")
        .about("Back up, check, export or import all stored data about people")
        .subcommand_required(true)
        .subcommand(
            Command::new("export")
                .about(
                    "Write all data to one file; continues after an interruption. With --person: all data about one \
                     person",
                )
                .arg(file("The new file; with --person, a new folder"))
                .arg(
                    Arg::new("person")
                        .long("person")
                        .value_name("ID")
                        .help("The person's cluster id, or an earlier id of the person"),
                ),
        )
        .subcommand(
            Command::new("import")
                .about("Read an exported file into an empty store; continues after an interruption")
                .arg(file("The file that an export wrote")),
        )
        .subcommand(backups::backup_command())
        .subcommand(backups::restore_command())
        .subcommand(backups::verify_command())
        .subcommand(deletions::command())
        .subcommand(reembed::command())
        .subcommand(
            Command::new("repair").about(
                "Repair what can be repaired, such as merges in a circle and indexes of the database, then check the \
                 store like verify; stop the workers first. Fails if faults remain",
            ),
        )
}

/// Opens the store and moves everything out of it or into it.
pub(super) async fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let (name, arguments) = arguments.subcommand().unwrap_or(("verify", arguments));
    let manifest = config.models.read_manifest()?;
    let model = manifest.embedding_model(manifest.set(&config.inference.model_set)?)?;
    app::open_data_directory(&config.directories.data)?;
    match name {
        "backup" => return backups::backup(&config, arguments, model).await,
        "restore" => return backups::restore(&config, arguments, model).await,
        "verify" => return backups::verify(&config, arguments, model).await,
        _ => {}
    }
    if name == reembed::NAME {
        return reembed::run(&config, arguments, model).await;
    }
    if name == "repair" && config.vector_store.index().is_some() {
        app::require_store(&config)?;
        // Before it is opened, which it may not be.
        let faces = config.directories.data.join("faces");
        for done in tokio::task::spawn_blocking(move || EmbeddedStore::rebuild(&faces)).await?? {
            say!("{done}");
        }
    }
    let store = match name {
        "import" => app::open_store(&config, &model).await?,
        _ => app::open_existing_store(&config, &model).await?,
    };
    // Whatever changes people trims the list of changes.
    let people = People::new(Arc::clone(&store), model.clone()).with_changes_kept(config.people.changes_kept);
    if name == deletions::NAME {
        return deletions::run(&config, &people, arguments).await;
    }
    if name == "repair" {
        return repair(&people).await;
    }
    let is_export = name == "export";
    let Some(file) = arguments.get_one::<PathBuf>("file") else {
        return Err("give a file".into());
    };
    if is_export && let Some(person) = arguments.get_one::<String>("person") {
        return person::export(&config, &people, person, file).await;
    }
    let name = match &config.vector_store {
        VectorStore::Embedded(_) => format!("embedded in {}", config.directories.data.display()),
        VectorStore::Qdrant(settings) => format!("{} on {}", settings.collection, settings.urls.join(", ")),
    };
    let bar = progress_bar(0);
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let moved = if is_export {
        store::export(&*store, &model, &name, file, &progress).await
    } else {
        store::import(&*store, &model, &name, file, &progress).await
    };
    bar.finish_and_clear();
    let Totals {
        faces,
        portraits,
        photos,
        clusters,
        distinctions,
        unsure,
        redirects,
        rejections,
        events,
        corrections,
    } = moved?;
    let way = if is_export { "exported to" } else { "imported from" };
    say!("{way} {}, and counted again:", file.display());
    say!("{faces} faces with {portraits} pictures, {clusters} clusters, {photos} photos,");
    say!(
        "{distinctions} distinctions, {unsure} uncertain pairs, {redirects} merges, {rejections} rejections,"
    );
    say!("{events} changes, {corrections} corrections");
    Ok(ExitCode::SUCCESS)
}

/// Prints what it repairs, and what does not fit together then.
async fn repair(people: &People) -> Outcome {
    for done in people.repair().await? {
        say!("{done}");
    }
    Ok(report(&backup::verify(people).await?))
}

/// Prints what does not fit together; fails when there is something.
fn report(found: &Integrity) -> ExitCode {
    for fault in &found.faults {
        say!("{fault}");
    }
    let Integrity {
        faces,
        clusters,
        photos,
        faults,
    } = found;
    say!(
        "{faces} faces in {clusters} clusters and {photos} photos: {} faults",
        faults.len()
    );
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
