//! Why a hub did not give a file.

use std::io;

/// A file that the hub did not give.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The HTTP client cannot be built, or the address is none.
    #[error("no request can be sent to the model hub; check HF_ENDPOINT and the system's root certificates")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It does not answer, or stopped in the middle, too often.
    #[error(
        "{file} could not be fetched from {host}; the part that arrived is kept. Pull again, check the network and the \
         proxy, set HF_ENDPOINT to a mirror, or copy the file here and take it in with `ai-worker models import`"
    )]
    Unreachable {
        /// Repository and path.
        file: String,
        /// Who was asked.
        host: String,
        /// What the client said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It does not know us, or does not let us.
    #[error(
        "{host} refuses access to {file} (status {status}); accept the repository's terms there, and set HF_TOKEN to a \
         token that may read it"
    )]
    Refused {
        /// Repository and path.
        file: String,
        /// Who refused.
        host: String,
        /// 401 or 403.
        status: u16,
    },
    /// There is no such file.
    #[error("{host} does not have {file}; if HF_ENDPOINT is a mirror, it may lack this repository")]
    Absent {
        /// Repository, commit and path.
        file: String,
        /// Who was asked.
        host: String,
    },
    /// It answered with something else.
    #[error("{host} answered with status {status} for {file}; try again later")]
    Status {
        /// Repository and path.
        file: String,
        /// Who answered.
        host: String,
        /// The status.
        status: u16,
    },
    /// What it has is not what is meant.
    #[error(
        "{file} on {host} has {found} instead of {expected}; it is not the expected file, and nothing of it was kept"
    )]
    Mismatch {
        /// Repository and path.
        file: String,
        /// Who has it.
        host: String,
        /// What the manifest or the lock file says.
        expected: String,
        /// What the hub says or sent.
        found: String,
    },
    /// What arrives cannot be written.
    #[error("{file} cannot be written; check the permissions and the free space of the models directory")]
    Write {
        /// Repository and path.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another download has failed, so that this one was given up; what has arrived of it is kept.
    #[error("the download of {0} was given up because another one failed")]
    GivenUp(String),
}
