//! Loaded plugins, one for each slot.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cluster_policy::ClusterPolicy;
use super::complaint::complaint;
use super::component::{CompiledPlugin, PluginIdentity};
use super::context_mapper::ContextMapper;
use super::data::PluginData;
use super::engine::PluginEngine;
use super::error::PluginError;
use super::slot::Slot;
use super::statistics::Statistics;
use super::tagger::Tagger;
use super::usage::CallUsage;
use crate::domain::Evidence;

/// A plugin that was compiled, linked, instantiated and called once, and so could fill its slot.
#[derive(Clone)]
pub enum Candidate {
    /// For the tagger slot.
    Tagger(Arc<Tagger>),
    /// For the context mapper slot.
    ContextMapper(Arc<ContextMapper>),
    /// For the cluster policy slot.
    ClusterPolicy(Arc<ClusterPolicy>),
}

impl Candidate {
    pub(super) fn load(
        engine: &Arc<PluginEngine>,
        slot: Slot,
        bytes: &[u8],
        origin: String,
    ) -> Result<Self, PluginError> {
        let compiled = CompiledPlugin::new(engine, slot, bytes, origin.clone())?;
        let filled = match slot {
            Slot::Tagger => Tagger::new(compiled).map(|plugin| Self::Tagger(Arc::new(plugin))),
            Slot::ContextMapper => {
                ContextMapper::new(compiled).map(|plugin| Self::ContextMapper(Arc::new(plugin)))
            }
            Slot::ClusterPolicy => {
                ClusterPolicy::new(compiled).map(|plugin| Self::ClusterPolicy(Arc::new(plugin)))
            }
        };
        filled.map_err(|error| {
            // That an interface is not there, or has other types, shows in its first call.
            let may_not_fit = matches!(error, PluginError::Load { .. } | PluginError::Trapped { .. });
            match complaint(slot, bytes).filter(|_| may_not_fit) {
                Some(reason) => PluginError::Load { slot, origin, reason },
                None => error,
            }
        })
    }

    /// The slot it fills.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self {
            Self::Tagger(_) => Slot::Tagger,
            Self::ContextMapper(_) => Slot::ContextMapper,
            Self::ClusterPolicy(_) => Slot::ClusterPolicy,
        }
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &PluginIdentity {
        match self {
            Self::Tagger(plugin) => plugin.identity(),
            Self::ContextMapper(plugin) => plugin.identity(),
            Self::ClusterPolicy(plugin) => plugin.identity(),
        }
    }

    /// Which data it carries apart from its code; none for most plugins.
    #[must_use]
    pub fn data(&self) -> Option<&PluginData> {
        match self {
            Self::Tagger(plugin) => plugin.data(),
            Self::ContextMapper(plugin) => plugin.data(),
            Self::ClusterPolicy(_) => None,
        }
    }

    /// What it wants to know about a photo; nothing for a cluster policy.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Tagger(plugin) => plugin.evidence(),
            Self::ContextMapper(plugin) => plugin.evidence(),
            Self::ClusterPolicy(_) => Evidence::default(),
        }
    }

    /// Tags that nothing can give when only this evidence is to be had; none but of a tagger.
    #[must_use]
    pub fn tags_out_of_reach(&self, available: Evidence) -> Vec<String> {
        match self {
            Self::Tagger(plugin) => plugin.tags_out_of_reach(available),
            Self::ContextMapper(_) | Self::ClusterPolicy(_) => Vec::new(),
        }
    }

    /// What its latest call used; of calls at the same time, that of the one which ended last.
    #[must_use]
    pub fn usage(&self) -> CallUsage {
        self.statistics().usage()
    }

    /// What its latest call wrote, when it was loaded by a [`Workbench`](super::Workbench), whether the call failed or not;
    /// see [`PluginError::output`]. Empty in a worker.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Tagger(plugin) => plugin.written(),
            Self::ContextMapper(plugin) => plugin.written(),
            Self::ClusterPolicy(plugin) => plugin.written(),
        }
    }

    pub(super) fn statistics(&self) -> &Statistics {
        match self {
            Self::Tagger(plugin) => plugin.statistics(),
            Self::ContextMapper(plugin) => plugin.statistics(),
            Self::ClusterPolicy(plugin) => plugin.statistics(),
        }
    }
}

/// The three plugins of one moment. A request takes one snapshot, so that no answer mixes versions.
#[derive(Clone)]
pub struct PluginSet {
    /// Fills the tagger slot.
    pub tagger: Arc<Tagger>,
    /// Fills the context mapper slot.
    pub context_mapper: Arc<ContextMapper>,
    /// Fills the cluster policy slot.
    pub cluster_policy: Arc<ClusterPolicy>,
}

/// Who fills the slots, for `/health` and for answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PluginIdentities {
    /// In the tagger slot.
    pub tagger: PluginIdentity,
    /// In the context mapper slot.
    #[serde(rename = "context-mapper")]
    pub context_mapper: PluginIdentity,
    /// In the cluster policy slot.
    #[serde(rename = "cluster-policy")]
    pub cluster_policy: PluginIdentity,
}

impl PluginSet {
    /// Who they are.
    #[must_use]
    pub fn identities(&self) -> PluginIdentities {
        PluginIdentities {
            tagger: self.tagger.identity().clone(),
            context_mapper: self.context_mapper.identity().clone(),
            cluster_policy: self.cluster_policy.identity().clone(),
        }
    }

    /// The plugin in a slot.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Candidate {
        match slot {
            Slot::Tagger => Candidate::Tagger(Arc::clone(&self.tagger)),
            Slot::ContextMapper => Candidate::ContextMapper(Arc::clone(&self.context_mapper)),
            Slot::ClusterPolicy => Candidate::ClusterPolicy(Arc::clone(&self.cluster_policy)),
        }
    }

    /// The same plugins but for one.
    #[must_use]
    pub(super) fn with(&self, candidate: Candidate) -> Self {
        let mut set = self.clone();
        match candidate {
            Candidate::Tagger(plugin) => set.tagger = plugin,
            Candidate::ContextMapper(plugin) => set.context_mapper = plugin,
            Candidate::ClusterPolicy(plugin) => set.cluster_policy = plugin,
        }
        set
    }
}
