//! Answers that are no values of their types: the canonical ABI refuses them before the host sees any.

use ai_worker::plugins::Slot;

use crate::guest::{data, on_photos, words};
use crate::host::{Attack, Kind, repel};
use test_support::guests::tagger;

/// A tagger whose answer lies at address 128.
fn answers(fields: &str) -> Vec<u8> {
    on_photos(fields, "(i32.const 128)")
}

/// An `ok` with a list of this length at this address.
fn list(address: u32, length: u32) -> String {
    words(128, &[0, address, length])
}

#[test]
fn pointers_and_lengths_that_lie_are_found_out() {
    let tag = |name: u32, length: u32| format!("{} {}", list(256, 1), words(256, &[name, length, 0]));
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "a list of four billion tags",
                answers(&list(256, u32::MAX)),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "a list that begins outside of its memory",
                answers(&list(0xffff_fff0, 1)),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "a list that ends outside of its memory",
                answers(&list(65_532, 1)),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "a list at an odd address",
                answers(&list(257, 1)),
                Kind::Trapped,
                "not aligned",
            ),
            Attack(
                "a string outside of its memory",
                answers(&tag(0xffff_0000, 5)),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "a string of four billion bytes",
                answers(&tag(1_024, u32::MAX)),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "an answer outside of its memory",
                on_photos("", "(i32.const -4)"),
                Kind::Trapped,
                "out of bounds",
            ),
            Attack(
                "a description outside of its memory",
                tagger("", "(i32.const -4)", "(i32.const 64)"),
                Kind::Trapped,
                "out of bounds",
            ),
        ],
    );
}

#[test]
fn bytes_that_are_no_values_are_found_out() {
    let name = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap();
        let tag = words(256, &[1_024, length, 0]);
        format!("{} {tag} {}", list(256, 1), data(1_024, bytes))
    };
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "a string that is not UTF-8",
                answers(&name(b"be\xffach")),
                Kind::Trapped,
                "invalid utf-8",
            ),
            Attack(
                "half a letter",
                answers(&name(b"caf\xc3")),
                Kind::Trapped,
                "incomplete utf-8",
            ),
            Attack(
                "a result that is neither ok nor err",
                answers(&words(128, &[7, 0, 0])),
                Kind::Trapped,
                "invalid expected discriminant",
            ),
            Attack(
                "an error of no kind",
                answers(&words(128, &[1, 9, 0, 0])),
                Kind::Trapped,
                "unexpected discriminant",
            ),
        ],
    );
}

/// Twenty times the same string is little in the guest and more than a mebibyte in the host.
#[test]
fn an_answer_may_not_be_larger_than_a_transfer() {
    let tags: Vec<u32> = [8_192, 55_000, 0].repeat(20);
    let fields = format!("{} {}", list(256, 20), words(256, &tags));
    repel(
        Slot::Tagger,
        vec![Attack(
            "one string many times over",
            answers(&fields),
            Kind::Trapped,
            "too much data",
        )],
    );
}
