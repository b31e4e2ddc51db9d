//! What a replay found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{ClusterId, Evidence, FileId};
use crate::plugins::PluginIdentity;

/// The results of a replay. As text (`Display`) it is a summary for people; as JSON it is complete.
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
    /// The plugin that was tried.
    pub candidate: PluginIdentity,
    /// The tag threshold, 0 to 1; null for a context mapper, which gets the stored tags.
    pub tag_threshold: Option<f32>,
    /// Photos replayed, those that failed included.
    pub photos: u64,
    /// The number of photos per plugin digest: the plugin whose stored answers were compared with the candidate's.
    pub compared_with: BTreeMap<String, u64>,
    /// Photos that gain or lose a tag.
    pub tags_changed: u64,
    /// Photos with the same tags in another order.
    pub tags_reordered: u64,
    /// Photos that gain or lose each tag; at most the first 10,000 tags.
    pub tags: BTreeMap<String, TagChange>,
    /// Photos that get another phrase.
    pub contexts_changed: u64,
    /// Which phrases replace which, the most frequent first; at most as many as there are examples.
    #[serde(default)]
    pub phrases: Vec<PhraseChange>,
    /// The first photos that get other tags or another phrase.
    pub examples: Vec<PhotoChange>,
    /// Evidence that the candidate wants and the stored photos lack.
    pub missing_evidence: MissingEvidence,
    /// Photos on which a plugin failed.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
    /// What was written; null if the replay was not asked to write.
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

/// A phrase that is replaced by another, and in how many photos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhraseChange {
    /// As stored.
    pub before: String,
    /// By the candidate.
    pub after: String,
    /// How many photos get the new phrase in place of the old one.
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
    /// The change of the phrase; null if the phrase stays the same.
    pub context: Option<ContextChange>,
}

/// A phrase that is replaced by another.
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

/// Stored photos that lack evidence that the candidate wants: the plugins that were active when the photos were
/// processed did not ask for it, it cannot be stored (pixels), or it belongs to another tagger's prompts
/// (similarities). When these photos are processed again, the candidate's answers may differ from those in this report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingEvidence {
    /// Photos that lack any of the evidence below.
    pub photos: u64,
    /// Photos without labels.
    pub labels: u64,
    /// Photos without similarities of the candidate's prompts.
    pub similarities: u64,
    /// Photos without a caption.
    pub caption: u64,
    /// Photos with a face of unknown age or gender.
    pub demographics: u64,
    /// All photos, because pixels are never stored.
    pub pixels: u64,
    /// Photos without similarities, in words, of the candidate's prompts.
    pub text_similarities: u64,
    /// Photos without detected objects.
    pub objects: u64,
    /// Photos whose text is not stored.
    pub text: u64,
    /// Photos without the information whether they were taken inside a building.
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
    /// Photos that now have the candidate's description.
    pub written: u64,
    /// Photos that were not changed because evidence is missing; process them again.
    pub incomplete: u64,
    /// Photos that were not changed because they were processed or described meanwhile.
    pub changed_meanwhile: u64,
}

/// How the clusters of a policy differ from the stored ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartitionReport {
    /// The plugin that was tried.
    pub candidate: PluginIdentity,
    /// The similarity threshold that the policy was given, 0 to 1.
    pub threshold: f32,
    /// Faces compared.
    pub faces: u64,
    /// Stored clusters of these faces.
    pub clusters_before: u64,
    /// The candidate's clusters of these faces.
    pub clusters_after: u64,
    /// Faces that are not in the counterpart of their cluster. Stored and new clusters are paired by how many faces
    /// they share, the largest overlap first, and each is used once.
    pub faces_moved: u64,
    /// How many of the candidate's clusters combine several stored ones.
    pub merges_found: u64,
    /// The largest of them.
    pub merges: Vec<ClusterMerge>,
    /// How many stored clusters are split.
    pub splits_found: u64,
    /// The largest of them.
    pub splits: Vec<ClusterSplit>,
    /// Photos without a stored description; age and gender of their faces are not known.
    pub missing_evidence: MissingEvidence,
    /// Photos on which the candidate failed; their faces are left out.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
}

/// Stored clusters that become one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterMerge {
    /// Faces of the candidate's cluster.
    pub faces: u64,
    /// How many stored clusters they come from.
    pub clusters_found: u64,
    /// Those with the most faces.
    pub clusters: Vec<ClusterFaces>,
}

/// A stored cluster and some of its faces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFaces {
    /// The stored cluster.
    pub cluster_id: ClusterId,
    /// How many faces of it.
    pub faces: u64,
}

/// A stored cluster whose faces become several people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSplit {
    /// The stored cluster.
    pub cluster_id: ClusterId,
    /// How many parts the cluster is split into.
    pub parts_found: u64,
    /// Faces in each part, largest first; the largest parts only.
    pub parts: Vec<u64>,
}
