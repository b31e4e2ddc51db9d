//! The latest failure of each slot, for its administrator: in memory and nowhere else.

use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use super::component::PluginIdentity;
use super::error::PluginError;
use super::slot::Slot;
use crate::moment::rfc3339;

/// A call of an active plugin that failed.
#[derive(Clone, Debug)]
pub struct LastFailure {
    /// When, as RFC 3339.
    pub at: String,
    /// The plugin that failed.
    pub plugin: PluginIdentity,
    /// What happened in the call.
    pub error: String,
    /// What the plugin wrote in that call to its standard output, its standard error and the log: the last
    /// `PLUGIN_OUTPUT_BYTES` of it, without control characters. Empty if it wrote nothing. It may contain anything that
    /// the plugin saw in the photo.
    pub output: String,
}

/// One failure for each slot.
#[derive(Default)]
pub(super) struct Failures(Mutex<[Option<LastFailure>; Slot::ALL.len()]>);

impl Failures {
    pub(super) fn get(&self, slot: Slot) -> Option<LastFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot as usize].clone()
    }

    /// Remembers a failure in place of the one before.
    pub(super) fn set(&self, slot: Slot, plugin: &PluginIdentity, error: &PluginError) {
        let failure = LastFailure {
            at: rfc3339(OffsetDateTime::now_utc()),
            plugin: plugin.clone(),
            error: crate::report(error),
            output: error.output().to_owned(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[slot as usize] = Some(failure);
    }
}
