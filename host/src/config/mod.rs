//! Flags and environment, checked as a whole: every error is reported at once.

mod access;
mod activity;
mod connections;
#[cfg(test)]
mod example_file;
mod fetch;
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
mod stored_urls;
mod traces;
mod vector_store;

use std::path::PathBuf;
use std::str::FromStr;
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

/// Something that is done or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    On,
    Off,
}

impl FromStr for Switch {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err("choose on or off"),
        }
    }
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
        let parts = (
            server::read(&mut reader),
            access::read(&mut reader),
            load::read(&mut reader),
            directories(&reader),
            models::read(&mut reader),
            inference(&mut reader),
            fetch::download(&mut reader),
            fetch::decode(&mut reader),
            pipeline(&mut reader),
            vector_store::read(&mut reader),
            outages::read(&mut reader),
            people::read(&mut reader),
            activity::read(&mut reader),
            retention::read(&mut reader),
            plugins::read(&mut reader),
            plugins::trial(&mut reader),
            log::read(&mut reader),
            traces::read(&mut reader),
        );
        match parts {
            (
                Some(server),
                Some(access),
                Some(load),
                Some(directories),
                Some(models),
                Some(inference),
                Some(download),
                Some(decode),
                Some(pipeline),
                Some(vector_store),
                Some(outages),
                Some(people),
                Some(activity),
                Some(retention),
                Some(plugins),
                Some(trial),
                Some(log),
                Some(traces),
            ) if reader.errors.is_empty() => Ok(Self {
                server,
                access,
                load,
                directories,
                models,
                inference,
                download,
                decode,
                pipeline,
                vector_store,
                outages,
                people,
                activity,
                retention,
                plugins,
                trial,
                log,
                traces,
            }),
            _ => Err(ConfigErrors(reader.errors)),
        }
    }
}

fn milliseconds(reader: &mut Reader<'_>, name: &str) -> Option<Duration> {
    reader.within(name, 1, 3_600_000).map(Duration::from_millis)
}

fn directories(reader: &Reader<'_>) -> Option<Directories> {
    let data = PathBuf::from(reader.text("DATA_DIR")?);
    let models = reader
        .text("MODELS_DIR")
        .map_or_else(|| data.join("models"), PathBuf::from);
    let backups = reader
        .text("BACKUP_DIR")
        .map_or_else(|| data.join("backups"), PathBuf::from);
    Some(Directories {
        data,
        backups,
        models,
    })
}

fn inference(reader: &mut Reader<'_>) -> Option<InferenceChoice> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model_set = reader.value("MODEL_SET");
    let runtime_library = reader.text("ORT_DYLIB_PATH").map(PathBuf::from);
    let device = reader.value("DEVICE");
    let fallback = reader.value("DEVICE_FALLBACK");
    let trial_limit = reader.within("DEVICE_TRIAL_SECONDS", 1, 3_600);
    let sessions = reader.within("INFERENCE_SESSIONS", 0, 256);
    let threads = reader.within("INFERENCE_THREADS", 0, 256);
    let batch = reader.within("INFERENCE_BATCH", 0, 256);
    let similarity_threshold = reader.optional_within("SIMILARITY_THRESHOLD", 0.0, 1.0);
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
        trial_limit: Duration::from_secs(trial_limit?),
        sessions,
        threads_per_session,
        batch: Some(batch?).filter(|batch| *batch > 0),
        similarity_threshold: similarity_threshold?,
        caption: caption?,
    })
}

fn caption(reader: &mut Reader<'_>) -> Option<CaptionSettings> {
    let beams = reader.within("CAPTION_BEAMS", 1, 16);
    let min_length = reader.within("CAPTION_MIN_LENGTH", 0, 512);
    let max_length = reader.within("CAPTION_MAX_LENGTH", 2, 512);
    let repetition_penalty = reader.within("CAPTION_REPETITION_PENALTY", 0.1, 10.0);
    Some(CaptionSettings {
        beams: beams?,
        min_length: min_length?,
        max_length: max_length?,
        repetition_penalty: repetition_penalty?,
    })
}

fn pipeline(reader: &mut Reader<'_>) -> Option<PipelineSettings> {
    let tag_threshold = reader.within("TAG_THRESHOLD", 0.0, 1.0);
    let max_faces = reader.within("MAX_FACES", 1, 10_000);
    let smallest_face = reader.within("SMALLEST_FACE", 1, 1_000);
    let face_search = reader.within("FACE_SEARCH", 0, 10_000);
    let evidence_off = reader.list::<Evidence>("EVIDENCE_OFF");
    let text_budget = reader.within("TEXT_BUDGET_MS", 1, 60_000);
    let text_lines = reader.within("TEXT_LINES", 1, 200);
    let store_text = reader.value::<Switch>("STORE_TEXT");
    let store_urls = reader.value("STORE_URLS");
    Some(PipelineSettings {
        tag_threshold: tag_threshold?,
        max_faces: max_faces?,
        smallest_face: smallest_face?,
        face_search: face_search?,
        evidence_off: evidence_off?
            .into_iter()
            .fold(Evidence::default(), Evidence::union),
        text_budget: Duration::from_millis(text_budget?),
        text_lines: text_lines?,
        store_text: store_text? == Switch::On,
        store_urls: store_urls?,
    })
}

#[cfg(test)]
mod tests;
