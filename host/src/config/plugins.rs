//! The settings of plugins.

use std::path::PathBuf;
use std::time::Duration;

use super::milliseconds;
use super::reader::Reader;
use crate::plugins::{GraphPermission, PluginLimits, PluginSettings, TrialSettings, Trust};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<PluginSettings> {
    let limits = limits(reader);
    let keys = reader.list("PLUGIN_TRUST");
    let pins = reader.list("PLUGIN_PIN");
    let graphs = graphs(reader);
    let degrade = reader.list("PLUGIN_DEGRADE");
    let breaker_failures = reader.within("PLUGIN_BREAKER_FAILURES", 0, 1_000_000);
    let history = reader.within("PLUGIN_HISTORY", 1, 1_000);
    let settle = milliseconds(reader, "PLUGIN_SETTLE_MS");
    Some(PluginSettings {
        directory: reader.text("PLUGIN_DIR").map(PathBuf::from),
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
    let scenes = reader.within("PLUGIN_TRIAL_SCENES", 0, 100_000);
    let seconds = reader.within("PLUGIN_TRIAL_SECONDS", 1, 3_600);
    Some(TrialSettings {
        scenes: scenes?,
        limit: Duration::from_secs(seconds?),
    })
}

/// `none` is a word of its own because an empty setting means its default.
fn graphs(reader: &mut Reader<'_>) -> Option<Vec<GraphPermission>> {
    if reader.text("PLUGIN_GRAPHS").as_deref() == Some("none") {
        return Some(Vec::new());
    }
    reader.list("PLUGIN_GRAPHS")
}

fn limits(reader: &mut Reader<'_>) -> Option<PluginLimits> {
    let timeout = milliseconds(reader, "PLUGIN_TIMEOUT_MS");
    let wall_clock = milliseconds(reader, "PLUGIN_WALL_CLOCK_MS");
    let memory_bytes = reader.within("PLUGIN_MEMORY_BYTES", 1 << 16, 1 << 32);
    let component_bytes = reader.within("PLUGIN_FILE_BYTES", 1 << 10, 1 << 30);
    let instances = reader.within("PLUGIN_INSTANCES", 1, 10_000);
    let table_elements = reader.within("PLUGIN_TABLE_ELEMENTS", 1, 10_000_000);
    let transfer_bytes = reader.within("PLUGIN_TRANSFER_BYTES", 1 << 10, 1 << 30);
    let handles = reader.within("PLUGIN_HANDLES", 1, 100_000);
    let inferences = reader.within("PLUGIN_INFERENCES", 0, 10_000);
    let log_lines = reader.within("PLUGIN_LOG_LINES", 0, 1_000_000);
    let output_bytes = reader.within("PLUGIN_OUTPUT_BYTES", 0, 1 << 20);
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
