//! The `ai-worker` binary: parses, traces, runs; everything else is in the library.

#![warn(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ai_worker::heap::fix_threshold();
    match ai_worker::commands::run() {
        Ok(code) => code,
        Err(error) => {
            ai_worker::commands::tell_failure(error.as_ref());
            ExitCode::FAILURE
        }
    }
}
