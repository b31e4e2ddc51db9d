//! `ai-worker store backup`, `verify` and `restore`: by the running worker, or on a store that no worker holds.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use reqwest::Method;
use serde_json::Value;

use super::super::{Failure, Outcome, remote};
use super::report;
use crate::app::{self, StartError};
use crate::backup::{self, BackupReport, CopyPlugins, Restoration};
use crate::commands::output::{note, say};
use crate::config::Config;
use crate::domain::EmbeddingModel;
use crate::people::{Integrity, People};
use crate::plugins;
use crate::store::{FaceStore, StoreError};

/// How often a running worker is asked whether it is done.
const POLL: Duration = Duration::from_millis(500);

pub(super) fn backup_command() -> Command {
    Command::new("backup")
        .about("Back up people, pictures and plugins into BACKUP_DIR, by the running worker or without one")
        .arg(remote::server())
}

pub(super) fn verify_command() -> Command {
    Command::new("verify")
        .about(
            "Check that the store, or a backup, is undamaged and that its faces, clusters, merges and photos are \
             consistent. Fails if not",
        )
        .arg(remote::server())
        .arg(backup_argument("Check this backup instead: its folder, or its name in BACKUP_DIR"))
}

pub(super) fn restore_command() -> Command {
    Command::new("restore")
        .about("Replace the store and the plugins in DATA_DIR by a backup; stop the worker first")
        .arg(backup_argument("The backup: its folder, or its name in BACKUP_DIR").required(true))
        .arg(
            Arg::new("replace")
                .long("replace")
                .action(ArgAction::SetTrue)
                .help("If there is a store already, move it aside"),
        )
}

fn backup_argument(help: &'static str) -> Arg {
    Arg::new("backup")
        .value_name("BACKUP")
        .value_parser(value_parser!(PathBuf))
        .help(help)
}

/// The store, when it can be opened here; none when a worker holds it, or one was named.
async fn open(
    config: &Config,
    arguments: &ArgMatches,
    model: &EmbeddingModel,
) -> Result<Option<Arc<dyn FaceStore>>, StartError> {
    if arguments.value_source("server") == Some(ValueSource::CommandLine) {
        return Ok(None);
    }
    match app::open_existing_store(config, model).await {
        Ok(store) => Ok(Some(store)),
        Err(StartError::Store(StoreError::InUse(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a backup, and prints what is in it.
pub(super) async fn backup(config: &Config, arguments: &ArgMatches, model: EmbeddingModel) -> Outcome {
    let root = &config.directories.backups;
    match open(config, arguments, &model).await? {
        Some(store) => {
            let state = app::plugin_state(config);
            let copy: CopyPlugins = Box::new(move |to| plugins::back_up(&state, to));
            let BackupReport {
                name,
                faces,
                clusters,
                photos,
                bytes,
                ..
            } = backup::make(root, &People::new(store, model), copy).await?;
            say!("{faces} faces in {clusters} clusters and {photos} photos, {bytes} bytes:");
            say!("{}", root.join(name).display());
        }
        None => {
            let done = job(config, arguments, "/api/store/backup").await?;
            say!(
                "{} faces in {} clusters and {} photos, {} bytes, in BACKUP_DIR of the worker:",
                done["faces"],
                done["clusters"],
                done["photos"],
                done["bytes"]
            );
            say!("{}", done["name"].as_str().unwrap_or_default());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Looks at a backup, or at the store, and prints what does not fit together.
pub(super) async fn verify(config: &Config, arguments: &ArgMatches, model: EmbeddingModel) -> Outcome {
    if let Some(name) = arguments.get_one::<PathBuf>("backup") {
        let folder = backup::find(&config.directories.backups, name);
        return Ok(report(&backup::verify_backup(folder, model).await?));
    }
    let found = match open(config, arguments, &model).await {
        Ok(Some(store)) => backup::verify(&People::new(store, model)).await?,
        Err(StartError::Store(error)) => backup::unopened(&config.directories.data.join("faces"), error)?,
        Err(error) => return Err(error.into()),
        Ok(None) => {
            let done = job(config, arguments, "/api/store/verify").await?;
            serde_json::from_value::<Integrity>(done)?
        }
    };
    Ok(report(&found))
}

/// Restores a backup, and prints where what was there is now.
pub(super) async fn restore(config: &Config, arguments: &ArgMatches, model: EmbeddingModel) -> Outcome {
    let name = arguments.get_one::<PathBuf>("backup").ok_or("give a backup")?;
    let index = config.vector_store.index().ok_or(StoreError::CopiedElsewhere)?;
    let folder = backup::find(&config.directories.backups, name);
    let data = config.directories.data.clone();
    let replace = arguments.get_flag("replace");
    let kept = config.retention.backups;
    let restoration = tokio::task::spawn_blocking(move || {
        let restoration = Restoration::prepare(&folder, &data, replace)?;
        restoration.check_age(&folder, kept)?;
        Ok::<_, Failure>(restoration)
    })
    .await??;
    let list = Arc::new(app::erasure_list(config));
    if !list.path().exists() {
        note!(
            "{} does not exist, so deletions that were made after the backup are not repeated; if you have this file \
             elsewhere, copy it there and restore again",
            list.path().display()
        );
    }
    // An embedder that the backup was not made with is told of before anything is moved.
    let changes_kept = config.people.changes_kept;
    let deleted = restoration
        .delete_again(Arc::clone(&list), model, index, changes_kept)
        .await?;
    let restored = tokio::task::spawn_blocking(move || restoration.finish()).await??;
    let counted = super::deletions::count_anew(list).await;
    for folder in &restored.aside {
        say!("the previous data is in {}", folder.display());
    }
    let manifest = &restored.manifest;
    say!(
        "restored {} faces in {} clusters and {} photos from the backup of {}",
        manifest.faces,
        manifest.clusters,
        manifest.photos,
        manifest.made_at
    );
    super::deletions::report(&deleted);
    counted?;
    Ok(ExitCode::SUCCESS)
}

/// Has the running worker do something, waits until it is done, and gives its report.
async fn job(config: &Config, arguments: &ArgMatches, path: &str) -> Result<Value, Failure> {
    let request = remote::request(config, arguments, Method::POST, path)?;
    remote::call(arguments, request).await?;
    loop {
        tokio::time::sleep(POLL).await;
        let request = remote::request(config, arguments, Method::GET, path)?;
        let mut status = remote::call(arguments, request).await?;
        if let Some(error) = status["error"].as_str() {
            return Err(error.to_owned().into());
        }
        if !status["report"].is_null() {
            return Ok(status["report"].take());
        }
    }
}
