//! Guests in WebAssembly text, for what no compiler would make.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(crate) const COMPONENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../components");
const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");

/// A tagger whose `describe` runs this WebAssembly text.
pub(crate) fn tagger(describe: &str) -> Vec<u8> {
    component("", describe, "unreachable")
}

/// A tagger that answers the smoke call, whose photo is one pixel wide, with no tags, and traps on any other.
pub(crate) fn fails_on_real_photos() -> Vec<u8> {
    component(
        "",
        DESCRIPTION,
        "(if (i32.ne (local.get 0) (i32.const 1)) (then unreachable)) (i32.const 64)",
    )
}

/// A description at address 0 with an empty name, an empty version, no evidence and no concepts: all zeros.
pub(crate) const DESCRIPTION: &str = "(i32.const 0)";

/// A tagger of these parts: further fields of the module, and the bodies of its two functions. The functions give the
/// address of their answer; memory is zero, so that `(i32.const 64)` is the answer `ok` with an empty list.
pub(crate) fn component(fields: &str, describe: &str, tag: &str) -> Vec<u8> {
    let interface = "ai-worker:plugin/tagger@1.0.0";
    // A scene is passed as sixteen values of the canonical ABI.
    let scene = "i32 ".repeat(16);
    let text = format!(
        r#"(module
            {fields}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func $deeper (result i32) (i32.add (call $deeper) (i32.const 1)))
            (func (export "{interface}#describe") (result i32) {describe})
            (func (export "{interface}#tag") (param {scene}) (result i32) {tag}))"#
    );
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(WIT).unwrap();
    let world = resolve.select_world(&[package], Some("tagger-plugin")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}
