//! `ai-worker store`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::{Outcome, progress_bar};
use crate::app;
use crate::config::{Config, VectorStore};
use crate::faces::{self, Integrity, People, Totals};

pub(super) fn command() -> Command {
    let file = |help| {
        Arg::new("file")
            .value_name("FILE")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(help)
    };
    Command::new("store")
        .about("Move or check everything that is stored of people, whatever VECTOR_STORE keeps it")
        .subcommand_required(true)
        .subcommand(
            Command::new("export")
                .about("Write everything to one file; goes on where it was interrupted")
                .arg(file("The new file")),
        )
        .subcommand(
            Command::new("import")
                .about("Read such a file into an empty store; goes on where it was interrupted")
                .arg(file("What an export wrote")),
        )
        .subcommand(
            Command::new("verify").about(
                "Look whether all faces, clusters, merges and photos fit together; stop the workers first. Fails when not",
            ),
        )
        .subcommand(
            Command::new("repair").about(
                "Break merges that lead in a circle, then look as verify does; stop the workers first. Fails when \
                 something else does not fit together",
            ),
        )
}

/// Opens the store and moves everything out of it or into it.
pub(super) async fn run(config: Config, arguments: &ArgMatches) -> Outcome {
    let (name, arguments) = arguments.subcommand().unwrap_or(("verify", arguments));
    let manifest = config.models.read_manifest()?;
    let model = manifest.embedding_model(manifest.set(&config.inference.model_set)?)?;
    let store = app::open_store(&config, &model).await?;
    match name {
        "verify" => return verify(&People::new(store, model)).await,
        "repair" => return repair(&People::new(store, model)).await,
        _ => {}
    }
    let is_export = name == "export";
    let Some(file) = arguments.get_one::<PathBuf>("file") else {
        return Err("name a file".into());
    };
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
        faces::export(&*store, &model, &name, file, &progress).await
    } else {
        faces::import(&*store, &model, &name, file, &progress).await
    };
    bar.finish_and_clear();
    let Totals {
        faces,
        portraits,
        photos,
        clusters,
        distinctions,
        redirects,
        rejections,
        events,
    } = moved?;
    let way = if is_export { "exported to" } else { "imported from" };
    println!("{way} {}, and counted again:", file.display());
    println!("{faces} faces with {portraits} pictures, {clusters} clusters, {photos} photos,");
    println!("{distinctions} distinctions, {redirects} merges, {rejections} rejections, {events} changes");
    Ok(ExitCode::SUCCESS)
}

/// Prints what it repairs, and what does not fit together then.
async fn repair(people: &People) -> Outcome {
    for done in people.repair().await? {
        println!("{done}");
    }
    verify(people).await
}

/// Prints what does not fit together.
async fn verify(people: &People) -> Outcome {
    let found = people.verify().await?;
    for fault in &found.faults {
        println!("{fault}");
    }
    let Integrity {
        faces,
        clusters,
        photos,
        faults,
    } = found;
    println!(
        "{faces} faces in {clusters} clusters and {photos} photos: {} faults",
        faults.len()
    );
    Ok(if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
