//! Guests that answer the call at loading, whose photo is one pixel wide, well, and stored photos in ways of their own.

use ai_worker::plugins::Slot;
use test_support::guests::{DESCRIPTION, WIT, component, data, tagger, words};
use wit_parser::Resolve;

const LETTERS: u32 = 1_024;

/// A tagger that answers photos as this body says, and the call at loading with no tags.
pub(crate) fn on_photos(fields: &str, describe: &str, body: &str) -> Vec<u8> {
    let loading = "(if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 64))))";
    tagger(fields, describe, &format!("(local $turns i32) {loading} {body}"))
}

/// A tagger that says of photos that they show this, with this score.
pub(crate) fn says(tag: &str, score: f32) -> Vec<u8> {
    on_photos(&tag_at_128(tag, score), DESCRIPTION, "(i32.const 128)")
}

/// A tagger that is wrong about photos with so many faces and says nothing of others.
pub(crate) fn wrong_about(faces: usize) -> Vec<u8> {
    let body = format!(
        "(if (i32.eq (local.get 3) (i32.const {faces})) (then (return (i32.const 128)))) (i32.const 64)"
    );
    on_photos(&tag_at_128("beach", 1.5), DESCRIPTION, &body)
}

/// A tagger that wants these kinds of evidence, as bits in the order of the interface.
pub(crate) fn wants(evidence: u32) -> Vec<u8> {
    let description = words(32, &[0, 0, 0, 0, evidence, 0, 0]);
    on_photos(&description, "(i32.const 32)", "(i32.const 64)")
}

/// A tagger that counts to a large number for every photo, which takes some tenths of a second.
pub(crate) fn slow() -> Vec<u8> {
    let body = "(loop $again
            (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $turns) (i32.const 600000000))))
        (i32.const 64)";
    on_photos("", DESCRIPTION, body)
}

fn tag_at_128(tag: &str, score: f32) -> String {
    [
        words(128, &[0, 256, 1]),
        words(256, &[LETTERS, length(tag), score.to_bits()]),
        data(LETTERS, tag.as_bytes()),
    ]
    .concat()
}

/// A context mapper with one phrase for the call at loading and another for photos.
pub(crate) fn mapper(loading: &str, photos: &str) -> Vec<u8> {
    let confidence = 0.5_f32.to_bits();
    let fields = [
        words(128, &[0, LETTERS, length(loading), confidence]),
        words(160, &[0, 2 * LETTERS, length(photos), confidence]),
        data(LETTERS, loading.as_bytes()),
        data(2 * LETTERS, photos.as_bytes()),
    ];
    let map = answering("(i32.load (local.get 0))");
    guest(Slot::ContextMapper, &fields.concat(), 0, ("map", "i32"), &map)
}

/// A cluster policy that starts a cluster at loading, and has stored faces join a cluster that it was not shown.
pub(crate) fn joins_strangers() -> Vec<u8> {
    let stranger = "00000000-0000-4000-8000-000000000000";
    let fields = [
        words(96, &[0, 0, 0, 0, 10]),
        words(128, &[0, 1, 0, 0, 0, 0]),
        words(160, &[0, 0, LETTERS, length(stranger), 0, 0]),
        data(LETTERS, stranger.as_bytes()),
    ];
    let parameters = "i32 i32 i32 i32 f32 i32 f32 i32 i32 f32 i32 i32 i32 i32 i32 f32";
    // The face at loading is one pixel wide, from 0 to 1.
    let decide = answering("(local.get 2)");
    guest(
        Slot::ClusterPolicy,
        &fields.concat(),
        96,
        ("decide", parameters),
        &decide,
    )
}

/// What lies at 128 where this number is 1, as at loading, and else what lies at 160.
fn answering(number: &str) -> String {
    format!("(select (i32.const 128) (i32.const 160) (i32.eq {number} (i32.const 1)))")
}

fn guest(
    slot: Slot,
    fields: &str,
    describe: u32,
    (function, parameters): (&str, &str),
    body: &str,
) -> Vec<u8> {
    let interface = format!("ai-worker:plugin/{slot}@1.0.0");
    let text = format!(
        r#"(module
            (memory (export "memory") 4)
            {fields}
            (global $free (mut i32) (i32.const 8192))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $free)
                (global.set $free
                    (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7)) (i32.const -8))))
            (func (export "{interface}#describe") (result i32) (i32.const {describe}))
            (func (export "{interface}#{function}") (param {parameters}) (result i32) {body}))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    component(&resolve, &format!("ai-worker:plugin/{slot}-plugin"), &text)
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap()
}
