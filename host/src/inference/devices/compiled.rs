//! Folders of compiled graphs: whether what is in one is what was put there.
//!
//! A driver that reads a damaged file may do anything. So the hash of each file is written down beside the folder when its
//! graphs are made, and a folder that is not as it was left is emptied.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::digest_of_file;
use crate::files::{remove_folder_if_there, remove_if_there, write_whole_readable};

/// SHA-256 of files, by their paths below the folder.
type Files = BTreeMap<String, String>;

/// Where the hashes of a folder's files are.
fn record(folder: &Path) -> PathBuf {
    folder.with_extension("json")
}

/// Empties a folder, and makes it where it is not there.
///
/// # Errors
/// When that cannot be done.
pub(in crate::inference) fn empty(folder: &Path) -> io::Result<()> {
    remove_if_there(&record(folder))?;
    remove_folder_if_there(folder)?;
    fs::create_dir_all(folder)
}

/// Writes down what is in a folder now.
///
/// # Errors
/// When it cannot be read, or nothing can be written.
pub(in crate::inference) fn seal(folder: &Path) -> io::Result<()> {
    let files = files(folder)?;
    write_whole_readable(&record(folder), &serde_json::to_vec(&files)?)
}

/// Makes sure that a folder holds what was written down, and nothing else; otherwise it is empty afterwards. Says whether it
/// was as it should be.
///
/// # Errors
/// When it can neither be trusted nor emptied.
pub(super) fn check(folder: &Path) -> io::Result<bool> {
    let recorded = fs::read(record(folder)).ok();
    let recorded = recorded.and_then(|json| serde_json::from_slice::<Files>(&json).ok());
    if recorded.is_some_and(|recorded| files(folder).is_ok_and(|found| found == recorded)) {
        return Ok(true);
    }
    empty(folder)?;
    Ok(false)
}

fn files(folder: &Path) -> io::Result<Files> {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let (_, sha256) = digest_of_file(&path)?;
            let name = path.strip_prefix(folder).unwrap_or(&path);
            found.insert(name.display().to_string(), sha256);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_as_it_was_left_is_emptied() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let folder = place.path().join("key");
        let make = || -> io::Result<()> {
            empty(&folder)?;
            fs::create_dir(folder.join("sub"))?;
            fs::write(folder.join("sub/graph.blob"), "compiled")?;
            seal(&folder)
        };
        let is_empty = || -> io::Result<bool> { Ok(fs::read_dir(&folder)?.next().is_none()) };
        make()?;
        assert!(check(&folder)?);
        assert!(!is_empty()?);
        // Damaged.
        fs::write(folder.join("sub/graph.blob"), "compilee")?;
        assert!(!check(&folder)?);
        assert!(is_empty()?);
        // With something that nobody wrote down.
        make()?;
        fs::write(folder.join("foreign.blob"), "compiled")?;
        assert!(!check(&folder)?);
        assert!(is_empty()?);
        // Never finished.
        make()?;
        fs::remove_file(record(&folder))?;
        assert!(!check(&folder)?);
        // Not there at all.
        fs::remove_dir_all(&folder)?;
        assert!(!check(&folder)?);
        assert!(is_empty()?);
        Ok(())
    }
}
