//! The worker's REST interface in this process, on fake networks: everything but models, sockets and processes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bad_input;
mod browsers;
mod changes;
mod circles;
mod connections;
mod doors;
mod guessing;
mod listing;
mod merging;
mod photos;
mod plugin_folder;
mod withdrawals;
