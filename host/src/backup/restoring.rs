//! Putting a backup in the place of a store that no worker holds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::expiring::aside;
use super::{BackupError, DATABASE, FACES, Manifest, PLUGINS, is_half_way};
use crate::domain::EmbeddingModel;
use crate::files::{copy_file, copy_folder, create_private_folder, remove_folder_if_there, sync_folder};
use crate::people::{People, Repeated, Since};
use crate::store::{EmbeddedStore, ErasureList, IndexSettings, StoreLock};

/// What is put together there, until it takes its place.
const RESTORING: &str = "restoring";

/// The audit log among the plugins.
const AUDIT: &str = "audit.jsonl";

/// A backup that was copied beside a store and is about to take its place. Dropped before that, it changes nothing.
pub struct Restoration {
    data: PathBuf,
    manifest: Manifest,
    /// The copy takes its place: what is left of it when that fails says so.
    begun: bool,
    /// Held to the end, so that no worker starts on what is being replaced.
    _lock: StoreLock,
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct RestoreReport {
    /// What the backup held.
    pub manifest: Manifest,
    /// Where what was there before is now.
    pub aside: Vec<PathBuf>,
}

impl Restoration {
    /// Checks a backup and copies it into `DATA_DIR`, beside the store that is there. Blocks.
    ///
    /// # Errors
    /// When the folder is no sound backup, a worker holds the store, there is one and it is not to be replaced, or a
    /// file cannot be written.
    pub fn prepare(backup: &Path, data: &Path, replace: bool) -> Result<Self, BackupError> {
        let manifest = Manifest::read(backup)?;
        let faces = data.join(FACES);
        let lock = EmbeddedStore::lock(&faces)?;
        if EmbeddedStore::is_in(&faces) && !replace {
            return Err(BackupError::Occupied(faces));
        }
        manifest.check(backup)?;
        let restoration = Self {
            data: data.to_owned(),
            manifest,
            begun: false,
            _lock: lock,
        };
        restoration
            .copy(backup)
            .map_err(BackupError::file(&data.join(RESTORING)))?;
        Ok(restoration)
    }

    fn copy(&self, backup: &Path) -> io::Result<()> {
        let fresh = self.data.join(RESTORING);
        remove_folder_if_there(&fresh)?;
        create_private_folder(&self.faces())?;
        copy_file(&backup.join(DATABASE), &self.faces().join(DATABASE))?;
        sync_folder(&self.faces())?;
        copy_folder(&backup.join(PLUGINS), &fresh.join(PLUGINS))?;
        // What happened since is no part of what is restored.
        let audit = self.data.join(PLUGINS).join(AUDIT);
        if audit.exists() {
            copy_file(&audit, &fresh.join(PLUGINS).join(AUDIT))?;
        }
        sync_folder(&fresh)
    }

    /// The folder with the copy of the store, which may be opened and changed until it takes its place.
    #[must_use]
    pub fn faces(&self) -> PathBuf {
        self.data.join(RESTORING).join(FACES)
    }

    /// Refuses a backup that is older than this: deletions of before are not known any more.
    ///
    /// # Errors
    /// When it is.
    pub fn check_age(&self, backup: &Path, kept: Duration) -> Result<(), BackupError> {
        match SystemTime::now().duration_since(self.manifest.made_at()) {
            Ok(age) if age > kept => Err(BackupError::TooOld {
                folder: backup.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Does the deletions of a list again that were asked for since the backup was made, in the copy, which keeps so many
    /// changes.
    ///
    /// # Errors
    /// When the list cannot be read, the copy not opened, or a deletion not done.
    pub async fn delete_again(
        &self,
        list: Arc<ErasureList>,
        model: EmbeddingModel,
        index: IndexSettings,
        changes_kept: u64,
    ) -> Result<Repeated, BackupError> {
        let faces = self.faces();
        let (opened, known) = tokio::task::spawn_blocking({
            let (list, model) = (Arc::clone(&list), model.clone());
            move || {
                let known = list
                    .read()
                    .map_err(|error| BackupError::Deletions(error.into()))?;
                Ok::<_, BackupError>((EmbeddedStore::open(&faces, &model, index)?, known))
            }
        })
        .await??;
        let people = People::new(Arc::new(opened), model)
            .with_changes_kept(changes_kept)
            .with_erasures(list);
        let since = Since {
            moment: self.manifest.made_at_us,
            revision: people.revision().await?,
        };
        let done = people.repeat_erasures(&known, since).await;
        done.map_err(|error| BackupError::Deletions(error.into()))
    }

    /// What the backup holds.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Puts the copy in its place, and moves aside what is there. Cut off, it may be repeated. Blocks.
    ///
    /// # Errors
    /// When a folder cannot be renamed.
    pub fn finish(mut self) -> Result<RestoreReport, BackupError> {
        self.begun = true;
        let aside = self.take_place().map_err(BackupError::file(&self.data))?;
        Ok(RestoreReport {
            manifest: self.manifest.clone(),
            aside,
        })
    }

    fn take_place(&self) -> io::Result<Vec<PathBuf>> {
        let fresh = self.data.join(RESTORING);
        let now = SystemTime::now();
        let mut moved = Vec::new();
        // The store last: as long as there is none, no worker starts (`is_cut_off`).
        for folder in [PLUGINS, FACES] {
            let place = self.data.join(folder);
            if place.exists() {
                let old = aside(&place, now);
                fs::rename(&place, &old)?;
                moved.push(old);
            }
            fs::rename(fresh.join(folder), &place)?;
        }
        sync_folder(&self.data)?;
        fs::remove_dir(&fresh)?;
        Ok(moved)
    }
}

impl Drop for Restoration {
    fn drop(&mut self) {
        if self.begun {
            return;
        }
        let fresh = self.data.join(RESTORING);
        if let Err(error) = remove_folder_if_there(&fresh) {
            tracing::warn!(
                folder = %fresh.display(), %error,
                "the temporary copy of the backup could not be removed; delete this folder"
            );
        }
    }
}

/// Whether a restore was cut off in `DATA_DIR` after it had moved the store aside: another worker would begin an empty
/// one.
#[must_use]
pub fn is_cut_off(data: &Path) -> bool {
    is_half_way(data, RESTORING)
}
