//! What replays find.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClusterId, FileId, PluginIdentity, each};
use crate::replay;

/// How far a replay is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayStatus {
    /// Photos, for a policy faces, that are done.
    done: u64,
    /// And how many there are; 0 until they are counted.
    total: u64,
    /// What came of it, once it is done.
    #[schema(required)]
    report: Option<ReplayReport>,
    /// Why it was given up, when it was.
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

/// A replay's findings. As text (`Display`) it is a summary for people, as JSON it is everything.
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
    /// Who was tried.
    candidate: PluginIdentity,
    /// The tag threshold, 0 to 1; none for a context mapper, which gets the stored tags.
    #[schema(required)]
    tag_threshold: Option<f32>,
    /// Photos replayed, those that failed included.
    photos: u64,
    /// Photos by the digest of the plugin whose answers the candidate's were compared with.
    compared_with: BTreeMap<String, u64>,
    /// Photos that gain or lose a tag.
    tags_changed: u64,
    /// Photos with the same tags in another order.
    tags_reordered: u64,
    /// Photos that gain or lose each tag; at most the first 10,000 tags.
    tags: BTreeMap<String, TagChange>,
    /// Photos that get another phrase.
    contexts_changed: u64,
    /// Which phrases take the place of which, those of most photos first; as many as there are examples.
    phrases: Vec<PhraseChange>,
    /// The first photos that get other tags or another phrase.
    examples: Vec<PhotoChange>,
    /// What the candidate wants and the stored photos lack.
    missing_evidence: MissingEvidence,
    /// Photos on which a plugin failed.
    failed: u64,
    /// The first of them.
    failures: Vec<Failure>,
    /// What was written; none when nothing was to be.
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

/// One phrase for another, in how many photos.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhraseChange {
    /// As stored.
    before: String,
    /// By the candidate.
    after: String,
    /// Photos in which the one takes the other's place.
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
    /// None when the phrase stays.
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

/// One phrase for another.
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

/// Stored photos that lack what the candidate wants: the plugins that were active when they were processed did not ask
/// for it, or it cannot be stored (pixels), or it follows another tagger's prompts (similarities). What the candidate
/// would say about these photos when they are processed again may differ from what it said here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissingEvidence {
    /// Photos that lack anything.
    photos: u64,
    /// Photos without labels.
    labels: u64,
    /// Photos without similarities of the candidate's prompts.
    similarities: u64,
    /// Photos without a caption.
    caption: u64,
    /// Photos with a face of unknown age or gender.
    demographics: u64,
    /// Photos, as none has pixels.
    pixels: u64,
    /// Photos without similarities, in words, of the candidate's prompts.
    text_similarities: u64,
    /// Photos without the things of an object detector.
    objects: u64,
    /// Photos whose text is not stored.
    text: u64,
    /// Photos of which is not known whether they were taken inside a building.
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
    /// Photos whose description is the candidate's now.
    written: u64,
    /// Photos left as they are because evidence is missing; process them again.
    incomplete: u64,
    /// Photos left as they are because they were processed or described meanwhile.
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

/// How a policy's people differ from the stored ones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartitionReport {
    /// Who was tried.
    candidate: PluginIdentity,
    /// The similarity threshold that it was told, 0 to 1.
    threshold: f32,
    /// Faces compared.
    faces: u64,
    /// Stored clusters of these faces.
    clusters_before: u64,
    /// The candidate's clusters of these faces.
    clusters_after: u64,
    /// Faces that are not in their cluster's counterpart. Clusters before and after are paired by how many faces they
    /// share, most first, each used once.
    faces_moved: u64,
    /// How many of the candidate's clusters bring stored ones together.
    merges_found: u64,
    /// The largest of them.
    merges: Vec<ClusterMerge>,
    /// How many stored clusters come apart.
    splits_found: u64,
    /// The largest of them.
    splits: Vec<ClusterSplit>,
    /// Photos without a record, of whose faces age and gender are not known.
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

/// Stored clusters that end up as one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterMerge {
    /// Faces of the candidate's cluster.
    faces: u64,
    /// How many stored clusters they come from.
    clusters_found: u64,
    /// Those that give the most faces.
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
    /// How many of its faces.
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

/// A stored cluster whose faces end up as several people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterSplit {
    /// The stored cluster.
    cluster_id: ClusterId,
    /// How many parts it comes to.
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
