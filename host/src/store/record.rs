//! What a store keeps, row by row: faces, photos, clusters, and what belongs to them.

use serde::{Deserialize, Serialize};

use super::flags::ClusterFlags;
use crate::domain::{
    BoundingBox, ClusterId, Embedding, FaceId, FileId, Neighbour, Scene, ScoredTag, SourceUrl,
};

/// A face as it is kept. Every stored face is in exactly one cluster; a cluster exists as long as it has a face.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFace {
    /// Its identity.
    pub face_id: FaceId,
    /// The photo it is in.
    pub file_id: FileId,
    /// The person.
    pub cluster_id: ClusterId,
    /// Its vector.
    pub embedding: Embedding,
    /// Where it is in the photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// How well it can be told from others, 0 to 1.
    pub quality: f32,
    /// Somebody put it where it is; nothing automatic moves it.
    pub corrected: bool,
    /// When it was first placed, in microseconds since 1970; 0 when that was by a version that did not keep it.
    pub joined: u64,
}

impl StoredFace {
    /// It as a neighbour of a vector, in whose photo it is or not.
    pub(crate) fn neighbour_of(&self, embedding: &Embedding, same_photo: bool) -> Neighbour {
        Neighbour {
            face_id: self.face_id,
            cluster_id: self.cluster_id,
            similarity: embedding.cosine(&self.embedding).clamp(-1.0, 1.0),
            quality: self.quality,
            same_photo,
        }
    }
}

/// One Indonesian phrase as it was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredContext {
    /// The phrase.
    pub phrase: String,
    /// How sure the context mapper was of it, 0 to 1.
    pub confidence: f32,
}

/// The plugins that made an answer, each by the SHA-256 of its component file in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Who decided.
    pub decided_by: DecidedBy,
    /// The rule, one sentence.
    pub reason: String,
    /// When, in seconds since 1970.
    pub at: u64,
    /// SHA-256 of the policy's component file in hexadecimal; none when no policy decided.
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

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its identity.
    pub cluster_id: ClusterId,
    /// The face whose picture stands for the person.
    pub representative: FaceId,
    /// How many faces it has, at least 1.
    pub faces: u64,
    /// What else is known of the person.
    pub flags: ClusterFlags,
}

/// In which order clusters are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterOrder {
    /// By their ids.
    Id,
    /// Most faces first.
    Faces,
    /// The one first whose face was written last; see [`FaceStore::faces`](super::FaceStore::faces).
    Latest,
}

/// Where a cluster went that was merged away, and what it takes to undo that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The cluster that is gone.
    pub source: ClusterId,
    /// The cluster that its faces went to; may be gone too by now.
    pub target: ClusterId,
    /// What stood for the person; none when the merge is of a version that did not keep it.
    pub representative: Option<FaceId>,
    /// The faces that moved; empty when the merge is of a version that did not keep them.
    pub faces: Vec<FaceId>,
    /// The clusters that were known to be other people than the source, and not yet than the target, when a version
    /// merged them that kept such marks with the target only. Empty otherwise.
    pub distinctions: Vec<ClusterId>,
    /// When they were merged, in microseconds since 1970; 0 when that was by a version that did not keep it.
    #[serde(default)]
    pub moment: u64,
    /// Consolidation merged them, and nobody by hand.
    #[serde(default)]
    pub automatic: bool,
    /// What else was known of the person of the source.
    #[serde(flatten)]
    pub flags: ClusterFlags,
}

/// Something that was found to be a face and is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// What it was called.
    pub face_id: FaceId,
    /// The photo it is in.
    pub file_id: FileId,
    /// Where it is.
    pub bounding_box: BoundingBox,
}

/// An answer that is given again when its request is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request, in hexadecimal.
    pub request: String,
    /// The answer's JSON.
    pub body: String,
    /// The photo that the answer speaks of.
    pub file_id: Option<FileId>,
    /// When it was given, in seconds since 1970.
    pub at: u64,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Faces.
    pub faces: u64,
    /// Clusters.
    pub clusters: u64,
    /// Photos with a record.
    pub photos: u64,
}
