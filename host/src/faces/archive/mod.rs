//! Everything in a store as one file, and back, whichever store it is.
//!
//! The file is text: one JSON object a line, which other programs can read and a compressor makes small. The first line
//! says what it is, the last that it is whole. Answers under idempotency keys are not in it: they are of one worker's
//! last hours.

mod export;
mod import;
mod lines;
mod vectors;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use self::export::export;
pub use self::import::import;
pub(super) use self::lines::FaceLine;
pub use self::vectors::replace_vectors;
use super::store::StoreError;

/// How many rows each kind has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Faces.
    pub faces: u64,
    /// Faces that have a picture.
    pub portraits: u64,
    /// Photos.
    pub photos: u64,
    /// Clusters.
    pub clusters: u64,
    /// Pairs of clusters that are different people.
    pub distinctions: u64,
    /// Pairs of clusters of which somebody could not say whether they are different people.
    #[serde(default)]
    pub unsure: u64,
    /// Clusters that were merged away.
    pub redirects: u64,
    /// What is no face.
    pub rejections: u64,
    /// What happened, as far as it is kept.
    #[serde(default)]
    pub events: u64,
    /// Entries of the history.
    #[serde(default)]
    pub corrections: u64,
}

/// Told how many faces, photos and clusters are done, and how many there are.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Why a store was not moved. What was done so far is continued when the command is repeated.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
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
    #[error("{} is there already; remove it or choose another name", .0.display())]
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
        source: super::store::Cause,
    },
    /// The archive has no end.
    #[error("{} has no end; its export was interrupted: run it again", .0.display())]
    Unfinished(PathBuf),
    /// The archive is of a later version.
    #[error("the archive has format {0} and this worker knows {known}; use a newer worker", known = lines::FORMAT)]
    Format(u32),
    /// The store was written to while it was exported.
    #[error("the store was changed while it was exported; stop the workers that use it and run this again")]
    Changed,
    /// The store has something in it.
    #[error("the store is not empty; import into one that is, such as another DATA_DIR or QDRANT_COLLECTION")]
    NotEmpty,
    /// Not everything arrived.
    #[error(
        "the counts differ: the archive has {expected:?} and the store has {found:?}; something else wrote to it"
    )]
    Counts {
        /// What there should be.
        expected: Box<Totals>,
        /// What there is; kinds that a store does not count are as expected.
        found: Box<Totals>,
    },
}

/// The name of a file until all of it is written.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}
