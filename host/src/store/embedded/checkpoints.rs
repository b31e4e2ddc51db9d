//! Moves what was committed from the write-ahead log into the database beside the commits, because it takes many times
//! as long as one of them, and SQLite would do it within one.

use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;

use super::schema;
use crate::store::error::StoreError;

/// Pages in the log from which on moving them is worth while: as many as SQLite takes.
const ENOUGH: c_int = 1_000;

/// Pages in the log (of 4 KiB) with which a commit waits for them to be moved, so that the log does not grow without
/// end when commits never pause.
const TOO_MANY: c_int = 16_384;

/// A thread with a connection of its own. Dropping waits for it.
pub(super) struct Checkpoints {
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread, which works whenever the writer's commits have made the log long.
    pub(super) fn start(database: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let connection = Connection::open(database)?;
        schema::configure(&connection)?;
        let closing = Arc::new(AtomicBool::new(false));
        let thread = thread::Builder::new()
            .name("store-checkpoints".to_owned())
            .spawn({
                let closing = Arc::clone(&closing);
                move || run(&connection, &closing)
            })
            .map_err(StoreError::Thread)?;
        let worker = thread.thread().clone();
        // Takes the place of SQLite's own hook, which moves the pages within a commit.
        writer.wal_hook(Some(move |log: &mut Wal, pages| {
            if pages >= TOO_MANY {
                said(log.checkpoint_v2(CheckpointMode::PASSIVE));
            } else if pages >= ENOUGH {
                worker.unpark();
            }
            // What was committed is committed: an error here would say that it was not.
            Ok(())
        }))?;
        Ok(Self {
            closing,
            thread: Some(thread),
        })
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread for the store's checkpoints panicked");
            }
        }
    }
}

fn run(connection: &Connection, closing: &AtomicBool) {
    loop {
        thread::park();
        if closing.load(Ordering::Relaxed) {
            return;
        }
        said(connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE));
    }
}

/// Logs that pages could not be moved, which loses nothing: the next attempt has them.
pub(super) fn said(outcome: rusqlite::Result<(c_int, c_int)>) {
    if let Err(error) = outcome {
        tracing::warn!(
            error = crate::report(&error),
            "a checkpoint failed; committed data stays in the write-ahead log for now"
        );
    }
}

/// Moves everything and empties the log, in which what was deleted can be read until then. Waits for reads.
pub(super) fn empty(writer: &Connection) -> rusqlite::Result<(c_int, c_int)> {
    writer.wal_checkpoint_v2(None::<&str>, CheckpointMode::TRUNCATE)
}
