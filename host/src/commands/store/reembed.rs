//! `ai-worker store reembed`: the people of one embedder as those of another.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::deletions::count_anew;
use crate::app::{self, App};
use crate::commands::output::say;
use crate::commands::{Outcome, progress_bar};
use crate::config::{Config, VectorStore};
use crate::domain::EmbeddingModel;
use crate::photo::Downloader;
use crate::reembedding::{self, Eyes, Looking, SeenFace, Sources, Target, Vectors, move_people, read_urls};
use crate::store::{IndexSettings, QdrantSettings};

pub(super) const NAME: &str = "reembed";

/// How many photos are looked at without --apply.
const DRY_RUN_PHOTOS: usize = 50;
/// How many photos that failed are named.
const NAMED: usize = 20;

pub(super) fn command() -> Command {
    let switch = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    Command::new(NAME)
        .about(
            "Give every stored face a vector of MODEL_SET's embedder; people, their ids and corrections stay. Without \
             --apply it only shows what it would do. Stop the workers first; continues after an interruption",
        )
        .arg(option("from", "SET", "The model set that the store was made with [default: MODEL_SET]"))
        .arg(
            option("urls", "FILE",
                "A file with one line {\"file_id\": ..., \"image_url\": ...} per photo: where the photos are now")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            option("folder", "DIR", "A folder with the photo files; each file's path in it is its file_id")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(switch(
            "pictures",
            "If a photo is not available, use the face's stored picture, provided that a measurement on the available \
             photos shows that pictures suffice",
        ))
        .arg(switch("drop-missing", "Drop faces for which neither a photo nor a picture is available"))
        .arg(option("into", "COLLECTION", "With Qdrant: the name of the new QDRANT_COLLECTION"))
        .arg(switch("apply", "Do it"))
}

/// The worker's own networks, on a store that is thrown away.
struct Networks {
    app: Arc<App>,
    _scratch: tempfile::TempDir,
}

impl Networks {
    async fn start(config: &Config) -> Result<Self, crate::commands::Failure> {
        let scratch = tempfile::tempdir()?;
        let mut config = config.clone();
        config.directories.data = scratch.path().to_owned();
        config.directories.backups = scratch.path().join("backups");
        config.vector_store = VectorStore::Embedded(IndexSettings::default());
        config.people.consolidation = None;
        Ok(Self {
            app: App::start(&config).await?,
            _scratch: scratch,
        })
    }
}

#[async_trait]
impl Eyes for Networks {
    async fn faces(&self, photo: Bytes) -> Result<Vec<SeenFace>, String> {
        let place = self.app.admissions.photo().await;
        let place = place.map_err(|refusal| refusal.to_string())?;
        let seen = self.app.pipeline.faces(place, photo).await;
        let seen = seen.map_err(|error| crate::report(&error))?;
        Ok(seen
            .into_iter()
            .map(|(bounding_box, embedding)| SeenFace {
                bounding_box,
                embedding,
            })
            .collect())
    }
}

/// Looks at every photo once more, then moves the people.
pub(super) async fn run(config: &Config, arguments: &ArgMatches, to: EmbeddingModel) -> Outcome {
    let data = &config.directories.data;
    let list = Arc::new(app::erasure_list(config));
    if reembedding::is_cut_off(data) {
        reembedding::finish_cut_off(data)?;
        let counted = count_anew(list).await;
        say!("the interrupted replacement was completed: the new store is in its place");
        counted?;
        return Ok(ExitCode::SUCCESS);
    }
    let applies = arguments.get_flag("apply");
    let manifest = config.models.read_manifest()?;
    let from = match arguments.get_one::<String>("from") {
        Some(set) => manifest.embedding_model(manifest.set(set)?)?,
        None => to.clone(),
    };
    let target = target(config, arguments)?;
    let store = app::open_existing_store(config, &from).await?;
    let sources = Sources {
        urls: match arguments.get_one::<PathBuf>("urls") {
            Some(file) => read_urls(file).map_err(|error| format!("{}: {error}", file.display()))?,
            None => Default::default(),
        },
        folder: arguments.get_one::<PathBuf>("folder").cloned(),
        max_bytes: config.download.max_bytes,
        fetch: Arc::new(Downloader::new(config.download.clone())?),
    };
    let scratch = tempfile::tempdir()?;
    let kept = if applies {
        data.join("reembedding")
    } else {
        scratch.path().to_owned()
    };
    let mut vectors = Vectors::open(&kept.join("vectors.jsonl"), &to)?;
    let bar = progress_bar(0);
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let looking = Looking {
        store: Arc::clone(&store),
        eyes: Arc::new(Networks::start(config).await?),
        sources: &sources,
        at_once: config.load.concurrent_photos,
        pictures: arguments.get_flag("pictures"),
        progress: &progress,
    };
    let outcome = looking
        .run(&mut vectors, (!applies).then_some(DRY_RUN_PHOTOS))
        .await?;
    drop(looking);
    report(&outcome);
    if !applies {
        bar.finish_and_clear();
        say!("nothing was changed; use --apply to do it");
        return Ok(ExitCode::SUCCESS);
    }
    if !outcome.missing.is_empty() && !arguments.get_flag("drop-missing") {
        bar.finish_and_clear();
        say!(
            "{} faces have no new vector, so the store was not changed. The vectors found so far are kept: give more \
             sources or --pictures, or drop these faces with --drop-missing",
            outcome.missing.len()
        );
        return Ok(ExitCode::FAILURE);
    }
    let moved = move_people(
        data,
        (store, &from),
        (target, &to),
        vectors,
        &outcome.missing,
        config.people.changes_kept,
        &progress,
    )
    .await;
    bar.finish_and_clear();
    let moved = moved?;
    let counted = count_anew(list).await;
    say!(
        "{} faces have new vectors, {} were dropped",
        moved.faces,
        moved.dropped
    );
    match moved.aside {
        Some(aside) => say!("the old store is in {}", aside.display()),
        None => say!("set QDRANT_COLLECTION to the new collection; the old collections are unchanged"),
    }
    counted?;
    Ok(ExitCode::SUCCESS)
}

fn target(config: &Config, arguments: &ArgMatches) -> Result<Target, crate::commands::Failure> {
    let into = arguments.get_one::<String>("into");
    match (&config.vector_store, into) {
        (VectorStore::Embedded(index), None) => Ok(Target::Embedded(*index)),
        (VectorStore::Embedded(_), Some(_)) => Err("--into is for VECTOR_STORE=qdrant".into()),
        (VectorStore::Qdrant(_), None) => Err("give the new collection with --into".into()),
        (VectorStore::Qdrant(settings), Some(into)) if settings.collection == *into => {
            Err("--into must differ from QDRANT_COLLECTION".into())
        }
        (VectorStore::Qdrant(settings), Some(into)) => Ok(Target::Qdrant(QdrantSettings {
            collection: into.clone(),
            ..settings.clone()
        })),
    }
}

fn report(outcome: &reembedding::Outcome) {
    say!(
        "{} faces: {} have a new vector ({} of them from their pictures), {} have none; {} of those without one are in \
         photos that have a source",
        outcome.faces,
        outcome.done,
        outcome.by_pictures,
        outcome.missing.len(),
        outcome.with_source
    );
    match outcome.agreement {
        Some(agreement) => say!(
            "of {} faces, 95 % have a cosine of at least {:.3} between the vectors from photo and from picture \
             (median: {:.3}): pictures {}",
            agreement.faces,
            agreement.most,
            agreement.half,
            if agreement.suffices() {
                "suffice"
            } else {
                "do not suffice"
            }
        ),
        None => say!("no face was measured, so pictures are not used in place of photos"),
    }
    for (file, reason) in outcome.failed.iter().take(NAMED) {
        say!("{:?}: {reason}", file.as_str());
    }
    if outcome.failed.len() > NAMED {
        say!("and {} more photos failed", outcome.failed.len() - NAMED);
    }
}
