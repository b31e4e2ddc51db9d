//! Files that are there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file, and its folder where there is none, so that after a crash or a power cut the file holds either
/// what it held before or all of `bytes`.
///
/// # Errors
/// When the folder or the file cannot be written; then the file is as before.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    put(NamedTempFile::new_in(folder)?, path, bytes)
}

/// As [`write_whole`], in a folder that is there, and readable by whoever may read what else is made in it: a temporary
/// file is its owner's alone.
///
/// # Errors
/// When the file cannot be written; then it is as before.
pub(crate) fn write_whole_readable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = tempfile::Builder::new().make_in(folder_of(path), |path| File::create_new(path))?;
    put(file, path, bytes)
}

/// Makes a folder, and those above it that are not there, for its owner alone; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Copies a folder with everything in it, onto the disk. Neither links nor pipes nor devices are followed or copied.
///
/// # Errors
/// When something cannot be read or written.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    create_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &to)?;
            File::open(&to)?.sync_all()?;
        }
    }
    sync_folder(to)
}

/// Fills a temporary file and gives it its name, in the same folder.
fn put(mut file: NamedTempFile, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder_of(path))
}

/// The folder that a file is in, also where the path is the file's name alone.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Waits until the names in a folder are on disk: a renamed file is safe only then.
///
/// # Errors
/// When the folder cannot be opened or synchronised.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_as_a_whole() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let (new, old) = (directory.path().join("new/a"), directory.path().join("b"));
        fs::write(&old, "before")?;
        write_whole(&new, b"after")?;
        write_whole_readable(&old, b"after")?;
        assert_eq!(fs::read(&new)?, b"after");
        assert_eq!(fs::read(&old)?, b"after");
        // Nothing half-written is left beside them.
        assert_eq!(fs::read_dir(directory.path())?.count(), 2);
        assert_eq!(fs::read_dir(directory.path().join("new"))?.count(), 1);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_readable_file_has_the_permissions_of_any_other() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir()?;
        let mode = |name: &str| -> io::Result<u32> {
            Ok(fs::metadata(directory.path().join(name))?.permissions().mode())
        };
        fs::write(directory.path().join("any"), "")?;
        write_whole_readable(&directory.path().join("readable"), b"")?;
        write_whole(&directory.path().join("private"), b"")?;
        assert_eq!(mode("readable")?, mode("any")?);
        assert_eq!(mode("private")? & 0o077, 0);
        Ok(())
    }
}
