//! `ai-worker` describes photos: the people in them, tags, and one Indonesian phrase of context.
//!
//! Dependencies run one way: `domain <- models <- {access, photo, inference, plugins, store <- people} <- config <- vocabulary <-
//! pipeline <- replay <- backup <- reembedding <- app <- http`, and the commands on top. Like the log, `metrics`, `activity` and
//! `audit` are for all of them.

// Both panic when nobody reads; `commands::output` does not.
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]

pub mod access;
pub mod activity;
pub mod app;
pub mod audit;
pub mod backup;
pub mod commands;
pub mod config;
mod cpu_time;
mod digest;
pub mod domain;
mod files;
pub mod heap;
pub mod http;
pub mod inference;
pub mod metrics;
pub mod models;
mod moment;
pub mod people;
pub mod photo;
pub mod pipeline;
pub mod plugins;
pub mod reembedding;
pub mod replay;
pub mod store;
pub mod telemetry;
pub mod vocabulary;

/// An error and its causes in one line, for the log.
#[must_use]
pub fn report(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Text that somebody else may have chosen, without what a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// An HTTP client in the making: it names the worker, and does TLS with ring.
pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    // An error means that a provider is installed already, and that is all reqwest needs.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().user_agent(concat!("ai-worker/", env!("CARGO_PKG_VERSION")))
}
