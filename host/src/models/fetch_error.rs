//! Why files could not be brought.

use std::{io, path::PathBuf};

use super::{
    archive::ArchiveError, convert::ConvertError, devices::TableError, hub_error::HubError,
    lock_file::LockFileError, manifest::ManifestError, program::ClientError, rewrite::RewriteError,
};

/// Files that could not be brought.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The manifest contradicts itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The table of devices does not have what was asked for.
    #[error(transparent)]
    Devices(#[from] TableError),
    /// A package could not be downloaded.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A file of a hub could not be downloaded.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The lock file cannot be used.
    #[error(transparent)]
    Lock(#[from] LockFileError),
    /// A package does not hold what it should.
    #[error("{package}: {source}; nothing of it was kept")]
    Archive {
        /// Name and version.
        package: String,
        /// What is wrong with it.
        source: ArchiveError,
    },
    /// Weights could not be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A graph could not be rewritten.
    #[error("{name} could not be made")]
    Rewrite {
        /// The file in the models directory.
        name: String,
        /// Why.
        #[source]
        source: RewriteError,
    },
    /// A conversion gave something else than it should.
    #[error("converting {name} gave SHA-256 {found} and not {expected}; nothing of it was kept")]
    Converted {
        /// The file in the models directory.
        name: String,
        /// What the manifest says.
        expected: String,
        /// What came out.
        found: String,
    },
    /// A licence was not accepted.
    #[error(
        "the licence {0} must be accepted before anything is downloaded; read the text above, then pull again with \
         --accept-license"
    )]
    NotAccepted(String),
    /// The directory cannot be written.
    #[error("cannot write to {}; check its permissions and free space", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The messages for the user cannot be written.
    #[error("the progress cannot be printed")]
    Output(#[from] io::Error),
}
