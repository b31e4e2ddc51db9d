//! How the worker is.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Device, DeviceReport, Evidence, PluginIdentities, each};
use crate::models::manifest;
use crate::models::precision;
use crate::{app, inference};

/// What `/health` says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` when the vector store does not answer or takes no photos, or a device has failed.
    status: &'static str,
    /// The worker's version.
    version: &'static str,
    /// Where inference runs, and why nowhere better.
    device: DeviceReport,
    /// The store of faces.
    vector_store: StoreHealth,
    /// The active model set.
    model_set: String,
    /// Its networks.
    models: Vec<ModelStatus>,
    /// What the set can tell plugins.
    evidence: Evidence,
    /// Tags of the active tagger that this evidence cannot give, as far as the tagger says what it needs for each.
    tags_out_of_reach: Vec<String>,
    /// Who fills the plugin slots.
    plugins: PluginIdentities,
}

impl From<app::Health> for Health {
    fn from(health: app::Health) -> Self {
        Self {
            status: health.status,
            version: health.version,
            device: health.device.into(),
            vector_store: health.vector_store.into(),
            model_set: health.model_set,
            models: each(health.models),
            evidence: health.evidence.into(),
            tags_out_of_reach: health.tags_out_of_reach,
            plugins: health.plugins.into(),
        }
    }
}

/// The store's part of [`Health`].
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoreHealth {
    /// `embedded` or `qdrant`.
    kind: &'static str,
    /// Stored faces; none when the store does not answer.
    #[schema(required)]
    faces: Option<u64>,
    /// Clusters; none when the store does not answer.
    #[schema(required)]
    clusters: Option<u64>,
    /// What keeps it from taking photos: it does not answer, its disk is full, its files are gone; none when nothing
    /// does.
    #[schema(required)]
    problem: Option<String>,
}

impl From<app::StoreHealth> for StoreHealth {
    fn from(health: app::StoreHealth) -> Self {
        Self {
            kind: health.kind,
            faces: health.faces,
            clusters: health.clusters,
            problem: health.problem,
        }
    }
}

/// A network of the active set, for `/health`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelStatus {
    /// Its name in the manifest.
    name: String,
    /// What it is for.
    role: Role,
    /// How it is run.
    architecture: Architecture,
    /// In how many bits it computes.
    precision: Precision,
    /// The device that it runs on.
    device: Device,
    /// Whether it is in memory; one that is not is loaded when it is next needed.
    loaded: bool,
    /// For a network that compares photos with prompts, once it has run: what a cosine is multiplied by before a softmax
    /// over prompts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    logit_scale: Option<f32>,
}

impl From<inference::ModelStatus> for ModelStatus {
    fn from(model: inference::ModelStatus) -> Self {
        Self {
            name: model.name,
            role: model.role.into(),
            architecture: model.architecture.into(),
            precision: model.precision.into(),
            device: model.device.into(),
            loaded: model.loaded,
            logit_scale: model.logit_scale,
        }
    }
}

/// What a network is for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// Finds faces and their landmarks.
    FaceDetector,
    /// Turns an aligned face into a vector.
    FaceEmbedder,
    /// Estimates the age of a face.
    Age,
    /// Classifies the gender of a face.
    Gender,
    /// Names what a photo shows.
    LabelClassifier,
    /// Turns an English sentence into a vector.
    TextEncoder,
    /// Estimates the age and classifies the gender of a face, both at once.
    AgeGender,
    /// Turns a photo into a vector that prompts are compared with.
    ImageEncoder,
    /// Turns a prompt into a vector that photos are compared with.
    PromptEncoder,
    /// Looks at a photo for the network that writes its caption.
    CaptionEncoder,
    /// Writes a caption, token by token.
    CaptionDecoder,
    /// Finds things.
    ObjectDetector,
    /// Finds where something is written.
    TextDetector,
    /// Reads one line.
    TextRecognizer,
}

impl From<manifest::Role> for Role {
    fn from(role: manifest::Role) -> Self {
        match role {
            manifest::Role::FaceDetector => Self::FaceDetector,
            manifest::Role::FaceEmbedder => Self::FaceEmbedder,
            manifest::Role::Age => Self::Age,
            manifest::Role::Gender => Self::Gender,
            manifest::Role::LabelClassifier => Self::LabelClassifier,
            manifest::Role::TextEncoder => Self::TextEncoder,
            manifest::Role::AgeGender => Self::AgeGender,
            manifest::Role::ImageEncoder => Self::ImageEncoder,
            manifest::Role::PromptEncoder => Self::PromptEncoder,
            manifest::Role::CaptionEncoder => Self::CaptionEncoder,
            manifest::Role::CaptionDecoder => Self::CaptionDecoder,
            manifest::Role::ObjectDetector => Self::ObjectDetector,
            manifest::Role::TextDetector => Self::TextDetector,
            manifest::Role::TextRecognizer => Self::TextRecognizer,
        }
    }
}

/// How a network's tensors are made and read. Each is for one role.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Architecture {
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

impl From<manifest::Architecture> for Architecture {
    fn from(architecture: manifest::Architecture) -> Self {
        match architecture {
            manifest::Architecture::Yunet => Self::Yunet,
            manifest::Architecture::Scrfd => Self::Scrfd,
            manifest::Architecture::Arcface => Self::Arcface,
            manifest::Architecture::AgeDistribution => Self::AgeDistribution,
            manifest::Architecture::GenderBinary => Self::GenderBinary,
            manifest::Architecture::ImageClassifier => Self::ImageClassifier,
            manifest::Architecture::SentenceEncoder => Self::SentenceEncoder,
            manifest::Architecture::InsightfaceAttribute => Self::InsightfaceAttribute,
            manifest::Architecture::ClipImage => Self::ClipImage,
            manifest::Architecture::ClipText => Self::ClipText,
            manifest::Architecture::BlipVision => Self::BlipVision,
            manifest::Architecture::BlipTextDecoder => Self::BlipTextDecoder,
            manifest::Architecture::Ssd => Self::Ssd,
            manifest::Architecture::DbText => Self::DbText,
            manifest::Architecture::CtcText => Self::CtcText,
        }
    }
}

/// In how many bits a network computes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Precision {
    /// 32-bit floating point, as published.
    Fp32,
    /// 8-bit integers, where the manifest has such a graph.
    Int8,
}

impl From<precision::Precision> for Precision {
    fn from(precision: precision::Precision) -> Self {
        match precision {
            precision::Precision::Fp32 => Self::Fp32,
            precision::Precision::Int8 => Self::Int8,
        }
    }
}
