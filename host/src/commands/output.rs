//! What commands say. `println!` panics when nobody reads any more, as in `ai-worker plugin check FILE | head`.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};

/// The exit code of a program that a closed pipe ends: 128 and the number of SIGPIPE.
const CLOSED_PIPE: i32 = 141;

/// Prints a line to standard output. When nobody reads it any more, the command ends, as other programs do.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::commands::output::line(format_args!($($text)*))
    };
}

/// Prints a line for people to standard error, if anybody reads it.
macro_rules! note {
    ($($text:tt)*) => {
        $crate::commands::output::aside(format_args!($($text)*))
    };
}

pub(crate) use {note, say};

/// Standard output for what writes to any file: as [`say`], it ends the command when nobody reads any more.
pub(crate) struct Output;

impl io::Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        end_unless(io::stdout().lock().write_all(text));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        end_unless(io::stdout().lock().flush());
        Ok(())
    }
}

/// See [`say`].
pub(crate) fn line(text: Arguments<'_>) {
    end_unless(writeln!(io::stdout().lock(), "{text}"));
}

/// Prints a question to standard output, without a new line.
pub(crate) fn ask(text: Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    end_unless(write!(stdout, "{text}").and_then(|()| stdout.flush()));
}

/// See [`note`].
pub(crate) fn aside(text: Arguments<'_>) {
    // Nobody could be told of it.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Ends the command when what it says is lost.
fn end_unless(written: io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => super::leave(CLOSED_PIPE),
        Err(error) => {
            note!("ai-worker: standard output cannot be written: {error}");
            super::leave(1);
        }
    }
}
