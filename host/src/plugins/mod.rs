//! The WebAssembly plugins: three slots, each filled by a component, run within limits.
//!
//! A call gets a fresh store and can reach nothing but its arguments. A plugin that traps, spins or
//! answers nonsense fails its own call and nothing else. Calls block: make them from a blocking thread.

mod active;
mod bindings;
mod calls;
pub mod cases;
mod clock;
mod cluster_policy;
mod component;
mod context_mapper;
pub mod data;
mod engine;
#[cfg(fuzzing)]
pub mod fuzzing;
mod graphs;
mod guest;
mod inspect;
mod ledger;
mod limits;
mod loader;
mod neural;
mod photo;
mod sections;
mod set;
mod settings;
mod shadow;
mod slot;
mod statistics;
mod tagger;
mod text;
mod trust;
mod watch;
mod workbench;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use active::{Change, Plugins, SlotReport};
pub use calls::Answered;
pub use cluster_policy::ClusterPolicy;
pub use component::{PluginIdentity, digest};
pub use context_mapper::{Context, ContextMapper};
pub use engine::PluginLimits;
pub use graphs::{GraphPermission, Graphs};
pub use inspect::{EARLIER_WIT_VERSION, Inspection, WIT_VERSION};
pub use ledger::back_up;
pub use loader::Preparation;
pub use photo::{Pixels, View};
pub use set::{Candidate, PluginIdentities, PluginSet};
pub use settings::{OnFailure, PluginSettings};
pub use shadow::{Difference, ShadowReport};
pub use slot::{Slot, UnknownSlot};
pub use statistics::CallReport;
pub use tagger::Tagger;
pub use trust::{Pin, Trust, TrustedKey, signature_path};
pub use watch::watch;
pub use workbench::Workbench;

/// Why a plugin could not be loaded or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The WebAssembly engine itself could not be set up.
    #[error(
        "the WebAssembly engine could not be started; where memory, address space (ulimit -v) or threads are limited, \
         allow more"
    )]
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
    /// What is active could not be read or written down.
    #[error("{} cannot be read or written; check the data directory", path.display())]
    State {
        /// What could not be read or written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What was written down of the active plugins is not what a worker writes.
    #[error(
        "{} is damaged; put it back from a backup, or move it away: every slot then begins with its built-in plugin",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// What the plugin needs to be done before it runs could not be done.
    #[error("what the {slot} plugin needs could not be prepared")]
    Preparation {
        /// The slot.
        slot: Slot,
        /// What failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no plugin to roll back to.
    #[error("the {0} plugin is the first in its slot; there is nothing to roll back to")]
    NothingBefore(Slot),
    /// A file is no plugin for any slot.
    #[error("the file is no plugin: {0}")]
    NoPlugin(String),
    /// A golden case that the component brings does not pass.
    #[error("the {slot} plugin fails its own case {case:?}: {reason}")]
    CaseFailed {
        /// The slot.
        slot: Slot,
        /// The case.
        case: String,
        /// What is not as expected.
        reason: String,
    },
    /// The guest trapped or ran out of memory.
    #[error("the {slot} plugin failed")]
    Trapped {
        /// The slot.
        slot: Slot,
        /// The trap.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no room for the guest's memory.
    #[error(
        "there is too little address space for the {slot} plugin: each call reserves about 4 GiB of it, which takes no \
         memory; allow more (ulimit -v)"
    )]
    AddressSpace {
        /// The slot.
        slot: Slot,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The guest took more of the processor than it may.
    #[error(
        "the {slot} plugin used the processor for more than {} ms in one call, which is what PLUGIN_TIMEOUT_MS allows",
        limit.as_millis()
    )]
    TimedOut {
        /// The slot.
        slot: Slot,
        /// `PLUGIN_TIMEOUT_MS`.
        limit: Duration,
    },
    /// The guest took little of the processor, and did not answer in time all the same.
    #[error(
        "the {slot} plugin did not answer within {} ms, as PLUGIN_WALL_CLOCK_MS asks, though it used little of the \
         processor",
        limit.as_millis()
    )]
    NoAnswer {
        /// The slot.
        slot: Slot,
        /// `PLUGIN_WALL_CLOCK_MS`; ten times as much while the worker starts.
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

/// The longest reason that a tagger or a context mapper gives, in characters.
const MAX_REASON_CHARS: usize = 200;
/// The most that is told of why a plugin declined, in characters.
const MAX_DECLINED_CHARS: usize = 500;

impl PluginError {
    fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(error.into())
    }

    /// A call that did not come to its end.
    fn trapped(slot: Slot, error: wasmtime::Error) -> Self {
        let has_no_space = format!("{error:#}").contains("mmap failed to reserve");
        let source = error.into();
        if has_no_space {
            Self::AddressSpace { slot, source }
        } else {
            Self::Trapped { slot, source }
        }
    }

    fn state(path: &Path, source: std::io::Error) -> Self {
        Self::State {
            path: path.to_owned(),
            source,
        }
    }

    fn declined(slot: Slot, error: bindings::types::PluginError) -> Self {
        use bindings::types::PluginError as Guest;
        let (Guest::Unsupported(reason) | Guest::Failed(reason) | Guest::Other(reason)) = error;
        Self::Declined {
            slot,
            reason: text::cleaned(&reason, MAX_DECLINED_CHARS),
        }
    }
}
