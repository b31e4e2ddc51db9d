//! Plugins outside of a worker: to look at them and to test them alone.

use std::collections::HashMap;
use std::sync::Arc;

use super::engine::PluginEngine;
use super::error::PluginError;
use super::set::Candidate;
use super::settings::PluginLimits;
use super::slot::Slot;

/// An engine with the worker's limits but without its models, store and slots.
pub struct Workbench(Arc<PluginEngine>);

impl Workbench {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the WebAssembly engine cannot be set up on this machine.
    pub fn new(limits: PluginLimits) -> Result<Self, PluginError> {
        let engine = PluginEngine::new(limits, HashMap::new())?;
        Ok(Self(Arc::new(engine.keeping_output())))
    }

    /// Compiles, links, instantiates and calls a component once. Blocks; call it from a blocking thread of a tokio
    /// runtime.
    ///
    /// # Errors
    /// When it could not fill the slot.
    pub fn load(&self, slot: Slot, component: &[u8], origin: &str) -> Result<Candidate, PluginError> {
        Candidate::load(&self.0, slot, component, origin.to_owned())
    }
}
