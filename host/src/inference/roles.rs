//! What the networks do, each role as a trait: a set's own networks do it ([`of_a_set`]), or what a test brings in their
//! place ([`Heads`]).

pub(super) mod of_a_set;

use std::ops::Range;

use std::sync::Arc;

use image::RgbImage;

use super::devices::failures::Failures;
use super::devices::{Fallback, Placement};
use super::{Caption, CaptionSettings, FoundLine, FoundObject, Inference, InferenceError, Reading};
use crate::domain::{Detection, Embedding, Gender, Label};

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

/// Tells how old people look.
pub trait EstimateAges: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The apparent age in years of a face of that size.
    ///
    /// # Errors
    /// When the network fails.
    fn age(&self, chip: &RgbImage) -> Result<f32, InferenceError>;
}

/// Tells which gender people seem to have.
pub trait ClassifyGenders: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The apparent gender of a face of that size.
    ///
    /// # Errors
    /// When the network fails.
    fn gender(&self, chip: &RgbImage) -> Result<Gender, InferenceError>;
}

/// Tells both at once.
pub trait EstimateAgesAndGenders: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The apparent age in years and gender of a face of that size.
    ///
    /// # Errors
    /// When the network fails.
    fn age_and_gender(&self, chip: &RgbImage) -> Result<(f32, Gender), InferenceError>;
}

/// Finds things.
pub trait DetectObjects: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The things in an image of that size, surest first.
    ///
    /// # Errors
    /// When the network fails.
    fn objects(&self, image: &RgbImage) -> Result<Vec<FoundObject>, InferenceError>;
}

/// Finds where something is written.
pub trait DetectText: Send + Sync {
    /// The lines in an image whose sides are multiples of 32 pixels, in any order.
    ///
    /// # Errors
    /// When the network fails.
    fn lines(&self, image: &RgbImage) -> Result<Vec<FoundLine>, InferenceError>;
}

/// Reads.
pub trait ReadText: Send + Sync {
    /// The height of a line that it reads, in pixels.
    fn height(&self) -> u32;

    /// What is written in an image of one level line of that height, between two shares of its width.
    ///
    /// # Errors
    /// When the network fails.
    fn read(&self, line: &RgbImage, between: Range<f32>) -> Result<Reading, InferenceError>;
}

/// Turns texts into vectors of a space of their own.
pub trait EncodeTexts: Send + Sync {
    /// Its name in the manifest.
    fn model(&self) -> &str;

    /// The vector of an English text, of length 1.
    ///
    /// # Errors
    /// When the network fails.
    fn encode(&self, text: &str) -> Result<Embedding, InferenceError>;
}

/// Turns photos into vectors of the space of [`EncodePrompts`].
pub trait EncodePhotos: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// The vector of a crop of that size.
    ///
    /// # Errors
    /// When the network fails.
    fn encode(&self, crop: &RgbImage) -> Result<Embedding, InferenceError>;
}

/// Turns prompts into vectors of the space of [`EncodePhotos`].
pub trait EncodePrompts: Send + Sync {
    /// Its name in the manifest.
    fn model(&self) -> &str;

    /// The vector of an English prompt.
    ///
    /// # Errors
    /// When the network fails.
    fn encode(&self, prompt: &str) -> Result<Embedding, InferenceError>;

    /// The numbers of a prompt's tokens.
    ///
    /// # Errors
    /// When the tokenizer fails.
    fn tokens(&self, prompt: &str) -> Result<Vec<i64>, InferenceError>;
}

/// Writes captions.
pub trait WriteCaptions: Send + Sync {
    /// Width and height of what it looks at, in pixels.
    fn size(&self) -> u32;

    /// One English sentence about an image of that size.
    ///
    /// # Errors
    /// When a network fails.
    fn caption(&self, image: &RgbImage, settings: &CaptionSettings) -> Result<Caption, InferenceError>;
}

/// Networks by what they do. Without the last ones, what they tell is not told.
pub struct Heads {
    /// Finds faces.
    pub detector: Box<dyn DetectFaces>,
    /// Tells faces apart.
    pub embedder: Box<dyn EmbedFaces>,
    /// Says what a photo shows.
    pub labels: Option<Box<dyn ClassifyPhotos>>,
    /// Tells ages.
    pub age: Option<Box<dyn EstimateAges>>,
    /// Tells genders.
    pub gender: Option<Box<dyn ClassifyGenders>>,
    /// Tells ages and genders at once.
    pub age_and_gender: Option<Box<dyn EstimateAgesAndGenders>>,
    /// Finds things.
    pub objects: Option<Box<dyn DetectObjects>>,
    /// Finds text.
    pub text_detector: Option<Box<dyn DetectText>>,
    /// Reads text.
    pub text_recognizer: Option<Box<dyn ReadText>>,
    /// Turns texts into vectors.
    pub text: Option<Box<dyn EncodeTexts>>,
    /// Turns photos into vectors.
    pub image_encoder: Option<Box<dyn EncodePhotos>>,
    /// Turns prompts into vectors.
    pub prompt_encoder: Option<Box<dyn EncodePrompts>>,
    /// Writes captions.
    pub captioner: Option<Box<dyn WriteCaptions>>,
}

impl Heads {
    /// The two without which no photo is described, and no others.
    #[must_use]
    pub fn new(detector: Box<dyn DetectFaces>, embedder: Box<dyn EmbedFaces>) -> Self {
        Self {
            detector,
            embedder,
            labels: None,
            age: None,
            gender: None,
            age_and_gender: None,
            objects: None,
            text_detector: None,
            text_recognizer: None,
            text: None,
            image_encoder: None,
            prompt_encoder: None,
            captioner: None,
        }
    }
}

impl Inference {
    /// Networks that the caller brings in place of a model set's, on the processor, for so many callers at the same time,
    /// at least 1. There are none for guests.
    #[must_use]
    pub fn of(heads: Heads, concurrency: usize) -> Self {
        Self {
            report: Placement::processor().report().clone(),
            failures: Arc::new(Failures::new(Fallback::Cpu)),
            concurrency,
            models: Vec::new(),
            networks: Vec::new(),
            heads,
            caption: CaptionSettings::default(),
        }
    }
}
