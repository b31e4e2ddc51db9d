//! What every store of faces can do: read, and write batches of simple changes, one writer at a time.

use std::path::Path;

use async_trait::async_trait;

use super::change::Change;
use super::error::StoreError;
use super::photo_list::PhotoLists;
use super::reads::StoreReads;
use super::record::Counts;

/// A store of faces: what it reads, and [`Turn`]s to write.
///
/// Whatever depends on what is stored is decided during a [`Turn`], so that no two decisions of two photos, or of two
/// workers on one store, miss each other. Reads need no turn; what they show may change at once.
#[async_trait]
pub trait FaceStore: StoreReads + PhotoLists {
    /// A short name for `/health`.
    fn kind(&self) -> &'static str;

    /// Whether the circuit is open: it kept failing, so that it is not asked for a moment.
    fn is_circuit_open(&self) -> bool {
        false
    }

    /// Fails when the store is known not to take photos at this moment; asks nobody.
    ///
    /// # Errors
    /// What keeps it from that.
    fn can_store(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Gives back the room that is kept for deletions, because something that goes before one does not fit on the disk.
    /// Photos are refused until there is room again. Blocks.
    fn make_room(&self, _reason: &str) {}

    /// Waits for the sole right to decide and write.
    async fn turn(&self) -> Result<Box<dyn Turn>, StoreError>;

    /// What is wrong with how the store itself keeps its data, a sentence each.
    async fn examine(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Puts right what can be of that, and says what it did; to be called during a turn.
    async fn mend(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Copies all of one moment into a new file, while others go on reading and writing; says how much that is.
    ///
    /// # Errors
    /// When the file cannot be written, or the store has a way of its own to make copies.
    async fn back_up(&self, file: &Path) -> Result<Counts, StoreError> {
        let _ = file;
        Err(StoreError::CopiedElsewhere)
    }
}

/// The sole right to decide and write, until it is dropped.
#[async_trait]
pub trait Turn: Send {
    /// Makes changes in their order: all or none, durable when the call returns. Every change may be repeated.
    ///
    /// # Errors
    /// When the store fails, or the right was lost because it was held too long; then nothing has changed.
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Gives the right back and waits until others may have it. Dropping the turn gives it back, too, without waiting.
    async fn end(self: Box<Self>);
}
