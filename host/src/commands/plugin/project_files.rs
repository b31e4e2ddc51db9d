//! Writing the files of a plugin's project.

use std::path::Path;

/// Whether a folder is empty or does not exist yet.
pub(super) fn is_free(directory: &Path) -> Result<bool, String> {
    match std::fs::read_dir(directory) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(format!("{} cannot be listed: {error}", directory.display())),
    }
}

/// Writes a file and the folders it lies in.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
