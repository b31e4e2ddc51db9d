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

    let exports: Vec<String> = world
        .exports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    let wanted = format!("{PACKAGE}/{name}@");
    if !matches!(&exports[..], [only] if only.starts_with(&wanted)) {
        return Err(format!("{name} must export just {wanted}…, but exports {exports:?}").into());
    }
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
    Ok(())
}
