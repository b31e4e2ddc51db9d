//! Neural networks, run by ONNX Runtime: which device, which sessions, and how tensors are made and read.
//!
//! All inference blocks: call it from blocking threads. Images must already have the network's size.

mod detector;
mod device;
mod graphs;
mod heads;
mod lifecycle;
mod session;
mod suppression;
mod tensor;
mod text;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;
use ort::environment::Environment;
use serde::Serialize;
use wasmtime_wasi_nn::Graph;

pub use device::{Device, DevicePreference, DeviceReport, RejectedDevice};
pub use graphs::GraphError;
pub use lifecycle::{ModelStatus, Preload};
pub use tensor::image_tensor;

use crate::domain::{Detection, Embedding, EmbeddingModel, Evidence, Gender, Label};
use crate::models::manifest::{
    Architecture, EmbeddingEntry, Manifest, ManifestError, Model, ModelDirectory, Role, Set,
};
use detector::{Decoding, FaceDetector};
use session::{ImageNetwork, Network, SessionFactory, Slots};
use text::TextEncoder;
use utoipa::ToSchema;

/// The most values of one input, where a graph leaves its dimensions open: without a bound, a guest could ask for more
/// memory than the machine has. An image of 1024 x 1024 pixels, which is the largest that guests can have of a photo.
const LARGEST_IMAGE: usize = 3 * 1024 * 1024;
/// The same for a text: eight of the longest that a network of this kind was trained for. Its memory grows with the
/// square of a text's length.
const LARGEST_TEXT: usize = 8 * 512;

/// Why networks could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The ONNX Runtime library cannot be loaded.
    #[error("the ONNX Runtime library {} cannot be loaded; check ORT_DYLIB_PATH or pull the models again", library.display())]
    Runtime {
        /// The library.
        library: PathBuf,
        /// What the loader said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No device, or not the one that was asked for, works.
    #[error("the device that DEVICE asks for does not work ({0}); choose another one or auto")]
    NoDevice(String),
    /// A model file cannot be loaded.
    #[error("model {model} cannot be loaded from {}; run `ai-worker models verify`", file.display())]
    Load {
        /// Its name.
        model: String,
        /// Its file.
        file: PathBuf,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// A tokenizer file cannot be read.
    #[error("the tokenizer {} cannot be read; run `ai-worker models verify`", file.display())]
    Tokenizer {
        /// Its file.
        file: PathBuf,
        /// What the reader said.
        #[source]
        source: tokenizers::Error,
    },
    /// The system gives no thread to watch idle networks.
    #[error("idle models cannot be watched; the system has no thread left")]
    Thread(#[source] std::io::Error),
    /// The manifest does not describe a usable set.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A set lacks a network that nothing can be done without.
    #[error("model set {set:?} has no {role:?}, or its entry is incomplete")]
    Incomplete {
        /// The set.
        set: String,
        /// What is missing.
        role: Role,
    },
    /// A network failed.
    #[error("model {model} failed")]
    Run {
        /// Its name.
        model: String,
        /// What ONNX Runtime said.
        #[source]
        source: ort::Error,
    },
    /// A network was given or gave something that does not fit.
    #[error("model {model} saw or gave {what}")]
    Unexpected {
        /// Its name.
        model: String,
        /// What does not fit.
        what: String,
    },
}

/// How inference shares the machine.
#[derive(Clone, Copy, Debug)]
pub struct InferenceSettings {
    /// The device that is asked for.
    pub device: DevicePreference,
    /// Inferences at the same time, over all networks; at least 1.
    pub sessions: usize,
    /// Threads of one inference; at least 1.
    pub threads_per_session: usize,
}

/// The networks of one model set.
pub struct Inference {
    report: DeviceReport,
    models: Vec<Model>,
    /// As many as there are models, in the same order.
    networks: Vec<Arc<Network>>,
    detector: FaceDetector,
    embedder: ImageNetwork,
    embedding: EmbeddingModel,
    age: Option<ImageNetwork>,
    gender: Option<ImageNetwork>,
    labels: Option<ImageNetwork>,
    text: Option<TextEncoder>,
}

/// What loading one set needs.
struct Loader<'a> {
    manifest: &'a Manifest,
    set: &'a Set,
    directory: &'a ModelDirectory,
    factory: SessionFactory,
    slots: Arc<Slots>,
    models: Vec<Model>,
    networks: Vec<Arc<Network>>,
}

impl Loader<'_> {
    fn network(&mut self, model: &Model) -> Arc<Network> {
        let largest_input = match model.input {
            Some(_) => LARGEST_IMAGE,
            None => LARGEST_TEXT,
        };
        let network = Arc::new(Network::new(
            &model.name,
            self.directory.path(model.graph()),
            largest_input,
            &self.factory,
            &self.slots,
        ));
        self.networks.push(Arc::clone(&network));
        self.models.push(model.clone());
        network
    }

    fn image_network(&mut self, role: Role) -> Result<Option<ImageNetwork>, InferenceError> {
        let Some(model) = self.manifest.model_for(self.set, role)? else {
            return Ok(None);
        };
        let input = model.input.ok_or_else(|| self.incomplete(role))?;
        Ok(Some(ImageNetwork {
            network: self.network(model),
            input,
        }))
    }

    fn required(&self, role: Role) -> Result<Model, InferenceError> {
        self.manifest
            .model_for(self.set, role)?
            .cloned()
            .ok_or_else(|| self.incomplete(role))
    }

    fn incomplete(&self, role: Role) -> InferenceError {
        InferenceError::Incomplete {
            set: self.set.name.clone(),
            role,
        }
    }
}

impl Inference {
    /// Loads ONNX Runtime and chooses the device. A network of the set is loaded when it first runs, or by
    /// [`preload`](Self::preload). Blocks for as long as it takes to load a small network.
    ///
    /// # Errors
    /// When the library or the device cannot be used, or the manifest's entries do not make a set.
    pub fn load(
        library: &Path,
        manifest: &Manifest,
        set: &Set,
        directory: &ModelDirectory,
        settings: &InferenceSettings,
    ) -> Result<Self, InferenceError> {
        let environment = environment(library)?;
        let mut loader = Loader {
            manifest,
            set,
            directory,
            factory: SessionFactory {
                environment,
                device: Device::Cpu,
                threads: settings.threads_per_session,
            },
            slots: Arc::new(Slots::new(settings.sessions.max(1))),
            models: Vec::new(),
            networks: Vec::new(),
        };
        let detector_model = loader.required(Role::FaceDetector)?;
        let decoding = match detector_model.architecture {
            Architecture::Yunet => Decoding::Yunet,
            Architecture::Scrfd => Decoding::Scrfd,
            _ => return Err(loader.incomplete(Role::FaceDetector)),
        };
        let probe = directory.path(detector_model.graph());
        let report = device::select(settings.device, &mut loader.factory, &probe)?;
        let embedder_model = loader.required(Role::FaceEmbedder)?;
        let EmbeddingEntry { dimension, threshold } = embedder_model
            .embedding
            .ok_or_else(|| loader.incomplete(Role::FaceEmbedder))?;

        let image = loader
            .image_network(Role::FaceDetector)?
            .ok_or_else(|| loader.incomplete(Role::FaceDetector))?;
        let embedder = loader
            .image_network(Role::FaceEmbedder)?
            .ok_or_else(|| loader.incomplete(Role::FaceEmbedder))?;
        let age = loader.image_network(Role::Age)?;
        let gender = loader.image_network(Role::Gender)?;
        let labels = loader.image_network(Role::LabelClassifier)?;
        let text = load_text(&mut loader)?;
        Ok(Self {
            report,
            models: loader.models,
            networks: loader.networks,
            detector: FaceDetector { image, decoding },
            embedder,
            embedding: EmbeddingModel {
                name: embedder_model.name,
                dimension,
                threshold,
            },
            age,
            gender,
            labels,
            text,
        })
    }

    /// Where inference runs, and why nowhere better.
    #[must_use]
    pub fn device(&self) -> &DeviceReport {
        &self.report
    }

    /// Every network of the set as a wasi-nn graph, by its name in the manifest.
    ///
    /// A graph is a handle to the network that the host itself runs: making and cloning it costs nothing, and what
    /// guests compute waits for the same slots (`InferenceSettings::sessions`). An execution context keeps tensors,
    /// never a session. `compute` blocks; call it from a blocking thread. Every input is checked before use, and what
    /// does not fit is a [`GraphError::InvalidArgument`].
    #[must_use]
    pub fn graphs(&self) -> Vec<(String, Graph)> {
        self.networks
            .iter()
            .map(|network| (network.name.clone(), graphs::graph(network)))
            .collect()
    }

    /// The embedder, with the threshold of its manifest entry.
    #[must_use]
    pub fn embedding_model(&self) -> EmbeddingModel {
        self.embedding.clone()
    }

    /// What this set can tell plugins.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence {
            labels: self.labels.is_some(),
            similarities: false,
            caption: false,
            demographics: self.age.is_some() && self.gender.is_some(),
            pixels: true,
            text_similarities: self.labels.is_some() && self.text.is_some(),
        }
    }

    /// Width and height of the detector's image in pixels.
    #[must_use]
    pub fn detector_size(&self) -> u32 {
        self.detector.image.input.size
    }

    /// Width and height of an aligned face in pixels.
    #[must_use]
    pub fn embedder_size(&self) -> u32 {
        self.embedder.input.size
    }

    /// Width and height of the age network's face in pixels, when the set has one.
    #[must_use]
    pub fn age_size(&self) -> Option<u32> {
        self.age.as_ref().map(|network| network.input.size)
    }

    /// Width and height of the gender network's face in pixels, when the set has one.
    #[must_use]
    pub fn gender_size(&self) -> Option<u32> {
        self.gender.as_ref().map(|network| network.input.size)
    }

    /// Width and height of the classifier's crop in pixels, when the set has one.
    #[must_use]
    pub fn label_size(&self) -> Option<u32> {
        self.labels.as_ref().map(|network| network.input.size)
    }

    /// The faces of a letterboxed photo, best first, in its pixels.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&self, letterboxed: &RgbImage) -> Result<Vec<Detection>, InferenceError> {
        self.detector.detect(letterboxed)
    }

    /// The vector of an aligned face.
    ///
    /// # Errors
    /// When the network fails.
    pub fn embed(&self, aligned: &RgbImage) -> Result<Embedding, InferenceError> {
        heads::embed(&self.embedder, aligned, self.embedding.dimension)
    }

    /// The apparent age of a face in years, when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn age(&self, chip: &RgbImage) -> Result<Option<f32>, InferenceError> {
        self.age
            .as_ref()
            .map(|network| heads::age(network, chip))
            .transpose()
    }

    /// The apparent gender of a face, when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn gender(&self, chip: &RgbImage) -> Result<Option<Gender>, InferenceError> {
        self.gender
            .as_ref()
            .map(|network| heads::gender(network, chip))
            .transpose()
    }

    /// The `count` most probable classes of a photo, best first, when the set has a classifier.
    ///
    /// # Errors
    /// When the network fails.
    pub fn labels(&self, crop: &RgbImage, count: usize) -> Result<Option<Vec<Label>>, InferenceError> {
        self.labels
            .as_ref()
            .map(|network| heads::labels(network, crop, count))
            .transpose()
    }

    /// The text encoder's name in the manifest, when it is there.
    #[must_use]
    pub fn text_model(&self) -> Option<&str> {
        self.text.as_ref().map(TextEncoder::model)
    }

    /// The vector of an English text, of length 1, when the text encoder is there.
    ///
    /// # Errors
    /// When the network fails.
    pub fn encode_text(&self, text: &str) -> Result<Option<Vec<f32>>, InferenceError> {
        self.text.as_ref().map(|encoder| encoder.encode(text)).transpose()
    }
}

/// ONNX Runtime allows one environment in a process; the first library that is loaded stays.
fn environment(library: &Path) -> Result<Arc<Environment>, InferenceError> {
    static ENVIRONMENT: Mutex<Option<Arc<Environment>>> = Mutex::new(None);
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*environment {
        return Ok(Arc::clone(environment));
    }
    let failed = |source| InferenceError::Runtime {
        library: library.to_owned(),
        source,
    };
    let built = ort::init_from(library)
        .map_err(|error| failed(error.into()))?
        .build()
        .map_err(|error| failed(error.into()))?;
    Ok(Arc::clone(environment.insert(Arc::new(built))))
}

/// The text encoder, for those who fetched it; without it nothing but `text_similarities` is missing.
fn load_text(loader: &mut Loader<'_>) -> Result<Option<TextEncoder>, InferenceError> {
    let Some(model) = loader.manifest.model_for(loader.set, Role::TextEncoder)? else {
        return Ok(None);
    };
    let tokenizer = model
        .tokenizer
        .as_ref()
        .ok_or_else(|| loader.incomplete(Role::TextEncoder))?;
    let tokenizer = loader.directory.path(tokenizer);
    if !tokenizer.exists() || !loader.directory.path(model.graph()).exists() {
        return Ok(None);
    }
    let network = loader.network(model);
    TextEncoder::load(network, &tokenizer).map(Some)
}
