//! Makes components of modules, and looks into components.

use std::path::Path;

use plugin_data::author;
use wasm_encoder::ComponentSection as _;
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::{Component, Failure, read};

/// The package of `wit/`.
const PACKAGE: &str = "ai-worker:plugin";

/// Wraps a core module into a component, which is checked as [`inspect`] does and carries the text of its data along.
pub(crate) fn componentise(
    workspace: &Path,
    component: &Component,
    module: &[u8],
) -> Result<Vec<u8>, Failure> {
    let name = component.name;
    let encode = || {
        ComponentEncoder::default()
            .module(module)?
            .validate(true)
            .encode()
    };
    let mut bytes = encode().map_err(|cause| format!("{name} does not make a component: {cause:#}"))?;
    if let Some(file) = component.data {
        let text = read(&workspace.join("components").join(component.folder).join(file))?;
        wasm_encoder::CustomSection {
            name: author::SECTION.into(),
            data: text.into(),
        }
        .append_to_component(&mut bytes);
    }
    inspect(component, &bytes)?;
    Ok(bytes)
}

/// The interfaces that a component may export beside that of its slot.
const OPTIONAL: [(&str, &str); 1] = [("cluster-policy", "cluster-review")];

/// Makes sure that a component exports the interface of its slot, no others but [`OPTIONAL`] ones, and that it needs of
/// the host only what it may: interfaces which hold plain types it may always import, functions and resources only of
/// those that [`Component::imports`] allows.
pub(crate) fn inspect(component: &Component, bytes: &[u8]) -> Result<(), Failure> {
    let Component {
        name, slot, imports, ..
    } = *component;
    let decoded =
        wit_component::decode(bytes).map_err(|cause| format!("{name} cannot be decoded: {cause:#}"))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(format!("{name} is a WIT package, not a component").into());
    };
    let world = resolve.worlds.get(world).ok_or("the component has no world")?;

    for (key, import) in &world.imports {
        let plain = match import {
            wit_parser::WorldItem::Interface { id, .. } => {
                let interface = resolve.interfaces.get(*id).ok_or("an import has no interface")?;
                interface.functions.is_empty()
                    && interface.types.values().all(|id| {
                        resolve
                            .types
                            .get(*id)
                            .is_some_and(|kind| kind.kind != wit_parser::TypeDefKind::Resource)
                    })
            }
            wit_parser::WorldItem::Type { .. } => true,
            wit_parser::WorldItem::Function(_) => false,
        };
        let import = resolve.name_world_key(key);
        if !plain && !imports.iter().any(|allowed| import.starts_with(allowed)) {
            let allowed = if imports.is_empty() {
                "nothing".to_owned()
            } else {
                format!("nothing but {}", imports.join("… and ") + "…")
            };
            return Err(format!("{name} must need {allowed}, but imports {import}").into());
        }
    }
    let exports: Vec<String> = world
        .exports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    let wanted = format!("{PACKAGE}/{slot}@");
    let is_optional = |export: &str| {
        OPTIONAL
            .iter()
            .any(|(of, interface)| *of == slot && export.starts_with(&format!("{PACKAGE}/{interface}@")))
    };
    let (own, others): (Vec<_>, Vec<_>) = exports.iter().partition(|export| export.starts_with(&wanted));
    if own.is_empty() || !others.iter().all(|export| is_optional(export)) {
        return Err(format!("{name} must export just {wanted}…, but exports {exports:?}").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wit_component::{StringEncoding, embed_component_metadata};
    use wit_parser::Resolve;

    use super::*;

    const TAGGER: &[u8] = include_bytes!("../../tagger/tagger.wasm");

    const TAGGER_SLOT: Component = Component::default_plugin("tagger");

    fn refusal(slot: &'static str, component: &[u8]) -> String {
        inspect(&Component::default_plugin(slot), component)
            .err()
            .map_or_else(String::new, |cause| cause.to_string())
    }

    #[test]
    fn a_component_must_fill_its_own_slot() {
        assert_eq!(refusal("tagger", TAGGER), "");
        assert!(refusal("cluster-policy", TAGGER).starts_with("cluster-policy must export just"));
    }

    #[test]
    fn a_core_module_is_no_component() {
        assert!(refusal("tagger", b"\0asm\x01\0\0\0").starts_with("tagger"));
        assert!(refusal("tagger", b"not WebAssembly").starts_with("tagger cannot be decoded"));
    }

    /// What is said of a component that imports the function `f`.
    fn refusal_of_needy(component: &Component) -> Result<String, Failure> {
        // (module (import "$root" "f" (func)))
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0b\x01\x05$root\x01f\0\0".to_vec();
        let mut resolve = Resolve::default();
        let package = resolve.push_str(
            "needy.wit",
            "package test:needy; world needy { import f: func(); }",
        )?;
        let world = resolve.select_world(&[package], None)?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
        let refused = componentise(Path::new(""), component, &module).err();
        Ok(refused.map_or_else(String::new, |cause| cause.to_string()))
    }

    #[test]
    fn a_component_that_needs_what_it_may_not_is_refused() -> Result<(), Failure> {
        assert_eq!(
            refusal_of_needy(&TAGGER_SLOT)?,
            "tagger must need nothing, but imports f"
        );
        let restricted = Component {
            imports: &["ai-worker:plugin/", "wasi:nn/"],
            ..TAGGER_SLOT
        };
        assert_eq!(
            refusal_of_needy(&restricted)?,
            "tagger must need nothing but ai-worker:plugin/… and wasi:nn/…, but imports f"
        );
        // What may be imported passes, and the next rule is the one that is broken.
        let allowed = Component {
            imports: &["f"],
            ..TAGGER_SLOT
        };
        assert!(refusal_of_needy(&allowed)?.starts_with("tagger must export just"));
        Ok(())
    }
}
