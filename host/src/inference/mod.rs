//! Neural networks, run by ONNX Runtime: which device, which sessions, and how tensors are made and read.
//!
//! All inference blocks: call it from blocking threads. Images must already have the network's size; for a
//! detector, that of a letterboxed photo.

mod batching;
mod captioner;
mod clip;
mod comparison;
mod detector;
pub mod devices;
mod error;
mod gate;
mod graphs;
mod heads;
mod image_network;
mod indoor;
mod known;
mod lifecycle;
mod loading;
mod objects;
mod pattern;
mod reading;
mod roles;
mod session;
mod suppression;
mod tensor;
mod text;

use std::ops::Range;
use std::sync::Arc;

use image::RgbImage;
use wasmtime_wasi_nn::Graph;

pub use captioner::{Caption, CaptionSettings};
pub use comparison::compare;
pub use error::InferenceError;
pub use gate::{close, end};
pub use graphs::GraphError;
pub use lifecycle::{ModelStatus, Preload};
pub use objects::{FoundObject, GREY};
pub use reading::{FoundLine, Reading};
pub use roles::{
    Classified, ClassifyGenders, ClassifyPhotos, DetectFaces, DetectObjects, DetectText, EmbedFaces,
    EncodePhotos, EncodePrompts, EncodeTexts, EstimateAges, EstimateAgesAndGenders, Heads, ReadText,
    WriteCaptions,
};
pub use suppression::suppress;
pub use tensor::image_tensor;

use crate::domain::{Detection, Embedding, Evidence, Gender};
use crate::models::manifest::Model;
use devices::failures::Failures;
use devices::{DeviceReport, FailedDevice, Fallback, Placement};
use session::Network;

/// How inference shares the machine.
#[derive(Clone, Debug)]
pub struct InferenceSettings {
    /// Where each network runs.
    pub placement: Placement,
    /// What happens when a device fails.
    pub fallback: Fallback,
    /// Inferences at the same time, over all networks; at least 1.
    pub sessions: usize,
    /// Threads of one inference; at least 1.
    pub threads_per_session: usize,
    /// Images in one inference; none for as many as were measured to pay.
    pub batch: Option<usize>,
    /// How captions are written.
    pub caption: CaptionSettings,
}

/// The networks of one model set.
pub struct Inference {
    report: DeviceReport,
    failures: Arc<Failures>,
    concurrency: usize,
    models: Vec<Model>,
    /// As many as there are models, in the same order.
    networks: Vec<Arc<Network>>,
    heads: Heads,
    caption: CaptionSettings,
}

impl Inference {
    /// Where inference runs, and why nowhere better; and which devices have failed.
    #[must_use]
    pub fn device(&self) -> DeviceReport {
        DeviceReport {
            failed: self.failures.list(),
            ..self.report.clone()
        }
    }

    /// Devices that were taken and have failed since.
    #[must_use]
    pub fn failed_devices(&self) -> Vec<FailedDevice> {
        self.failures.list()
    }

    /// How many callers keep the sessions busy: as many images as may be in inferences at the same time.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.concurrency
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

    /// What this set can tell plugins.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence {
            labels: self.heads.labels.is_some(),
            similarities: self.heads.image_encoder.is_some() && self.heads.prompt_encoder.is_some(),
            caption: self.heads.captioner.is_some(),
            demographics: self.heads.age_and_gender.is_some()
                || (self.heads.age.is_some() && self.heads.gender.is_some()),
            pixels: true,
            text_similarities: self.heads.labels.is_some() && self.heads.text.is_some(),
            objects: self.heads.objects.is_some(),
            text: self.heads.text_detector.is_some() && self.heads.text_recognizer.is_some(),
            surroundings: self
                .heads
                .labels
                .as_ref()
                .is_some_and(|labels| labels.tells_indoors()),
        }
    }

    /// Width and height of the detector's image in pixels.
    #[must_use]
    pub fn detector_size(&self) -> u32 {
        self.heads.detector.size()
    }

    /// Width and height of an aligned face in pixels.
    #[must_use]
    pub fn embedder_size(&self) -> u32 {
        self.heads.embedder.size()
    }

    /// Width and height of the age network's face in pixels, when the set has one.
    #[must_use]
    pub fn age_size(&self) -> Option<u32> {
        self.heads.age.as_ref().map(|network| network.size())
    }

    /// Width and height of the gender network's face in pixels, when the set has one.
    #[must_use]
    pub fn gender_size(&self) -> Option<u32> {
        self.heads.gender.as_ref().map(|network| network.size())
    }

    /// Width and height of the face in pixels for the network that tells both age and gender, when the set has one.
    #[must_use]
    pub fn age_and_gender_size(&self) -> Option<u32> {
        self.heads.age_and_gender.as_ref().map(|network| network.size())
    }

    /// Width and height in pixels of what is compared with prompts, when the set has a network for it.
    #[must_use]
    pub fn image_encoder_size(&self) -> Option<u32> {
        self.heads.image_encoder.as_ref().map(|network| network.size())
    }

    /// Width and height in pixels of what captions are written about, when the set has networks for it.
    #[must_use]
    pub fn captioner_size(&self) -> Option<u32> {
        self.heads.captioner.as_ref().map(|network| network.size())
    }

    /// Width and height of the classifier's crop in pixels, when the set has one.
    #[must_use]
    pub fn label_size(&self) -> Option<u32> {
        self.heads.labels.as_ref().map(|classifier| classifier.size())
    }

    /// What finds faces.
    #[must_use]
    pub fn detector(&self) -> &dyn DetectFaces {
        &*self.heads.detector
    }

    /// The faces that one look at an image finds, best first, in its pixels.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, InferenceError> {
        let detector = &self.heads.detector;
        let candidates = detector.candidates(image, detector.least_score())?;
        Ok(suppress(candidates, detector.overlap()))
    }

    /// The vector of an aligned face.
    ///
    /// # Errors
    /// When the network fails.
    pub fn embed(&self, aligned: &RgbImage) -> Result<Embedding, InferenceError> {
        self.heads.embedder.embed(aligned)
    }

    /// The apparent age of a face in years, when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn age(&self, chip: &RgbImage) -> Result<Option<f32>, InferenceError> {
        self.heads
            .age
            .as_ref()
            .map(|network| network.age(chip))
            .transpose()
    }

    /// The apparent gender of a face, when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn gender(&self, chip: &RgbImage) -> Result<Option<Gender>, InferenceError> {
        self.heads
            .gender
            .as_ref()
            .map(|network| network.gender(chip))
            .transpose()
    }

    /// The apparent age of a face in years and its gender, when the set has one network for both.
    ///
    /// # Errors
    /// When the network fails.
    pub fn age_and_gender(&self, chip: &RgbImage) -> Result<Option<(f32, Gender)>, InferenceError> {
        self.heads
            .age_and_gender
            .as_ref()
            .map(|network| network.age_and_gender(chip))
            .transpose()
    }

    /// What a classifier says of a photo, with its `count` most probable classes, when the set has one.
    ///
    /// # Errors
    /// When the network fails.
    pub fn classify(&self, crop: &RgbImage, count: usize) -> Result<Option<Classified>, InferenceError> {
        self.heads
            .labels
            .as_ref()
            .map(|classifier| classifier.classify(crop, count))
            .transpose()
    }

    /// Width and height in pixels of what the object detector looks at, when the set has one.
    #[must_use]
    pub fn object_size(&self) -> Option<u32> {
        self.heads.objects.as_ref().map(|network| network.size())
    }

    /// The things in an image of that size, surest first, when the set has an object detector.
    ///
    /// # Errors
    /// When the network fails.
    pub fn objects(&self, image: &RgbImage) -> Result<Option<Vec<FoundObject>>, InferenceError> {
        self.heads
            .objects
            .as_ref()
            .map(|network| network.objects(image))
            .transpose()
    }

    /// The lines of text in an image whose sides are multiples of 32 pixels, in any order, when the set has a text
    /// detector.
    ///
    /// # Errors
    /// When the network fails.
    pub fn text_lines(&self, image: &RgbImage) -> Result<Option<Vec<FoundLine>>, InferenceError> {
        self.heads
            .text_detector
            .as_ref()
            .map(|network| network.lines(image))
            .transpose()
    }

    /// The height in pixels of a line that is read, when the set has a text recognizer.
    #[must_use]
    pub fn text_height(&self) -> Option<u32> {
        self.heads
            .text_recognizer
            .as_ref()
            .map(|network| network.height())
    }

    /// What is written in an image of one level line of that height, between two shares of its width, when the set has a
    /// text recognizer.
    ///
    /// # Errors
    /// When the network fails.
    pub fn read_line(&self, line: &RgbImage, between: Range<f32>) -> Result<Option<Reading>, InferenceError> {
        self.heads
            .text_recognizer
            .as_ref()
            .map(|network| network.read(line, between))
            .transpose()
    }

    /// The text encoder's name in the manifest, when it is there.
    #[must_use]
    pub fn text_model(&self) -> Option<&str> {
        self.heads.text.as_ref().map(|encoder| encoder.model())
    }

    /// The vector of an English text, of length 1, when the text encoder is there.
    ///
    /// # Errors
    /// When the network fails.
    pub fn encode_text(&self, text: &str) -> Result<Option<Embedding>, InferenceError> {
        self.heads
            .text
            .as_ref()
            .map(|encoder| encoder.encode(text))
            .transpose()
    }

    /// The vector of a photo in the space of [`Self::encode_prompt`], when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn encode_image(&self, crop: &RgbImage) -> Result<Option<Embedding>, InferenceError> {
        self.heads
            .image_encoder
            .as_ref()
            .map(|tower| tower.encode(crop))
            .transpose()
    }

    /// The prompt encoder's name in the manifest, when the set has one.
    #[must_use]
    pub fn prompt_model(&self) -> Option<&str> {
        self.heads.prompt_encoder.as_ref().map(|encoder| encoder.model())
    }

    /// The vector of an English prompt in the space of [`Self::encode_image`], when the set has a network for it.
    ///
    /// # Errors
    /// When the network fails.
    pub fn encode_prompt(&self, prompt: &str) -> Result<Option<Embedding>, InferenceError> {
        self.heads
            .prompt_encoder
            .as_ref()
            .map(|encoder| encoder.encode(prompt))
            .transpose()
    }

    /// The numbers of a prompt's tokens as the prompt encoder reads them, when the set has one.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn prompt_tokens(&self, prompt: &str) -> Result<Option<Vec<i64>>, InferenceError> {
        self.heads
            .prompt_encoder
            .as_ref()
            .map(|encoder| encoder.tokens(prompt))
            .transpose()
    }

    /// One English sentence about a photo, when the set has networks for it.
    ///
    /// # Errors
    /// When a network fails.
    pub fn caption(&self, image: &RgbImage) -> Result<Option<Caption>, InferenceError> {
        self.heads
            .captioner
            .as_ref()
            .map(|captioner| captioner.caption(image, &self.caption))
            .transpose()
    }
}
