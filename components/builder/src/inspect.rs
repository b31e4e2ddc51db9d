//! Makes components of modules, and looks into components.

use wit_component::{ComponentEncoder, DecodedWasm};

use crate::Failure;

/// The package of `wit/`.
const PACKAGE: &str = "ai-worker:plugin";

/// Wraps a core module into a component, which is checked as [`inspect`] does.
pub(crate) fn componentise(name: &str, module: &[u8]) -> Result<Vec<u8>, Failure> {
    let encode = || {
        ComponentEncoder::default()
            .module(module)?
            .validate(true)
            .encode()
    };
    let component = encode().map_err(|cause| format!("{name} does not make a component: {cause:#}"))?;
    inspect(name, &component)?;
    Ok(component)
}

/// Makes sure that a component exports the interface `name` and nothing else, and that it needs
/// nothing of the host: it may import interfaces which hold plain types, but no function and no resource.
pub(crate) fn inspect(name: &str, component: &[u8]) -> Result<(), Failure> {
    let decoded =
        wit_component::decode(component).map_err(|cause| format!("{name} cannot be decoded: {cause:#}"))?;
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
        if !plain {
            return Err(format!(
                "{name} must need nothing, but imports {}",
                resolve.name_world_key(key)
            )
            .into());
        }
    }
    let exports: Vec<String> = world
        .exports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    let wanted = format!("{PACKAGE}/{name}@");
    if !matches!(&exports[..], [only] if only.starts_with(&wanted)) {
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

    fn refusal(name: &str, component: &[u8]) -> String {
        inspect(name, component)
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

    #[test]
    fn a_component_that_needs_a_function_is_refused() -> Result<(), Failure> {
        // (module (import "$root" "f" (func)))
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0b\x01\x05$root\x01f\0\0".to_vec();
        let mut resolve = Resolve::default();
        let package = resolve.push_str(
            "needy.wit",
            "package test:needy; world needy { import f: func(); }",
        )?;
        let world = resolve.select_world(&[package], None)?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
        let refused = componentise("tagger", &module)
            .err()
            .map(|cause| cause.to_string());
        assert_eq!(
            refused.as_deref(),
            Some("tagger must need nothing, but imports f")
        );
        Ok(())
    }
}
