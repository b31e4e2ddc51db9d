//! What the networks without which no photo is described do, each as a trait: a set's own networks do it, or what a
//! test brings in their place.

use std::sync::Arc;

use image::RgbImage;

use super::detector::FaceDetector;
use super::devices::failures::Failures;
use super::devices::{Fallback, Placement};
use super::indoor::IndoorHead;
use super::session::ImageNetwork;
use super::{CaptionSettings, Inference, InferenceError, heads};
use crate::domain::{Detection, Embedding, Label};

/// Finds faces.
pub trait DetectFaces: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// Whether it looks at smaller images in less time. One that does not makes a square of [`Self::size`] of them.
    ///
    /// # Errors
    /// When the network cannot be loaded.
    fn takes_any_size(&self) -> Result<bool, InferenceError> {
        Ok(false)
    }

    /// The score from which a candidate is a face, 0 to 1.
    fn least_score(&self) -> f32;

    /// The intersection over union above which the weaker of two candidates is the same face.
    fn overlap(&self) -> f32;

    /// Everything in an image that scores at least `least`, in any order, in the image's pixels: several candidates for
    /// one face. The sides of the image are multiples of 32 pixels.
    ///
    /// # Errors
    /// When the network fails.
    fn candidates(&self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, InferenceError>;
}

/// Tells faces apart.
pub trait EmbedFaces: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The vector of an aligned face of that size.
    ///
    /// # Errors
    /// When the network fails.
    fn embed(&self, aligned: &RgbImage) -> Result<Embedding, InferenceError>;
}

/// What a classifier says of a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// The most probable classes, best first.
    pub labels: Vec<Label>,
    /// The probability that the photo was taken inside a building, 0 to 1; none when it does not tell.
    pub indoor: Option<f32>,
}

/// Says what a photo shows.
pub trait ClassifyPhotos: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// Whether it tells where photos were taken.
    fn tells_indoors(&self) -> bool {
        false
    }

    /// What it says of a crop of that size, with the `count` most probable classes.
    ///
    /// # Errors
    /// When the network fails.
    fn classify(&self, crop: &RgbImage, count: usize) -> Result<Classified, InferenceError>;
}

/// Networks that no model set has; see [`Inference::of`].
pub struct Heads {
    /// Finds faces.
    pub detector: Box<dyn DetectFaces>,
    /// Tells faces apart.
    pub embedder: Box<dyn EmbedFaces>,
    /// Says what a photo shows; none leaves that out.
    pub labels: Option<Box<dyn ClassifyPhotos>>,
    /// How many callers may ask them at the same time, at least 1.
    pub concurrency: usize,
}

impl Inference {
    /// Networks that the caller brings in place of a model set's, on the processor. There are no others: neither to
    /// tell ages by, nor for guests.
    #[must_use]
    pub fn of(heads: Heads) -> Self {
        Self {
            report: Placement::processor().report().clone(),
            failures: Arc::new(Failures::new(Fallback::Cpu)),
            concurrency: heads.concurrency,
            models: Vec::new(),
            networks: Vec::new(),
            detector: heads.detector,
            embedder: heads.embedder,
            age: None,
            gender: None,
            age_and_gender: None,
            labels: heads.labels,
            text: None,
            image_encoder: None,
            prompt_encoder: None,
            captioner: None,
            caption: CaptionSettings::default(),
            objects: None,
            text_detector: None,
            text_recognizer: None,
        }
    }
}

impl DetectFaces for FaceDetector {
    fn size(&self) -> u32 {
        self.image.input.size
    }

    fn takes_any_size(&self) -> Result<bool, InferenceError> {
        self.image.takes_any_size()
    }

    fn least_score(&self) -> f32 {
        self.decoding.score_threshold()
    }

    fn overlap(&self) -> f32 {
        self.decoding.overlap_threshold()
    }

    fn candidates(&self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, InferenceError> {
        Self::candidates(self, image, least)
    }
}

/// A set's embedder.
pub(super) struct Embedder {
    pub(super) network: ImageNetwork,
    /// Width of its vectors.
    pub(super) dimension: usize,
}

impl EmbedFaces for Embedder {
    fn size(&self) -> u32 {
        self.network.input.size
    }

    fn embed(&self, aligned: &RgbImage) -> Result<Embedding, InferenceError> {
        heads::embed(&self.network, aligned, self.dimension)
    }
}

/// A set's classifier.
pub(super) struct Classifier {
    pub(super) network: ImageNetwork,
    pub(super) indoor: Option<IndoorHead>,
}

impl ClassifyPhotos for Classifier {
    fn size(&self) -> u32 {
        self.network.input.size
    }

    fn tells_indoors(&self) -> bool {
        self.indoor.is_some()
    }

    fn classify(&self, crop: &RgbImage, count: usize) -> Result<Classified, InferenceError> {
        let logits = heads::logits(&self.network, crop)?;
        Ok(Classified {
            indoor: self.indoor.as_ref().and_then(|head| head.probability(&logits)),
            labels: heads::labels(&logits, count),
        })
    }
}
