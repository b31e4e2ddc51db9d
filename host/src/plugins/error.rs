//! Why a plugin could not be loaded or did not answer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::slot::Slot;
use crate::domain::FileId;

/// Why a plugin could not be loaded or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The WebAssembly engine itself could not be set up.
    #[error(
        "the WebAssembly engine could not be started; raise the limits on memory, address space (ulimit -v) or threads"
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
        "{} is damaged; restore it from a backup, or move it away: every slot then starts with its built-in plugin",
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
    #[error("the {0} plugin is the first in its slot; there is no earlier plugin to roll back to")]
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
        /// See [`PluginError::output`].
        output: String,
    },
    /// It does not answer as it must about a photo that is stored.
    #[error("stored photo {}", file.as_str())]
    TrialFailed {
        /// The slot.
        slot: Slot,
        /// The photo.
        file: FileId,
        /// What it did instead.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Whoever asked for the change is gone, so there was none.
    #[error("the caller disconnected before the {0} plugin was swapped in; nothing was changed")]
    Abandoned(Slot),
    /// The guest trapped or ran out of memory.
    #[error("the {slot} plugin failed in `{function}`: {reason}")]
    Trapped {
        /// The slot.
        slot: Slot,
        /// The function that was called, as the interface names it.
        function: &'static str,
        /// What happened, in words.
        reason: String,
        /// See [`PluginError::output`].
        output: String,
    },
    /// There is no room for the guest's memory.
    #[error(
        "there is too little address space for the {slot} plugin: each call reserves about 4 GiB of address space (not \
         of memory); raise ulimit -v"
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
        "the {slot} plugin was too slow in `{function}`: it used more than the {} ms of processor time that \
         PLUGIN_TIMEOUT_MS allows per call",
        limit.as_millis()
    )]
    TimedOut {
        /// The slot.
        slot: Slot,
        /// The function that was called, as the interface names it.
        function: &'static str,
        /// See [`PluginError::output`].
        output: String,
        /// `PLUGIN_TIMEOUT_MS`.
        limit: Duration,
    },
    /// The guest took little of the processor, and did not answer in time all the same.
    #[error(
        "the {slot} plugin failed in `{function}`: it did not answer within {} ms (PLUGIN_WALL_CLOCK_MS), although it \
         used little processor time",
        limit.as_millis()
    )]
    NoAnswer {
        /// The slot.
        slot: Slot,
        /// The function that was called, as the interface names it.
        function: &'static str,
        /// See [`PluginError::output`].
        output: String,
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
        /// See [`PluginError::output`].
        output: String,
    },
    /// The guest's answer breaks the contract of its interface.
    #[error("the {slot} plugin gave an invalid answer in `{function}`: {reason}")]
    InvalidAnswer {
        /// The slot.
        slot: Slot,
        /// The function that was called, as the interface names it.
        function: &'static str,
        /// What is wrong with the answer.
        reason: String,
        /// See [`PluginError::output`].
        output: String,
    },
}

impl PluginError {
    /// It as callers of the worker may have it: what a guest trapped on is for its author, and for the log.
    pub(crate) fn for_callers(&self) -> String {
        match self {
            Self::Trapped { slot, .. } => format!("the {slot} plugin failed"),
            other => other.to_string(),
        }
    }

    /// It with all causes, as the log may have it: the name of a photo would stay there when the photo is deleted.
    pub(crate) fn logged(&self) -> String {
        match self {
            Self::TrialFailed { source, .. } => format!("a stored photo: {}", crate::report(&**source)),
            other => crate::report(other),
        }
    }

    /// It with all causes, as the audit log may have it, in which nothing may stand that a plugin took from a photo.
    pub(super) fn audited(&self) -> String {
        match self {
            Self::TrialFailed { slot, .. } => format!("the {slot} plugin fails on a stored photo"),
            other => crate::report(other),
        }
    }

    pub(super) fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(error.into())
    }

    /// What the guest wrote in the call that failed, as far as `PLUGIN_OUTPUT_BYTES` keeps it: lines without control
    /// characters, its standard output, standard error and log in the order of writing. Empty when it wrote nothing, or
    /// when this is no failure of a call.
    ///
    /// It is no part of the error's text: a guest may print what it saw in a photo, and the text reaches callers and
    /// logs. Only the plugin's author and administrators may read it.
    #[must_use]
    pub fn output(&self) -> &str {
        match self {
            Self::CaseFailed { output, .. }
            | Self::Trapped { output, .. }
            | Self::TimedOut { output, .. }
            | Self::NoAnswer { output, .. }
            | Self::Declined { output, .. }
            | Self::InvalidAnswer { output, .. } => output,
            Self::TrialFailed { source, .. } => {
                let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**source);
                while let Some(error) = cause {
                    if let Some(failed) = error.downcast_ref::<Self>() {
                        return failed.output();
                    }
                    cause = error.source();
                }
                ""
            }
            _ => "",
        }
    }

    pub(super) fn state(path: &Path, source: std::io::Error) -> Self {
        Self::State {
            path: path.to_owned(),
            source,
        }
    }
}
