//! What was found for another embedder, and was not gone on with for too long.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::moving::{FOLDER, is_cut_off};

/// Removes what a reembedding left in `DATA_DIR` that has written nothing for so long: vectors and pictures, also of who was
/// deleted since. What only waits for its last step stays. Blocks.
///
/// # Errors
/// When a folder cannot be read or removed.
pub fn expire(data: &Path, kept: Duration) -> io::Result<()> {
    let folder = data.join(FOLDER);
    if is_cut_off(data) || !folder.exists() {
        return Ok(());
    }
    let is_old = |written: SystemTime| written.elapsed().is_ok_and(|age| age > kept);
    // A folder without a file holds nothing, and one may be about to come.
    if newest(&folder)?.is_some_and(is_old) {
        fs::remove_dir_all(&folder)?;
        tracing::info!(
            folder = %folder.display(),
            "removed unfinished re-embedding data that is older than BACKUP_KEEP_DAYS"
        );
    }
    Ok(())
}

/// When the file below a folder was written that was written last; none when there is none.
fn newest(folder: &Path) -> io::Result<Option<SystemTime>> {
    let mut newest = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let written = if entry.file_type()?.is_dir() {
            self::newest(&entry.path())?
        } else {
            Some(entry.metadata()?.modified()?)
        };
        newest = newest.max(written);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    /// Writes a file as it was so many days ago.
    fn write(path: &Path, days: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::now() - DAY * days).unwrap();
    }

    #[test]
    fn what_nobody_goes_on_with_goes() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join(FOLDER);
        expire(data.path(), DAY * 30).unwrap();
        write(&data.path().join("faces/faces.sqlite"), 40);
        write(&folder.join("vectors.jsonl"), 40);
        write(&folder.join("faces/faces.sqlite"), 20);
        expire(data.path(), DAY * 30).unwrap();
        assert!(folder.join("vectors.jsonl").exists());
        write(&folder.join("faces/faces.sqlite"), 40);
        expire(data.path(), DAY * 30).unwrap();
        assert!(!folder.exists());
        assert!(data.path().join("faces/faces.sqlite").exists());
        fs::create_dir(&folder).unwrap();
        expire(data.path(), DAY).unwrap();
        assert!(folder.exists());
    }

    #[test]
    fn the_only_store_stays() {
        let data = tempfile::tempdir().unwrap();
        let store = data.path().join(FOLDER).join("faces/faces.sqlite");
        write(&store, 40);
        expire(data.path(), DAY).unwrap();
        assert!(store.exists());
    }
}
