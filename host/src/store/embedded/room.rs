//! Writing while the disk is full: room that is kept back lets deletions through, and writing is tried until it works
//! again.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::checkpoints;
use crate::files::remove_if_there;
use crate::store::change::Change;
use crate::store::error::StoreError;

/// The file that keeps room back.
const FILE: &str = "reserve";
/// What is written of it at a time.
const PIECE: usize = 1 << 20;
/// The part of the reserve that must be writable before photos are let in again, and that must be free in the database
/// when only deletions have made room.
const TRIAL: u64 = 4;
/// What must be writable without a reserve, in bytes.
const LEAST_TRIAL: u64 = 1 << 20;

/// Whether the store can be written, and what is kept back for when it cannot.
pub(super) struct Room {
    file: PathBuf,
    /// How large the reserve is, in bytes; 0 for none.
    size: AtomicU64,
    /// Why writing failed, for as long as it does.
    failure: Mutex<Option<String>>,
}

impl Room {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            file: directory.join(FILE),
            size: AtomicU64::new(0),
            failure: Mutex::default(),
        }
    }

    /// Keeps so many bytes back from now on. Without room for them, photos are refused until there is.
    pub(super) fn keep(&self, bytes: u64) {
        self.size.store(bytes, Ordering::Relaxed);
        if bytes == 0 {
            // An earlier start may have kept some.
            self.release();
        } else if let Err(error) = self.fill() {
            self.failed(&error.to_string());
        }
    }

    /// Fails for as long as writing does.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match &*self.failure.lock() {
            None => Ok(()),
            Some(reason) => Err(StoreError::NotWritable(reason.clone())),
        }
    }

    /// Writing failed: what was kept back is there for deletions now.
    pub(super) fn failed(&self, reason: &str) {
        let mut failure = self.failure.lock();
        if failure.is_none() {
            tracing::error!(
                reason,
                "the store cannot be written; photos are refused until it can be, and deletions still work"
            );
        }
        *failure = Some(reason.to_owned());
        self.release();
    }

    fn release(&self) {
        if let Err(error) = remove_if_there(&self.file) {
            tracing::warn!(%error, "the disk space that is reserved for deletions cannot be freed");
        }
    }

    /// Tries whether writing works again, or what is kept back can be whole again; to be called now and then. Says whether
    /// all is well.
    pub(super) fn look<'a>(&self, writer: impl Fn() -> MutexGuard<'a, Connection>) -> bool {
        if self.failure.lock().is_some() {
            let tried = self.attempt(&writer());
            if let Err(error) = tried {
                tracing::debug!(error = crate::report(&error), "the store still cannot be written");
                self.release();
                return false;
            }
            *self.failure.lock() = None;
            tracing::info!("the store can be written again");
        } else if !self.is_whole() && self.fill().is_err() {
            // Deletions made room in the database, which photos use up.
            let size = self.size.load(Ordering::Relaxed);
            match free(&writer()) {
                Ok(free) if free >= size / TRIAL => {}
                _ => self.failed("there is no free disk space"),
            }
            return false;
        }
        true
    }

    /// Succeeds when there is room for photos beside what is kept back, be it on the disk, be it within the database.
    fn attempt(&self, writer: &Connection) -> Result<(), StoreError> {
        // Gives the room back that deletions took in the log.
        checkpoints::empty(writer)?;
        let size = self.size.load(Ordering::Relaxed);
        // Where there is room within the database only, what is kept back stays free for the log.
        if let Err(error) = self.fill()
            && free(writer)? < size.max(LEAST_TRIAL)
        {
            return Err(StoreError::NotWritable(error.to_string()));
        }
        // Written and taken out again, it leaves as much free in the database.
        writer.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('trial', hex(zeroblob(?1)))",
            [(size / TRIAL).max(LEAST_TRIAL).cast_signed() / 2],
        )?;
        writer.execute("DELETE FROM meta WHERE key = 'trial'", [])?;
        checkpoints::empty(writer)?;
        Ok(())
    }

    fn is_whole(&self) -> bool {
        let size = self.size.load(Ordering::Relaxed);
        size == 0 || fs::metadata(&self.file).is_ok_and(|found| found.len() == size)
    }

    /// Writes what is kept back, unless it is there: bytes that no file system leaves out or compresses.
    fn fill(&self) -> io::Result<()> {
        if self.is_whole() {
            return Ok(());
        }
        let write = || {
            let mut file = File::create(&self.file)?;
            let mut left = usize::try_from(self.size.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
            let (mut piece, mut state) = (vec![0; left.min(PIECE)], 0x9e37_79b9_u32);
            while left > 0 {
                for byte in &mut piece {
                    // Xorshift (Marsaglia 2003).
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    *byte = state as u8;
                }
                let part = left.min(PIECE);
                file.write_all(&piece[..part])?;
                left -= part;
            }
            file.sync_all()
        };
        write().inspect_err(|_| self.release())
    }
}

/// Whether changes take data out and put none in that takes room.
pub(super) fn make_room(changes: &[Change]) -> bool {
    let removes = |change: &Change| matches!(change, Change::RemoveFace(_) | Change::RemovePhoto(_));
    changes.iter().any(removes) && !take_room(changes)
}

/// Whether changes store faces, with their pictures.
pub(super) fn take_room(changes: &[Change]) -> bool {
    let takes = |change: &Change| matches!(change, Change::PutFace(_) | Change::PutPortrait(..));
    changes.iter().any(takes)
}

/// Whether a write failed because of the disk, or what stands between.
pub(super) fn is_failure(error: &StoreError) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    matches!(error, StoreError::Database(error) if matches!(
        error.sqlite_error_code(),
        Some(CannotOpen | DiskFull | ReadOnly | SystemIoFailure)
    ))
}

/// How many bytes are free within the database.
fn free(connection: &Connection) -> Result<u64, StoreError> {
    let query = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
    let bytes: i64 = connection.query_row(query, [], |row| row.get(0))?;
    Ok(bytes.unsigned_abs())
}
