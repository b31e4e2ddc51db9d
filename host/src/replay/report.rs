//! What a replay found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{ClusterId, Evidence, FileId};
use crate::plugins::PluginIdentity;

/// A replay's findings. As text (`Display`) it is a summary for people, as JSON it is everything.
///
/// The JSON is what `ai-worker plugin replay` prints, and reads of a worker. It follows `report` of
/// `GET /api/plugins/{slot}/replay`, which has types of its own; a test compares the two.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "slot", rename_all = "kebab-case")]
pub enum ReplayReport {
    /// Of a tagger.
    Tagger(DescriptionReport),
    /// Of a context mapper.
    ContextMapper(DescriptionReport),
    /// Of a cluster policy.
    ClusterPolicy(PartitionReport),
}

impl ReplayReport {
    /// Photos on which a plugin failed.
    pub(super) fn failed(&self) -> u64 {
        match self {
            Self::Tagger(report) | Self::ContextMapper(report) => report.failed,
            Self::ClusterPolicy(report) => report.failed,
        }
    }
}

/// How a tagger's or a context mapper's answers differ from the stored ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescriptionReport {
    /// Who was tried.
    pub candidate: PluginIdentity,
    /// The tag threshold, 0 to 1; none for a context mapper, which gets the stored tags.
    pub tag_threshold: Option<f32>,
    /// Photos replayed, those that failed included.
    pub photos: u64,
    /// Photos by the digest of the plugin whose answers the candidate's were compared with.
    pub compared_with: BTreeMap<String, u64>,
    /// Photos that gain or lose a tag.
    pub tags_changed: u64,
    /// Photos with the same tags in another order.
    pub tags_reordered: u64,
    /// Photos that gain or lose each tag; at most the first 10,000 tags.
    pub tags: BTreeMap<String, TagChange>,
    /// Photos that get another phrase.
    pub contexts_changed: u64,
    /// Which phrases take the place of which, those of most photos first; as many as there are examples.
    #[serde(default)]
    pub phrases: Vec<PhraseChange>,
    /// The first photos that get other tags or another phrase.
    pub examples: Vec<PhotoChange>,
    /// What the candidate wants and the stored photos lack.
    pub missing_evidence: MissingEvidence,
    /// Photos on which a plugin failed.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
    /// What was written; none when nothing was to be.
    pub applied: Option<Applied>,
}

impl DescriptionReport {
    pub(super) fn new(candidate: PluginIdentity, tag_threshold: Option<f32>) -> Self {
        Self {
            candidate,
            tag_threshold,
            photos: 0,
            compared_with: BTreeMap::new(),
            tags_changed: 0,
            tags_reordered: 0,
            tags: BTreeMap::new(),
            contexts_changed: 0,
            phrases: Vec::new(),
            examples: Vec::new(),
            missing_evidence: MissingEvidence::default(),
            failed: 0,
            failures: Vec::new(),
            applied: None,
        }
    }
}

/// How many photos gain and lose one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagChange {
    /// Photos that did not have it.
    pub gained: u64,
    /// Photos that no longer have it.
    pub lost: u64,
    /// The first photos that gain it, at most three.
    #[serde(default)]
    pub gained_in: Vec<FileId>,
    /// The first photos that lose it, at most three.
    #[serde(default)]
    pub lost_in: Vec<FileId>,
}

/// One phrase for another, in how many photos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhraseChange {
    /// As stored.
    pub before: String,
    /// By the candidate.
    pub after: String,
    /// Photos in which the one takes the other's place.
    pub photos: u64,
    /// The first of them, at most three.
    pub first: Vec<FileId>,
}

/// What changes for one photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoChange {
    /// The photo.
    pub file_id: FileId,
    /// Tags it gains, best first.
    pub gained: Vec<String>,
    /// Tags it loses, best first.
    pub lost: Vec<String>,
    /// None when the phrase stays.
    pub context: Option<ContextChange>,
}

/// One phrase for another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextChange {
    /// As stored.
    pub before: String,
    /// By the candidate.
    pub after: String,
}

/// A photo on which a plugin failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The photo.
    pub file_id: FileId,
    /// What the plugin did, in one sentence.
    pub error: String,
}

/// Stored photos that lack what the candidate wants: the plugins that were active when they were processed did not ask
/// for it, or it cannot be stored (pixels), or it follows another tagger's prompts (similarities). What the candidate
/// would say about these photos when they are processed again may differ from what it said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingEvidence {
    /// Photos that lack anything.
    pub photos: u64,
    /// Photos without labels.
    pub labels: u64,
    /// Photos without similarities of the candidate's prompts.
    pub similarities: u64,
    /// Photos without a caption.
    pub caption: u64,
    /// Photos with a face of unknown age or gender.
    pub demographics: u64,
    /// Photos, as none has pixels.
    pub pixels: u64,
    /// Photos without similarities, in words, of the candidate's prompts.
    pub text_similarities: u64,
    /// Photos without the things of an object detector.
    pub objects: u64,
    /// Photos whose text is not stored.
    pub text: u64,
    /// Photos of which is not known whether they were taken inside a building.
    pub surroundings: u64,
}

impl MissingEvidence {
    /// Counts what one photo lacks.
    pub(super) fn count(&mut self, lacking: Evidence) {
        self.photos += u64::from(lacking != Evidence::default());
        self.labels += u64::from(lacking.labels);
        self.similarities += u64::from(lacking.similarities);
        self.caption += u64::from(lacking.caption);
        self.demographics += u64::from(lacking.demographics);
        self.pixels += u64::from(lacking.pixels);
        self.text_similarities += u64::from(lacking.text_similarities);
        self.objects += u64::from(lacking.objects);
        self.text += u64::from(lacking.text);
        self.surroundings += u64::from(lacking.surroundings);
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Photos whose description is the candidate's now.
    pub written: u64,
    /// Photos left as they are because evidence is missing; process them again.
    pub incomplete: u64,
    /// Photos left as they are because they were processed or described meanwhile.
    pub changed_meanwhile: u64,
}

/// How a policy's people differ from the stored ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartitionReport {
    /// Who was tried.
    pub candidate: PluginIdentity,
    /// The similarity threshold that it was told, 0 to 1.
    pub threshold: f32,
    /// Faces compared.
    pub faces: u64,
    /// Stored clusters of these faces.
    pub clusters_before: u64,
    /// The candidate's clusters of these faces.
    pub clusters_after: u64,
    /// Faces that are not in their cluster's counterpart. Clusters before and after are paired by how many faces they
    /// share, most first, each used once.
    pub faces_moved: u64,
    /// How many of the candidate's clusters bring stored ones together.
    pub merges_found: u64,
    /// The largest of them.
    pub merges: Vec<ClusterMerge>,
    /// How many stored clusters come apart.
    pub splits_found: u64,
    /// The largest of them.
    pub splits: Vec<ClusterSplit>,
    /// Photos without a record, of whose faces age and gender are not known.
    pub missing_evidence: MissingEvidence,
    /// Photos on which the candidate failed; their faces are left out.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
}

/// Stored clusters that end up as one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterMerge {
    /// Faces of the candidate's cluster.
    pub faces: u64,
    /// How many stored clusters they come from.
    pub clusters_found: u64,
    /// Those that give the most faces.
    pub clusters: Vec<ClusterFaces>,
}

/// A stored cluster and some of its faces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFaces {
    /// The stored cluster.
    pub cluster_id: ClusterId,
    /// How many of its faces.
    pub faces: u64,
}

/// A stored cluster whose faces end up as several people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSplit {
    /// The stored cluster.
    pub cluster_id: ClusterId,
    /// How many parts it comes to.
    pub parts_found: u64,
    /// Faces in each part, largest first; the largest parts only.
    pub parts: Vec<u64>,
}
