//! Another embedder for people who are known already: every stored face gets a vector of the new one, and everything else
//! stays as it is. Vectors of two embedders never share a store, so that the people move into a new one.
//!
//! ```text
//! DATA_DIR/reembedding/
//!   vectors.jsonl    what was found so far; a run that was cut off goes on after it
//!   old.jsonl        the store, exported
//!   new.jsonl        the same with the new vectors
//!   faces/           the new store, until it takes the place of the old one
//! ```
//!
//! What nobody goes on with is removed after `BACKUP_KEEP_DAYS`.

mod expiring;
mod looking;
mod moving;
mod sources;
mod vectors;

pub use expiring::expire;
pub use looking::{Agreement, Eyes, Looking, Outcome, SeenFace};
pub use moving::{Moved, Target, finish_cut_off, is_cut_off, move_people};
pub use sources::{Sources, read_urls};
pub use vectors::Vectors;

use std::path::{Path, PathBuf};

use crate::people::PeopleError;
use crate::store::{StoreError, TransferError};

/// Why faces did not get other vectors. What was found so far is kept.
#[derive(Debug, thiserror::Error)]
pub enum ReembeddingError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Faces could not be taken out of the new store.
    #[error(transparent)]
    Faces(#[from] PeopleError),
    /// The store could not be moved.
    #[error(transparent)]
    Archive(#[from] TransferError),
    /// A file cannot be used.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What was found so far is of another embedder.
    #[error("{} was made with another embedder; remove it to start again", .0.display())]
    OtherModel(PathBuf),
    /// A task was stopped.
    #[error("the re-embedding was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl ReembeddingError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
