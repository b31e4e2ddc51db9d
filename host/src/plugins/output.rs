//! What a guest writes to its standard output, its standard error and the log: the end of it is kept for its author.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use super::text::cleaned_lines;

/// How many bytes a guest may hand over at a time, as is usual for streams of WASI.
const WRITE_BYTES: usize = 1 << 16;

/// The last `PLUGIN_OUTPUT_BYTES` of what one call writes, its streams in the order in which it wrote to them. A copy is
/// another handle of the same.
#[derive(Clone, Debug)]
pub(super) struct Output {
    limit: usize,
    written: Arc<Mutex<Written>>,
}

#[derive(Debug, Default)]
struct Written {
    kept: VecDeque<u8>,
    /// How many bytes came before those that are kept.
    dropped: u64,
}

impl Output {
    /// Keeps so many bytes; none of them are reserved.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            written: Arc::default(),
        }
    }

    /// Whether anything would be kept.
    pub(super) fn is_kept(&self) -> bool {
        self.limit > 0
    }

    /// Takes what a guest writes. The time for it is in proportion to the bytes, which the guest had to make first.
    pub(super) fn write(&self, bytes: &[u8]) {
        let mut written = self.lock();
        let kept = &bytes[bytes.len().saturating_sub(self.limit)..];
        let over = (written.kept.len() + kept.len()).saturating_sub(self.limit);
        written.kept.drain(..over);
        written.kept.extend(kept);
        let dropped = over + bytes.len() - kept.len();
        written.dropped = written.dropped.saturating_add(dropped as u64);
    }

    /// Takes a line of the log.
    pub(super) fn line(&self, line: &str) {
        if self.is_kept() {
            self.write(line.as_bytes());
            self.write(b"\n");
        }
    }

    /// What was kept as text for people: lines without control characters, and how much is missing before them. Empty
    /// when the guest wrote nothing.
    pub(super) fn text(&self) -> String {
        let written = self.lock();
        let bytes: Vec<u8> = written.kept.iter().copied().collect();
        let is_middle_of_letter = |byte: &&u8| (0x80..0xc0).contains(*byte);
        let cut = match written.dropped {
            0 => 0,
            _ => bytes.iter().take(3).take_while(is_middle_of_letter).count(),
        };
        let text = cleaned_lines(&String::from_utf8_lossy(&bytes[cut..]));
        let text = text.trim_end();
        match written.dropped {
            0 => text.to_owned(),
            _ if text.is_empty() => String::new(),
            dropped => format!("({dropped} bytes before this are not kept)\n{text}"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        Self::write(self, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Self::write(&self, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_what_was_written_is_kept() {
        let output = Output::new(8);
        assert_eq!(output.text(), "");
        output.write(b"one\n");
        assert_eq!(output.text(), "one");
        output.write(b"two\n");
        assert_eq!(output.text(), "one\ntwo");
        output.write(b"3\n");
        assert_eq!(output.text(), "(2 bytes before this are not kept)\ne\ntwo\n3");
        output.write(&[b'x'; 1_000]);
        assert_eq!(output.text(), "(1002 bytes before this are not kept)\nxxxxxxxx");
        assert!(output.lock().kept.capacity() <= 16);
    }

    #[test]
    fn letters_that_were_cut_and_controls_are_left_out() {
        let output = Output::new(6);
        output.write("ééé!".as_bytes());
        assert_eq!(output.text(), "(1 bytes before this are not kept)\néé!");
        let output = Output::new(64);
        output.write(b"a\x1b[31mb\xff\r\nc\td\0\n\n");
        assert_eq!(output.text(), "a [31mb\u{fffd}\nc d");
    }

    #[test]
    fn nothing_is_kept_when_nothing_may_be() {
        let output = Output::new(0);
        output.write(b"one");
        output.line("two");
        assert_eq!(output.text(), "");
    }
}
