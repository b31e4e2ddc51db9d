//! A search for bytes in files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The files below a folder that hold these bytes.
///
/// # Panics
/// When a file cannot be read, or there is nothing to look for.
#[must_use]
pub fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    assert!(!bytes.is_empty(), "nothing to look for");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
            continue;
        }
        let content = match fs::read(&path) {
            Ok(content) => content,
            // It had its name for a moment only.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        if content.windows(bytes.len()).any(|window| window == bytes) {
            found.push(path);
        }
    }
    found
}
