//! How the networks of a model set are put together; each is loaded when it first runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;

use super::captioner::Captioner;
use super::clip::PromptEncoder;
use super::detector::{Decoding, FaceDetector};
use super::devices::failures::Failures;
use super::devices::{Place, Placement};
use super::image_network::ImageNetwork;
use super::indoor::IndoorHead;
use super::roles::Heads;
use super::roles::of_a_set::{
    AgeEstimator, AttributeNetwork, Classifier, Embedder, GenderClassifier, ImageTower, ObjectDetector,
    TextDetector, TextRecognizer,
};
use super::session::{Bounds, Network, SessionFactory, Slots};
use super::text::TextEncoder;
use super::{Inference, InferenceError, InferenceSettings, gate};
use crate::models;
use crate::models::manifest::{Architecture, Manifest, Model, ModelDirectory, Role, Set};

/// The most values of one input, where a graph leaves its dimensions open: without a bound, a guest could ask for more
/// memory than the machine has. An image of 1024 x 1024 pixels, which is the largest that guests can have of a photo.
const LARGEST_IMAGE: usize = 3 * 1024 * 1024;
/// The same for a text: eight of the longest that a network of this kind was trained for. Its memory grows with the
/// square of a text's length.
const LARGEST_TEXT: usize = 8 * 512;

/// What loading one set needs.
struct Loader<'a> {
    manifest: &'a Manifest,
    set: &'a Set,
    directory: &'a ModelDirectory,
    factory: SessionFactory,
    placement: &'a Placement,
    failures: Arc<Failures>,
    slots: Arc<Slots>,
    /// Images in one inference; none for as many as were measured to pay.
    batch: Option<usize>,
    /// The most of them, over all networks.
    largest_batch: usize,
    models: Vec<Model>,
    networks: Vec<Arc<Network>>,
}

impl Loader<'_> {
    fn network(&mut self, model: &Model) -> Arc<Network> {
        let bounds = Bounds {
            values: model.input.map_or(LARGEST_TEXT, |_| LARGEST_IMAGE),
            side: model.input.map(|input| input.size),
        };
        let factory = SessionFactory {
            place: self.placement.of(&model.name).place,
            ..self.factory.clone()
        };
        let network = Arc::new(Network::new(
            &model.name,
            self.directory.path(model.graph()),
            bounds,
            has_one_size(model.role),
            &factory,
            &self.slots,
            &self.failures,
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
        let batch = self.batch.unwrap_or_else(|| self.placement.of(&model.name).batch);
        self.largest_batch = self.largest_batch.max(batch);
        Ok(Some(ImageNetwork::new(self.network(model), input, batch)))
    }

    /// A network that a set may go without: none when its file was not fetched.
    fn present_network(&mut self, role: Role) -> Result<Option<ImageNetwork>, InferenceError> {
        let model = self.manifest.model_for(self.set, role)?;
        let Some(model) = model.filter(|model| !self.directory.path(model.graph()).exists()) else {
            return self.image_network(role);
        };
        tracing::warn!(
            model = model.name,
            "an optional model is not installed, so its evidence is missing; run `ai-worker models pull`"
        );
        Ok(None)
    }

    /// A network that reads or writes text, and where its tokenizer is.
    fn text_network(&mut self, role: Role) -> Result<Option<(Arc<Network>, PathBuf)>, InferenceError> {
        let Some(model) = self.manifest.model_for(self.set, role)? else {
            return Ok(None);
        };
        let tokenizer = model.tokenizer.as_ref().ok_or_else(|| self.incomplete(role))?;
        let tokenizer = self.directory.path(tokenizer);
        Ok(Some((self.network(model), tokenizer)))
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
    /// Loads ONNX Runtime, the one of the placement where that has one. A network of the set is loaded when it first runs, or by
    /// [`preload`](Self::preload).
    ///
    /// # Errors
    /// When the library cannot be used, or the manifest's entries do not make a set.
    pub fn load(
        library: &Path,
        manifest: &Manifest,
        set: &Set,
        directory: &ModelDirectory,
        settings: &InferenceSettings,
    ) -> Result<Self, InferenceError> {
        let _inside = gate::enter()?;
        let placement = &settings.placement;
        let environment = environment(placement.runtime().unwrap_or(library))?;
        let manifest = &models::with_present_graphs(manifest, set, directory)?;
        let sessions = settings.sessions.max(1);
        let mut loader = Loader {
            manifest,
            set,
            directory,
            factory: SessionFactory {
                environment,
                place: Place::Processor,
                threads: settings.threads_per_session,
            },
            placement,
            failures: Arc::new(Failures::new(settings.fallback)),
            slots: Arc::new(Slots::new(sessions)),
            batch: settings.batch,
            largest_batch: 1,
            models: Vec::new(),
            networks: Vec::new(),
        };
        let detector_model = loader.required(Role::FaceDetector)?;
        let decoding = match detector_model.architecture {
            Architecture::Yunet => Decoding::Yunet,
            Architecture::Scrfd => Decoding::Scrfd,
            _ => return Err(loader.incomplete(Role::FaceDetector)),
        };
        let dimension = manifest.embedding_model(set)?.dimension;

        let image = loader
            .image_network(Role::FaceDetector)?
            .ok_or_else(|| loader.incomplete(Role::FaceDetector))?;
        let embedder = loader
            .image_network(Role::FaceEmbedder)?
            .ok_or_else(|| loader.incomplete(Role::FaceEmbedder))?;
        let age = loader.image_network(Role::Age)?;
        let gender = loader.image_network(Role::Gender)?;
        let age_and_gender = loader.image_network(Role::AgeGender)?;
        let labels = load_classifier(&mut loader)?;
        let text = load_text(&mut loader)?;
        let image_encoder = loader.image_network(Role::ImageEncoder)?;
        let prompt_encoder = load_prompt_encoder(&mut loader)?;
        let captioner = load_captioner(&mut loader)?;
        let objects = loader.present_network(Role::ObjectDetector)?;
        let text_detector = loader.present_network(Role::TextDetector)?;
        let text_recognizer = loader.present_network(Role::TextRecognizer)?;
        Ok(Self {
            report: placement.report().clone(),
            failures: loader.failures,
            concurrency: sessions * loader.largest_batch,
            models: loader.models,
            networks: loader.networks,
            heads: Heads {
                detector: Box::new(FaceDetector { image, decoding }),
                embedder: Box::new(Embedder {
                    network: embedder,
                    dimension,
                }),
                labels: labels.map(|labels| Box::new(labels) as _),
                age: age.map(|network| Box::new(AgeEstimator(network)) as _),
                gender: gender.map(|network| Box::new(GenderClassifier(network)) as _),
                age_and_gender: age_and_gender.map(|network| Box::new(AttributeNetwork(network)) as _),
                objects: objects.map(|network| Box::new(ObjectDetector(network)) as _),
                text_detector: text_detector.map(|network| Box::new(TextDetector(network)) as _),
                text_recognizer: text_recognizer.map(|network| Box::new(TextRecognizer(network)) as _),
                text: text.map(|encoder| Box::new(encoder) as _),
                image_encoder: image_encoder.map(|network| Box::new(ImageTower(network)) as _),
                prompt_encoder: prompt_encoder.map(|encoder| Box::new(encoder) as _),
                captioner: captioner.map(|captioner| Box::new(captioner) as _),
            },
            caption: settings.caption,
        })
    }
}

/// Whether all images that a network of this role looks at have the same size, or few sizes.
pub(super) fn has_one_size(role: Role) -> bool {
    !matches!(role, Role::TextDetector | Role::TextRecognizer)
}

/// ONNX Runtime allows one environment in a process; the first library that is loaded stays.
pub(super) fn environment(library: &Path) -> Result<Arc<Environment>, InferenceError> {
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

/// The classifier with the head that goes with it, where there is one.
fn load_classifier(loader: &mut Loader<'_>) -> Result<Option<Classifier>, InferenceError> {
    let Some(network) = loader.image_network(Role::LabelClassifier)? else {
        return Ok(None);
    };
    let indoor = IndoorHead::of(&network.network.name);
    Ok(Some(Classifier { network, indoor }))
}

/// The text encoder, for those who fetched it; without it nothing but `text_similarities` is missing.
fn load_text(loader: &mut Loader<'_>) -> Result<Option<TextEncoder>, InferenceError> {
    let Some(model) = loader.manifest.model_for(loader.set, Role::TextEncoder)? else {
        return Ok(None);
    };
    let tokenizer = model.tokenizer.as_deref();
    if !tokenizer
        .into_iter()
        .chain([model.graph()])
        .all(|file| loader.directory.path(file).exists())
    {
        return Ok(None);
    }
    let Some((network, tokenizer)) = loader.text_network(Role::TextEncoder)? else {
        return Ok(None);
    };
    TextEncoder::load(network, &tokenizer).map(Some)
}

/// The text tower of a text-image model, when the set has one.
fn load_prompt_encoder(loader: &mut Loader<'_>) -> Result<Option<PromptEncoder>, InferenceError> {
    let Some((network, tokenizer)) = loader.text_network(Role::PromptEncoder)? else {
        return Ok(None);
    };
    PromptEncoder::load(network, &tokenizer).map(Some)
}

/// The two networks that write captions, when the set has them.
fn load_captioner(loader: &mut Loader<'_>) -> Result<Option<Captioner>, InferenceError> {
    let Some(vision) = loader.image_network(Role::CaptionEncoder)? else {
        return Ok(None);
    };
    let (decoder, tokenizer) = loader
        .text_network(Role::CaptionDecoder)?
        .ok_or_else(|| loader.incomplete(Role::CaptionDecoder))?;
    Captioner::load(vision, decoder, &tokenizer).map(Some)
}
