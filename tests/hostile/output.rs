//! Guests that print: the end of it is kept for their author when they fail, and nobody else reads it.

use std::time::{Duration, Instant};

use ai_worker::audit::Who;
use ai_worker::metrics::resident_memory;
use ai_worker::plugins::{Graphs, PluginError, Slot};

use crate::host::{Host, settings, with_host, with_host_alone};
use crate::logging::Log;
use test_support::guests::tagger;
use test_support::talkers::{talker, talker_at_once};

/// The error of this guest's call on a photo.
fn failure(host: &Host, guest: &[u8]) -> PluginError {
    let nobody = Who::default();
    host.plugins
        .swap(Slot::Tagger, guest, None, "a test", &nobody)
        .unwrap();
    let error = host.call(Slot::Tagger).unwrap_err();
    host.plugins.roll_back(Slot::Tagger, &nobody).unwrap();
    error
}

#[test]
fn what_was_printed_before_a_trap_is_told_in_order_and_beside_the_error() {
    let guest = talker(
        &[
            (false, b"looking at faces\n"),
            (
                true,
                b"Error: no rule for \x1b[31m2\x1b[0m faces\r\n    at plugin.js:27\n",
            ),
            (false, b"good bye\xff"),
        ],
        1,
        "unreachable",
    );
    with_host(settings(), Graphs::new(), move |host| {
        let error = failure(host, &guest);
        let text = ai_worker::report(&error);
        assert_eq!(
            text,
            "the tagger plugin failed in `tag`: it stopped itself (unreachable): usually an uncaught exception or a panic"
        );
        assert_eq!(
            error.output(),
            "looking at faces\nError: no rule for  [31m2 [0m faces\n    at plugin.js:27\ngood bye\u{fffd}"
        );
    });
}

#[test]
fn what_was_printed_is_told_however_a_call_fails() {
    let said: &[(bool, &[u8])] = &[(true, b"one moment")];
    // An error of the third kind, without words.
    let declines = "(i32.store8 (i32.const 128) (i32.const 1)) (i32.store8 (i32.const 132) (i32.const 2)) (i32.const 128)";
    // Two tags of the same name.
    let twice = "(i32.store (i32.const 132) (i32.const 256)) (i32.store (i32.const 136) (i32.const 2)) (i32.const 128)";
    let guests = [
        ("a loop", talker(said, 1, "(loop (br 0)) unreachable")),
        ("a declined photo", talker(said, 1, declines)),
        ("an answer that is not valid", talker(said, 1, twice)),
        ("an answer that is no answer", talker(said, 1, "(i32.const -4)")),
        (
            "too much memory",
            talker(said, 1, "(drop (memory.grow (i32.const 4096))) unreachable"),
        ),
    ];
    with_host(settings(), Graphs::new(), move |host| {
        for (name, guest) in guests {
            assert_eq!(failure(host, &guest).output(), "one moment", "{name}");
        }
        let refused = host.plugins.swap(
            Slot::Tagger,
            &talker_at_once(said, 1, "unreachable"),
            None,
            "a test",
            &Who::default(),
        );
        assert_eq!(refused.unwrap_err().output(), "one moment");
    });
}

/// 40 MB in blocks.
#[test]
fn a_flood_costs_neither_memory_nor_time() {
    let block = [b'x'; 4_096];
    let endless = talker(&[(true, &block), (false, &block)], u32::MAX, "unreachable");
    let much = talker(&[(true, &block), (false, &block)], 5_000, "unreachable");
    let mut patient = settings();
    patient.limits.timeout = Duration::from_secs(60);
    patient.limits.wall_clock = Duration::from_secs(120);
    with_host_alone(patient, Graphs::new(), move |host| {
        failure(host, &talker(&[(true, &block)], 10, "unreachable"));
        let before = resident_memory().unwrap_or(0);
        let error = failure(host, &much);
        let grown = resident_memory().unwrap_or(0).saturating_sub(before);
        assert!(grown < 32 << 20, "{grown} bytes more");
        let lines: Vec<&str> = error.output().lines().collect();
        assert_eq!(
            lines,
            ["(40955904 bytes before this are not kept)", &"x".repeat(4_096)]
        );
    });
    with_host(settings(), Graphs::new(), move |host| {
        let started = Instant::now();
        let error = failure(host, &endless);
        assert!(matches!(error, PluginError::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(error.output().len() < 4_200);
        host.serves_on("a flood");
    });
}

#[test]
fn nothing_is_kept_when_the_operator_wants_nothing() {
    let mut settings = settings();
    settings.limits.output_bytes = 0;
    let guest = talker(&[(true, b"a secret")], 1, "unreachable");
    with_host(settings, Graphs::new(), move |host| {
        assert_eq!(failure(host, &guest).output(), "");
    });
}

/// Who prints much and answers is not heard: only failures are kept.
#[test]
fn only_a_log_at_level_debug_has_it_and_only_of_a_failure() {
    let fails = talker(&[(true, b"Anna in Bandung\nand Budi")], 1, "unreachable");
    let answers = talker(&[(true, b"Anna in Bandung")], 1, "(i32.const 64)");
    with_host(settings(), Graphs::new(), move |host| {
        let log = Log::of(|| drop(failure(host, &fails)));
        let with: Vec<&str> = log.lines().filter(|line| line.contains("Anna")).collect();
        assert_eq!(with.len(), 1, "{log}");
        assert!(
            with[0].contains("DEBUG") && with[0].contains(r"Anna in Bandung\nand Budi"),
            "{log}"
        );
        host.plugins
            .swap(Slot::Tagger, &answers, None, "a test", &Who::default())
            .unwrap();
        let log = Log::of(|| host.call(Slot::Tagger).unwrap());
        assert!(!log.contains("Anna"), "{log}");
    });
}

/// A component of a language without standard output says where it stopped, when it has names for its functions.
#[test]
fn functions_are_named_when_a_component_has_their_names_and_said_nothing() {
    let fields = "(func $count_faces unreachable) (func $decide (call $count_faces))";
    let guest = tagger(
        fields,
        "(i32.const 0)",
        "(if (i32.ne (local.get 0) (i32.const 1)) (then (call $decide))) (i32.const 64)",
    );
    with_host(settings(), Graphs::new(), move |host| {
        let error = failure(host, &guest);
        assert_eq!(
            error.output(),
            "(nothing; it was in count_faces, called by decide)"
        );
        assert!(!ai_worker::report(&error).contains("count_faces"));
    });
}
