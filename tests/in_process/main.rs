//! The worker's REST interface in this process, on fake networks: everything but models, sockets and processes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod backups;
mod bad_input;
mod changes;
mod circles;
mod damage;
mod doors;
mod full_disk;
mod listing;
mod losses;
mod merging;
mod photos;
mod withdrawals;
