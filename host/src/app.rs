//! Everything a request needs, built once.

mod backups;
mod consolidation;
mod data;
pub(crate) mod devices;
pub(crate) mod failures;
mod forgetting;
mod readiness;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use crate::access::{Access, AccessError};
use crate::activity::Activity;
use crate::audit::AuditLog;
use crate::backup::{BackupError, StoreJobs};
use crate::config::{Config, LoadSettings, ServerSettings};
use crate::domain::{EmbeddingModel, Evidence};
use crate::inference::devices::DeviceReport;
use crate::inference::{Inference, InferenceError, ModelStatus};
use crate::metrics::{self, Level};
use crate::models::devices::TableError;
use crate::models::manifest::{Manifest, ManifestError, ModelDirectory};
use crate::models::{self};
use crate::people::People;
use crate::photo::{Downloader, FileLimits, PhotoError, PhotoSource};
use crate::pipeline::{Admissions, InferencePermits, Occupancy, Pipeline, PixelBudget};
use crate::plugins::{self, PluginError, PluginIdentities, Plugins, Trial};
use crate::replay::{self, Replay, ReplayJobs, ReplaySettings, Trials};
use crate::store::{Counts, ErasureList, GuardedStore, StoreError};
use crate::vocabulary::{Vocabulary, VocabularyError};
pub use data::{open_data_directory, open_existing_store, open_store, require_store};
use forgetting::Kept;
use readiness::Readiness;

/// Why the worker could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The manifest or the chosen set is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Files of the model set are missing.
    #[error(
        "{} of model set {set:?} missing from {directory} ({}); run `ai-worker models pull {set}`",
        if files.len() == 1 { "a file is".to_owned() } else { format!("{} files are", files.len()) },
        files.join(", ")
    )]
    MissingFiles {
        /// The set.
        set: String,
        /// Where they were looked for.
        directory: String,
        /// Their names.
        files: Vec<String>,
    },
    /// Nothing can be kept.
    #[error("the data directory {} cannot be used; check DATA_DIR", directory.display())]
    DataDirectory {
        /// `DATA_DIR`.
        directory: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The table of devices is wrong.
    #[error(transparent)]
    Devices(#[from] TableError),
    /// The networks could not be loaded.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The plugins could not be loaded.
    #[error(transparent)]
    Plugins(#[from] PluginError),
    /// The vectors of vocabularies could not be read.
    #[error(transparent)]
    Vocabulary(#[from] VocabularyError),
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A command that reads a store was started in the wrong folder, or before a worker has made one.
    #[error("there is no store in {}; set DATA_DIR to the worker's folder, or name a running worker with --server", .0.display())]
    NoStore(PathBuf),
    /// A restore was cut off.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The downloader could not be built.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// Access could not be set up.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The audit log could not be opened.
    #[error("the audit log in {directory} cannot be opened; check that the directory can be written")]
    Audit {
        /// The directory.
        directory: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The last step to another embedder was cut off.
    #[error(
        "replacing the store in {0} by the re-embedded one was interrupted; run `ai-worker store reembed` again"
    )]
    Reembedding(PathBuf),
    /// Starting was cut off.
    #[error("the worker was stopped during startup")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The worker's parts.
pub struct App {
    /// How the server listens and for whom.
    pub server: ServerSettings,
    /// Keys, limits and proxies.
    pub access: Access,
    /// How much is done at the same time.
    pub load: LoadSettings,
    /// The places for photos in work.
    pub admissions: Admissions,
    /// What a photo file may cost that comes in a request.
    pub file_limits: FileLimits,
    /// The photo's journey.
    pub pipeline: Pipeline,
    /// Clusters and their thumbnails.
    pub people: Arc<People>,
    /// The active plugins, and how they are replaced.
    pub plugins: Arc<Plugins>,
    /// Who changed plugins and corrected people.
    pub audit: Arc<AuditLog>,
    /// What it is doing, and what failed lately.
    pub activity: Arc<Activity>,
    /// Held by whoever has the active plugins read a stored scene, so that it takes one core from photos and no more.
    pub reading: Arc<tokio::sync::Mutex<()>>,
    /// Candidates on what is stored.
    pub replays: ReplayJobs,
    /// What candidates are tried on before they are swapped in; none when `PLUGIN_TRIAL_SCENES` is 0.
    pub trial: Option<Arc<dyn Trial>>,
    /// Backups and checks of the store.
    pub store_jobs: StoreJobs,
    /// Where backups are.
    backups: PathBuf,
    /// Whether people are in the embedded store, and not on Qdrant.
    is_embedded: bool,
    /// How long answers are kept under their idempotency keys.
    pub answers_kept: Duration,
    inference: Arc<Inference>,
    tag_threshold: f32,
    model_set: String,
    store_kind: &'static str,
    readiness: Readiness,
    _plugin_watch: Option<AbortOnDropHandle<()>>,
    consolidation: OnceLock<AbortOnDropHandle<()>>,
    forgetting: OnceLock<AbortOnDropHandle<()>>,
}

/// The answer of `/health`.
#[derive(Debug)]
pub struct Health {
    /// `ok`, or `degraded` when the vector store does not answer or takes no photos, or a device has failed.
    pub status: &'static str,
    /// The worker's version.
    pub version: &'static str,
    /// The devices that inference runs on, and why others are not used.
    pub device: DeviceReport,
    /// The store of faces.
    pub vector_store: StoreHealth,
    /// The active model set.
    pub model_set: String,
    /// Its networks.
    pub models: Vec<ModelStatus>,
    /// The evidence that the model set can give to plugins.
    pub evidence: Evidence,
    /// Tags of the active tagger that need evidence which the model set cannot give, as far as the tagger declares what
    /// each tag needs.
    pub tags_out_of_reach: Vec<String>,
    /// The plugins in the slots.
    pub plugins: PluginIdentities,
}

/// The store's part of [`Health`].
#[derive(Debug)]
pub struct StoreHealth {
    /// `embedded` or `qdrant`.
    pub kind: &'static str,
    /// Stored faces; null if the store does not answer.
    pub faces: Option<u64>,
    /// Clusters; null if the store does not answer.
    pub clusters: Option<u64>,
    /// Why the store does not accept photos: it does not answer, its disk is full, or its files are gone; null if it
    /// accepts photos.
    pub problem: Option<String>,
}

impl App {
    /// Opens the store, and loads models and plugins.
    ///
    /// # Errors
    /// When any of them cannot be used; the text says what to do.
    pub async fn start(config: &Config) -> Result<Arc<Self>, StartError> {
        open_data_directory(&config.directories.data)?;
        let manifest = config.models.read_manifest()?;
        let model = manifest.embedding_model(manifest.set(&config.inference.model_set)?)?;
        let source = Arc::new(Downloader::new(config.download.clone())?);
        Self::start_with(config, model, load_inference, source).await
    }

    /// As [`start`](Self::start), with networks and a source of photos that the caller brings. `model` is the embedder among
    /// the networks.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn start_with(
        config: &Config,
        mut model: EmbeddingModel,
        networks: impl FnOnce(&Config) -> Result<Inference, StartError> + Send + 'static,
        source: Arc<dyn PhotoSource>,
    ) -> Result<Arc<Self>, StartError> {
        // Mistakes are told at once: access and store come before what takes long.
        let access = Access::open(
            &config.access,
            config.server.api_key.as_deref(),
            config.server.admin_key.as_deref(),
        )?;
        if let Some(threshold) = config.inference.similarity_threshold {
            model.threshold = threshold;
        }
        let store = open_store(config, &model).await?;
        let (audit, inference, vocabulary, plugins) = {
            let config = config.clone();
            // One after the other: both use all cores, and plugins may use the networks.
            tokio::task::spawn_blocking(move || {
                let data = &config.directories.data;
                let inference = Arc::new(networks(&config)?);
                inference.preload(&config.models.preload, config.pipeline.evidence_off)?;
                if let Some(idle) = config.models.idle {
                    inference.unload_when_idle(idle).map_err(InferenceError::Thread)?;
                }
                let vocabulary = Arc::new(Vocabulary::open(
                    &data.join("vocabulary"),
                    Arc::clone(&inference),
                )?);
                let graphs = inference.graphs().into_iter().collect();
                let preparation = Box::new(Arc::clone(&vocabulary));
                let state = plugin_state(&config);
                let audit = open_audit(&state)?;
                let plugins =
                    Plugins::load(config.plugins, &state, Arc::clone(&audit), &graphs, preparation)?;
                Ok::<_, StartError>((audit, inference, vocabulary, Arc::new(plugins)))
            })
            .await??
        };
        let store = Arc::new(GuardedStore::new(store, config.outages.breaker));
        let erasures = Arc::new(erasure_list(config));
        let people = People::new(store, model)
            .with_store_wait(config.outages.store_wait)
            .with_changes_kept(config.people.changes_kept)
            .with_corrections_kept(config.people.corrections_kept)
            .with_audit(Arc::clone(&audit))
            .with_erasures(Arc::clone(&erasures));
        let people = Arc::new(people);
        let activity = Activity::new(config.activity);
        plugins.tell(Arc::clone(&activity));
        let pipeline = Pipeline {
            source,
            decode: config.decode,
            settings: config.pipeline,
            inference: Arc::clone(&inference),
            vocabulary,
            plugins: Arc::clone(&plugins),
            people: Arc::clone(&people),
            model_set: config.inference.model_set.clone(),
            memory: PixelBudget::new(config.load.decoded_pixels),
            permits: InferencePermits::new(inference.concurrency()),
        };
        let tried_on = replay_of(&pipeline, config.pipeline.tag_threshold);
        let never_stored = Evidence {
            pixels: true,
            text: !config.pipeline.store_text,
            ..Evidence::default()
        };
        let trial = Trials::new(tried_on, config.trial, never_stored);
        let trial: Option<Arc<dyn Trial>> = trial.map(|trial| Arc::new(trial) as _);
        let plugin_watch = plugins::watch(Arc::clone(&plugins), trial.clone());
        let app = Arc::new(Self {
            server: config.server.clone(),
            access,
            load: config.load,
            admissions: Admissions::new(&config.load, config.server.request_timeout),
            file_limits: config.download.file_limits(),
            pipeline,
            store_kind: people.store_kind(),
            people,
            inference,
            plugins,
            audit,
            model_set: config.inference.model_set.clone(),
            readiness: Readiness::default(),
            _plugin_watch: plugin_watch.map(AbortOnDropHandle::new),
            activity,
            reading: Arc::default(),
            replays: ReplayJobs::default(),
            trial,
            store_jobs: StoreJobs::default(),
            backups: config.directories.backups.clone(),
            is_embedded: config.vector_store.index().is_some(),
            tag_threshold: config.pipeline.tag_threshold,
            answers_kept: config.people.answers_kept,
            consolidation: OnceLock::new(),
            forgetting: OnceLock::new(),
        });
        let kept = Kept {
            settings: config.retention,
            directories: config.directories.clone(),
            erasures,
        };
        let task = tokio::spawn(forgetting::run(kept, Arc::downgrade(&app)));
        // Set once, here, as the next is.
        let _ = app.forgetting.set(AbortOnDropHandle::new(task));
        if let Some(settings) = config.people.consolidation {
            let task = tokio::spawn(consolidation::run(settings, Arc::downgrade(&app)));
            let _ = app.consolidation.set(AbortOnDropHandle::new(task));
        }
        Ok(app)
    }

    /// The state of the worker and its parts.
    pub async fn health(&self) -> Health {
        let counts = self.people.counts().await;
        if let Err(error) = &counts {
            tracing::error!(error = %crate::report(error), "the vector store does not answer");
        }
        let problem = self.people.expect_store().err().map(|error| error.to_string());
        let problem = problem.or_else(|| counts.as_ref().err().map(ToString::to_string));
        let counts: Option<Counts> = counts.ok();
        let (plugins, evidence) = (self.plugins.snapshot(), self.pipeline.available());
        let device = self.inference.device();
        let is_well = problem.is_none() && device.failed.is_empty();
        Health {
            status: if is_well { "ok" } else { "degraded" },
            version: env!("CARGO_PKG_VERSION"),
            device,
            vector_store: StoreHealth {
                kind: self.store_kind,
                faces: counts.as_ref().map(|counts| counts.faces),
                clusters: counts.as_ref().map(|counts| counts.clusters),
                problem,
            },
            model_set: self.model_set.clone(),
            models: self.inference.models(),
            evidence,
            tags_out_of_reach: plugins.tagger.tags_out_of_reach(evidence),
            plugins: plugins.identities(),
        }
    }

    /// What the worker has counted and timed, in the text format of OpenMetrics.
    #[must_use]
    pub fn metrics(&self) -> String {
        let Occupancy {
            working,
            queued,
            batches,
        } = self.admissions.occupancy();
        metrics::text(&Level {
            working: (working, self.load.concurrent_photos),
            queued: (queued, self.load.queued_photos),
            batches,
            decoded_pixels: self.pipeline.memory.taken(),
            store_circuit_open: self.people.is_store_circuit_open(),
        })
    }

    /// A comparison of candidates with what is stored, under this worker's settings.
    #[must_use]
    pub fn replay(&self) -> Replay {
        replay_of(&self.pipeline, self.tag_threshold)
    }

    /// The active model set.
    #[must_use]
    pub fn model_set(&self) -> &str {
        &self.model_set
    }
}

fn replay_of(pipeline: &Pipeline, tag_threshold: f32) -> Replay {
    let settings = ReplaySettings {
        tag_threshold,
        examples: replay::DEFAULT_EXAMPLES,
        available: pipeline.available(),
    };
    Replay::new(Arc::clone(&pipeline.people), settings)
}

/// Where plugins and the audit log are kept.
#[must_use]
pub fn plugin_state(config: &Config) -> PathBuf {
    config.directories.data.join("plugins")
}

/// The list of deletions that a restore repeats.
#[must_use]
pub fn erasure_list(config: &Config) -> ErasureList {
    ErasureList::at(config.directories.data.join("erasures.jsonl"))
}

fn open_audit(directory: &Path) -> Result<Arc<AuditLog>, StartError> {
    let opened = AuditLog::open(directory).map_err(|source| StartError::Audit {
        directory: directory.display().to_string(),
        source,
    })?;
    Ok(Arc::new(opened))
}

fn load_inference(config: &Config) -> Result<Inference, StartError> {
    let manifest = config.models.read_manifest()?;
    let choice = &config.inference;
    let set = manifest.set(&choice.model_set)?;
    config.models.precision.check(&manifest, set)?;
    let directory = ModelDirectory(config.directories.models.clone());
    let library = runtime_library(config, &manifest);
    let mut missing = models::missing_files(&manifest, set, &directory)?;
    let is_dispensable = |file: &str| {
        let mut models = manifest.models.iter().filter(|model| model.role.is_dispensable());
        models.any(|model| model.graph() == file)
    };
    // A file that is there and wrong is not gone without.
    missing.retain(|file| directory.path(file).exists() || !is_dispensable(file));
    if library.is_none() {
        missing.push("the ONNX Runtime library".to_owned());
    }
    let Some(library) = library.filter(|_| missing.is_empty()) else {
        return Err(StartError::MissingFiles {
            set: set.name.clone(),
            directory: directory.0.display().to_string(),
            files: missing,
        });
    };
    let manifest = models::with_present_graphs(&manifest, set, &directory)?;
    let settings = choice.settings(devices::placement(config, &manifest, set, &library)?);
    Ok(Inference::load(&library, &manifest, set, &directory, &settings)?)
}

/// The ONNX Runtime library: the one that the settings name, else the one that was fetched.
#[must_use]
pub fn runtime_library(config: &Config, manifest: &Manifest) -> Option<PathBuf> {
    let fetched = || models::runtime_library(manifest, &ModelDirectory(config.directories.models.clone()));
    config.inference.runtime_library.clone().or_else(fetched)
}
