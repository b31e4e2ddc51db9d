//! Plugins that mean harm, or were made by somebody who made every mistake: each is stopped in time and with an error
//! that says what it did, and the worker serves on as if it had not been there.
//!
//! They are driven through the library, without models, so that each takes milliseconds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod abi;
mod contract;
mod folder;
mod guest;
mod host;
mod loading;
mod logging;
mod memory;
mod neural;
mod output;
mod time;
mod wasi;
