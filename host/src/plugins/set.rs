//! Loaded plugins, one for each slot.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cluster_policy::ClusterPolicy;
use super::component::{CompiledPlugin, PluginIdentity};
use super::context_mapper::ContextMapper;
use super::data::PluginData;
use super::engine::PluginEngine;
use super::statistics::Statistics;
use super::tagger::Tagger;
use super::{PluginError, Slot};
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
        let compiled = CompiledPlugin::new(engine, slot, bytes, origin)?;
        Ok(match slot {
            Slot::Tagger => Self::Tagger(Arc::new(Tagger::new(compiled)?)),
            Slot::ContextMapper => Self::ContextMapper(Arc::new(ContextMapper::new(compiled)?)),
            Slot::ClusterPolicy => Self::ClusterPolicy(Arc::new(ClusterPolicy::new(compiled)?)),
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
