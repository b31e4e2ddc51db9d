//! Reading an archive into a store.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Done, Progress, Totals, TransferError};
use crate::domain::EmbeddingModel;
use crate::files::write_whole;
use crate::store::change::Change;
use crate::store::error::{Cause, StoreError};
use crate::store::face_store::FaceStore;
use crate::store::format::{Header, Line, Stored as _, VERSION, from_text, to_text};
use crate::store::record::Counts;

/// How many bytes of the archive become one batch of changes.
const BATCH: usize = 1 << 20;

/// Puts everything in an archive into an empty store, which people call `target`. Blocks while it reads.
///
/// How far it has come is kept beside the archive, in a file with `.import` at the end of its name, until everything is
/// there; an import that was interrupted goes on from there.
///
/// # Errors
/// When the archive is not whole, of another embedder or of a later version; when the store does not answer, is not
/// empty, or does not hold in the end what the archive has.
pub async fn import(
    store: &dyn FaceStore,
    model: &EmbeddingModel,
    target: &str,
    file: &Path,
    progress: Progress<'_>,
) -> Result<Totals, TransferError> {
    let mut archive = Lines::open(file)?;
    let header = match archive.next()? {
        Some(Line::Archive(header)) => header,
        _ => return Err(archive.damaged("no archive begins like this".into())),
    };
    check(&header, model)?;
    let beside = beside(file);
    let mut done = begin(store, target, &beside, &header, &archive).await?;
    archive.go_to(&done)?;
    loop {
        let (changes, end) = archive.batch(&mut done.totals)?;
        if !changes.is_empty() {
            let mut turn = store.turn().await?;
            let applied = turn.apply(changes).await;
            turn.end().await;
            applied?;
        }
        (done.end, done.lines) = (archive.end, archive.lines);
        keep(&beside, &done)?;
        progress(done.totals.steps(), header.steps());
        if let Some(expected) = end {
            compare(store, &header, &expected, &done.totals).await?;
            fs::remove_file(&beside).map_err(|source| failed(&beside, source))?;
            return Ok(expected);
        }
    }
}

fn check(header: &Header, model: &EmbeddingModel) -> Result<(), TransferError> {
    if header.format > VERSION {
        return Err(TransferError::Format(header.format));
    }
    if header.embedding_model != model.name || header.dimension != model.dimension {
        let named = |name: &str, dimension| format!("{name} ({dimension} dimensions)");
        return Err(TransferError::Store(StoreError::OtherModel {
            stored: named(&header.embedding_model, header.dimension),
            active: named(&model.name, model.dimension),
        }));
    }
    Ok(())
}

/// Where an earlier import of the archive into the store has come to, or the archive's first row for an empty store.
async fn begin(
    store: &dyn FaceStore,
    target: &str,
    beside: &Path,
    header: &Header,
    archive: &Lines,
) -> Result<Done, TransferError> {
    let nothing = Counts {
        faces: 0,
        clusters: 0,
        photos: 0,
    };
    let is_empty = store.counts().await? == nothing;
    let kept = fs::read_to_string(beside)
        .ok()
        .and_then(|text| from_text::<Done>(&text).ok());
    match kept {
        Some(done) if !is_empty && done.target == target && done.archive == *header => Ok(done),
        _ if !is_empty => Err(TransferError::NotEmpty),
        _ => {
            let done = Done {
                archive: header.clone(),
                target: target.to_owned(),
                end: archive.end,
                lines: archive.lines,
                totals: Totals::default(),
            };
            // Before the first row, so that an interruption right after it is known for what it is.
            keep(beside, &done)?;
            Ok(done)
        }
    }
}

/// Compares what was read with what the archive says of itself, and with what the store says of itself.
async fn compare(
    store: &dyn FaceStore,
    header: &Header,
    expected: &Totals,
    read: &Totals,
) -> Result<(), TransferError> {
    let counts = store.counts().await?;
    let found = Totals {
        faces: counts.faces,
        clusters: counts.clusters,
        photos: counts.photos,
        portraits: store.portraits().await?,
        ..*read
    };
    if found == *expected && counts == header.counts() {
        return Ok(());
    }
    Err(TransferError::Counts {
        expected: Box::new(*expected),
        found: Box::new(found),
    })
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".import");
    PathBuf::from(name)
}

/// Replaces what is kept, whole or not at all.
fn keep(beside: &Path, done: &Done) -> Result<(), TransferError> {
    write_whole(beside, to_text(done)?.as_bytes()).map_err(|source| failed(beside, source))
}

fn failed(file: &Path, source: std::io::Error) -> TransferError {
    TransferError::File {
        file: file.to_owned(),
        source,
    }
}

/// An archive's lines.
pub(super) struct Lines {
    file: PathBuf,
    input: BufReader<File>,
    text: Vec<u8>,
    /// The end of the last line that was read, in bytes.
    end: u64,
    lines: u64,
}

impl Lines {
    pub(super) fn open(file: &Path) -> Result<Self, TransferError> {
        Ok(Self {
            input: BufReader::new(File::open(file).map_err(|source| failed(file, source))?),
            file: file.to_owned(),
            text: Vec::new(),
            end: 0,
            lines: 0,
        })
    }

    fn go_to(&mut self, done: &Done) -> Result<(), TransferError> {
        self.input
            .seek(SeekFrom::Start(done.end))
            .map_err(|source| failed(&self.file, source))?;
        (self.end, self.lines) = (done.end, done.lines);
        Ok(())
    }

    /// The next line; none at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Line>, TransferError> {
        self.text.clear();
        let read = self
            .input
            .read_until(b'\n', &mut self.text)
            .map_err(|source| failed(&self.file, source))?;
        if read == 0 {
            return Ok(None);
        }
        self.end += read as u64;
        self.lines += 1;
        serde_json::from_slice(&self.text)
            .map(Some)
            .map_err(|error| self.damaged(error.into()))
    }

    /// The changes of the next lines, and what the archive says of itself if they are the last.
    fn batch(&mut self, totals: &mut Totals) -> Result<(Vec<Change>, Option<Totals>), TransferError> {
        let from = self.end;
        let mut changes = Vec::new();
        while self.end < from + BATCH as u64 {
            let line = self
                .next()?
                .ok_or_else(|| TransferError::Unfinished(self.file.clone()))?;
            if let Line::End(expected) = line {
                let expected = Totals::from_stored(expected).map_err(|cause| self.damaged(cause))?;
                return Ok((changes, Some(expected)));
            }
            totals.add(&line);
            changes.extend(line.changes().map_err(|cause| self.damaged(cause))?);
        }
        Ok((changes, None))
    }

    pub(super) fn damaged(&self, source: Cause) -> TransferError {
        TransferError::Line {
            file: self.file.clone(),
            line: self.lines,
            source,
        }
    }
}
