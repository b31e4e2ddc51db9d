//! What a golden case says: a question to a plugin in plain data, and what is expected of the answer. How a slot is asked and
//! what it makes of an expectation is in the slot's own file.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::PluginError;
use crate::domain::{ClusterId, EmbeddingModel, Neighbour, Scene, SceneFace, ScoredTag};

/// One question to a plugin and what is expected of the answer. Which fields it has depends on the slot: `scene` for a
/// tagger; `scene` and `tags` for a context mapper; `candidate`, `neighbours` and `model` for a cluster policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name: that of its file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is about, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What the host saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<Scene>,
    /// The tags the caller would see, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ScoredTag>>,
    /// The face to decide on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<SceneFace>,
    /// How many faces the cluster has in which it is stored, when it is reviewed; left out for a face that has just come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_faces: Option<u64>,
    /// Its neighbours, most similar first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbours: Option<Vec<Neighbour>>,
    /// The embedder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<EmbeddingModel>,
    /// What must be true of the answer; all that is given must hold, and something must be given for a test.
    #[serde(default)]
    pub expect: Expectation,
    /// How far a score may be from the expected one; 0.0001 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f32>,
    /// Longest time of the call in milliseconds, when it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_ms: Option<u64>,
}

/// What must be true of an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// Tagger: exactly these tags, whatever their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ScoredTag>>,
    /// Tagger: at least these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// Tagger: none of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has_not: Vec<String>,
    /// Tagger: these tags with at least these scores.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub at_least: BTreeMap<String, f32>,
    /// Context mapper: exactly this phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// Context mapper: a phrase with this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Context mapper: a phrase without this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains_not: Option<String>,
    /// Cluster policy: joins this cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<ClusterId>,
    /// Cluster policy: starts a cluster, or (false) joins one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<bool>,
    /// Cluster policy: a reason with this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_contains: Option<String>,
}

/// A plugin's answer to a case.
pub trait Answer: Debug + Send + Sync {
    /// The expectation that holds of exactly this answer.
    fn as_expectation(&self) -> Expectation;

    /// Everything that is not as expected, one line each; none when nothing is expected of such an answer. `tolerance` is how
    /// far a score may be from the expected one.
    fn mismatches(&self, expect: &Expectation, tolerance: f32) -> Option<Vec<String>>;

    /// It for programs, in the words of a case.
    fn as_json(&self) -> Value;

    /// It for people, on a terminal.
    fn lines(&self) -> Vec<String>;
}

/// Why there is no answer to a case.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The plugin was not asked, because the case lacks this.
    #[error("the case has no {0}, which this slot is asked with")]
    Incomplete(&'static str),
    /// The plugin failed.
    #[error(transparent)]
    Failed(#[from] PluginError),
}

impl Unanswered {
    /// See [`PluginError::output`].
    pub(super) fn output(&self) -> &str {
        match self {
            Self::Incomplete(_) => "",
            Self::Failed(error) => error.output(),
        }
    }
}

/// What a case must have for its slot to be asked.
pub(super) fn given<'a, T>(field: &'a Option<T>, name: &'static str) -> Result<&'a T, Unanswered> {
    field.as_ref().ok_or(Unanswered::Incomplete(name))
}
