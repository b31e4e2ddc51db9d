//! The settings of plugins.

use super::reader::Reader;
use crate::plugins::{PluginLimits, PluginSettings, TrialSettings, Trust};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<PluginSettings> {
    let limits = limits(reader);
    let keys = reader.list("PLUGIN_TRUST");
    let pins = reader.list("PLUGIN_PIN");
    let graphs = reader.list("PLUGIN_GRAPHS");
    let degrade = reader.list("PLUGIN_DEGRADE");
    let breaker_failures = reader.integer("PLUGIN_BREAKER_FAILURES");
    let history = reader.integer("PLUGIN_HISTORY");
    let settle = reader.duration("PLUGIN_SETTLE_MS");
    Some(PluginSettings {
        directory: reader.path("PLUGIN_DIR"),
        settle: settle?,
        limits: limits?,
        trust: Trust {
            keys: keys?,
            pins: pins?,
        },
        graphs: graphs?,
        degrade: degrade?,
        breaker_failures: breaker_failures?,
        history: history?,
    })
}

pub(super) fn trial(reader: &mut Reader<'_>) -> Option<TrialSettings> {
    let scenes = reader.integer("PLUGIN_TRIAL_SCENES");
    let limit = reader.duration("PLUGIN_TRIAL_SECONDS");
    Some(TrialSettings {
        scenes: scenes?,
        limit: limit?,
    })
}

fn limits(reader: &mut Reader<'_>) -> Option<PluginLimits> {
    let timeout = reader.duration("PLUGIN_TIMEOUT_MS");
    let wall_clock = reader.duration("PLUGIN_WALL_CLOCK_MS");
    let memory_bytes = reader.integer("PLUGIN_MEMORY_BYTES");
    let component_bytes = reader.integer("PLUGIN_FILE_BYTES");
    let instances = reader.integer("PLUGIN_INSTANCES");
    let table_elements = reader.integer("PLUGIN_TABLE_ELEMENTS");
    let transfer_bytes = reader.integer("PLUGIN_TRANSFER_BYTES");
    let handles = reader.integer("PLUGIN_HANDLES");
    let inferences = reader.integer("PLUGIN_INFERENCES");
    let log_lines = reader.integer("PLUGIN_LOG_LINES");
    let output_bytes = reader.integer("PLUGIN_OUTPUT_BYTES");
    Some(PluginLimits {
        timeout: timeout?,
        // Nobody uses the processor for longer than time goes by.
        wall_clock: wall_clock?.max(timeout?),
        memory_bytes: memory_bytes?,
        component_bytes: component_bytes?,
        instances: instances?,
        table_elements: table_elements?,
        transfer_bytes: transfer_bytes?,
        handles: handles?,
        inferences: inferences?,
        log_lines: log_lines?,
        output_bytes: output_bytes?,
    })
}
