//! What a component says of itself before anything of it runs.

use serde::Serialize;
use wasmparser::{BinaryReaderError, ComponentExternalKind, ComponentTypeRef, Parser, Payload};

use super::custom_sections::own_sections;
use super::data::{self, PluginData};
use super::error::PluginError;
use super::packages::{EARLIER_WIT_VERSION, WIT_VERSION};
use super::slot::Slot;
use crate::digest::digest;

/// The package of the interfaces that plugins export.
const PACKAGE: &str = "ai-worker:plugin/";

/// What to tell whoever brings a core module.
pub(super) const CORE_MODULE: &str =
    "it is a core module and not a component; convert it with `ai-worker plugin componentize`";

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
    /// Which data it carries apart from its code; none for most plugins.
    pub data: Option<PluginData>,
}

impl Inspection {
    /// Reads a component's imports and exports. Nothing is compiled, which would take seconds for a large one.
    ///
    /// # Errors
    /// When the bytes are no component, or it exports the interface of no slot or of several; the text says what it
    /// is instead.
    pub fn of(bytes: &[u8]) -> Result<Self, PluginError> {
        if Parser::is_core_wasm(bytes) {
            return Err(PluginError::NoPlugin(CORE_MODULE.to_owned()));
        }
        if !Parser::is_component(bytes) {
            return Err(PluginError::NoPlugin("it is not WebAssembly".to_owned()));
        }
        let (imports, exports) = interfaces(bytes)
            .map_err(|error| PluginError::NoPlugin(format!("it is not a valid component: {error}")))?;
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
                data: data::describe(*slot, bytes),
            }),
            [] => Err(PluginError::NoPlugin(format!(
                "it exports {} and none of {} at version {WIT_VERSION} or {EARLIER_WIT_VERSION}",
                if exports.is_empty() {
                    "no interface".to_owned()
                } else {
                    exports.join(", ")
                },
                Slot::listed(|slot| format!("{PACKAGE}{slot}"))
            ))),
            _ => Err(PluginError::NoPlugin(
                "it exports the interfaces of several slots; a plugin fills one".to_owned(),
            )),
        }
    }
}

/// The names of the interfaces that a component imports and exports.
fn interfaces(component: &[u8]) -> Result<(Vec<String>, Vec<String>), BinaryReaderError> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    for payload in own_sections(component) {
        match payload? {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import?;
                    if matches!(import.ty, ComponentTypeRef::Instance(_)) {
                        imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Instance {
                        exports.push(export.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}
