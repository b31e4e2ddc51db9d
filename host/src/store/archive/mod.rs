//! Everything in a store as one file, and back, whichever store it is.
//!
//! The file is text: one JSON object a line, which other programs can read and a compressor makes small. The first line
//! says what it is, the last that it is whole. Answers under idempotency keys are not in it: they are of one worker's
//! last hours.

mod error;
mod export;
mod import;
mod lines;
mod vectors;

use std::path::{Path, PathBuf};

pub use self::error::TransferError;
pub use self::export::export;
pub use self::import::import;
pub use self::vectors::replace_vectors;
use super::format::Header;

/// How many rows each kind has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    pub unsure: u64,
    /// Clusters that were merged away.
    pub redirects: u64,
    /// What is no face.
    pub rejections: u64,
    /// What happened, as far as it is kept.
    pub events: u64,
    /// Entries of the history.
    pub corrections: u64,
}

/// How far an import has come.
pub(in crate::store) struct Done {
    /// The archive.
    pub(in crate::store) archive: Header,
    /// The store, as people call it.
    pub(in crate::store) target: String,
    /// The end of what is in the store, in bytes from the beginning of the archive.
    pub(in crate::store) end: u64,
    /// How many lines that is.
    pub(in crate::store) lines: u64,
    pub(in crate::store) totals: Totals,
}

/// Told how many faces, photos and clusters are done, and how many there are.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// The name of a file until all of it is written.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}
