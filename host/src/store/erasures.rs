//! The list of deletions, which outlives a restore: ids and times in a file beside the store, one JSON object a line, in the
//! order in which deletions were asked for.
//!
//! A deletion is written down before it is done. So one that a crash or a failure cut off is on the list all the same:
//! it was asked for.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::digest::hexadecimal;
use crate::domain::{ClusterId, FaceId, FileId};
use crate::files::{WholeLines, folder_of, sync_folder, write_whole};
use crate::moment::increasing_micros;
use crate::store::error::Cause;
use crate::store::format::{from_text, to_text};

/// What was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Everything that was stored of a photo.
    Photo {
        /// See [`photo_digest`]: the list names no photo.
        sha256: String,
    },
    /// A person.
    Person {
        /// Every id that the person had.
        clusters: Vec<ClusterId>,
        /// The faces that the person had.
        faces: Vec<FaceId>,
    },
}

/// A deletion that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// When, in microseconds since 1970.
    pub at: u64,
    /// How often the store had been changed before; 0 when that was in an earlier life of the store.
    pub revision: u64,
    /// What.
    pub erased: Erased,
}

/// SHA-256 of a photo's `file_id`, in hexadecimal.
#[must_use]
pub fn photo_digest(file: &FileId) -> String {
    hexadecimal(&Sha256::digest(file.as_str()))
}

/// The list of one worker. Everything here blocks.
pub struct ErasureList {
    path: PathBuf,
    writing: Mutex<()>,
}

impl ErasureList {
    /// The list in this file, which need not be there yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            writing: Mutex::new(()),
        }
    }

    /// Adds a deletion, which is about to be done, and waits until it is on disk.
    ///
    /// # Errors
    /// When it cannot be written; then the list is as before.
    pub fn add(&self, erased: Erased, revision: u64) -> io::Result<()> {
        let _writing = self.writing.lock();
        let line = line(&Erasure {
            at: increasing_micros(),
            revision,
            erased,
        })?;
        let is_new = !self.path.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&self.path)?;
        let end = end_of_lines(&mut file)?;
        // What a crash left of a line would spoil this one.
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            let _ = file.set_len(end);
        } else if is_new {
            sync_folder(folder_of(&self.path))?;
        }
        written
    }

    /// All of it, in order; empty when there is no such file. A last line that a crash cut off is left out: the deletion
    /// was not begun.
    ///
    /// # Errors
    /// When the file cannot be read, or another line is none: a deletion that is passed over would not be repeated.
    pub fn read(&self) -> io::Result<Vec<Erasure>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let (mut lines, mut found) = (WholeLines::of(file), Vec::new());
        while let Some(line) = lines.next()? {
            let text = std::str::from_utf8(line).map_err(invalid)?;
            found.push(from_text(text).map_err(invalid)?);
        }
        Ok(found)
    }

    /// Drops the deletions that are older than this.
    ///
    /// # Errors
    /// When the list cannot be read or written; then it is as before.
    pub fn expire(&self, kept: Duration) -> io::Result<()> {
        let kept = u64::try_from(kept.as_micros()).unwrap_or(u64::MAX);
        let oldest = increasing_micros().saturating_sub(kept);
        self.rewrite(|erasures| erasures.retain(|erasure| erasure.at >= oldest))
    }

    /// Says that the store counts its changes anew, as one does that was restored or made for another embedder: its counts
    /// say nothing about the deletions of before, which only the clock decides on from now on.
    ///
    /// # Errors
    /// When the list cannot be read or written; then it is as before.
    pub fn count_anew(&self) -> io::Result<()> {
        self.rewrite(|erasures| {
            for erasure in erasures {
                erasure.revision = 0;
            }
        })
    }

    /// Writes the list anew when `change` makes it another one.
    fn rewrite(&self, change: impl FnOnce(&mut Vec<Erasure>)) -> io::Result<()> {
        let _writing = self.writing.lock();
        let before = self.read()?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let text: String = after.iter().map(line).collect::<io::Result<_>>()?;
        write_whole(&self.path, text.as_bytes())
    }

    /// The path of the list.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn invalid(error: impl Into<Cause>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// A deletion as it stands in a list.
fn line(erasure: &Erasure) -> io::Result<String> {
    Ok(to_text(erasure).map_err(invalid)? + "\n")
}

/// Where the last whole line ends. A list grows with every deletion and is read only when a crash cut off its last line.
fn end_of_lines(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
    }
    if last == *b"\n" {
        return Ok(end);
    }
    file.rewind()?;
    let mut lines = WholeLines::of(file);
    while lines.next()?.is_some() {}
    Ok(end - lines.left() as u64)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn photo(name: &str) -> Erased {
        Erased::Photo {
            sha256: photo_digest(&FileId::new(name).unwrap()),
        }
    }

    #[test]
    fn deletions_are_listed_in_order_without_what_a_crash_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("erasures.jsonl");
        let list = ErasureList::at(&path);
        assert_eq!(list.read().unwrap(), []);
        let person = Erased::Person {
            clusters: vec![ClusterId::random()],
            faces: vec![FaceId::random()],
        };
        list.add(photo("a"), 7).unwrap();
        list.add(person.clone(), 8).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{{\"at\":12")).unwrap();
        assert_eq!(ErasureList::at(&path).read().unwrap().len(), 2);
        ErasureList::at(&path).add(photo("b"), 9).unwrap();
        let found = ErasureList::at(&path).read().unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!((&found[0].erased, found[0].revision), (&photo("a"), 7));
        assert_eq!((&found[1].erased, found[1].revision), (&person, 8));
        assert!(found[0].at < found[1].at);
    }

    /// A file that counts what is read of it.
    struct Counted(io::Cursor<Vec<u8>>, usize);

    impl Read for Counted {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(into)?;
            self.1 += read;
            Ok(read)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_list_that_no_crash_cut_off_is_not_read_to_be_added_to() {
        let whole = b"line\n".repeat(1_000);
        for (text, end, read) in [
            (whole.clone(), 5_000, 1),
            ([&whole[..], b"cut"].concat(), 5_000, 5_004),
            (b"cut".to_vec(), 0, 4),
            (Vec::new(), 0, 0),
        ] {
            let mut file = Counted(io::Cursor::new(text), 0);
            assert_eq!(end_of_lines(&mut file).unwrap(), end);
            assert_eq!(file.1, read);
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("erasures.jsonl");
        std::fs::write(&path, "nonsense\n").unwrap();
        assert!(ErasureList::at(&path).read().is_err());
    }

    #[test]
    fn old_deletions_go() {
        let folder = tempfile::tempdir().unwrap();
        let list = ErasureList::at(folder.path().join("erasures.jsonl"));
        list.add(photo("a"), 1).unwrap();
        list.expire(Duration::from_secs(60)).unwrap();
        assert_eq!(list.read().unwrap().len(), 1);
        std::thread::sleep(Duration::from_millis(5));
        list.expire(Duration::from_millis(1)).unwrap();
        assert_eq!(list.read().unwrap(), []);
        list.add(photo("b"), 2).unwrap();
        assert_eq!(list.read().unwrap().len(), 1);
    }

    #[test]
    fn deletions_of_before_lose_their_counts_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let list = ErasureList::at(folder.path().join("erasures.jsonl"));
        list.count_anew().unwrap();
        assert!(!list.path().exists());
        list.add(photo("a"), 7).unwrap();
        let mut expected = list.read().unwrap();
        expected[0].revision = 0;
        list.count_anew().unwrap();
        assert_eq!(list.read().unwrap(), expected);
        list.add(photo("b"), 2).unwrap();
        assert_eq!(list.read().unwrap()[1].revision, 2);
    }
}
