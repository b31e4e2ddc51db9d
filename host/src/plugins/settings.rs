//! How plugins are loaded, run and replaced, as the operator wants it.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::Slot;
use super::engine::PluginLimits;
use super::graphs::GraphPermission;
use super::trust::Trust;

/// What becomes of a photo whose plugin fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The photo fails with 502 and nothing of it is stored.
    #[default]
    Fail,
    /// The answer does without: no tags, the neutral phrase, or the plain threshold rule; and says so.
    Degrade,
}

/// How plugins are loaded, run and replaced.
#[derive(Clone, Debug)]
pub struct PluginSettings {
    /// `PLUGIN_DIR`: components that replace the built-in ones, when there are any.
    pub directory: Option<PathBuf>,
    /// `PLUGIN_SETTLE_MS`: how long a file there must be left alone before it is loaded.
    pub settle: Duration,
    /// What one call may use.
    pub limits: PluginLimits,
    /// What a component must be to be loaded.
    pub trust: Trust,
    /// `PLUGIN_GRAPHS`: which slots may run which of the host's networks.
    pub graphs: Vec<GraphPermission>,
    /// `PLUGIN_DEGRADE`: slots whose failure does not fail the photo.
    pub degrade: Vec<Slot>,
    /// `PLUGIN_BREAKER_FAILURES`: failures in a row after which the plugin before is put back; 0 turns this off.
    pub breaker_failures: u32,
    /// `PLUGIN_HISTORY`: how many plugins are kept of each slot for rolling back.
    pub history: usize,
}

impl PluginSettings {
    pub(super) fn on_failure(&self, slot: Slot) -> OnFailure {
        if self.degrade.contains(&slot) {
            OnFailure::Degrade
        } else {
            OnFailure::Fail
        }
    }
}
