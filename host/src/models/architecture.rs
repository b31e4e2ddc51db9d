//! How the networks of a set are run.

use serde::Deserialize;

use super::role::Role;

/// How a network's tensors are made and read. Each is for one role.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// YuNet, anchor-free, strides 8, 16 and 32.
    Yunet,
    /// SCRFD with landmarks, two anchors a cell, strides 8, 16 and 32.
    Scrfd,
    /// One aligned 112 x 112 face to one vector.
    Arcface,
    /// Probabilities of the ages 0 to 80.
    AgeDistribution,
    /// Two classes: female, male.
    GenderBinary,
    /// One score a class.
    ImageClassifier,
    /// BERT-like encoder, mean-pooled.
    SentenceEncoder,
    /// InsightFace's attribute network: two scores, female and male, and the age in hundreds of years.
    InsightfaceAttribute,
    /// Image tower of CLIP, with `logit_scale` in the graph's metadata.
    ClipImage,
    /// Text tower of CLIP.
    ClipText,
    /// Vision encoder of BLIP, with the keys and values of every cross-attention.
    BlipVision,
    /// Text decoder of BLIP, with a cache of keys and values.
    BlipTextDecoder,
    /// SSD with decoded boxes, `[1, anchors, 4]`, and probabilities, `[1, anchors, classes]`, of the classes of COCO.
    Ssd,
    /// DBNet: for each pixel the probability that something is written there.
    DbText,
    /// For each step along a line the probabilities of its characters, for CTC; the graph's metadata has the characters.
    CtcText,
}

impl Architecture {
    /// What a network of this architecture is for.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Yunet | Self::Scrfd => Role::FaceDetector,
            Self::Arcface => Role::FaceEmbedder,
            Self::AgeDistribution => Role::Age,
            Self::GenderBinary => Role::Gender,
            Self::InsightfaceAttribute => Role::AgeGender,
            Self::ImageClassifier => Role::LabelClassifier,
            Self::SentenceEncoder => Role::TextEncoder,
            Self::ClipImage => Role::ImageEncoder,
            Self::ClipText => Role::PromptEncoder,
            Self::BlipVision => Role::CaptionEncoder,
            Self::BlipTextDecoder => Role::CaptionDecoder,
            Self::Ssd => Role::ObjectDetector,
            Self::DbText => Role::TextDetector,
            Self::CtcText => Role::TextRecognizer,
        }
    }
}
