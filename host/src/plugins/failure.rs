//! Why a call failed, in words for the author of the plugin: the engine's own words are about WebAssembly.

use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::bindings::types;
use super::clock::Overrun;
use super::error::PluginError;
use super::settings::PluginLimits;
use super::slot::Slot;
use super::text::cleaned;

/// The most that is told of why a plugin declined, in characters.
const MAX_DECLINED_CHARS: usize = 500;
/// The most that is told of what the engine says, in characters.
const MAX_REASON_CHARS: usize = 1_000;
/// How many functions are named that were running, the innermost first.
const MAX_FUNCTIONS: usize = 8;
/// The longest name of a function, in characters.
const MAX_FUNCTION_CHARS: usize = 120;

/// A call that gave no answer, or none that is taken.
pub(super) enum Failure {
    /// The guest answered that it cannot answer.
    Declined(types::PluginError),
    /// The answer breaks the contract of its interface.
    Invalid(String),
    /// The component could not be instantiated.
    Start(wasmtime::Error),
    /// The call did not come to its end.
    Call(wasmtime::Error),
    /// The call did not come to its end in time.
    Late,
}

impl From<types::PluginError> for Failure {
    fn from(error: types::PluginError) -> Self {
        Self::Declined(error)
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Invalid(reason)
    }
}

/// Which call failed, and within which limits.
pub(super) struct FailedCall<'a> {
    pub(super) slot: Slot,
    /// As the interface names it.
    pub(super) function: &'static str,
    pub(super) limits: &'a PluginLimits,
    /// How long it might take by the clock on the wall.
    pub(super) wall: Duration,
    /// What the guest wrote.
    pub(super) output: String,
}

impl FailedCall<'_> {
    /// The error for whoever asked for the call.
    pub(super) fn error(self, failure: Failure) -> PluginError {
        let Self {
            slot,
            function,
            limits,
            wall,
            output,
        } = self;
        let late = |overrun: Overrun, output: String| match overrun {
            Overrun::Processor => PluginError::TimedOut {
                slot,
                function,
                output,
                limit: limits.timeout,
            },
            Overrun::Wall => PluginError::NoAnswer {
                slot,
                function,
                output,
                limit: wall,
            },
        };
        match failure {
            Failure::Declined(error) => {
                use types::PluginError as Guest;
                let (Guest::Unsupported(reason) | Guest::Failed(reason) | Guest::Other(reason)) = error;
                PluginError::Declined {
                    slot,
                    reason: cleaned(&reason, MAX_DECLINED_CHARS),
                    output,
                }
            }
            Failure::Invalid(reason) => PluginError::InvalidAnswer {
                slot,
                function,
                reason,
                output,
            },
            Failure::Late => late(Overrun::Wall, output),
            Failure::Start(error) | Failure::Call(error) if error.is::<Overrun>() => {
                late(*error.downcast_ref().unwrap_or(&Overrun::Processor), output)
            }
            Failure::Start(error) | Failure::Call(error) if has_no_space(&error) => {
                PluginError::AddressSpace {
                    slot,
                    source: error.into(),
                }
            }
            Failure::Start(error) => PluginError::Trapped {
                slot,
                function,
                reason: format!("it could not be started: {}", in_words(&error, limits)),
                output: with_functions(output, &error, limits),
            },
            Failure::Call(error) => PluginError::Trapped {
                slot,
                function,
                reason: in_words(&error, limits),
                output: with_functions(output, &error, limits),
            },
        }
    }
}

fn has_no_space(error: &wasmtime::Error) -> bool {
    format!("{error:#}").contains("mmap failed to reserve")
}

/// What happened, in one line.
fn in_words(error: &wasmtime::Error, limits: &PluginLimits) -> String {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return of_trap(*trap);
    }
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return format!(
            "it ended itself (exit with code {code}) instead of answering: usually an uncaught exception"
        );
    }
    // The backtrace is a cause like others, and the only one of many lines.
    let causes: Vec<String> = error
        .chain()
        .map(ToString::to_string)
        .filter(|cause| !cause.starts_with("error while executing at wasm backtrace"))
        .collect();
    let said = cleaned(&causes.join(": "), MAX_REASON_CHARS);
    let PluginLimits {
        instances,
        transfer_bytes,
        handles,
        ..
    } = limits;
    if said.contains("PLUGIN_MEMORY_BYTES") {
        format!("it is out of memory: {said}")
    } else if said.contains("count too high") {
        format!("{said}; PLUGIN_INSTANCES allows {instances}")
    } else if said.contains("too much data") {
        format!("{said}; PLUGIN_TRANSFER_BYTES allows {transfer_bytes} bytes")
    } else if said.contains("no free keys") {
        format!("{said}; PLUGIN_HANDLES allows {handles}")
    } else if error.is::<WasmBacktrace>() {
        // The host refused what the guest asked it for.
        said
    } else {
        format!("its answer does not have the type that its interface declares: {said}")
    }
}

fn of_trap(trap: Trap) -> String {
    let words = match trap {
        Trap::UnreachableCodeReached => {
            return "it stopped itself (unreachable): usually an uncaught exception or a panic".to_owned();
        }
        Trap::StackOverflow => "its calls are nested too deeply: usually an endless recursion",
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds | Trap::ArrayOutOfBounds => {
            "it read or wrote outside its memory"
        }
        Trap::IntegerDivisionByZero => "it divided by zero",
        Trap::IndirectCallToNull | Trap::BadSignature | Trap::NullReference => {
            "it called a function that does not exist"
        }
        _ => "it did something that WebAssembly does not allow",
    };
    let trap = trap.to_string();
    let trap = trap.strip_prefix("wasm trap: ").unwrap_or(&trap);
    format!("{words} ({trap})")
}

/// What was written; when that is nothing and the guest trapped, the functions that were running, as far as the component
/// has their names: most have none, and those of an interpreter say little.
fn with_functions(output: String, error: &wasmtime::Error, limits: &PluginLimits) -> String {
    if !output.is_empty() || limits.output_bytes == 0 || !error.is::<Trap>() {
        return output;
    }
    let frames = error.downcast_ref().map_or(&[][..], WasmBacktrace::frames);
    let names: Vec<String> = frames
        .iter()
        .filter_map(|frame| frame.func_name())
        // Exports have names in every component.
        .filter(|name| !name.contains('#'))
        .map(|name| cleaned(name, MAX_FUNCTION_CHARS))
        .take(MAX_FUNCTIONS)
        .collect();
    if names.is_empty() {
        return output;
    }
    format!("(nothing; it was in {})", names.join(", called by "))
}
