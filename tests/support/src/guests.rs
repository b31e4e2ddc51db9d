//! Guests in WebAssembly text, for what no compiler would make.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The folder of components.
pub const COMPONENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../components");
/// The folder of the earliest interfaces that the host speaks, for which most guests in WebAssembly text are made.
pub const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/1.0.0");
/// The folder of today's interfaces.
pub const WIT_OF_TODAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");

/// The body of a `describe`: a description at address 0 with an empty name, an empty version, no evidence and no
/// concepts, all of them zeros.
pub const DESCRIPTION: &str = "(i32.const 0)";

/// A tagger of these parts: further fields of the module, imports first, and the bodies of its two functions. The
/// functions give the address of their answer; memory is zero, so that `(i32.const 64)` is the answer `ok` with an
/// empty list.
#[must_use]
pub fn tagger(fields: &str, describe: &str, tag: &str) -> Vec<u8> {
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
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    component(&resolve, "ai-worker:plugin/tagger-plugin", &text)
}

/// Bytes at an address, as a field of a module.
#[must_use]
pub fn data(address: u32, bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {address}) \"{text}\")")
}

/// A record of 32-bit numbers at an address.
#[must_use]
pub fn words(address: u32, words: &[u32]) -> String {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    data(address, &bytes)
}

/// The tagger that comes with the worker as another component, with an empty section of its own.
#[must_use]
pub fn another_tagger() -> Vec<u8> {
    let mut component = std::fs::read(format!("{COMPONENTS}/tagger/tagger.wasm")).unwrap();
    component.extend(b"\0\x05\x04note");
    component
}

/// The component that a core module is for a world.
#[must_use]
pub fn component(resolve: &Resolve, world: &str, module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    let packages: Vec<_> = resolve.packages.iter().map(|(package, _)| package).collect();
    let world = resolve.select_world(&packages, Some(world)).unwrap();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}
