//! The WebAssembly plugins: three slots, each filled by a component, run within limits.
//!
//! A call gets a fresh store and can reach nothing but its arguments. A plugin that traps, spins or
//! answers nonsense fails its own call and nothing else. Calls block: make them from a blocking thread.

mod bindings;
mod cluster_policy;
mod component;
mod context_mapper;
mod engine;
mod tagger;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

pub use cluster_policy::ClusterPolicy;
pub use component::PluginIdentity;
pub use context_mapper::{Context, ContextMapper};
pub use engine::PluginLimits;
pub use tagger::Tagger;

use component::CompiledPlugin;
use engine::PluginEngine;

/// What a plugin can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Which tags a photo gets.
    Tagger,
    /// The Indonesian phrase.
    ContextMapper,
    /// To which person a face belongs.
    ClusterPolicy,
}

impl Slot {
    /// The component that fills the slot when nobody brings another one.
    fn built_in(self) -> &'static [u8] {
        match self {
            Self::Tagger => include_bytes!("../../../components/tagger/tagger.wasm"),
            Self::ContextMapper => include_bytes!("../../../components/context-mapper/context-mapper.wasm"),
            Self::ClusterPolicy => include_bytes!("../../../components/cluster-policy/cluster-policy.wasm"),
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tagger => "tagger",
            Self::ContextMapper => "context-mapper",
            Self::ClusterPolicy => "cluster-policy",
        })
    }
}

/// Why a plugin could not be loaded or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The WebAssembly engine itself could not be set up.
    #[error("the WebAssembly engine could not be started")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A component file cannot fill its slot.
    #[error("the {slot} plugin from {origin} cannot be used: {reason}")]
    Load {
        /// The slot it was meant for.
        slot: Slot,
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The plugin directory does not exist or cannot be read.
    #[error("the plugin directory {0} does not exist; create it or unset PLUGIN_DIR")]
    NoDirectory(PathBuf),
    /// The guest trapped or ran out of memory.
    #[error("the {slot} plugin failed")]
    Trapped {
        /// The slot.
        slot: Slot,
        /// The trap.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The guest did not answer in time.
    #[error("the {slot} plugin did not answer within {} ms", limit.as_millis())]
    TimedOut {
        /// The slot.
        slot: Slot,
        /// The limit it ran into.
        limit: Duration,
    },
    /// The guest answered that it cannot answer.
    #[error("the {slot} plugin declined: {reason}")]
    Declined {
        /// The slot.
        slot: Slot,
        /// The guest's own words.
        reason: String,
    },
    /// The guest's answer breaks the contract of its interface.
    #[error("the {slot} plugin gave an invalid answer: {reason}")]
    InvalidAnswer {
        /// The slot.
        slot: Slot,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl PluginError {
    fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(error.into())
    }

    fn declined(slot: Slot, error: bindings::types::PluginError) -> Self {
        use bindings::types::PluginError as Guest;
        let (Guest::Unsupported(reason) | Guest::Failed(reason) | Guest::Other(reason)) = error;
        Self::Declined {
            slot,
            reason: reason.chars().take(500).collect(),
        }
    }
}

/// The three plugins of one moment. A request takes one snapshot, so that no answer mixes versions.
pub struct PluginSet {
    /// Fills the tagger slot.
    pub tagger: Arc<Tagger>,
    /// Fills the context mapper slot.
    pub context_mapper: Arc<ContextMapper>,
    /// Fills the cluster policy slot.
    pub cluster_policy: Arc<ClusterPolicy>,
}

/// Who fills the slots, for `/health` and for answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
}

/// Holds the active plugins.
pub struct Plugins {
    active: ArcSwap<PluginSet>,
}

impl Plugins {
    /// Compiles, instantiates and smoke-tests one component for each slot: `<slot>.wasm` from the
    /// directory when it has one, else the built-in one.
    ///
    /// Blocks for as long as compilation takes; call it from a blocking thread of a tokio runtime.
    ///
    /// # Errors
    /// When a component cannot be read, compiled, linked, instantiated or called.
    pub fn load(directory: Option<&Path>, limits: PluginLimits) -> Result<Self, PluginError> {
        if let Some(directory) = directory
            && !directory.is_dir()
        {
            return Err(PluginError::NoDirectory(directory.to_owned()));
        }
        let engine = Arc::new(PluginEngine::new(limits)?);
        let compile = |slot: Slot| {
            let file = directory.map(|directory| directory.join(format!("{slot}.wasm")));
            match file.filter(|file| file.exists()) {
                Some(file) => CompiledPlugin::from_file(&engine, slot, &file),
                None => CompiledPlugin::from_bytes(&engine, slot, slot.built_in(), "built-in".to_owned()),
            }
        };
        let set = PluginSet {
            tagger: Arc::new(Tagger::new(compile(Slot::Tagger)?)?),
            context_mapper: Arc::new(ContextMapper::new(compile(Slot::ContextMapper)?)?),
            cluster_policy: Arc::new(ClusterPolicy::new(compile(Slot::ClusterPolicy)?)?),
        };
        let identities = set.identities();
        for identity in [
            &identities.tagger,
            &identities.context_mapper,
            &identities.cluster_policy,
        ] {
            tracing::info!(
                name = identity.name,
                version = identity.version,
                digest = identity.digest,
                origin = identity.origin,
                "plugin loaded"
            );
        }
        Ok(Self {
            active: ArcSwap::from_pointee(set),
        })
    }

    /// The active plugins of this moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<PluginSet> {
        self.active.load_full()
    }
}
