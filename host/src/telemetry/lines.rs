//! Log lines on their way out. Who logs never waits for whoever reads: a full pipe or a slow disk holds up a thread that has
//! nothing else to do, and lines that do not fit into its buffer are dropped and counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use crate::metrics;

/// How long the end of the process waits for lines that are not written yet.
const LAST_LINES: Duration = Duration::from_secs(1);

enum Message {
    Line(Vec<u8>),
    /// Everything before it is written.
    Flush(std::sync::mpsc::SyncSender<()>),
}

/// What is shared between those who log and the thread that writes.
struct Buffer {
    /// Bytes that wait, and how many may.
    waiting: AtomicUsize,
    limit: usize,
    /// Lines that did not fit since the log last said so.
    dropped: AtomicU64,
}

/// Takes lines for a thread that writes them.
pub(super) struct Lines {
    sender: Sender<Message>,
    buffer: Arc<Buffer>,
}

/// Sees to it that the last lines of all that write are written: keep it until the end.
#[derive(Default)]
pub(super) struct Rest(Vec<Sender<Message>>);

impl Lines {
    /// Starts the thread. At most `limit` bytes wait for it, and `rest` waits for the last ones.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn to(writer: impl Write + Send + 'static, limit: usize, rest: &mut Rest) -> io::Result<Self> {
        let (sender, messages) = channel();
        let buffer = Arc::new(Buffer {
            waiting: AtomicUsize::new(0),
            limit,
            dropped: AtomicU64::new(0),
        });
        let shared = Arc::clone(&buffer);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&messages, writer, &shared))?;
        rest.0.push(sender.clone());
        Ok(Self { sender, buffer })
    }
}

/// Each call of it takes a whole line.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Buffer {
            waiting,
            limit,
            dropped,
        } = &*self.buffer;
        let before = waiting.fetch_add(line.len(), Ordering::Relaxed);
        if before.saturating_add(line.len()) > *limit {
            waiting.fetch_sub(line.len(), Ordering::Relaxed);
            dropped.fetch_add(1, Ordering::Relaxed);
            metrics::log_line_dropped();
        } else {
            // The thread ends with the process.
            let _ = self.sender.send(Message::Line(line.to_vec()));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

fn write(messages: &Receiver<Message>, mut writer: impl Write, buffer: &Buffer) {
    for message in messages {
        match message {
            Message::Line(line) => {
                // Whoever closed the pipe, or filled the disk, lost the line. There is nobody to tell.
                if writer.write_all(&line).is_err() {
                    metrics::log_line_dropped();
                }
                let left = buffer.waiting.fetch_sub(line.len(), Ordering::Relaxed) - line.len();
                // Not sooner, or the line that says so is dropped, too.
                if left == 0 {
                    let dropped = buffer.dropped.swap(0, Ordering::Relaxed);
                    if dropped > 0 {
                        tracing::warn!(
                            dropped,
                            "log lines were dropped, because they came faster than they could be written"
                        );
                    }
                }
            }
            Message::Flush(done) => {
                let _ = writer.flush();
                // Whoever asked may have left.
                let _ = done.try_send(());
            }
        }
    }
}

impl Rest {
    /// Waits for the lines so far, until this moment at the latest.
    fn wait(&self, until: Instant) {
        let flush = |sender: &Sender<Message>| {
            let (done, written) = sync_channel(1);
            sender.send(Message::Flush(done)).ok().map(|()| written)
        };
        // All are asked before any is waited for: one that does not write takes no time from the others.
        let asked: Vec<_> = self.0.iter().filter_map(flush).collect();
        for written in asked {
            let _ = written.recv_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.wait(Instant::now() + LAST_LINES);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::sync::{Mutex, mpsc};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// A pipe that nobody reads, until it is opened: it takes no byte before.
    struct Pipe {
        opened: mpsc::Receiver<()>,
        is_open: bool,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.is_open {
                let _ = self.opened.recv();
                self.is_open = true;
            }
            self.seen.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pipe() -> (Pipe, mpsc::Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (open, opened) = mpsc::channel();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let pipe = Pipe {
            opened,
            is_open: false,
            seen: Arc::clone(&seen),
        };
        (pipe, open, seen)
    }

    fn lines_to(writer: impl Write + Send + 'static, limit: usize) -> (Lines, Rest) {
        let mut rest = Rest::default();
        let lines = Lines::to(writer, limit, &mut rest).unwrap();
        (lines, rest)
    }

    fn text(seen: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(seen.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn nobody_waits_for_a_pipe_that_is_not_read() {
        let (pipe, open, seen) = pipe();
        let (lines, rest) = lines_to(pipe, 10_000);
        let buffer = Arc::clone(&lines.buffer);
        let log = tracing_subscriber::registry().with(
            tracing_subscriber::fmt::layer()
                .with_writer(lines)
                .with_ansi(false),
        );
        // With a writer that waits, this would never end.
        tracing::subscriber::with_default(log, || {
            for number in 0..10_000 {
                tracing::info!(number, "a line");
            }
        });
        assert!(buffer.waiting.load(Ordering::Relaxed) <= 10_000);
        let dropped = buffer.dropped.load(Ordering::Relaxed);
        assert!(dropped > 9_000, "{dropped}");
        open.send(()).unwrap();
        rest.wait(Instant::now() + Duration::from_secs(60));
        let text = text(&seen);
        assert_eq!(text.lines().count() as u64, 10_000 - dropped);
        assert!(text.lines().all(|line| line.contains("a line")), "{text}");
        assert!(text.starts_with("20") && text.contains("number=0\n"), "{text}");
        assert_eq!(buffer.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(buffer.dropped.load(Ordering::Relaxed), 0, "it was not said");
    }

    #[test]
    fn the_end_waits_for_what_is_being_written_and_no_longer() {
        let (pipe, open, seen) = pipe();
        let (lines, rest) = lines_to(pipe, 10_000);
        (&lines).write_all(b"the last line\n").unwrap();
        open.send(()).unwrap();
        drop(rest);
        assert_eq!(text(&seen), "the last line\n");

        let (pipe, _open, _) = self::pipe();
        let (lines, rest) = lines_to(pipe, 10_000);
        (&lines).write_all(b"nobody reads it\n").unwrap();
        // Ends, though the pipe never does.
        drop(rest);
    }

    #[test]
    fn the_end_waits_once_for_all_that_write() {
        let mut rest = Rest::default();
        let mut unread = Vec::new();
        for _ in 0..20 {
            let (pipe, open, _) = pipe();
            let lines = Lines::to(pipe, 10_000, &mut rest).unwrap();
            (&lines).write_all(b"nobody reads it\n").unwrap();
            unread.push(open);
        }
        let (pipe, open, seen) = pipe();
        let lines = Lines::to(pipe, 10_000, &mut rest).unwrap();
        (&lines).write_all(b"the last line\n").unwrap();
        open.send(()).unwrap();
        let started = Instant::now();
        drop(rest);
        // Far longer than it waits for one, and far shorter than for each.
        assert!(started.elapsed() < 10 * LAST_LINES, "{:?}", started.elapsed());
        assert_eq!(text(&seen), "the last line\n");
    }

    /// A closed pipe, or a full disk.
    #[test]
    fn a_writer_that_fails_ends_nothing() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let (lines, rest) = lines_to(Closed, 100);
        let before = metrics::log_lines_dropped();
        for _ in 0..10 {
            (&lines).write_all(b"lost\n").unwrap();
            rest.wait(Instant::now() + Duration::from_secs(60));
        }
        assert!(metrics::log_lines_dropped() >= before + 10);
        assert_eq!(lines.buffer.waiting.load(Ordering::Relaxed), 0);
    }
}
