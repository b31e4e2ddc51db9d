//! The file, and where each of its lines begins.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;

use super::entry::{AuditEntry, AuditEvent, Who};
use crate::domain::{ClusterId, FaceId};
use crate::files::{WholeLines, write_whole};
use crate::moment::rfc3339;

/// The log in its directory.
const FILE: &str = "audit.jsonl";

/// `audit.jsonl` of one worker. Everything here blocks but [`AuditLog::note`].
pub struct AuditLog {
    path: PathBuf,
    lines: Mutex<Lines>,
}

/// Where the lines are, so that a page is read without those before it, and whom they name, so that they are read only
/// where somebody is to be forgotten who is among them. Eight bytes a line and some thirty an id.
#[derive(Default)]
struct Lines {
    /// Where each line begins, in bytes.
    begins: Vec<u64>,
    /// Where the last one ends.
    end: u64,
    /// The position of the first one.
    first: u64,
    /// Every cluster that one names.
    clusters: HashSet<ClusterId>,
    /// Every face that one names.
    faces: HashSet<FaceId>,
}

impl Lines {
    /// Those of a log, and how many bytes are left over of one that was cut off.
    fn of(log: impl io::Read) -> io::Result<(Self, usize)> {
        let mut lines = Self {
            first: 1,
            ..Self::default()
        };
        let mut whole = WholeLines::of(log);
        while let Some(line) = whole.next()? {
            let entry = serde_json::from_slice::<AuditEntry>(line).ok();
            if lines.begins.is_empty() {
                // Lines of versions that knew of no positions have none.
                lines.first = entry.as_ref().map_or(0, |entry| entry.position).max(1);
            }
            lines.add(line.len(), entry.as_ref());
        }
        Ok((lines, whole.left()))
    }

    /// The position of the last line; that before the first one when there is none.
    fn latest(&self) -> u64 {
        self.first + self.begins.len() as u64 - 1
    }

    /// Adds a line of this length; an entry that cannot be read names nobody.
    fn add(&mut self, length: usize, entry: Option<&AuditEntry>) {
        self.begins.push(self.end);
        self.end += length as u64;
        if let Some(entry) = entry {
            self.clusters.extend(&entry.cluster_ids);
            self.faces.extend(&entry.face_ids);
        }
    }
}

/// Some entries in their order.
#[derive(Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The position of the last entry that there is; 0 when there has never been one.
    pub latest: u64,
}

impl AuditLog {
    /// Opens or begins `audit.jsonl` in a directory. What a crash left of a line that was being written is cut off.
    ///
    /// # Errors
    /// When the directory or the file cannot be used.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let path = directory.join(FILE);
        let (lines, left) = match File::open(&path) {
            Ok(file) => Lines::of(file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Lines::of(io::empty())?,
            Err(error) => return Err(error),
        };
        if left > 0 {
            tracing::warn!(
                path = %path.display(),
                "the last line of the audit log is incomplete, probably because of a crash"
            );
            OpenOptions::new().write(true).open(&path)?.set_len(lines.end)?;
        }
        Ok(Self {
            path,
            lines: Mutex::new(lines),
        })
    }

    /// All entries of a log that a worker may be writing meanwhile; none where there is no log. It changes nothing, and
    /// leaves out a line that has no end yet.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(directory: &Path) -> io::Result<Vec<AuditEntry>> {
        let bytes = match fs::read(directory.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let (lines, left) = Lines::of(&*bytes)?;
        Ok(entries(&bytes[..bytes.len() - left], lines.first))
    }

    /// Adds an entry at the end.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is there.
    pub fn write(&self, mut entry: AuditEntry) -> io::Result<()> {
        let mut lines = self.lines.lock();
        entry.position = lines.latest() + 1;
        entry.at = rfc3339(OffsetDateTime::now_utc());
        let line = line(&entry)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        if let Err(error) = file.write_all(&line) {
            // The rest of a line would be the beginning of the next one.
            let _ = file.set_len(lines.end);
            return Err(error);
        }
        lines.add(line.len(), Some(&entry));
        Ok(())
    }

    /// Adds an entry at the end, or says in the log that it could not be written: what it tells of is done.
    pub fn record(&self, entry: AuditEntry) {
        let event = entry.event;
        if let Err(error) = self.write(entry) {
            tracing::error!(?event, %error, "an entry could not be written to the audit log");
        }
    }

    /// The same beside the caller, who waits for it: it is written also when nobody waits any more.
    pub async fn note(self: &Arc<Self>, entry: AuditEntry) {
        let (audit, event) = (Arc::clone(self), entry.event);
        if let Err(error) = tokio::task::spawn_blocking(move || audit.record(entry)).await {
            tracing::error!(?event, %error, "an entry could not be written to the audit log");
        }
    }

    /// The next entries after a position, at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn page(&self, after: u64, limit: usize) -> io::Result<AuditPage> {
        let lines = self.lines.lock();
        let latest = lines.latest();
        let skipped =
            usize::try_from(after.saturating_add(1).saturating_sub(lines.first)).unwrap_or(usize::MAX);
        let begins = lines.begins.get(skipped..).unwrap_or_default();
        let Some(begin) = begins.first().copied() else {
            return Ok(AuditPage {
                entries: Vec::new(),
                latest,
            });
        };
        let end = begins.get(limit).copied().unwrap_or(lines.end);
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(begin))?;
        let mut bytes = Vec::new();
        file.take(end - begin).read_to_end(&mut bytes)?;
        let first = lines.first + skipped as u64;
        let entries = entries(&bytes, first);
        Ok(AuditPage { entries, latest })
    }

    /// Whether an entry names somebody.
    #[must_use]
    pub fn has_ids(&self) -> bool {
        let lines = self.lines.lock();
        !lines.clusters.is_empty() || !lines.faces.is_empty()
    }

    /// Every id that an entry has.
    #[must_use]
    pub fn ids(&self) -> (HashSet<ClusterId>, HashSet<FaceId>) {
        let lines = self.lines.lock();
        (lines.clusters.clone(), lines.faces.clone())
    }

    /// Takes these ids out of all entries. Reads the file and writes it anew when there is one with any of them.
    ///
    /// # Errors
    /// When the file cannot be read or written; then it is as before.
    pub fn forget(&self, clusters: &HashSet<ClusterId>, faces: &HashSet<FaceId>) -> io::Result<()> {
        let mut lines = self.lines.lock();
        if lines.clusters.is_disjoint(clusters) && lines.faces.is_disjoint(faces) {
            return Ok(());
        }
        self.rewrite(&mut lines, |entry| {
            let before = entry.cluster_ids.len() + entry.face_ids.len();
            entry.cluster_ids.retain(|cluster| !clusters.contains(cluster));
            entry.face_ids.retain(|face| !faces.contains(face));
            let is_less = entry.cluster_ids.len() + entry.face_ids.len() < before;
            entry.erased |= is_less;
            (true, is_less)
        })
    }

    /// Removes the entries that are older than this. Positions stay what they are.
    ///
    /// # Errors
    /// When the file cannot be read or written; then it is as before.
    pub fn expire(&self, keep: Duration) -> io::Result<()> {
        let oldest = rfc3339(OffsetDateTime::now_utc() - keep);
        self.rewrite(&mut self.lines.lock(), |entry| {
            // Both are in UTC, so that they sort as texts; one that cannot be dated goes with those before it.
            let stays =
                entry.at.is_empty() || entry.at >= oldest || entry.event == AuditEvent::EntriesExpired;
            (stays, !stays)
        })
    }

    /// Goes through all entries, each of which `change` may change; it says whether the entry stays, and whether anything
    /// is different from before.
    fn rewrite(
        &self,
        lines: &mut Lines,
        mut change: impl FnMut(&mut AuditEntry) -> (bool, bool),
    ) -> io::Result<()> {
        if lines.begins.is_empty() {
            return Ok(());
        }
        let (mut kept, mut differs, mut gone) = (Vec::new(), false, 0);
        for mut entry in entries(&fs::read(&self.path)?, lines.first) {
            let (stays, is_changed) = change(&mut entry);
            differs |= is_changed;
            if stays {
                kept.push(entry);
            } else {
                gone = entry.position;
            }
        }
        if !differs {
            return Ok(());
        }
        if gone > 0 {
            // What is before the last one that is gone is older still, but for clocks that were set back.
            kept.retain(|entry| entry.position > gone);
            kept.insert(0, expired(gone));
        }
        let mut text = Vec::new();
        let mut written = Lines {
            first: kept.first().map_or(lines.first, |entry| entry.position),
            ..Lines::default()
        };
        for entry in &kept {
            let line = line(entry)?;
            written.add(line.len(), Some(entry));
            text.extend(line);
        }
        write_whole(&self.path, &text)?;
        *lines = written;
        Ok(())
    }
}

/// Stands in the place of the last entry that is gone, so that the positions go on.
fn expired(position: u64) -> AuditEntry {
    AuditEntry {
        position,
        at: rfc3339(OffsetDateTime::now_utc()),
        ..AuditEntry::new(AuditEvent::EntriesExpired, &Who::default())
    }
}

/// The entries of whole lines, the first of which has this position.
fn entries(bytes: &[u8], first: u64) -> Vec<AuditEntry> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .zip(first..)
        .map(|(line, position)| {
            let entry = serde_json::from_slice(line).unwrap_or_else(|error| {
                tracing::warn!(position, %error, "an entry of the audit log cannot be read");
                AuditEntry::new(AuditEvent::Unreadable, &Who::default())
            });
            AuditEntry { position, ..entry }
        })
        .collect()
}

fn line(entry: &AuditEntry) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}
