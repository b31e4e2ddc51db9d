//! Why a store did not do what it was asked.

use super::embedded::index::IndexError;
use crate::domain::ClusterId;

/// Whatever a server or its client fails with.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what it was asked. Nothing has changed then, with two exceptions, which only a store on
/// another machine has: [`Self::Unfinished`], and [`Self::Unreachable`] when the connection broke before the answer
/// came. All of the change or nothing of it comes to be in either case, before anybody decides anything else.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store was made with another embedder, whose vectors cannot be compared.
    #[error(
        "the store has vectors of {stored}, but the model set produces vectors of {active}; choose the model set that \
         the store was made with, or another store"
    )]
    OtherModel {
        /// What the store was made with.
        stored: String,
        /// What was asked for.
        active: String,
    },
    /// Another process has the store open.
    #[error(
        "the store in {0} is in use by another worker, or by another program that has its database open; stop that \
         program, and give each worker its own DATA_DIR"
    )]
    InUse(String),
    /// The store's directory cannot be used.
    #[error("the store in {directory} cannot be opened; check that the directory can be written")]
    Directory {
        /// The directory.
        directory: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The database failed or is damaged.
    #[error("the face database failed; see the log, and restore a backup if it is damaged")]
    Database(#[from] rusqlite::Error),
    /// A deletion cannot be written down, without which a restore would take it back.
    #[error("nothing was deleted, because the list of deletions {file} cannot be written; free disk space")]
    Erasures {
        /// The list.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// There is no thread for what the store does beside its callers.
    #[error("the store could not start a thread; raise the limit on threads")]
    Thread(#[source] std::io::Error),
    /// Writing fails, as it does when the disk is full.
    #[error("the store cannot be written ({0}); free disk space: until then photos are refused")]
    NotWritable(String),
    /// The database is not where it was when it was opened.
    #[error(
        "{0} was deleted, renamed or replaced while the worker was running; put it back, or stop the worker and \
         restore a backup"
    )]
    Lost(String),
    /// What was read is not what was written.
    #[error("the face database holds an invalid entry ({0}); restore a backup")]
    Damaged(String),
    /// Following where a cluster was merged leads back to where it led before.
    #[error("cluster {0} was merged in a circle; stop the workers and run `ai-worker store repair`")]
    Circle(ClusterId),
    /// The Qdrant server does not answer.
    #[error("Qdrant at {url} does not answer; check QDRANT_URL and that the server runs")]
    Unreachable {
        /// Its address.
        url: String,
        /// What the client said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server wants another key.
    #[error("Qdrant at {url} refuses the API key; set QDRANT_API_KEY to a key that may read and write")]
    WrongKey {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server refused a call, or answered nonsense.
    #[error("Qdrant at {url} answered a call with an error; see the log")]
    Qdrant {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// The Qdrant server failed at a call, as it does for a moment when one of its other nodes goes away.
    #[error(
        "Qdrant at {url} is failing temporarily; check that more than half of its nodes run, and see the log"
    )]
    Faltering {
        /// Its address.
        url: String,
        /// What the server said.
        #[source]
        source: Cause,
    },
    /// Copies on a Qdrant cluster say different things of who may write.
    #[error(
        "the replicas on Qdrant's nodes disagree; the worker repairs them within QDRANT_LEASE_MS, if more than half of \
         the nodes run and QDRANT_URL lists every node"
    )]
    CopiesDisagree,
    /// The Qdrant server is too old.
    #[error("Qdrant at {url} has version {version}, which has no conditional updates; use 1.16 or later")]
    OldQdrant {
        /// Its address.
        url: String,
        /// Its version.
        version: String,
    },
    /// Copies of a Qdrant server's data are made there.
    #[error(
        "the people are stored in Qdrant; back them up with Qdrant's snapshots of the collections (see \
         docs/operations.md)"
    )]
    CopiedElsewhere,
    /// Another worker took the right to write.
    #[error(
        "another worker took over the write lease, because this worker did not renew it in time; try again"
    )]
    TurnLost,
    /// Changes that are written down and not carried out yet.
    #[error(
        "the change is recorded, but Qdrant stopped answering before it was complete; the worker will complete it: \
         read the data again to see it"
    )]
    Unfinished(#[source] Box<StoreError>),
    /// The circuit is open: it kept failing, so that it is not asked for a moment.
    #[error(
        "the circuit breaker is open: the store failed repeatedly and is not called for a while; try again later"
    )]
    CircuitOpen,
    /// The neighbours could not be found.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store's own task was cancelled.
    #[error("the store was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StoreError {
    /// Whether something was read that nobody wrote.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Database(rusqlite::Error::SqliteFailure(error, _)) => {
                use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
                matches!(error.code, DatabaseCorrupt | NotADatabase)
            }
            // A value of another type than its column's.
            Self::Database(error) => error.sqlite_error_code().is_none(),
            _ => false,
        }
    }

    /// Whether the store itself fails, and not what it was asked: another call would fail, too, until it is better.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Faltering { .. }
            | Self::CopiesDisagree
            | Self::Qdrant { .. }
            | Self::Unfinished(_) => true,
            Self::Database(error) => error.sqlite_error_code().is_some_and(|code| {
                use rusqlite::ErrorCode::{
                    CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, PermissionDenied, ReadOnly,
                    SystemIoFailure,
                };
                matches!(
                    code,
                    CannotOpen
                        | DatabaseBusy
                        | DatabaseLocked
                        | DiskFull
                        | PermissionDenied
                        | ReadOnly
                        | SystemIoFailure
                )
            }),
            _ => false,
        }
    }
}
