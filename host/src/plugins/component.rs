//! A compiled plugin: its bytes' digest, where it came from, and one call into a fresh instance of it.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tracing::debug_span;
use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre};

use super::bindings::types;
use super::complaint::complaint;
use super::data::PluginData;
use super::engine::{CallContext, PluginEngine};
use super::error::PluginError;
use super::failure::{FailedCall, Failure};
use super::guest::{Guest, LOG_TARGET};
use super::inspect::{CORE_MODULE, Inspection};
use super::output::Output;
use super::packages::EARLIER_WIT_VERSION;
use super::photo::PhotoAccess;
use super::slot::Slot;
use super::statistics::Statistics;
use super::text::check_remark;
use crate::digest::digest;
use crate::metrics;

/// The longest name and the longest version of a plugin, in characters: both are in every line that it logs.
const MAX_INFO_CHARS: usize = 64;

/// What identifies a loaded plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginIdentity {
    /// The name it gives itself.
    pub name: String,
    /// The version it gives itself.
    pub version: String,
    /// SHA-256 of the component file, in hexadecimal.
    pub digest: String,
    /// `built-in`, or the file it was loaded from.
    pub origin: String,
}

/// A component that passed compilation and linking.
pub(super) struct CompiledPlugin {
    pub(super) slot: Slot,
    digest: String,
    origin: String,
    /// What it calls itself; known after its description was read.
    name: OnceLock<String>,
    engine: Arc<PluginEngine>,
    instance: InstancePre<Guest>,
    /// It was built for version 1.0.0 of the WIT package.
    is_earlier: bool,
    /// Which data it carries apart from its code.
    data: Option<PluginData>,
    pub(super) statistics: Statistics,
    /// What the latest call wrote, for whoever tries the plugin alone; never in a worker.
    written: Mutex<String>,
}

impl CompiledPlugin {
    /// Compiles a component and checks that everything it imports exists.
    pub(super) fn new(
        engine: &Arc<PluginEngine>,
        slot: Slot,
        bytes: &[u8],
        origin: String,
    ) -> Result<Self, PluginError> {
        let refused = |reason: String| PluginError::Load {
            slot,
            origin: origin.clone(),
            reason,
        };
        let (size, limit) = (bytes.len() as u64, engine.limits.component_bytes);
        if size > limit {
            return Err(refused(format!(
                "it has {size} bytes and PLUGIN_FILE_BYTES allows {limit}"
            )));
        }
        if wasmparser::Parser::is_core_wasm(bytes) {
            return Err(refused(CORE_MODULE.to_owned()));
        }
        let component =
            Component::new(&engine.engine, bytes).map_err(|error| refused(format!("{error:#}")))?;
        let instance = engine.linker.instantiate_pre(&component).map_err(|error| {
            let complaint = complaint(slot, bytes);
            refused(complaint.unwrap_or_else(|| format!("{error:#}")))
        })?;
        let inspection = Inspection::of(bytes).ok();
        Ok(Self {
            slot,
            digest: digest(bytes),
            origin,
            name: OnceLock::new(),
            engine: Arc::clone(engine),
            instance,
            is_earlier: inspection
                .as_ref()
                .is_some_and(|seen| seen.wit_version == EARLIER_WIT_VERSION),
            data: inspection.and_then(|seen| seen.data),
            statistics: Statistics::default(),
            written: Mutex::default(),
        })
    }

    /// The linked component, for looking up its exports.
    pub(super) fn instance_pre(&self) -> &InstancePre<Guest> {
        &self.instance
    }

    /// Whether it was built for version 1.0.0 of the WIT package and not for today's.
    pub(super) fn is_earlier(&self) -> bool {
        self.is_earlier
    }

    /// Which data it carries apart from its code.
    pub(super) fn data(&self) -> Option<&PluginData> {
        self.data.as_ref()
    }

    /// Whether the component exports an interface that its slot leaves open.
    pub(super) fn exports(&self, interface: &str) -> bool {
        self.instance
            .component()
            .get_export_index(None, interface)
            .is_some()
    }

    /// The error for a component that does not export what its slot needs.
    pub(super) fn load_error(&self, error: &wasmtime::Error) -> PluginError {
        PluginError::Load {
            slot: self.slot,
            origin: self.origin.clone(),
            reason: format!("{error:#}"),
        }
    }

    /// Who the component is, once it has said so.
    pub(super) fn identity(&self, info: types::PluginInfo) -> Result<PluginIdentity, String> {
        let types::PluginInfo { name, version } = info;
        for (what, text) in [("name", &name), ("version", &version)] {
            check_remark(what, Some(text), MAX_INFO_CHARS)?;
        }
        Ok(PluginIdentity {
            name: self.name.get_or_init(|| name).clone(),
            version,
            digest: self.digest.clone(),
            origin: self.origin.clone(),
        })
    }

    /// Counts and times one answer, the host's check of it included.
    pub(super) fn measured<Answer>(
        &self,
        answer: impl FnOnce() -> Result<Answer, PluginError>,
    ) -> Result<Answer, PluginError> {
        let started = Instant::now();
        let plugin = self.name.get();
        let outcome = debug_span!("plugin", slot = self.slot.name(), plugin).in_scope(answer);
        let took = started.elapsed();
        self.statistics.record(took, outcome.is_ok());
        metrics::plugin_call(self.slot.name(), took, outcome.is_ok());
        outcome
    }

    /// What the latest call wrote, on a workbench; nothing in a worker.
    pub(super) fn written(&self) -> String {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Runs one call of a function in a fresh store, within the limits; `check` says whether its answer is taken.
    ///
    /// Blocks, and drives the guest on tokio's clock: call it from a blocking thread of a tokio runtime.
    pub(super) fn call<Raw, Answer, Call>(
        &self,
        function: &'static str,
        photo: PhotoAccess,
        call: impl FnOnce(Store<Guest>, Instance) -> Call,
        check: impl FnOnce(Raw) -> Result<Answer, Failure>,
    ) -> Result<Answer, PluginError>
    where
        Call: Future<Output = wasmtime::Result<Raw>>,
    {
        let (slot, limits, wall) = (self.slot, &self.engine.limits, self.engine.wall_clock());
        let output = Output::new(limits.output_bytes);
        let context = CallContext {
            slot,
            plugin: self.name.get().cloned().unwrap_or_default(),
            photo,
            usage: self.statistics.usage_of_calls(),
            output: output.clone(),
        };
        // A guest that computes is interrupted by its own clocks, and one that waits by the runtime's.
        let outcome = tokio::runtime::Handle::current().block_on(tokio::time::timeout(wall, async {
            let mut store = self.engine.store(context, wall);
            let instance = self.instance.instantiate_async(&mut store).await;
            let instance = instance.map_err(Failure::Start)?;
            call(store, instance).await.map_err(Failure::Call)
        }));
        let outcome = outcome.unwrap_or(Err(Failure::Late)).and_then(check);
        if self.engine.keeps_output() {
            *self.written.lock().unwrap_or_else(PoisonError::into_inner) = output.text();
        }
        outcome.map_err(|failure| {
            let call = FailedCall {
                slot,
                function,
                limits,
                wall,
                output: output.text(),
            };
            let error = call.error(failure);
            // Its lines are in the log already. In one line, whatever it says.
            if output.has_printed() {
                let (plugin, output) = (self.name.get(), error.output());
                tracing::debug!(
                    target: LOG_TARGET,
                    %slot, plugin, function, ?output, "output of the plugin in a call that failed"
                );
            }
            error
        })
    }
}
