//! The worker's REST interface in this process, on fake networks: everything but models, sockets and processes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod backups;
mod bad_input;
mod changes;
mod circles;
mod doors;
mod erasing;
mod listing;
mod merging;
mod photos;
mod source_urls;
mod withdrawals;
