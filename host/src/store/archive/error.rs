//! Why a store was not exported or imported.

use std::io;
use std::path::PathBuf;

use super::Totals;
use crate::store::error::{Cause, StoreError};
use crate::store::format::VERSION;

/// Why a store was not moved. What was done so far is continued when the command is repeated.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("{} cannot be read or written", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is something under the name of the new archive.
    #[error("{} already exists; remove it or choose another name", .0.display())]
    Exists(PathBuf),
    /// The file is no archive, or a damaged one.
    #[error("line {line} of {} cannot be read; export the store again", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        #[source]
        source: Cause,
    },
    /// The archive has no end.
    #[error("{} is incomplete, because its export was interrupted; run the export again", .0.display())]
    Unfinished(PathBuf),
    /// The archive is of a later version.
    #[error("the archive has format {0}, and this worker knows only {known}; use a newer worker", known = VERSION)]
    Format(u32),
    /// The store was written to while it was exported.
    #[error("the store was changed during the export; stop the workers that use it and run the export again")]
    Changed,
    /// The store has something in it.
    #[error(
        "the store is not empty; import into an empty store, such as another DATA_DIR or QDRANT_COLLECTION"
    )]
    NotEmpty,
    /// Not everything arrived.
    #[error(
        "the counts differ: the archive has {expected:?} and the store has {found:?}; another program wrote to the \
         store. Stop it, and import into an empty store"
    )]
    Counts {
        /// What there should be.
        expected: Box<Totals>,
        /// What there is; kinds that a store does not count are as expected.
        found: Box<Totals>,
    },
}
