//! A thread that looks whether the database is where it was and can be written, also when nobody asks.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;

use super::place::Place;
use super::room::Room;
use crate::store::error::StoreError;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// The most looks from one trial of a disk without room to the next: each writes as much as there is room for.
const LONGEST_PAUSE: u32 = 8;

/// What keeps the store from being written.
pub(super) struct Condition {
    place: Place,
    pub(super) room: Room,
    /// The file that is not where it was, as far as was seen.
    lost: Mutex<Option<String>>,
}

impl Condition {
    /// Of a database that is open.
    pub(super) fn of(directory: &Path, database: &Path) -> Self {
        Self {
            place: Place::of(database),
            room: Room::new(directory),
            lost: Mutex::default(),
        }
    }

    /// Looks whether the database is where it was.
    pub(super) fn check_place(&self) -> Result<(), StoreError> {
        let outcome = self.place.check();
        let mut lost = self.lost.lock();
        match &outcome {
            Err(StoreError::Lost(file)) => {
                if lost.is_none() {
                    tracing::error!(
                        file,
                        "the face database file was deleted, renamed or replaced while it was open; photos and \
                         corrections are refused, because they would be lost: put the file back, or stop the worker \
                         and restore a backup"
                    );
                }
                *lost = Some(file.clone());
            }
            _ => {
                if lost.take().is_some() {
                    tracing::info!("the face database file is back in its place");
                }
            }
        }
        outcome
    }

    /// What is known to keep the store from taking photos; asks nobody.
    pub(super) fn known(&self) -> Result<(), StoreError> {
        match &*self.lost.lock() {
            Some(file) => Err(StoreError::Lost(file.clone())),
            None => self.room.check(),
        }
    }
}

/// The thread. Dropping waits for it.
pub(super) struct Watch {
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn start(
        condition: Arc<Condition>,
        writer: Arc<StdMutex<Connection>>,
    ) -> Result<Self, StoreError> {
        let closing = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&closing);
        let run = move || {
            let (mut pause, mut left) = (1, 0);
            while !closed.load(Ordering::Relaxed) {
                // Not written while it is somewhere else.
                if condition.check_place().is_ok() {
                    if left == 0 {
                        let writer = || writer.lock().unwrap_or_else(PoisonError::into_inner);
                        let is_well = condition.room.look(writer);
                        pause = if is_well { 1 } else { LONGEST_PAUSE.min(pause * 2) };
                        left = pause;
                    }
                    left -= 1;
                }
                thread::park_timeout(LOOK);
            }
        };
        let thread = thread::Builder::new()
            .name("store-watch".to_owned())
            .spawn(run)
            .map_err(StoreError::Thread)?;
        Ok(Self {
            closing,
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread that watches the store panicked");
            }
        }
    }
}
