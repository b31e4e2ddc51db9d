//! Making a backup.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use time::OffsetDateTime;

use super::manifest::Manifest;
use super::{BackupError, DATABASE, PLUGINS};
use crate::files::{create_private_folder, remove_folder_if_there, sync_folder};
use crate::people::People;

/// What a backup is called while it is made, or removed.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// Copies the state of plugins into a folder. Blocks.
pub type CopyPlugins = Box<dyn FnOnce(&Path) -> io::Result<()> + Send>;

/// What was backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// The backup's name, which is its folder in `BACKUP_DIR`.
    pub name: String,
    /// When the backup began, as RFC 3339; everything that was acknowledged before then is in it.
    pub made_at: String,
    /// Stored faces.
    pub faces: u64,
    /// Clusters.
    pub clusters: u64,
    /// Photos.
    pub photos: u64,
    /// Size of its files.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Makes a backup in a folder, which is made when it is not there: the people of this moment, and the plugins.
///
/// # Errors
/// When another one is being made there, a file cannot be written, or the store is backed up in a way of its own; then
/// there is no new backup.
pub async fn make(root: &Path, people: &People, plugins: CopyPlugins) -> Result<BackupReport, BackupError> {
    let (begun, made_at) = (Instant::now(), SystemTime::now());
    let place = {
        let root = root.to_owned();
        tokio::task::spawn_blocking(move || Place::take(root, made_at)).await??
    };
    let counts = people.back_up(&place.folder.join(DATABASE)).await?;
    let model = people.embedding_model().name.clone();
    let (name, manifest) = tokio::task::spawn_blocking(move || {
        let folder = place.folder.clone();
        let named = BackupError::file(&folder);
        let finish = || {
            plugins(&folder.join(PLUGINS))?;
            let manifest = Manifest::of(&folder, made_at, &model, counts)?;
            manifest.write(&folder)?;
            Ok(manifest)
        };
        let manifest = finish().map_err(named)?;
        place.publish().map(|name| (name, manifest))
    })
    .await??;
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        name,
        faces = manifest.faces,
        photos = manifest.photos,
        bytes = manifest.bytes(),
        duration_ms,
        "a backup was made"
    );
    Ok(BackupReport {
        name,
        bytes: manifest.bytes(),
        made_at: manifest.made_at,
        faces: manifest.faces,
        clusters: manifest.clusters,
        photos: manifest.photos,
        duration_ms,
    })
}

/// Where a backup, or a copy that is only looked at, is being made. Dropped before it is published, it is gone.
pub(super) struct Place {
    root: PathBuf,
    name: String,
    pub(super) folder: PathBuf,
    /// Held until the backup is there or given up.
    _lock: File,
}

impl Place {
    pub(super) fn take(root: PathBuf, moment: SystemTime) -> Result<Self, BackupError> {
        create_private_folder(&root).map_err(BackupError::file(&root))?;
        let path = root.join("lock");
        let lock = File::create(&path).map_err(BackupError::file(&path))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => BackupError::Running(root.clone()),
            fs::TryLockError::Error(source) => BackupError::file(&path)(source),
        })?;
        remove_unfinished(&root).map_err(BackupError::file(&root))?;
        let name = name(moment);
        let folder = root.join(format!("{UNFINISHED}{name}"));
        create_private_folder(&folder).map_err(BackupError::file(&folder))?;
        Ok(Self {
            root,
            name,
            folder,
            _lock: lock,
        })
    }

    /// Gives the backup its name, once all of it is on disk.
    fn publish(self) -> Result<String, BackupError> {
        let publish = || {
            sync_folder(&self.folder)?;
            fs::rename(&self.folder, self.root.join(&self.name))?;
            sync_folder(&self.root)
        };
        publish().map_err(BackupError::file(&self.root))?;
        Ok(self.name.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Not there any more when it was published.
        if let Err(error) = remove_folder_if_there(&self.folder) {
            tracing::warn!(
                folder = %self.folder.display(), %error,
                "the temporary copy of the store could not be removed; delete this folder"
            );
        }
    }
}

/// Removes what was cut off, of which there is none but while the lock is held.
fn remove_unfinished(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(UNFINISHED.as_bytes())
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// What a backup of a moment is called; names are in the order of time.
pub(super) fn name(moment: SystemTime) -> String {
    let moment = OffsetDateTime::from(moment);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}.{:03}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
        moment.millisecond()
    )
}
