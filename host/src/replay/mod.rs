//! Replays: what a candidate plugin makes of everything that is stored, without photos and without networks.
//!
//! A replay reads the store in pages and writes nothing, unless it is asked to apply a candidate's tags or contexts.
//! Photos may be processed meanwhile: a photo is compared as it is when its page is read, and again when it was
//! processed anew after that. Dropping a replay's future stops it after the page it is at.
//!
//! A [trial](Trials) asks a candidate about the latest of what is stored before it is swapped in.

mod descriptions;
mod evidence;
mod job;
mod partition;
mod people;
mod reading;
mod render;
mod report;
mod tally;
#[cfg(test)]
mod tests;
mod trial;

use std::sync::Arc;

use crate::domain::Evidence;
use crate::people::{People, PeopleError};
use crate::plugins::{ClusterPolicy, ContextMapper, PluginSet, Slot, Tagger};
use crate::store::StoreError;

pub use job::{ReplayJobs, ReplayStatus};
pub use people::CandidatePolicy;
pub use reading::Reading;
pub use report::{
    Applied, ClusterFaces, ClusterMerge, ClusterSplit, ContextChange, DescriptionReport, Failure,
    MissingEvidence, PartitionReport, PhotoChange, PhraseChange, ReplayReport, TagChange,
};
pub use trial::Trials;

/// How many examples and failures a report shows unless told otherwise.
pub const DEFAULT_EXAMPLES: usize = 20;

/// How many photos or faces are read at a time.
const PAGE: usize = 64;

/// Told how much is done and of how much: photos for taggers and context mappers, faces for policies. Called from a
/// blocking thread.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// How a candidate is compared.
#[derive(Clone, Copy, Debug)]
pub struct ReplaySettings {
    /// Tags of a candidate that score below this, 0 to 1, are dropped, as `TAG_THRESHOLD` does. Stored tags were
    /// dropped by the threshold of their moment; where that was another one, the difference shows as the candidate's.
    pub tag_threshold: f32,
    /// How many examples, failures, merges and splits are listed; all are counted.
    pub examples: usize,
    /// What the active model set can tell plugins. What it cannot tell is not missing from a stored photo either.
    pub available: Evidence,
}

/// What happens with a candidate's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are compared with what is stored.
    Compare,
    /// They are compared, and replace what is stored of every photo whose evidence is complete.
    Apply,
}

/// Why a replay was given up.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A new description could not be written; those before it are written.
    #[error(transparent)]
    Faces(#[from] PeopleError),
    /// A policy's decisions were to be applied.
    #[error("a cluster policy's decisions cannot be applied to stored faces; replay it without applying")]
    PolicyNotApplied,
    /// Nothing is stored that could be asked of this slot's plugins again.
    #[error("plugins of the slot {0} cannot be replayed: nothing is stored that they were asked")]
    NoReplay(Slot),
    /// The task was cancelled or panicked.
    #[error("the replay was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Compares candidates with what is stored.
pub struct Replay {
    people: Arc<People>,
    settings: ReplaySettings,
}

impl Replay {
    /// A replay over these people's store.
    #[must_use]
    pub fn new(people: Arc<People>, settings: ReplaySettings) -> Self {
        Self { people, settings }
    }

    /// What a tagger makes of every stored scene. Where its tags differ from the stored ones in any way, the context is
    /// made again by the active mapper.
    ///
    /// # Errors
    /// When the store fails. A plugin that fails on a photo is counted and listed instead.
    pub async fn tagger(
        &self,
        candidate: Arc<Tagger>,
        active: Arc<PluginSet>,
        mode: Mode,
        progress: Progress,
    ) -> Result<ReplayReport, ReplayError> {
        let identity = candidate.identity().clone();
        let threshold = self.settings.tag_threshold;
        let recompute = descriptions::TaggerCandidate::new(candidate, active, threshold);
        let report = DescriptionReport::new(identity, Some(threshold));
        let report = self
            .describe_all(Arc::new(recompute), report, mode, progress)
            .await?;
        Ok(ReplayReport::Tagger(report))
    }

    /// What a context mapper makes of every stored scene with its stored tags.
    ///
    /// # Errors
    /// When the store fails. A plugin that fails on a photo is counted and listed instead.
    pub async fn context_mapper(
        &self,
        candidate: Arc<ContextMapper>,
        mode: Mode,
        progress: Progress,
    ) -> Result<ReplayReport, ReplayError> {
        let report = DescriptionReport::new(candidate.identity().clone(), None);
        let recompute = Arc::new(descriptions::MapperCandidate(candidate));
        let report = self.describe_all(recompute, report, mode, progress).await?;
        Ok(ReplayReport::ContextMapper(report))
    }

    /// How a cluster policy would have put all stored faces together, in the order in which they were stored last, each
    /// with the faces before it as neighbours, in the clusters that the candidate itself put them into.
    ///
    /// The stored partition is what the active policy and its predecessors decided *and* what people corrected by
    /// merging clusters: a split may undo such a correction. Nothing is written. Takes time in proportion to the square
    /// of the number of faces, and memory for every vector.
    ///
    /// # Errors
    /// When the store fails. A photo on which the candidate fails is counted, listed and left out.
    pub async fn cluster_policy(
        &self,
        candidate: Arc<ClusterPolicy>,
        progress: Progress,
    ) -> Result<ReplayReport, ReplayError> {
        Ok(ReplayReport::ClusterPolicy(
            self.place_all(candidate, progress).await?,
        ))
    }
}
