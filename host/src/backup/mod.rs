//! Backups of everything that a worker with an embedded store keeps: made while it runs, checked, restored.
//!
//! ```text
//! BACKUP_DIR/
//!   lock                      held while a backup is made
//!   20261130T195916.123Z/     a backup, there as a whole or not at all
//!     manifest.json           what it holds, and the hash of every other file
//!     faces.sqlite            people, photos and pictures, as they were at one moment
//!     plugins/                the components, which of them are active, and the audit log
//!   .unfinished-...           one that was cut off; the next backup removes it
//! ```

mod checking;
mod expiring;
mod jobs;
mod making;
mod manifest;
mod restoring;

use std::io;
use std::path::{Path, PathBuf};

pub use checking::{unopened, verify, verify_backup, verify_running};
pub(crate) use expiring::aside;
pub use expiring::expire;
pub use jobs::{BackupStatus, StoreJobs, VerificationStatus};
pub use making::{BackupReport, CopyPlugins, make};
pub use manifest::{FileEntry, Manifest, find, list};
pub use restoring::{Restoration, RestoreReport, is_cut_off};

use crate::people::PeopleError;
use crate::store::{EmbeddedStore, StoreError};

/// The store in `DATA_DIR`, and where its copies are put together.
pub(crate) const FACES: &str = "faces";
/// The database in a backup.
const DATABASE: &str = "faces.sqlite";
/// The folder of plugins in a backup.
const PLUGINS: &str = "plugins";

/// Whether a store on its way from a folder of `DATA_DIR` into its place was cut off: another worker would begin an empty
/// one.
pub(crate) fn is_half_way(data: &Path, folder: &str) -> bool {
    !EmbeddedStore::is_in(&data.join(FACES)) && EmbeddedStore::is_in(&data.join(folder).join(FACES))
}

/// Why a backup could not be made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Somebody makes one right now.
    #[error("another backup is being made in {0}; wait until it is done")]
    Running(PathBuf),
    /// A file or folder cannot be used.
    #[error(
        "{path} cannot be used; check that it exists, that it can be read and written, and that its disk has free space"
    )]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is nothing that could be a backup.
    #[error("{0} is not a backup: it has no readable manifest.json; name a folder in BACKUP_DIR")]
    NotABackup(PathBuf),
    /// A backup of a later worker.
    #[error("{folder} is a backup in format {format}, which this worker does not know; use a newer worker")]
    Later {
        /// The backup.
        folder: PathBuf,
        /// What it says.
        format: u32,
    },
    /// A file is not as it was backed up.
    #[error("{0} is missing or has changed since the backup was made; restore another backup")]
    Damaged(PathBuf),
    /// There is something where a backup was to be restored.
    #[error("{0} already has a store; with --replace, it is moved aside and the backup takes its place")]
    Occupied(PathBuf),
    /// A restore that did not come to its end.
    #[error("restoring a backup into {0} was interrupted; run `ai-worker store restore` again")]
    CutOff(PathBuf),
    /// A backup that is older than the deletions that are known.
    #[error(
        "{folder} is older than BACKUP_KEEP_DAYS, and the deletions of that time are no longer known: people who were \
         deleted since then might come back. If you accept that, restore it with a larger BACKUP_KEEP_DAYS"
    )]
    TooOld {
        /// The backup.
        folder: PathBuf,
    },
    /// A deletion could not be repeated.
    #[error("the backup was not restored, because the deletions that were made after it cannot be repeated")]
    Deletions(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A picture could not be read.
    #[error(transparent)]
    Faces(#[from] PeopleError),
    /// Copying was cut off.
    #[error("the backup was stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl BackupError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
