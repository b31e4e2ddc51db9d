//! What the clones of a store share: a database to read, the same to write, and the index.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::apply::{self, IndexChanges};
use super::checkpoints::{self, Checkpoints};
use super::index::{IndexSettings, NeighbourIndex};
use super::lock::{DATABASE, StoreLock};
use super::readers::Readers;
use super::watch::{Condition, Watch};
use super::{opening, room, rows, schema};
use crate::domain::{ClusterId, Embedding, EmbeddingModel, FileId, Neighbour};
use crate::store::change::Change;
use crate::store::error::StoreError;

/// The index's similarities are of half precision, so what it gives last is not quite the least similar.
const MORE: usize = 10;

/// After this many new faces the index is written, so that a crash costs at most seconds at the next start.
pub(super) const SAVE_AFTER: u64 = 50_000;

pub(super) struct Inner {
    /// The database's file.
    pub(super) database: PathBuf,
    pub(super) readers: Readers,
    pub(super) writer: Arc<Mutex<Connection>>,
    pub(super) condition: Arc<Condition>,
    _watch: Watch,
    _checkpoints: Checkpoints,
    pub(super) index: NeighbourIndex,
    /// Faces added since the index was written last.
    pub(super) unsaved: AtomicU64,
    /// A thread will write the index before long, so that it does not hold what was erased.
    erasing: AtomicBool,
    erased_within: Duration,
    pub(super) deciding: Arc<tokio::sync::Mutex<()>>,
    /// Held for as long as the store is open.
    _lock: StoreLock,
}

impl Inner {
    /// See [`super::EmbeddedStore::open`].
    pub(super) fn open(
        directory: &Path,
        model: &EmbeddingModel,
        settings: IndexSettings,
    ) -> Result<Self, StoreError> {
        let lock = StoreLock::take(directory)?;
        let path = directory.join(DATABASE);
        let mut writer = Connection::open(&path)?;
        schema::configure(&writer)?;
        schema::prepare(&mut writer, model)?;
        let checkpoints = Checkpoints::start(&path, &mut writer)?;
        let readers = Readers::open(&path)?;
        let index = opening::index(&readers.one(), directory, model, settings)?;
        let condition = Arc::new(Condition::of(directory, &path));
        let writer = Arc::new(Mutex::new(writer));
        let watch = Watch::start(Arc::clone(&condition), Arc::clone(&writer))?;
        Ok(Self {
            database: path,
            readers,
            writer,
            condition,
            _watch: watch,
            _checkpoints: checkpoints,
            index,
            unsaved: AtomicU64::new(0),
            erasing: AtomicBool::new(false),
            erased_within: settings.erased_within,
            deciding: Arc::default(),
            _lock: lock,
        })
    }

    pub(super) fn writer(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut off was rolled back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes in one transaction.
    fn commit(&self, changes: Vec<Change>) -> Result<IndexChanges, StoreError> {
        let mut writer = self.writer();
        let transaction = writer.transaction()?;
        let mut found = IndexChanges::default();
        for change in changes {
            apply::apply(&transaction, change, &mut found)?;
        }
        schema::count_change(&transaction)?;
        transaction.commit()?;
        Ok(found)
    }

    /// As [`Self::commit`]; when the disk is full, with the room that is kept back for changes that make some.
    fn commit_with_room(&self, changes: Vec<Change>) -> Result<IndexChanges, StoreError> {
        let room = &self.condition.room;
        if room::take_room(&changes) {
            room.check()?;
        }
        let again = room::make_room(&changes).then(|| changes.clone());
        let outcome = match (self.commit(changes), again) {
            (Err(error), again) if room::is_failure(&error) => {
                room.failed(&crate::report(&error));
                again.map_or(Err(error), |changes| {
                    self.empty_log();
                    self.commit(changes)
                })
            }
            (outcome, _) => outcome,
        };
        match outcome {
            Err(error) if room::is_failure(&error) => Err(StoreError::NotWritable(crate::report(&error))),
            outcome => outcome,
        }
    }

    /// Makes changes in one transaction, then in the index.
    pub(super) fn apply(self: &Arc<Self>, changes: Vec<Change>) -> Result<(), StoreError> {
        self.condition.check_place()?;
        let found = self.commit_with_room(changes)?;
        for row in found.removed {
            self.index.remove(row);
        }
        let added = found.added.len() as u64;
        for (row, face) in found.added {
            self.index.add(row, face.embedding.as_slice());
        }
        let unsaved = self.unsaved.fetch_add(added, Ordering::Relaxed) + added;
        if unsaved >= SAVE_AFTER {
            self.unsaved.store(0, Ordering::Relaxed);
            self.after(Duration::ZERO, Self::save_index);
        } else if found.erased && !self.erasing.swap(true, Ordering::Relaxed) {
            self.after(self.erased_within, |inner| {
                // What is erased from now on is for another thread.
                inner.erasing.store(false, Ordering::Relaxed);
                inner.empty_log();
                inner.save_index();
            });
        }
        // What was committed to a file without its name is not stored, unless it gets its name back.
        self.condition.check_place()
    }

    /// Does something after a while, on a thread of its own: it takes long and nobody waits for it. A store that was
    /// closed meanwhile has done it itself.
    fn after(self: &Arc<Self>, pause: Duration, work: fn(&Self)) {
        let inner = Arc::downgrade(self);
        std::thread::spawn(move || {
            std::thread::sleep(pause);
            if let Some(inner) = inner.upgrade() {
                work(&inner);
            }
        });
    }

    /// Takes what was erased out of the write-ahead log; until that can be done, it goes with what is written next.
    fn empty_log(&self) {
        checkpoints::said(checkpoints::empty(&self.writer()));
    }

    /// Writes the index, which is a cache: that it could not be written costs time at the next start and nothing else.
    pub(super) fn save_index(&self) {
        if let Err(error) = self.index.save() {
            tracing::warn!(
                error = crate::report(&error),
                "the neighbour index could not be written"
            );
        }
    }

    /// Neighbours by the index, read from the database.
    pub(super) fn nearest(
        &self,
        embedding: &Embedding,
        limit: usize,
        excluding: &FileId,
        excluding_cluster: Option<&ClusterId>,
    ) -> Result<Vec<Neighbour>, StoreError> {
        let excluded: HashSet<u64> = self
            .readers
            .one()
            .prepare_cached("SELECT row FROM face WHERE file_id = ?1 OR cluster_id = ?2")?
            .query_map(
                [
                    Some(excluding.as_str().to_owned()),
                    excluding_cluster.map(ToString::to_string),
                ],
                |row| row.get::<_, i64>(0),
            )?
            .map(|row| row.map(i64::cast_unsigned))
            .collect::<rusqlite::Result<_>>()?;
        // Others may read meanwhile.
        let found = self
            .index
            .nearest(embedding.as_slice(), limit + MORE, &excluded)?;
        let query = format!("SELECT {} FROM face WHERE row = ?1", rows::FACE);
        let found = self.readers.each(&found, |reader, (row, _)| {
            rows::one(reader, &query, [rows::position(Some(*row))], rows::face)
        })?;
        // A face that was removed a moment ago is no neighbour any more.
        let mut neighbours: Vec<Neighbour> = found
            .into_iter()
            .flatten()
            .filter(|face| face.file_id != *excluding && excluding_cluster != Some(&face.cluster_id))
            .map(|face| face.neighbour_of(embedding, false))
            .collect();
        neighbours.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        neighbours.truncate(limit);
        Ok(neighbours)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.save_index();
    }
}
