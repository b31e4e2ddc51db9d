//! Guests that write too much, or what looks like somebody else's lines.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ai_worker::audit::Who;
use ai_worker::plugins::{Graphs, PluginSettings, Slot};

use crate::guest::{data, on_photos};
use crate::host::{settings, with_host};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// What the guests' calls of this thread log while `work` is done.
    pub(crate) fn of(work: impl FnOnce()) -> String {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_max_level(tracing::Level::DEBUG)
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }
}

/// A guest that writes a message so many times.
fn writes(times: u32, message: &[u8]) -> Vec<u8> {
    let fields = [
        r#"(import "ai-worker:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32)))"#.to_owned(),
        "(global $left (mut i32) (i32.const 0))".to_owned(),
        data(8_192, message),
    ]
    .concat();
    let length = message.len();
    on_photos(
        &fields,
        &format!(
            "(global.set $left (i32.const {times}))
            (loop
                (call $log (i32.const 1) (i32.const 8192) (i32.const {length}))
                (global.set $left (i32.sub (global.get $left) (i32.const 1)))
                (br_if 0 (global.get $left)))
            (i32.const 64)"
        ),
    )
}

/// What a call of this guest logs, and how long it takes.
fn logged(guest: Vec<u8>) -> (String, Duration) {
    let (send, receive) = std::sync::mpsc::channel();
    let mut settings: PluginSettings = settings();
    // Time is not what stops these.
    settings.limits.timeout = Duration::from_secs(60);
    with_host(settings, Graphs::new(), move |host| {
        let nobody = Who::default();
        host.plugins
            .swap(Slot::Tagger, &guest, None, "a test", &nobody)
            .unwrap();
        let started = Instant::now();
        let log = Log::of(|| host.call(Slot::Tagger).unwrap());
        send.send((log, started.elapsed())).unwrap();
        host.plugins.roll_back(Slot::Tagger, &nobody).unwrap();
        host.serves_on("lines");
    });
    receive.recv().unwrap()
}

#[test]
fn a_million_lines_are_a_hundred_and_a_count() {
    let (log, took) = logged(writes(1_000_000, b"look at me"));
    assert_eq!(log.matches("look at me").count(), 100);
    assert_eq!(log.lines().count(), 101, "{log}");
    let last = log.lines().last().unwrap();
    assert!(
        last.contains("dropped=999900") && last.contains("slot=tagger"),
        "{last}"
    );
    // A dropped line costs an allocation and a call, some tenths of a microsecond; twenty where nothing is optimised
    // and others want the cores, too.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_line_stays_one_line_of_at_most_a_thousand_characters() {
    let (log, _) = logged(writes(
        1,
        b"done\n2026-01-01T00:00:00Z ERROR ai_worker: forged\r\x1b[2J\0",
    ));
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(
        log.contains("done 2026-01-01T00:00:00Z ERROR ai_worker: forged  [2J"),
        "{log}"
    );
    assert!(!log.contains('\x1b') && !log.contains('\0'));

    let (log, _) = logged(writes(1, &[b'x'; 5_000]));
    assert_eq!(log.matches('x').count(), 1_000);
}
