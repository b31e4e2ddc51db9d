//! Parts of hostile guests.

use ai_worker::plugins::Slot;
use wit_parser::Resolve;

use test_support::guests::{DESCRIPTION, WIT, WIT_OF_TODAY, component, tagger};
pub(crate) use test_support::guests::{data, words};

/// A tagger that is well-behaved until it sees a real photo. `fields` are further fields of its module, imports first.
pub(crate) fn on_photos(fields: &str, tag: &str) -> Vec<u8> {
    tagger(
        fields,
        DESCRIPTION,
        &format!("(if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 64)))) {tag}"),
    )
}

/// The same for the interfaces of today, whose scenes are passed in memory.
pub(crate) fn on_photos_of_today(fields: &str, tag: &str) -> Vec<u8> {
    let interface = "ai-worker:plugin/tagger@1.1.0";
    let text = format!(
        r#"(module
            {fields}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{interface}#describe") (result i32) {DESCRIPTION})
            (func (export "{interface}#tag") (param i32) (result i32)
                (if (i32.eq (i32.load (local.get 0)) (i32.const 1)) (then (return (i32.const 64))))
                {tag}))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT_OF_TODAY).unwrap();
    component(&resolve, "ai-worker:plugin/tagger-plugin", &text)
}

/// A context mapper that describes itself and answers with what lies at these addresses.
pub(crate) fn mapper(data: &str, describe: u32, map: u32) -> Vec<u8> {
    answering(Slot::ContextMapper, data, describe, map)
}

/// A cluster policy that describes itself and answers with what lies at these addresses.
pub(crate) fn policy(data: &str, describe: u32, decide: u32) -> Vec<u8> {
    answering(Slot::ClusterPolicy, data, describe, decide)
}

fn answering(slot: Slot, data: &str, describe: u32, answer: u32) -> Vec<u8> {
    let interface = format!("ai-worker:plugin/{slot}@1.0.0");
    let (function, parameters) = match slot {
        Slot::ContextMapper => ("map", "i32"),
        _ => (
            "decide",
            "i32 i32 i32 i32 f32 i32 f32 i32 i32 f32 i32 i32 i32 i32 i32 f32",
        ),
    };
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            {data}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{interface}#describe") (result i32) (i32.const {describe}))
            (func (export "{interface}#{function}") (param {parameters}) (result i32) (i32.const {answer})))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    component(&resolve, &format!("ai-worker:plugin/{slot}-plugin"), &text)
}
