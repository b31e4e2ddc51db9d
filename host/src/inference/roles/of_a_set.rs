//! The networks of a model set in their roles.

use std::ops::Range;

use image::RgbImage;

use super::super::captioner::Captioner;
use super::super::clip::{self, PromptEncoder};
use super::super::detector::FaceDetector;
use super::super::image_network::ImageNetwork;
use super::super::indoor::IndoorHead;
use super::super::text::TextEncoder;
use super::super::{
    Caption, CaptionSettings, FoundLine, FoundObject, InferenceError, Reading, heads, objects, reading,
};
use super::{
    Classified, ClassifyGenders, ClassifyPhotos, DetectFaces, DetectObjects, DetectText, EmbedFaces,
    EncodePhotos, EncodePrompts, EncodeTexts, EstimateAges, EstimateAgesAndGenders, ReadText, WriteCaptions,
};
use crate::domain::{Detection, Embedding, Gender};

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
pub(in crate::inference) struct Embedder {
    pub(in crate::inference) network: ImageNetwork,
    /// Width of its vectors.
    pub(in crate::inference) dimension: usize,
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
pub(in crate::inference) struct Classifier {
    pub(in crate::inference) network: ImageNetwork,
    pub(in crate::inference) indoor: Option<IndoorHead>,
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

/// A set's age network.
pub(in crate::inference) struct AgeEstimator(pub(in crate::inference) ImageNetwork);

impl EstimateAges for AgeEstimator {
    fn size(&self) -> u32 {
        self.0.input.size
    }

    fn age(&self, chip: &RgbImage) -> Result<f32, InferenceError> {
        heads::age(&self.0, chip)
    }
}

/// A set's gender network.
pub(in crate::inference) struct GenderClassifier(pub(in crate::inference) ImageNetwork);

impl ClassifyGenders for GenderClassifier {
    fn size(&self) -> u32 {
        self.0.input.size
    }

    fn gender(&self, chip: &RgbImage) -> Result<Gender, InferenceError> {
        heads::gender(&self.0, chip)
    }
}

/// A set's network for both.
pub(in crate::inference) struct AttributeNetwork(pub(in crate::inference) ImageNetwork);

impl EstimateAgesAndGenders for AttributeNetwork {
    fn size(&self) -> u32 {
        self.0.input.size
    }

    fn age_and_gender(&self, chip: &RgbImage) -> Result<(f32, Gender), InferenceError> {
        heads::age_and_gender(&self.0, chip)
    }
}

/// A set's object detector.
pub(in crate::inference) struct ObjectDetector(pub(in crate::inference) ImageNetwork);

impl DetectObjects for ObjectDetector {
    fn size(&self) -> u32 {
        self.0.input.size
    }

    fn objects(&self, image: &RgbImage) -> Result<Vec<FoundObject>, InferenceError> {
        objects::find(&self.0, image)
    }
}

/// A set's text detector.
pub(in crate::inference) struct TextDetector(pub(in crate::inference) ImageNetwork);

impl DetectText for TextDetector {
    fn lines(&self, image: &RgbImage) -> Result<Vec<FoundLine>, InferenceError> {
        reading::find(&self.0, image)
    }
}

/// A set's text recognizer.
pub(in crate::inference) struct TextRecognizer(pub(in crate::inference) ImageNetwork);

impl ReadText for TextRecognizer {
    fn height(&self) -> u32 {
        self.0.input.size
    }

    fn read(&self, line: &RgbImage, between: Range<f32>) -> Result<Reading, InferenceError> {
        reading::read(&self.0, line, between)
    }
}

/// The image tower of a set's text-image model.
pub(in crate::inference) struct ImageTower(pub(in crate::inference) ImageNetwork);

impl EncodePhotos for ImageTower {
    fn size(&self) -> u32 {
        self.0.input.size
    }

    fn encode(&self, crop: &RgbImage) -> Result<Embedding, InferenceError> {
        clip::encode_image(&self.0, crop)
    }
}

impl EncodeTexts for TextEncoder {
    fn model(&self) -> &str {
        Self::model(self)
    }

    fn encode(&self, text: &str) -> Result<Embedding, InferenceError> {
        Self::encode(self, text)
    }
}

impl EncodePrompts for PromptEncoder {
    fn model(&self) -> &str {
        Self::model(self)
    }

    fn encode(&self, prompt: &str) -> Result<Embedding, InferenceError> {
        Self::encode(self, prompt)
    }

    fn tokens(&self, prompt: &str) -> Result<Vec<i64>, InferenceError> {
        Self::tokens(self, prompt)
    }
}

impl WriteCaptions for Captioner {
    fn size(&self) -> u32 {
        Self::size(self)
    }

    fn caption(&self, image: &RgbImage, settings: &CaptionSettings) -> Result<Caption, InferenceError> {
        Self::caption(self, image, settings)
    }
}
