//! Guests that take longer than they may, and guests that trap.

use ai_worker::audit::Who;
use ai_worker::plugins::Slot;

use crate::guest::{on_photos, words};
use crate::host::{Attack, Kind, repel};
use test_support::guests::{DESCRIPTION, tagger};

const LATE: &str = "used more than the 200 ms of processor time that PLUGIN_TIMEOUT_MS allows per call";
const SPIN: &str = "(loop (br 0)) unreachable";

#[test]
fn endless_loops_are_interrupted_wherever_they_are() {
    let starts = "(func $spin (loop (br 0))) (start $spin)";
    let grows = "(loop (drop (memory.grow (i32.const 0))) (br 0)) unreachable";
    let counts = "(global $count (mut i64) (i64.const 0))";
    let counting =
        "(loop (global.set $count (i64.add (global.get $count) (i64.const 1))) (br 0)) unreachable";
    repel(
        Slot::Tagger,
        vec![
            Attack("a loop in a call", on_photos("", SPIN), Kind::TimedOut, LATE),
            Attack(
                "a loop in describe",
                tagger("", SPIN, "(i32.const 64)"),
                Kind::TimedOut,
                LATE,
            ),
            Attack(
                "a loop in the call at loading",
                tagger("", DESCRIPTION, SPIN),
                Kind::TimedOut,
                LATE,
            ),
            Attack(
                "a loop in the start function",
                tagger(starts, DESCRIPTION, "(i32.const 64)"),
                Kind::TimedOut,
                LATE,
            ),
            Attack(
                "a loop that grows by nothing",
                on_photos("", grows),
                Kind::TimedOut,
                LATE,
            ),
            Attack(
                "a loop that counts",
                on_photos(counts, counting),
                Kind::TimedOut,
                LATE,
            ),
        ],
    );
}

/// The host calls these two for its own ends: to copy arguments in, and to let the guest free its answer.
#[test]
fn endless_loops_in_what_the_host_calls_are_interrupted() {
    let with = |realloc: &str, post_return: &str| {
        let interface = "ai-worker:plugin/tagger@1.0.0";
        let text = format!(
            r#"(module
                (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                (func (export "cabi_post_{interface}#tag") (param i32) {post_return})
                (func (export "{interface}#describe") (result i32) (i32.const 0))
                (func (export "{interface}#tag") (param {}) (result i32) (i32.const 64)))"#,
            "i32 ".repeat(16)
        );
        let mut resolve = wit_parser::Resolve::default();
        resolve.push_dir(test_support::guests::WIT).unwrap();
        test_support::guests::component(&resolve, "ai-worker:plugin/tagger-plugin", &text)
    };
    repel(
        Slot::Tagger,
        vec![
            Attack("a loop in realloc", with(SPIN, ""), Kind::TimedOut, LATE),
            Attack(
                "a loop after the answer",
                with("(i32.const 4096)", "(loop (br 0))"),
                Kind::TimedOut,
                LATE,
            ),
        ],
    );
}

#[test]
fn traps_fail_their_own_call() {
    let divides = "(i32.div_u (i32.const 1) (i32.sub (local.get 0) (i32.const 640)))";
    let calls = "(table 1 funcref)";
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "unreachable",
                on_photos("", "unreachable"),
                Kind::Trapped,
                "unreachable",
            ),
            Attack(
                "unreachable in describe",
                tagger("", "unreachable", "unreachable"),
                Kind::Trapped,
                "unreachable",
            ),
            Attack(
                "a division by zero",
                on_photos("", divides),
                Kind::Trapped,
                "divide by zero",
            ),
            Attack(
                "endless recursion",
                on_photos("", "(call $deeper)"),
                Kind::Trapped,
                "call stack exhausted",
            ),
            Attack(
                "a call through an empty table",
                on_photos(calls, "(call_indirect (result i32) (i32.const 0))"),
                Kind::Trapped,
                "uninitialized element",
            ),
            Attack(
                "a read outside of its memory",
                on_photos("", "(i32.load (i32.const -8))"),
                Kind::Trapped,
                "out of bounds",
            ),
        ],
    );
}

/// Each call has a fresh instance: what a guest leaves in its memory and its globals is gone.
#[test]
fn nothing_is_left_of_a_call() {
    let fields = format!("(global $calls (mut i32) (i32.const 0)) {}", words(512, &[0]));
    let remembers = r"
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (i32.store (i32.const 512) (i32.add (i32.load (i32.const 512)) (i32.const 1)))
        (if (i32.ne (i32.mul (global.get $calls) (i32.load (i32.const 512))) (i32.const 1)) (then unreachable))
        (i32.const 64)";
    let guest = on_photos(&fields, remembers);
    crate::host::with_host(crate::host::settings(), Default::default(), move |host| {
        host.plugins
            .swap(Slot::Tagger, &guest, None, "a test", &Who::default())
            .unwrap();
        for _ in 0..3 {
            host.call(Slot::Tagger).unwrap();
        }
    });
}
