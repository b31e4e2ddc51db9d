//! Why the index failed.

use std::io;

/// Why the index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The cache file cannot be written or read.
    #[error(
        "the neighbour index in {file} cannot be used; check that its directory can be written and has space"
    )]
    File {
        /// The cache file.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The graph failed.
    #[error("the neighbour index failed; see the log, and restart with more memory if that ran out")]
    Graph(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no thread to move vectors with.
    #[error("the neighbour index could not start its thread; raise the limit on threads")]
    Thread(#[source] io::Error),
}
