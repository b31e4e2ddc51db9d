//! Backups that are older than they may be, and stores that a restore moved aside as long ago.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::FACES;
use super::making::{UNFINISHED, name};
use super::manifest::list;
use crate::files::{remove_folder_if_there, remove_if_there};
use crate::store::EmbeddedStore;

/// What stands in the name of a folder that a restore moved aside, before its time.
const ASIDE: &str = ".before-";

/// Where what is in this place goes when something else takes it.
pub(crate) fn aside(place: &Path, moment: SystemTime) -> PathBuf {
    let mut path = place.as_os_str().to_owned();
    path.push(format!("{ASIDE}{}", name(moment)));
    PathBuf::from(path)
}

/// Removes the backups in `root`, what restores moved aside in `data`, and what a repair kept there of a damaged database,
/// that are older than this: they hold who was deleted since. Gives what was removed. Blocks.
///
/// # Errors
/// When something cannot be read or removed; what was removed before stays removed.
pub fn expire(root: &Path, data: &Path, kept: Duration) -> io::Result<Vec<PathBuf>> {
    let Some(oldest) = SystemTime::now().checked_sub(kept) else {
        return Ok(Vec::new());
    };
    let mut removed = Vec::new();
    for (folder, manifest) in list(root)? {
        if manifest.made_at() < oldest {
            // A backup that is there in part would be none, and stay: under this name the next backup removes it.
            let going = root.join(format!("{UNFINISHED}{}", name(manifest.made_at())));
            fs::rename(&folder, &going)?;
            remove_folder_if_there(&going)?;
            removed.push(folder);
        }
    }
    let damaged = EmbeddedStore::damaged(&data.join(FACES));
    if fs::metadata(&damaged).is_ok_and(|file| file.modified().is_ok_and(|moment| moment < oldest)) {
        remove_if_there(&damaged)?;
        removed.push(damaged);
    }
    // Names are in the order of time.
    let oldest = name(oldest);
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        let is_old = entry
            .file_name()
            .to_str()
            .and_then(|name| name.split_once(ASIDE))
            .is_some_and(|(_, moved)| moved < oldest.as_str());
        if is_old && entry.file_type()?.is_dir() {
            remove_folder_if_there(&entry.path())?;
            removed.push(entry.path());
        }
    }
    for copy in &removed {
        tracing::info!(
            copy = %copy.display(),
            "removed a copy of the store that is older than BACKUP_KEEP_DAYS"
        );
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::backup::{Manifest, PLUGINS};
    use crate::store::Counts;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn what_is_older_than_it_may_be_goes_and_nothing_else() {
        let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let counts = Counts {
            faces: 1,
            clusters: 1,
            photos: 1,
        };
        let days_ago = |days: u32| SystemTime::now() - DAY * days;
        for days in [1, 40] {
            let moment = days_ago(days);
            let backup = root.path().join(name(moment));
            fs::create_dir_all(backup.join(PLUGINS)).unwrap();
            let manifest = Manifest::of(&backup, moment, "a model", counts).unwrap();
            manifest.write(&backup).unwrap();
            fs::create_dir_all(data.path().join(format!("faces{ASIDE}{}", name(moment)))).unwrap();
        }
        for other in ["faces", "plugins"] {
            fs::create_dir_all(data.path().join(other)).unwrap();
        }
        // What a repair kept, of today and of long ago.
        let damaged = EmbeddedStore::damaged(&data.path().join("faces"));
        let file = fs::File::create(&damaged).unwrap();
        fs::create_dir_all(root.path().join("somebody else's")).unwrap();
        let removed = expire(root.path(), data.path(), DAY * 30).unwrap();
        assert_eq!(removed.len(), 2, "{removed:?}");
        assert!(damaged.exists());
        file.set_modified(days_ago(40)).unwrap();
        assert_eq!(expire(root.path(), data.path(), DAY * 30).unwrap(), [damaged]);
        assert!(removed.iter().all(|folder| !folder.exists()));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 3);
    }
}
