//! What is kept of a photo besides its faces' vectors.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::StoredFace;
use crate::domain::{FileId, Neighbour, Scene, ScoredTag, SourceUrl};

/// One Indonesian phrase as it was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredContext {
    /// The phrase.
    pub phrase: String,
    /// How sure the context mapper was of it, 0 to 1.
    pub confidence: f32,
}

/// The plugins that made an answer, each by the SHA-256 of its component file in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PluginDigests {
    /// In the tagger slot.
    pub tagger: String,
    /// In the context mapper slot.
    pub context_mapper: String,
    /// In the cluster policy slot.
    pub cluster_policy: String,
}

/// What plugins said about a photo; all of it can be computed again from the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoDescription {
    /// The tags exactly as the caller got them: at or above the tag threshold of that moment, best first. What was
    /// below it is not kept: it can be had again from the scene, and the context was made without it.
    pub tags: Vec<ScoredTag>,
    /// The phrase.
    pub context: StoredContext,
    /// Who said so.
    pub plugins: PluginDigests,
}

/// One processed photo, without its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoRecord {
    /// The caller's name for it.
    pub file_id: FileId,
    /// All that was observed, its faces in the order of the stored ones.
    pub scene: Scene,
    /// SHA-256 of the tagger whose prompts `scene.similarities` and `scene.text_similarities` follow. It stays when
    /// the photo is described anew by another tagger, because the scene stays.
    pub prompts_of: String,
    /// What was said about it.
    pub description: PhotoDescription,
    /// The model set that observed.
    pub model_set: String,
    /// Where the photo was fetched from, as far as `STORE_URLS` said to keep it; none in archives of versions that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<SourceUrl>,
}

/// Everything that is stored of a photo, read at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPhoto {
    /// Its faces, in the order of the scene's.
    pub faces: Vec<StoredFace>,
    /// None when it was processed by a version that kept faces only.
    pub record: Option<PhotoRecord>,
}

/// A face and its place in the order of storing.
#[derive(Clone, Debug, PartialEq)]
pub struct SequencedFace {
    /// Where to go on from; grows along the order, otherwise without meaning.
    pub position: u64,
    /// The face.
    pub face: StoredFace,
}

/// A photo's record and its place in the order of writing.
#[derive(Clone, Debug, PartialEq)]
pub struct SequencedPhoto {
    /// Where to go on from; grows along the order, otherwise without meaning.
    pub position: u64,
    /// The record.
    pub photo: PhotoRecord,
}

/// Who put a face into its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The clustering policy, when the photo was processed.
    Policy,
    /// The clustering policy, asked again when clusters were consolidated.
    Consolidation,
    /// Somebody who corrected it.
    Person,
    /// A comparison of two people, when their merge was taken back.
    Unmerge,
}

/// Why a face is in its cluster. Merges of whole clusters do not change it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Who decided.
    pub decided_by: DecidedBy,
    /// The rule, one sentence.
    pub reason: String,
    /// When, in seconds since 1970.
    pub at: u64,
    /// SHA-256 of the policy's component file in hexadecimal; none when no policy decided.
    #[schema(required)]
    pub policy: Option<String>,
    /// The network that made the vectors.
    pub embedding_model: String,
    /// The similarity at which the policy was told that two faces are one person.
    pub threshold: f32,
    /// The most similar faces that the policy saw, most similar first, at most [`Self::NEIGHBOURS`].
    pub neighbours: Vec<Neighbour>,
}

impl Explanation {
    /// How many neighbours are kept: enough to see which clusters were near.
    pub const NEIGHBOURS: usize = 10;
}
