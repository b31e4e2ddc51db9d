//! What a component says of itself before anything of it runs.

use serde::Serialize;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use super::component::{CORE_MODULE, digest};
use super::engine::PluginEngine;
use super::{PluginError, Slot};

/// The package of the interfaces that plugins export.
const PACKAGE: &str = "ai-worker:plugin/";
/// The version of the package that this host speaks.
pub const WIT_VERSION: &str = "1.0.0";

/// A component's outside.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The slot whose interface it exports.
    pub slot: Slot,
    /// The version of the WIT package it was made for.
    pub wit_version: String,
    /// Size in bytes.
    pub bytes: usize,
    /// SHA-256 in hexadecimal.
    pub digest: String,
    /// Every interface it imports.
    pub imports: Vec<String>,
}

impl Inspection {
    /// Compiles a component and reads its imports and exports.
    ///
    /// # Errors
    /// When the bytes are no component, or it exports the interface of no slot or of several; the text says what it
    /// is instead.
    pub(super) fn of(engine: &PluginEngine, bytes: &[u8]) -> Result<Self, PluginError> {
        if wasmparser::Parser::is_core_wasm(bytes) {
            return Err(PluginError::NoPlugin(CORE_MODULE.to_owned()));
        }
        let component = Component::new(&engine.engine, bytes)
            .map_err(|error| PluginError::NoPlugin(format!("it is not a valid component: {error:#}")))?;
        let kind = component.component_type();
        let imports = kind
            .imports(&engine.engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let exports: Vec<String> = kind
            .exports(&engine.engine)
            .filter(|(_, export)| matches!(export.ty, ComponentItem::ComponentInstance(_)))
            .map(|(name, _)| name.to_owned())
            .collect();
        let slots: Vec<(Slot, String)> = exports
            .iter()
            .filter_map(|export| {
                let (name, version) = export.strip_prefix(PACKAGE)?.split_once('@')?;
                Some((name.parse().ok()?, version.to_owned()))
            })
            .collect();
        match &slots[..] {
            [(slot, version)] => Ok(Self {
                slot: *slot,
                wit_version: version.clone(),
                bytes: bytes.len(),
                digest: digest(bytes),
                imports,
            }),
            [] => Err(PluginError::NoPlugin(format!(
                "it exports {} and none of {PACKAGE}tagger, {PACKAGE}context-mapper and {PACKAGE}cluster-policy at version \
                 {WIT_VERSION}",
                if exports.is_empty() {
                    "no interface".to_owned()
                } else {
                    exports.join(", ")
                }
            ))),
            _ => Err(PluginError::NoPlugin(
                "it exports the interfaces of several slots; a plugin fills one".to_owned(),
            )),
        }
    }
}
