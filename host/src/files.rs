//! Files that are there as a whole or not at all, and files that others put there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::time::SystemTime;

use tempfile::NamedTempFile;

/// What the name of a file begins with until all of it is written.
const TEMPORARY: &str = ".tmp";

/// Writes a file, and its folder where there is none, so that after a crash or a power cut the file holds either
/// what it held before or all of `bytes`.
///
/// # Errors
/// When the folder or the file cannot be written; then the file is as before.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    put(
        tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?,
        path,
        bytes,
    )
}

/// As [`write_whole`], in a folder that is there, and readable by whoever may read what else is made in it: a temporary
/// file is its owner's alone.
///
/// # Errors
/// When the file cannot be written; then it is as before.
pub(crate) fn write_whole_readable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    let file = builder
        .prefix(TEMPORARY)
        .make_in(folder_of(path), |path| File::create_new(path))?;
    put(file, path, bytes)
}

/// Makes a folder, and those above it that are not there, for its owner alone; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made, or something else has its name.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Copies a folder with everything in it, onto the disk. Neither links nor pipes nor devices are followed or copied, nor
/// what [`write_whole`] is about to rename: it may be gone the next moment.
///
/// # Errors
/// When something cannot be read or written.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    create_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let to = to.join(&name);
        if name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes()) {
            continue;
        }
        if kind.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else if kind.is_file() {
            copy_file(&entry.path(), &to)?;
        }
    }
    sync_folder(to)
}

/// Copies a file onto the disk, into a folder that is there.
///
/// # Errors
/// When it cannot be read or written.
pub(crate) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::open(to)?.sync_all()
}

/// Removes a file, if there is one.
///
/// # Errors
/// When it is there and stays.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    unless_gone(fs::remove_file(path))
}

/// Removes a folder with everything in it, if there is one.
///
/// # Errors
/// When something of it stays.
pub(crate) fn remove_folder_if_there(path: &Path) -> io::Result<()> {
    unless_gone(fs::remove_dir_all(path))
}

fn unless_gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
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

/// What nobody but the owner may do with what is created.
#[cfg(unix)]
const OTHERS: rustix::fs::Mode = rustix::fs::Mode::RWXG.union(rustix::fs::Mode::RWXO);

/// From here on, what this process creates is its owner's alone, unless a file system's own rules (a default ACL) say
/// otherwise. Where there are no such permissions, nothing is done.
pub(crate) fn keep_private() {
    #[cfg(unix)]
    rustix::process::umask(OTHERS);
}

/// As [`keep_private`], for what `create` creates only. This is the whole process's: no other thread may create anything
/// meanwhile that is for others.
pub(crate) fn privately<T>(create: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    let before = rustix::process::umask(OTHERS);
    let created = create();
    #[cfg(unix)]
    rustix::process::umask(before);
    created
}

/// The permissions of a folder, when it lets in others than its owner.
///
/// # Errors
/// When it cannot be looked at.
#[cfg(unix)]
pub(crate) fn mode_for_others(folder: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(folder)?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Nothing is known of it here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
pub(crate) fn mode_for_others(_: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

/// What tells one state of a file from another without reading it. A file that was put into the place of another is another
/// one, whatever its size and its time say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: SystemTime,
    #[cfg(unix)]
    place: Place,
}

/// Which file it is, and when the system last changed what it knows of it.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    device: u64,
    number: u64,
    changed: (i64, i64),
}

impl Stamp {
    /// None when there is no file.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let metadata = fs::metadata(file).ok()?;
        Some(Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok()?,
            #[cfg(unix)]
            place: Place::of(&metadata),
        })
    }
}

#[cfg(unix)]
impl Place {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            number: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Why a file that others put there was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// A folder, a pipe, a socket or a device, be it behind a link.
    #[error("it is not a regular file")]
    NotRegular,
    /// It is larger than it may be, or grew so while it was read.
    #[error("it has {size} bytes")]
    TooLarge {
        /// As many bytes as are known of.
        size: u64,
    },
    /// It is not there, or must not be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Reads a file that others put there: a regular file, also behind links, of at most `limit` bytes. It neither waits for
/// a pipe to be written nor reads a device without end, and holds to `limit` while a file grows.
///
/// # Errors
/// When it is no such file, or cannot be read.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let check = |metadata: Metadata| match metadata.len() {
        _ if !metadata.is_file() => Err(ReadError::NotRegular),
        size if size > limit => Err(ReadError::TooLarge { size }),
        size => Ok(size),
    };
    // Before it is opened, since opening alone is felt by some devices; and again, since it may be another one by then.
    check(fs::metadata(path)?)?;
    let file = open_without_waiting(path)?;
    let size = check(file.metadata()?)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        size if size > limit => Err(ReadError::TooLarge { size }),
        _ => Ok(bytes),
    }
}

/// The whole lines of a file whose last one a crash may have cut off.
pub(crate) struct WholeLines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
}

impl<R: io::Read> WholeLines<R> {
    /// Those of a file.
    pub(crate) fn of(file: R) -> Self {
        Self {
            input: BufReader::new(file),
            line: Vec::new(),
        }
    }

    /// The next one, with the byte that ends it; none when there is no whole one any more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.input.read_until(b'\n', &mut self.line)?;
        Ok((self.line.last() == Some(&b'\n')).then_some(&self.line))
    }

    /// When there is no next one: how many bytes are left over of one that was cut off.
    pub(crate) fn left(&self) -> usize {
        self.line.len()
    }
}

/// Opens a file for reading; a pipe without a writer, too, does not keep whoever asks.
fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
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
    fn a_file_in_the_place_of_another_is_told_from_it() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let place = |name: &str| directory.path().join(name);
        for (name, text) in [("before", "1"), ("after", "2")] {
            let mut file = File::create_new(place(name))?;
            file.write_all(text.as_bytes())?;
            file.set_modified(SystemTime::UNIX_EPOCH)?;
        }
        let before = Stamp::of(&place("before"));
        assert!(before.is_some());
        assert_eq!(Stamp::of(&place("before")), before);
        fs::rename(place("after"), place("before"))?;
        assert_ne!(Stamp::of(&place("before")), before);
        assert_eq!(Stamp::of(&place("after")), None);
        Ok(())
    }

    #[test]
    fn what_is_only_being_written_is_not_copied() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        write_whole(&from.join("inside/whole"), b"whole")?;
        let _unfinished = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&from)?;
        copy_folder(&from, &to)?;
        assert_eq!(fs::read(to.join("inside/whole"))?, b"whole");
        assert_eq!(fs::read_dir(&to)?.count(), 1);
        Ok(())
    }

    #[test]
    fn no_more_is_read_than_may_be() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("file");
        fs::write(&file, "12345")?;
        assert!(matches!(read_bounded(&file, 5), Ok(bytes) if bytes == b"12345"));
        assert!(matches!(
            read_bounded(&file, 4),
            Err(ReadError::TooLarge { size: 5 })
        ));
        let gone = directory.path().join("gone");
        assert!(matches!(read_bounded(&gone, 5), Err(ReadError::Io(_))));
        let folder = read_bounded(directory.path(), u64::MAX);
        assert!(matches!(folder, Err(ReadError::NotRegular)));
        Ok(())
    }

    #[test]
    fn what_is_left_of_a_line_is_no_line() -> io::Result<()> {
        for (text, expected, left) in [
            ("", &[][..], 0),
            ("a", &[], 1),
            ("a\n\nb\n", &["a\n", "\n", "b\n"], 0),
            ("a\nbcd", &["a\n"], 3),
        ] {
            let (mut lines, mut found) = (WholeLines::of(text.as_bytes()), Vec::new());
            while let Some(line) = lines.next()? {
                found.push(line.to_vec());
            }
            let expected: Vec<_> = expected.iter().map(|line| line.as_bytes().to_vec()).collect();
            assert_eq!((found, lines.left()), (expected, left), "{text:?}");
        }
        Ok(())
    }

    /// What says that it is empty and is not, as everything in /proc does.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_is_longer_than_it_says_is_held_to_the_limit() {
        let endless = read_bounded(Path::new("/proc/self/maps"), 100);
        assert!(
            matches!(endless, Err(ReadError::TooLarge { size: 101 })),
            "{endless:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_neither_waited_for_nor_read() -> io::Result<()> {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir()?;
        let place = |name: &str| directory.path().join(name);
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(
            rustix::fs::CWD,
            place("pipe"),
            rustix::fs::FileType::Fifo,
            mode,
            0,
        )?;
        symlink("/dev/zero", place("endless"))?;
        symlink(place("pipe"), place("link"))?;
        let _listening = std::os::unix::net::UnixListener::bind(place("socket"))?;
        for name in ["pipe", "endless", "link", "socket"] {
            let read = read_bounded(&place(name), 1_000);
            assert!(matches!(read, Err(ReadError::NotRegular)), "{name}: {read:?}");
        }
        fs::write(place("file"), "kept elsewhere")?;
        symlink(place("file"), place("good link"))?;
        assert!(read_bounded(&place("good link"), 1_000).is_ok());
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
