//! What a guest can reach during one call: its own memory, the log, the photo if it asked for it, networks that its
//! slot may use, and a WASI that grants nothing.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::bindings::{log, types};
use super::clock::CallClock;
use super::limits::CallLimits;
use super::neural::Neural;
use super::output::Output;
use super::photo::PhotoAccess;
use super::slot::Slot;
use super::usage::{CallUsage, LatestUsage};

/// Under which target the lines of guests are logged.
pub(super) const LOG_TARGET: &str = "ai_worker::plugin";
/// The longest log line of a guest, in characters.
const MAX_LINE_CHARS: usize = 1_000;
/// The most random bytes that a guest gets at a time: making them is not interrupted.
const MAX_RANDOM_BYTES: u64 = 1 << 16;

/// The state of one call.
pub(super) struct Guest {
    pub(super) limits: CallLimits,
    pub(super) clock: CallClock,
    pub(super) table: ResourceTable,
    /// Made when a guest first uses it: most never do, and it costs more than their whole call.
    pub(super) wasi: Option<WasiCtx>,
    pub(super) neural: Neural,
    pub(super) photo: PhotoAccess,
    pub(super) log: Lines,
    /// Where the guest's standard output and standard error go.
    pub(super) output: Output,
    pub(super) usage: Arc<LatestUsage>,
}

/// A call ends when its store is dropped, however it ended.
impl Drop for Guest {
    fn drop(&mut self) {
        self.usage.set(CallUsage {
            processor: self.clock.used(),
            memory_bytes: self.limits.memory_bytes(),
        });
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let output = &self.output;
        let make = || {
            let mut wasi = WasiCtx::builder();
            wasi.max_random_size(MAX_RANDOM_BYTES);
            if output.is_kept() {
                wasi.stdout(output.clone()).stderr(output.clone());
            }
            wasi.build()
        };
        WasiCtxView {
            ctx: self.wasi.get_or_insert_with(make),
            table: &mut self.table,
        }
    }
}

impl types::Host for Guest {}

/// The lines of one call on their way to the worker's log.
pub(super) struct Lines {
    slot: Slot,
    plugin: String,
    left: u32,
    dropped: u64,
    /// Whoever looks for a failure reads the lines of its call there, too.
    output: Output,
}

impl Lines {
    pub(super) fn new(slot: Slot, plugin: String, left: u32, output: Output) -> Self {
        Self {
            slot,
            plugin,
            left,
            dropped: 0,
            output,
        }
    }

    /// Writes one line, or counts it when there were as many as allowed.
    pub(super) fn write(&mut self, level: log::Level, message: &str) {
        let Self {
            slot,
            plugin,
            left,
            dropped,
            output,
        } = self;
        if *left == 0 {
            *dropped += 1;
            return;
        }
        *left -= 1;
        // One line stays one line, whatever a guest puts into it.
        let message: String = message
            .chars()
            .take(MAX_LINE_CHARS)
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        output.line(&message);
        match level {
            log::Level::Debug => tracing::debug!(target: LOG_TARGET, %slot, plugin, "{message}"),
            log::Level::Info => tracing::info!(target: LOG_TARGET, %slot, plugin, "{message}"),
            log::Level::Warn => tracing::warn!(target: LOG_TARGET, %slot, plugin, "{message}"),
            log::Level::Error => tracing::error!(target: LOG_TARGET, %slot, plugin, "{message}"),
        }
    }
}

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.log.write(level, &message);
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if self.dropped > 0 {
            tracing::warn!(
                target: LOG_TARGET,
                slot = %self.slot, plugin = self.plugin, dropped = self.dropped,
                "the plugin wrote more log lines in one call than PLUGIN_LOG_LINES allows; further lines are dropped"
            );
        }
    }
}
