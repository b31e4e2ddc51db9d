//! The first line of an archive.

use serde::{Deserialize, Serialize};

/// What the archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Header {
    /// See [`VERSION`](super::VERSION).
    pub(in crate::store) format: u32,
    /// The network whose vectors there are.
    pub(in crate::store) embedding_model: String,
    /// Width of the vectors.
    pub(in crate::store) dimension: usize,
    /// Where it was exported from, for people.
    pub(in crate::store) source: String,
    /// How often the store had been changed.
    pub(in crate::store) revision: u64,
    pub(in crate::store) faces: u64,
    pub(in crate::store) clusters: u64,
    pub(in crate::store) photos: u64,
}
