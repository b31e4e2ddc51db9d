//! The WebAssembly plugins: the slots, each filled by a component, run within limits, in a sandbox.
//!
//! A call gets a fresh store and can reach nothing but its arguments. A plugin that traps, spins or
//! answers nonsense fails its own call and nothing else. Calls block: make them from a blocking thread.

mod active;
mod bindings;
mod calls;
mod case;
pub mod cases;
mod clock;
mod cluster_policy;
mod complaint;
mod component;
mod context_mapper;
mod custom_sections;
pub mod data;
mod engine;
mod error;
mod failure;
mod failures;
// Tests compile it, too, so that it does not fall behind what it calls.
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod graphs;
mod guest;
mod inspect;
mod ledger;
mod limits;
mod loader;
mod neural;
mod neural_host;
mod nn_error;
mod output;
mod packages;
mod photo;
mod photo_host;
mod question;
mod set;
mod settings;
mod shadow;
mod slot;
mod slot_plugin;
mod statistics;
mod tagger;
mod text;
mod trial;
mod trust;
mod types_in_words;
mod usage;
mod watch;
mod wordless;
mod workbench;

pub use crate::digest::digest;
pub use active::{Change, Plugins, SlotReport};
pub use calls::Answered;
pub use cluster_policy::{ClusterPolicy, ClusterQuestion};
pub use component::PluginIdentity;
pub use context_mapper::{Context, ContextMapper, ContextQuestion};
pub use error::PluginError;
pub use failures::LastFailure;
pub use graphs::{GraphPermission, Graphs};
pub use inspect::Inspection;
pub use ledger::back_up;
pub use loader::Preparation;
pub use packages::{EARLIER_WIT_VERSION, WIT_VERSION, wit_files};
pub use photo::{Pixels, View};
pub use question::Question;
pub use set::{Candidate, PluginIdentities, PluginSet};
pub use settings::{OnFailure, PluginLimits, PluginSettings};
pub use shadow::{Difference, ShadowReport};
pub use slot::{Slot, UnknownSlot};
pub use statistics::CallReport;
pub use tagger::{TagQuestion, Tagger};
pub use trial::{Terms, Trial, TrialReport, TrialSettings};
pub use trust::{Pin, Trust, TrustedKey, signature_path};
pub use usage::CallUsage;
pub use watch::watch;
pub use workbench::Workbench;
