//! What replays find.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClusterId, FileId, PluginIdentity, each};
use crate::replay;

/// The progress of a replay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayStatus {
    /// How many photos (for a policy: faces) are done.
    done: u64,
    /// How many there are; 0 until they are counted.
    total: u64,
    /// The result, once the replay is done.
    #[schema(required)]
    report: Option<ReplayReport>,
    /// Why the replay was stopped, if it was.
    #[schema(required)]
    error: Option<String>,
}

impl From<replay::ReplayStatus> for ReplayStatus {
    fn from(status: replay::ReplayStatus) -> Self {
        Self {
            done: status.done,
            total: status.total,
            report: status.report.map(Into::into),
            error: status.error,
        }
    }
}

/// The results of a replay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "slot", rename_all = "kebab-case")]
pub(crate) enum ReplayReport {
    /// Of a tagger.
    Tagger(DescriptionReport),
    /// Of a context mapper.
    ContextMapper(DescriptionReport),
    /// Of a cluster policy.
    ClusterPolicy(PartitionReport),
}

impl From<replay::ReplayReport> for ReplayReport {
    fn from(report: replay::ReplayReport) -> Self {
        match report {
            replay::ReplayReport::Tagger(report) => Self::Tagger(report.into()),
            replay::ReplayReport::ContextMapper(report) => Self::ContextMapper(report.into()),
            replay::ReplayReport::ClusterPolicy(report) => Self::ClusterPolicy(report.into()),
        }
    }
}

/// How a tagger's or a context mapper's answers differ from the stored ones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DescriptionReport {
    /// The plugin that was tried.
    candidate: PluginIdentity,
    /// The tag threshold, 0 to 1; null for a context mapper, which gets the stored tags.
    #[schema(required)]
    tag_threshold: Option<f32>,
    /// Photos replayed, those that failed included.
    photos: u64,
    /// The number of photos per plugin digest: the plugin whose stored answers were compared with the candidate's.
    compared_with: BTreeMap<String, u64>,
    /// Photos that gain or lose a tag.
    tags_changed: u64,
    /// Photos with the same tags in another order.
    tags_reordered: u64,
    /// Photos that gain or lose each tag; at most the first 10,000 tags.
    tags: BTreeMap<String, TagChange>,
    /// Photos that get another phrase.
    contexts_changed: u64,
    /// Which phrases replace which, the most frequent first; at most as many as there are examples.
    phrases: Vec<PhraseChange>,
    /// The first photos that get other tags or another phrase.
    examples: Vec<PhotoChange>,
    /// Evidence that the candidate wants and the stored photos lack.
    missing_evidence: MissingEvidence,
    /// Photos on which a plugin failed.
    failed: u64,
    /// The first of them.
    failures: Vec<Failure>,
    /// What was written; null if the replay was not asked to write.
    #[schema(required)]
    applied: Option<Applied>,
}

impl From<replay::DescriptionReport> for DescriptionReport {
    fn from(report: replay::DescriptionReport) -> Self {
        Self {
            candidate: report.candidate.into(),
            tag_threshold: report.tag_threshold,
            photos: report.photos,
            compared_with: report.compared_with,
            tags_changed: report.tags_changed,
            tags_reordered: report.tags_reordered,
            tags: report
                .tags
                .into_iter()
                .map(|(name, change)| (name, change.into()))
                .collect(),
            contexts_changed: report.contexts_changed,
            phrases: each(report.phrases),
            examples: each(report.examples),
            missing_evidence: report.missing_evidence.into(),
            failed: report.failed,
            failures: each(report.failures),
            applied: report.applied.map(Into::into),
        }
    }
}

/// How many photos gain and lose one tag.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagChange {
    /// Photos that did not have it.
    gained: u64,
    /// Photos that no longer have it.
    lost: u64,
    /// The first photos that gain it, at most three.
    gained_in: Vec<FileId>,
    /// The first photos that lose it, at most three.
    lost_in: Vec<FileId>,
}

impl From<replay::TagChange> for TagChange {
    fn from(change: replay::TagChange) -> Self {
        Self {
            gained: change.gained,
            lost: change.lost,
            gained_in: each(change.gained_in),
            lost_in: each(change.lost_in),
        }
    }
}

/// A phrase that is replaced by another, and in how many photos.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhraseChange {
    /// As stored.
    before: String,
    /// By the candidate.
    after: String,
    /// How many photos get the new phrase in place of the old one.
    photos: u64,
    /// The first of them, at most three.
    first: Vec<FileId>,
}

impl From<replay::PhraseChange> for PhraseChange {
    fn from(change: replay::PhraseChange) -> Self {
        Self {
            before: change.before,
            after: change.after,
            photos: change.photos,
            first: each(change.first),
        }
    }
}

/// What changes for one photo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoChange {
    /// The photo.
    file_id: FileId,
    /// Tags it gains, best first.
    gained: Vec<String>,
    /// Tags it loses, best first.
    lost: Vec<String>,
    /// The change of the phrase; null if the phrase stays the same.
    #[schema(required)]
    context: Option<ContextChange>,
}

impl From<replay::PhotoChange> for PhotoChange {
    fn from(change: replay::PhotoChange) -> Self {
        Self {
            file_id: change.file_id.into(),
            gained: change.gained,
            lost: change.lost,
            context: change.context.map(Into::into),
        }
    }
}

/// A phrase that is replaced by another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContextChange {
    /// As stored.
    before: String,
    /// By the candidate.
    after: String,
}

impl From<replay::ContextChange> for ContextChange {
    fn from(change: replay::ContextChange) -> Self {
        Self {
            before: change.before,
            after: change.after,
        }
    }
}

/// A photo on which a plugin failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Failure {
    /// The photo.
    file_id: FileId,
    /// What the plugin did, in one sentence.
    error: String,
}

impl From<replay::Failure> for Failure {
    fn from(failure: replay::Failure) -> Self {
        Self {
            file_id: failure.file_id.into(),
            error: failure.error,
        }
    }
}

/// Stored photos that lack evidence that the candidate wants: the plugins that were active when the photos were
/// processed did not ask for it, it cannot be stored (pixels), or it belongs to another tagger's prompts
/// (similarities). When these photos are processed again, the candidate's answers may differ from those in this
/// report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingEvidence {
    /// Photos that lack any of the evidence below.
    photos: u64,
    /// Photos without labels.
    labels: u64,
    /// Photos without similarities of the candidate's prompts.
    similarities: u64,
    /// Photos without a caption.
    caption: u64,
    /// Photos with a face of unknown age or gender.
    demographics: u64,
    /// All photos, because pixels are never stored.
    pixels: u64,
    /// Photos without similarities, in words, of the candidate's prompts.
    text_similarities: u64,
    /// Photos without detected objects.
    objects: u64,
    /// Photos whose text is not stored.
    text: u64,
    /// Photos without the information whether they were taken inside a building.
    surroundings: u64,
}

impl From<replay::MissingEvidence> for MissingEvidence {
    fn from(evidence: replay::MissingEvidence) -> Self {
        Self {
            photos: evidence.photos,
            labels: evidence.labels,
            similarities: evidence.similarities,
            caption: evidence.caption,
            demographics: evidence.demographics,
            pixels: evidence.pixels,
            text_similarities: evidence.text_similarities,
            objects: evidence.objects,
            text: evidence.text,
            surroundings: evidence.surroundings,
        }
    }
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Applied {
    /// Photos that now have the candidate's description.
    written: u64,
    /// Photos that were not changed because evidence is missing; process them again.
    incomplete: u64,
    /// Photos that were not changed because they were processed or described meanwhile.
    changed_meanwhile: u64,
}

impl From<replay::Applied> for Applied {
    fn from(applied: replay::Applied) -> Self {
        Self {
            written: applied.written,
            incomplete: applied.incomplete,
            changed_meanwhile: applied.changed_meanwhile,
        }
    }
}

/// How the clusters of a policy differ from the stored ones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartitionReport {
    /// The plugin that was tried.
    candidate: PluginIdentity,
    /// The similarity threshold that the policy was given, 0 to 1.
    threshold: f32,
    /// Faces compared.
    faces: u64,
    /// Stored clusters of these faces.
    clusters_before: u64,
    /// The candidate's clusters of these faces.
    clusters_after: u64,
    /// Faces that are not in the counterpart of their cluster. Stored and new clusters are paired by how many faces
    /// they share, the largest overlap first, and each is used once.
    faces_moved: u64,
    /// How many of the candidate's clusters combine several stored ones.
    merges_found: u64,
    /// The largest of them.
    merges: Vec<ClusterMerge>,
    /// How many stored clusters are split.
    splits_found: u64,
    /// The largest of them.
    splits: Vec<ClusterSplit>,
    /// Photos without a stored description; age and gender of their faces are not known.
    missing_evidence: MissingEvidence,
    /// Photos on which the candidate failed; their faces are left out.
    failed: u64,
    /// The first of them.
    failures: Vec<Failure>,
}

impl From<replay::PartitionReport> for PartitionReport {
    fn from(report: replay::PartitionReport) -> Self {
        Self {
            candidate: report.candidate.into(),
            threshold: report.threshold,
            faces: report.faces,
            clusters_before: report.clusters_before,
            clusters_after: report.clusters_after,
            faces_moved: report.faces_moved,
            merges_found: report.merges_found,
            merges: each(report.merges),
            splits_found: report.splits_found,
            splits: each(report.splits),
            missing_evidence: report.missing_evidence.into(),
            failed: report.failed,
            failures: each(report.failures),
        }
    }
}

/// Stored clusters that become one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterMerge {
    /// Faces of the candidate's cluster.
    faces: u64,
    /// How many stored clusters they come from.
    clusters_found: u64,
    /// Those with the most faces.
    clusters: Vec<ClusterFaces>,
}

impl From<replay::ClusterMerge> for ClusterMerge {
    fn from(merge: replay::ClusterMerge) -> Self {
        Self {
            faces: merge.faces,
            clusters_found: merge.clusters_found,
            clusters: each(merge.clusters),
        }
    }
}

/// A stored cluster and some of its faces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterFaces {
    /// The stored cluster.
    cluster_id: ClusterId,
    /// How many faces of it.
    faces: u64,
}

impl From<replay::ClusterFaces> for ClusterFaces {
    fn from(faces: replay::ClusterFaces) -> Self {
        Self {
            cluster_id: faces.cluster_id.into(),
            faces: faces.faces,
        }
    }
}

/// A stored cluster whose faces become several people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterSplit {
    /// The stored cluster.
    cluster_id: ClusterId,
    /// How many parts the cluster is split into.
    parts_found: u64,
    /// Faces in each part, largest first; the largest parts only.
    parts: Vec<u64>,
}

impl From<replay::ClusterSplit> for ClusterSplit {
    fn from(split: replay::ClusterSplit) -> Self {
        Self {
            cluster_id: split.cluster_id.into(),
            parts_found: split.parts_found,
            parts: split.parts,
        }
    }
}
