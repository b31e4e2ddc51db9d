//! A compiled plugin: its bytes' digest, where it came from, and one call into a fresh instance of it.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre};

use super::engine::{Guest, PluginEngine};
use super::{PluginError, Slot};

/// What identifies a loaded plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    pub(super) digest: String,
    pub(super) origin: String,
    engine: Arc<PluginEngine>,
    instance: InstancePre<Guest>,
}

impl CompiledPlugin {
    /// Reads and compiles a component file.
    pub(super) fn from_file(
        engine: &Arc<PluginEngine>,
        slot: Slot,
        path: &Path,
    ) -> Result<Self, PluginError> {
        let unreadable = |error: std::io::Error| PluginError::Load {
            slot,
            origin: path.display().to_string(),
            reason: format!("it cannot be read: {error}"),
        };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        let limit = engine.limits.component_bytes;
        if size > limit {
            return Err(PluginError::Load {
                slot,
                origin: path.display().to_string(),
                reason: format!("it has {size} bytes and the limit is {limit}"),
            });
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        Self::from_bytes(engine, slot, &bytes, path.display().to_string())
    }

    /// Compiles a component and checks that everything it imports exists.
    pub(super) fn from_bytes(
        engine: &Arc<PluginEngine>,
        slot: Slot,
        bytes: &[u8],
        origin: String,
    ) -> Result<Self, PluginError> {
        let load_error = |error: wasmtime::Error| PluginError::Load {
            slot,
            origin: origin.clone(),
            reason: format!("{error:#}"),
        };
        let component = Component::new(&engine.engine, bytes).map_err(load_error)?;
        let instance = engine.linker.instantiate_pre(&component).map_err(load_error)?;
        Ok(Self {
            slot,
            digest: Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            origin,
            engine: Arc::clone(engine),
            instance,
        })
    }

    /// The linked component, for looking up its exports.
    pub(super) fn instance_pre(&self) -> &InstancePre<Guest> {
        &self.instance
    }

    /// The error for a component that does not export what its slot needs.
    pub(super) fn load_error(&self, error: &wasmtime::Error) -> PluginError {
        PluginError::Load {
            slot: self.slot,
            origin: self.origin.clone(),
            reason: format!("{error:#}"),
        }
    }

    pub(super) fn identity(&self, name: String, version: String) -> PluginIdentity {
        PluginIdentity {
            name,
            version,
            digest: self.digest.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Runs one call in a fresh store, within the limits.
    ///
    /// Blocks, and drives the guest on tokio's clock: call it from a blocking thread of a tokio runtime.
    pub(super) fn call<Answer, Call>(
        &self,
        call: impl FnOnce(Store<Guest>, Instance) -> Call,
    ) -> Result<Answer, PluginError>
    where
        Call: Future<Output = wasmtime::Result<Answer>>,
    {
        let limit = self.engine.limits.timeout;
        let outcome = tokio::runtime::Handle::current().block_on(tokio::time::timeout(limit, async {
            let mut store = self.engine.store();
            let instance = self.instance.instantiate_async(&mut store).await?;
            call(store, instance).await
        }));
        match outcome {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.downcast_ref() == Some(&wasmtime::Trap::Interrupt) => {
                Err(PluginError::TimedOut {
                    slot: self.slot,
                    limit,
                })
            }
            Ok(Err(error)) => Err(PluginError::Trapped {
                slot: self.slot,
                source: error.into(),
            }),
            Err(_) => Err(PluginError::TimedOut {
                slot: self.slot,
                limit,
            }),
        }
    }
}
