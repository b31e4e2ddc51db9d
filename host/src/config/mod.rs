//! Flags and environment, checked as a whole: every error is reported at once.

mod access;
mod activity;
mod connections;
#[cfg(test)]
mod example_file;
mod fetch;
mod kind;
mod load;
mod log;
mod misspelt;
mod models;
mod outages;
mod people;
mod plugins;
mod reader;
mod retention;
mod server;
pub mod settings;
#[cfg(test)]
mod settings_tests;
mod stored_urls;
mod traces;
mod vector_store;

use std::path::PathBuf;
use std::time::Duration;

use crate::access::AccessSettings;
use crate::activity::ActivitySettings;
use crate::domain::Evidence;
use crate::inference::devices::{DeviceSetting, Fallback, Placement};
use crate::inference::{CaptionSettings, InferenceSettings};
use crate::photo::{DecodeSettings, DownloadSettings};
use crate::plugins::{PluginSettings, TrialSettings};
pub use connections::ConnectionSettings;
pub use load::LoadSettings;
pub use log::{LogFormat, LogSettings};
pub use misspelt::misspelt;
pub use models::ModelSettings;
pub use outages::OutageSettings;
pub use people::{ConsolidationSettings, PeopleSettings};
use reader::Reader;
pub use retention::RetentionSettings;
pub use server::ServerSettings;
pub use stored_urls::StoredUrls;
pub use traces::TraceSettings;
pub use vector_store::VectorStore;

/// The whole validated configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where and for whom the server listens.
    pub server: ServerSettings,
    /// Whose requests are answered, and how often.
    pub access: AccessSettings,
    /// How much is done at the same time.
    pub load: LoadSettings,
    /// Where files lie.
    pub directories: Directories,
    /// Where models come from.
    pub models: ModelSettings,
    /// Which models run, and where.
    pub inference: InferenceChoice,
    /// How photos are fetched.
    pub download: DownloadSettings,
    /// How photos are decoded.
    pub decode: DecodeSettings,
    /// What becomes of what was seen.
    pub pipeline: PipelineSettings,
    /// Where faces are kept.
    pub vector_store: VectorStore,
    /// What happens while it is away.
    pub outages: OutageSettings,
    /// How people are looked after.
    pub people: PeopleSettings,
    /// How much is remembered of jobs and failures.
    pub activity: ActivitySettings,
    /// How long is kept what outlives a deletion.
    pub retention: RetentionSettings,
    /// How plugins are loaded, run and replaced.
    pub plugins: PluginSettings,
    /// How they are tried before they replace one another.
    pub trial: TrialSettings,
    /// What is logged, and where.
    pub log: LogSettings,
    /// Where traces are sent; nowhere, when none.
    pub traces: Option<TraceSettings>,
}

/// Where files lie.
#[derive(Clone, Debug)]
pub struct Directories {
    /// `DATA_DIR`.
    pub data: PathBuf,
    /// `BACKUP_DIR`, else `backups` in the data directory.
    pub backups: PathBuf,
    /// `MODELS_DIR`, else `models` in the data directory.
    pub models: PathBuf,
}

/// Which models run, and where.
#[derive(Clone, Debug)]
pub struct InferenceChoice {
    /// `MODEL_SET`.
    pub model_set: String,
    /// `ORT_DYLIB_PATH`.
    pub runtime_library: Option<PathBuf>,
    /// `DEVICE`.
    pub device: DeviceSetting,
    /// `DEVICE_FALLBACK`.
    pub fallback: Fallback,
    /// `DEVICE_TRIAL_SECONDS`.
    pub trial_limit: Duration,
    /// `INFERENCE_SESSIONS`, resolved.
    pub sessions: usize,
    /// `INFERENCE_THREADS`, resolved.
    pub threads_per_session: usize,
    /// `INFERENCE_BATCH`; none when the device decides.
    pub batch: Option<usize>,
    /// `SIMILARITY_THRESHOLD`.
    pub similarity_threshold: Option<f32>,
    /// `CAPTION_…`.
    pub caption: CaptionSettings,
}

impl InferenceChoice {
    /// How inference shares the machine, with networks in these places.
    #[must_use]
    pub fn settings(&self, placement: Placement) -> InferenceSettings {
        InferenceSettings {
            placement,
            fallback: self.fallback,
            sessions: self.sessions,
            threads_per_session: self.threads_per_session,
            batch: self.batch,
            caption: self.caption,
        }
    }
}

/// What becomes of what was seen.
#[derive(Clone, Copy, Debug)]
pub struct PipelineSettings {
    /// `TAG_THRESHOLD`.
    pub tag_threshold: f32,
    /// `MAX_FACES`.
    pub max_faces: usize,
    /// `SMALLEST_FACE`, in thousandths of a photo's longer side.
    pub smallest_face: u32,
    /// `FACE_SEARCH`, in percent of the detector's look at a whole photo.
    pub face_search: u32,
    /// `EVIDENCE_OFF`.
    pub evidence_off: Evidence,
    /// `TEXT_BUDGET_MS`.
    pub text_budget: Duration,
    /// `TEXT_LINES`.
    pub text_lines: usize,
    /// `STORE_TEXT`.
    pub store_text: bool,
    /// `STORE_URLS`.
    pub store_urls: StoredUrls,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the configuration has {}:\n  {}", count(.0.len()), .0.join("\n  "))]
pub struct ConfigErrors(pub Vec<String>);

fn count(errors: usize) -> String {
    if errors == 1 {
        "an error".to_owned()
    } else {
        format!("{errors} errors")
    }
}

impl Config {
    /// Reads every setting. `given` answers what flags or environment say for a name.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn read(given: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(given);
        match Self::parts(&mut reader) {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(ConfigErrors(reader.errors)),
        }
    }

    /// None after an error. Every part is read before any is missed, so that all errors are found.
    fn parts(reader: &mut Reader<'_>) -> Option<Self> {
        // Two parts look at each of these.
        let keys_file = reader.path("API_KEYS_FILE");
        let max_pixels = reader.integer("MAX_PHOTO_PIXELS");
        let server = server::read(reader, keys_file.is_some());
        let access = access::read(reader, keys_file);
        let load = load::read(reader, max_pixels);
        let directories = directories(reader);
        let models = models::read(reader);
        let inference = inference(reader);
        let download = fetch::download(reader);
        let decode = fetch::decode(reader, max_pixels);
        let pipeline = pipeline(reader);
        let vector_store = vector_store::read(reader);
        let outages = outages::read(reader);
        let people = people::read(reader);
        let activity = activity::read(reader);
        let retention = retention::read(reader);
        let plugins = plugins::read(reader);
        let trial = plugins::trial(reader);
        let log = log::read(reader);
        let traces = traces::read(reader);
        Some(Self {
            server: server?,
            access: access?,
            load: load?,
            directories: directories?,
            models: models?,
            inference: inference?,
            download: download?,
            decode: decode?,
            pipeline: pipeline?,
            vector_store: vector_store?,
            outages: outages?,
            people: people?,
            activity: activity?,
            retention: retention?,
            plugins: plugins?,
            trial: trial?,
            log: log?,
            traces: traces?,
        })
    }
}

fn directories(reader: &mut Reader<'_>) -> Option<Directories> {
    let data = reader.path("DATA_DIR");
    let models = reader.path("MODELS_DIR");
    let backups = reader.path("BACKUP_DIR");
    let data = data?;
    Some(Directories {
        backups: backups.unwrap_or_else(|| data.join("backups")),
        models: models.unwrap_or_else(|| data.join("models")),
        data,
    })
}

fn inference(reader: &mut Reader<'_>) -> Option<InferenceChoice> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model_set = reader.value("MODEL_SET");
    let runtime_library = reader.path("ORT_DYLIB_PATH");
    let device = reader.value("DEVICE");
    let fallback = reader.value("DEVICE_FALLBACK");
    let trial_limit = reader.duration("DEVICE_TRIAL_SECONDS");
    let sessions = reader.integer("INFERENCE_SESSIONS");
    let threads = reader.integer("INFERENCE_THREADS");
    let batch = reader.integer("INFERENCE_BATCH");
    let similarity_threshold = reader.optional_decimal("SIMILARITY_THRESHOLD");
    let caption = caption(reader);
    // More than four copies of each network cost memory and gain little: more threads each do better then.
    let sessions = match sessions? {
        0 => cores.min(4),
        chosen => chosen,
    };
    let threads_per_session = match threads? {
        0 => (cores / sessions).max(1),
        chosen => chosen,
    };
    Some(InferenceChoice {
        model_set: model_set?,
        runtime_library,
        device: device?,
        fallback: fallback?,
        trial_limit: trial_limit?,
        sessions,
        threads_per_session,
        batch: Some(batch?).filter(|batch| *batch > 0),
        similarity_threshold: similarity_threshold?,
        caption: caption?,
    })
}

fn caption(reader: &mut Reader<'_>) -> Option<CaptionSettings> {
    let beams = reader.integer("CAPTION_BEAMS");
    let min_length = reader.integer("CAPTION_MIN_LENGTH");
    let max_length = reader.integer("CAPTION_MAX_LENGTH");
    let repetition_penalty = reader.decimal("CAPTION_REPETITION_PENALTY");
    Some(CaptionSettings {
        beams: beams?,
        min_length: min_length?,
        max_length: max_length?,
        repetition_penalty: repetition_penalty?,
    })
}

fn pipeline(reader: &mut Reader<'_>) -> Option<PipelineSettings> {
    let tag_threshold = reader.decimal("TAG_THRESHOLD");
    let max_faces = reader.integer("MAX_FACES");
    let smallest_face = reader.integer("SMALLEST_FACE");
    let face_search = reader.integer("FACE_SEARCH");
    let evidence_off = reader.list::<Evidence>("EVIDENCE_OFF");
    let text_budget = reader.duration("TEXT_BUDGET_MS");
    let text_lines = reader.integer("TEXT_LINES");
    let store_text = reader.switch("STORE_TEXT");
    let store_urls = reader.value("STORE_URLS");
    Some(PipelineSettings {
        tag_threshold: tag_threshold?,
        max_faces: max_faces?,
        smallest_face: smallest_face?,
        face_search: face_search?,
        evidence_off: evidence_off?
            .into_iter()
            .fold(Evidence::default(), Evidence::union),
        text_budget: text_budget?,
        text_lines: text_lines?,
        store_text: store_text?,
        store_urls: store_urls?,
    })
}

#[cfg(test)]
mod tests;
