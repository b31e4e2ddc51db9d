//! The data directory: its owner's alone, since it holds vectors and pictures of faces.

use std::path::{Path, PathBuf};

use super::StartError;
use crate::files;

/// Makes the data directory where there is none, and everything that this process writes from here on its owner's alone
/// (0700 and 0600). The log says when a directory that was there already lets others in.
///
/// # Errors
/// When nothing can be written there.
pub fn open_data_directory(directory: &Path) -> Result<(), StartError> {
    files::keep_private();
    let unusable = |source| StartError::DataDirectory {
        directory: PathBuf::from(directory),
        source,
    };
    files::create_private_folder(directory).map_err(unusable)?;
    // Being there is not enough: the disk may be full, or the directory somebody else's.
    tempfile::tempfile_in(directory).map_err(unusable)?;
    if let Some(mode) = files::mode_for_others(directory).map_err(unusable)? {
        let directory = directory.display();
        tracing::warn!(
            %directory, mode = format!("{mode:04o}"),
            "other users of this machine can read the data directory, which holds vectors and pictures of faces; run \
             `chmod -R go= {directory}`"
        );
    }
    Ok(())
}
