//! The worker's REST interface in this process, on fake networks: everything but models, sockets and processes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod audit;
mod backups;
mod bad_input;
mod browsers;
mod changes;
mod circles;
mod connections;
mod console;
mod damage;
mod doors;
mod erasing;
mod full_disk;
mod guessing;
mod history;
mod identifying;
mod jobs;
mod listing;
mod losses;
mod merging;
mod packed;
mod people;
mod photo_lists;
mod photos;
mod pictures;
mod plugin_failures;
mod plugin_folder;
mod plugin_trial;
mod source_urls;
mod trial_guests;
mod uploads;
mod whoami;
mod withdrawals;

fn main() -> std::process::ExitCode {
    test_support::harness::main()
}
