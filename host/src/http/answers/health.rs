//! How the worker is.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Device, DeviceReport, Evidence, PluginIdentities, each};
use crate::models::manifest;
use crate::models::precision;
use crate::{app, inference};

/// The answer of `/health`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` when the vector store does not answer or takes no photos, or a device has failed.
    status: &'static str,
    /// The worker's version.
    version: &'static str,
    /// The devices that inference runs on, and why others are not used.
    device: DeviceReport,
    /// The store of faces.
    vector_store: StoreHealth,
    /// The active model set.
    model_set: String,
    /// Its networks.
    models: Vec<ModelStatus>,
    /// The evidence that the model set can give to plugins.
    evidence: Evidence,
    /// Tags of the active tagger that need evidence which the model set cannot give, as far as the tagger declares
    /// what each tag needs.
    tags_out_of_reach: Vec<String>,
    /// The plugins in the slots.
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

/// The store's part of `/health`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoreHealth {
    /// `embedded` or `qdrant`.
    kind: &'static str,
    /// Stored faces; null if the store does not answer.
    #[schema(required)]
    faces: Option<u64>,
    /// Clusters; null if the store does not answer.
    #[schema(required)]
    clusters: Option<u64>,
    /// Why the store does not accept photos: it does not answer, its disk is full, or its files are gone; null if it
    /// accepts photos.
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
    /// The architecture of the network.
    architecture: Architecture,
    /// The number format in which it computes.
    precision: Precision,
    /// The device that it runs on.
    device: Device,
    /// Whether the network is in memory; if not, it is loaded when it is next needed.
    loaded: bool,
    /// For a network that compares photos with prompts, once it has run: the factor by which a cosine similarity is
    /// multiplied before a softmax over the prompts.
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

sent! {
    /// The role of a network.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "kebab-case")]
    manifest::Role as Role {
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
}

sent! {
    /// How a network's tensors are made and read. Each is for one role.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "kebab-case")]
    manifest::Architecture as Architecture {
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
}

sent! {
    /// The number format in which a network computes.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "lowercase")]
    precision::Precision as Precision {
        /// 32-bit floating point, as published.
        Fp32,
        /// 8-bit integers, where the manifest has such a graph.
        Int8,
    }
}
