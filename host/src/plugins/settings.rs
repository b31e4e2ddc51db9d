//! How plugins are loaded, run and replaced, as the operator wants it.

use std::path::PathBuf;
use std::time::Duration;

use super::graphs::GraphPermission;
use super::slot::Slot;
use super::trust::Trust;

/// What happens to a photo whose plugin fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The photo fails with 502 and nothing of it is stored.
    #[default]
    Fail,
    /// The answer does without: no tags, the neutral phrase, or the plain threshold rule; and says so.
    Degrade,
}

/// What one call of a plugin may use.
#[derive(Clone, Debug)]
pub struct PluginLimits {
    /// `PLUGIN_TIMEOUT_MS`: the most processor time that a guest itself may use in one call.
    pub timeout: Duration,
    /// `PLUGIN_WALL_CLOCK_MS`: how long one call may take by the clock on the wall, with everything that it waits for.
    pub wall_clock: Duration,
    /// `PLUGIN_MEMORY_BYTES`: most bytes of all linear memories together, and of all tensors together.
    pub memory_bytes: usize,
    /// `PLUGIN_FILE_BYTES`: largest component file in bytes.
    pub component_bytes: u64,
    /// `PLUGIN_INSTANCES`: most core instances that one component may be made of.
    pub instances: usize,
    /// `PLUGIN_TABLE_ELEMENTS`: most elements of all function tables together.
    pub table_elements: usize,
    /// `PLUGIN_TRANSFER_BYTES`: most bytes that a guest may pass to the host in one host call.
    pub transfer_bytes: usize,
    /// `PLUGIN_HANDLES`: most tensors and other host objects that a guest may hold at a time.
    pub handles: usize,
    /// `PLUGIN_INFERENCES`: most inferences of host graphs in one call.
    pub inferences: u32,
    /// `PLUGIN_LOG_LINES`: most log lines in one call; more are dropped.
    pub log_lines: u32,
    /// `PLUGIN_OUTPUT_BYTES`: how many bytes are kept of the end of what a call writes to its standard output, its
    /// standard error and the log; 0 keeps none.
    pub output_bytes: usize,
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
