//! Guests that look for the host behind WASI: there are clocks and random bytes, and nothing else.

use ai_worker::audit::Who;
use ai_worker::plugins::{Graphs, Slot};
use wit_parser::Resolve;

use crate::host::{Attack, Kind, LIMIT, repel, settings, with_host};
use test_support::guests::{DESCRIPTION, WIT, component};

/// The part of WASI 0.2 that these guests use.
const WASI: &str = r"
package hostile:guest;

world guest {
    include ai-worker:plugin/tagger-plugin@1.0.0;
    import wasi:clocks/monotonic-clock@0.2.0;
    import wasi:cli/environment@0.2.0;
    import wasi:cli/exit@0.2.0;
    import wasi:filesystem/preopens@0.2.0;
    import wasi:random/random@0.2.0;
    import wasi:sockets/tcp-create-socket@0.2.0;
    import wasi:sockets/udp-create-socket@0.2.0;
}

package wasi:io@0.2.0 {
    interface poll {
        resource pollable { block: func(); }
    }
}

package wasi:clocks@0.2.0 {
    interface monotonic-clock {
        use wasi:io/poll@0.2.0.{pollable};
        subscribe-duration: func(nanoseconds: u64) -> pollable;
    }
}

package wasi:cli@0.2.0 {
    interface environment {
        get-environment: func() -> list<tuple<string, string>>;
        get-arguments: func() -> list<string>;
    }
    interface exit {
        exit: func(status: result);
    }
}

package wasi:filesystem@0.2.0 {
    interface types {
        resource descriptor {}
    }
    interface preopens {
        use types.{descriptor};
        get-directories: func() -> list<tuple<descriptor, string>>;
    }
}

package wasi:random@0.2.0 {
    interface random {
        get-random-bytes: func(length: u64) -> list<u8>;
    }
}

package wasi:sockets@0.2.0 {
    interface network {
        enum error-code {
            unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict,
            not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use,
            remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large,
            name-unresolvable, temporary-resolver-failure, permanent-resolver-failure,
        }
        enum ip-address-family { ipv4, ipv6 }
    }
    interface tcp { resource tcp-socket {} }
    interface udp { resource udp-socket {} }
    interface tcp-create-socket {
        use network.{error-code, ip-address-family};
        use tcp.{tcp-socket};
        create-tcp-socket: func(family: ip-address-family) -> result<tcp-socket, error-code>;
    }
    interface udp-create-socket {
        use network.{error-code, ip-address-family};
        use udp.{udp-socket};
        create-udp-socket: func(family: ip-address-family) -> result<udp-socket, error-code>;
    }
}
";

const IMPORTS: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
    (import "wasi:cli/environment@0.2.0" "get-arguments" (func $arguments (param i32)))
    (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
    (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $directories (param i32)))
    (import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))
    (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $tcp (param i32 i32)))
    (import "wasi:sockets/udp-create-socket@0.2.0" "create-udp-socket" (func $udp (param i32 i32)))
"#;

/// A tagger that does this with WASI when it sees a real photo.
fn guest(does: &str) -> Vec<u8> {
    let interface = "ai-worker:plugin/tagger@1.0.0";
    let scene = "i32 ".repeat(16);
    let text = format!(
        r#"(module
            {IMPORTS}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{interface}#describe") (result i32) {DESCRIPTION})
            (func (export "{interface}#tag") (param {scene}) (result i32)
                (if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 64))))
                {does}
                (i32.const 64)))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    resolve.push_str("guest.wit", WASI).unwrap();
    component(&resolve, "hostile:guest/guest", &text)
}

fn sleep(nanoseconds: i64) -> String {
    format!("(call $block (call $subscribe (i64.const {nanoseconds})))")
}

/// The processor has nothing to do with it, and neither is waiting for a busy one a guest's fault.
#[test]
fn a_guest_that_only_waits_is_not_out_of_time() {
    let sleeps = guest(&sleep(2 * i64::try_from(LIMIT.as_nanos()).unwrap()));
    with_host(settings(), Graphs::new(), move |host| {
        host.plugins
            .swap(Slot::Tagger, &sleeps, None, "a test", &Who::default())
            .unwrap();
        if let Err(error) = host.call(Slot::Tagger) {
            panic!("{}", ai_worker::report(&error));
        }
    });
}

#[test]
fn waiting_without_end_is_limited_by_the_clock_on_the_wall() {
    let mut settings = settings();
    settings.limits.wall_clock = 2 * LIMIT;
    let late = "did not answer within 400 ms (PLUGIN_WALL_CLOCK_MS)";
    let attacks = [
        Attack(
            "an hour's sleep",
            guest(&sleep(3_600_000_000_000)),
            Kind::NoAnswer,
            late,
        ),
        Attack("sleep without end", guest(&sleep(-1)), Kind::NoAnswer, late),
    ];
    with_host(settings, Graphs::new(), move |host| {
        for attack in attacks {
            host.repels(Slot::Tagger, &attack);
        }
    });
}

#[test]
fn asking_for_much_is_limited() {
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "many short sleeps",
                guest("(loop (drop (call $subscribe (i64.const 1))) (br 0))"),
                Kind::Trapped,
                "table has no free keys",
            ),
            Attack(
                "random bytes without end",
                guest("(call $random (i64.const -1) (i32.const 1024))"),
                Kind::Trapped,
                "exceeds limit",
            ),
            Attack(
                "sixty million random bytes",
                guest("(call $random (i64.const 60000000) (i32.const 1024))"),
                Kind::Trapped,
                "exceeds limit",
            ),
            Attack(
                "an exit",
                guest("(call $exit (i32.const 0))"),
                Kind::Trapped,
                "exit",
            ),
        ],
    );
}

/// Each of these traps where it finds anything.
#[test]
fn there_is_nothing_behind_wasi() {
    let empty = |function: &str| {
        format!("(call ${function} (i32.const 1024)) (if (i32.load (i32.const 1028)) (then unreachable))")
    };
    // `err(access-denied)`: a result of 1 and then a code of 1.
    let denied = |function: &str| {
        format!(
            "(call ${function} (i32.const 0) (i32.const 1024))
            (if (i32.ne (i32.load8_u (i32.const 1024)) (i32.const 1)) (then unreachable))
            (if (i32.ne (i32.load8_u (i32.const 1028)) (i32.const 1)) (then unreachable))"
        )
    };
    let attempts = [
        ("environment", empty("environment")),
        ("arguments", empty("arguments")),
        ("directories", empty("directories")),
        ("TCP", denied("tcp")),
        ("UDP", denied("udp")),
    ];
    with_host(settings(), Graphs::new(), move |host| {
        for (name, attempt) in attempts {
            host.plugins
                .swap(Slot::Tagger, &guest(&attempt), None, "a test", &Who::default())
                .unwrap();
            if let Err(error) = host.call(Slot::Tagger) {
                panic!("{name}: {}", ai_worker::report(&error));
            }
        }
    });
}
