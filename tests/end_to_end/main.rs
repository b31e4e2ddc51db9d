//! The built worker, driven over HTTP with real models and real photos.
//!
//! The first run fetches the models; where that is not possible the tests are ignored, except under
//! `CI=true`, where they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod address_space;
mod bad_input;
mod batch;
mod batching;
mod bombs;
mod closed_pipes;
mod commands;
mod consolidation;
mod contract;
mod corrections;
mod device_trials;
mod devices;
mod doors;
mod fetch_proxy;
mod files;
mod full_set;
mod hub;
mod keys;
mod live_swaps;
mod logging;
mod models;
mod models_import;
mod openapi;
mod orientation;
mod outages;
mod packed_cases;
mod packed_data;
mod plugin_evidence;
mod plugin_swap;
mod plugin_text;
mod plugin_watch;
mod plugins;
mod precision;
mod private;
mod probes;
mod process;
mod qdrant;
mod reference_page;
mod starting;
mod stopping;
mod text;
mod traces;

fn main() -> std::process::ExitCode {
    test_support::harness::main()
}
