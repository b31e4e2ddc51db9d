//! Guests that print, as those of languages with a standard output do.

use wit_parser::Resolve;

use crate::guests::{DESCRIPTION, WIT, component};

/// The part of WASI 0.2 with which a guest prints.
const WASI: &str = r"
package hostile:talker;

world talker {
    include ai-worker:plugin/tagger-plugin@1.0.0;
    import wasi:cli/stdout@0.2.0;
    import wasi:cli/stderr@0.2.0;
}

package wasi:io@0.2.0 {
    interface error {
        resource error {}
    }
    interface streams {
        use error.{error};
        variant stream-error { last-operation-failed(error), closed }
        resource output-stream {
            blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
        }
    }
}

package wasi:cli@0.2.0 {
    interface stdout {
        use wasi:io/streams@0.2.0.{output-stream};
        get-stdout: func() -> output-stream;
    }
    interface stderr {
        use wasi:io/streams@0.2.0.{output-stream};
        get-stderr: func() -> output-stream;
    }
}
";

/// A tagger that prints when it sees a real photo, which is wider than the pixel of the call at loading, and then does
/// something else: `then` is the rest of `tag` in WebAssembly text. Each part is written to standard error when it is true,
/// and to standard output otherwise; all parts so many times, of at most 4,096 bytes each.
#[must_use]
pub fn talker(parts: &[(bool, &[u8])], times: u32, then: &str) -> Vec<u8> {
    printing("(i32.eq (local.get 0) (i32.const 1))", parts, times, then)
}

/// The same in every call, so that it is heard when it is loaded.
#[must_use]
pub fn talker_at_once(parts: &[(bool, &[u8])], times: u32, then: &str) -> Vec<u8> {
    printing("(i32.const 0)", parts, times, then)
}

fn printing(silent: &str, parts: &[(bool, &[u8])], times: u32, then: &str) -> Vec<u8> {
    let (mut data, mut writes, mut address) = (String::new(), String::new(), 8_192);
    for (is_error, text) in parts {
        let bytes: String = text.iter().map(|byte| format!("\\{byte:02x}")).collect();
        data.push_str(&format!("(data (i32.const {address}) \"{bytes}\")"));
        let stream = if *is_error { "$stderr" } else { "$stdout" };
        let length = text.len();
        writes.push_str(&format!(
            "(call $write (call {stream}) (i32.const {address}) (i32.const {length}) (i32.const 2048))"
        ));
        address += 4_096;
    }
    let interface = "ai-worker:plugin/tagger@1.0.0";
    let scene = "i32 ".repeat(16);
    let text = format!(
        r#"(module
            (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $open-stdout (result i32)))
            (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $open-stderr (result i32)))
            (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
                (func $write (param i32 i32 i32 i32)))
            (memory (export "memory") 1)
            {data}
            (global $left (mut i32) (i32.const {times}))
            (global $out (mut i32) (i32.const 0))
            (global $err (mut i32) (i32.const 0))
            (func $stdout (result i32)
                (if (i32.eqz (global.get $out)) (then (global.set $out (call $open-stdout))))
                (global.get $out))
            (func $stderr (result i32)
                (if (i32.eqz (global.get $err)) (then (global.set $err (call $open-stderr))))
                (global.get $err))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{interface}#describe") (result i32) {DESCRIPTION})
            (func (export "{interface}#tag") (param {scene}) (result i32)
                (if {silent} (then (return (i32.const 64))))
                (loop
                    {writes}
                    (global.set $left (i32.sub (global.get $left) (i32.const 1)))
                    (br_if 0 (global.get $left)))
                {then}))"#
    );
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    resolve.push_str("talker.wit", WASI).unwrap();
    component(&resolve, "hostile:talker/talker", &text)
}
