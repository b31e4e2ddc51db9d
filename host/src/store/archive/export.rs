//! Writing an archive.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::{Progress, Totals, TransferError, partial};
use crate::domain::{ClusterId, EmbeddingModel, FaceId};
use crate::files::WholeLines;
use crate::store::correction::Correction;
use crate::store::error::StoreError;
use crate::store::event::LoggedEvent;
use crate::store::face_store::FaceStore;
use crate::store::format::{ClusterLine, FaceJson, Header, Line, PhotoLine, Stored as _, VERSION};
use crate::store::pages::pages;
use crate::store::record::{Cluster, Redirect, Rejection, SequencedFace, SequencedPhoto, WholeFace};

/// How many pictures, explanations and marks of clusters are asked for at a time.
const AT_ONCE: usize = 16;

/// Writes everything in a store to `file`; `source` says to people where it comes from. Blocks while it writes.
///
/// What is not complete has `.partial` at the end of its name. An export of a store that has not changed since then goes
/// on from there.
///
/// # Errors
/// When the store does not answer or is written to meanwhile, or the file cannot be written.
pub async fn export(
    store: &dyn FaceStore,
    model: &EmbeddingModel,
    source: &str,
    file: &Path,
    progress: Progress<'_>,
) -> Result<Totals, TransferError> {
    if file.exists() {
        return Err(TransferError::Exists(file.to_owned()));
    }
    let revision = settled_revision(store).await?;
    let counts = store.counts().await?;
    let header = Header {
        format: VERSION,
        embedding_model: model.name.clone(),
        dimension: model.dimension,
        source: source.to_owned(),
        revision,
        faces: counts.faces,
        clusters: counts.clusters,
        photos: counts.photos,
    };
    let mut archive = Archive::open(partial(file), header, progress)?;
    archive.faces(store).await?;
    archive.photos(store).await?;
    archive.clusters(store).await?;
    archive.redirects(store).await?;
    archive.rejections(store).await?;
    archive.events(store).await?;
    archive.corrections(store).await?;
    if settled_revision(store).await? != revision {
        archive.discard()?;
        return Err(TransferError::Changed);
    }
    archive.finish(file)
}

/// How often the store was changed, when no change is on its way.
async fn settled_revision(store: &dyn FaceStore) -> Result<u64, StoreError> {
    let turn = store.turn().await?;
    let revision = store.revision().await;
    turn.end().await;
    revision
}

/// Where an export goes on: what was written last of each kind.
#[derive(Default)]
struct Written {
    totals: Totals,
    face: Option<u64>,
    photo: Option<u64>,
    cluster: Option<ClusterId>,
    redirect: Option<ClusterId>,
    rejection: Option<FaceId>,
    event: Option<u64>,
    correction: Option<u64>,
}

impl Written {
    fn add(&mut self, line: &Line) {
        self.totals.add(line);
        match line {
            Line::Face(face) => self.face = Some(face.position),
            Line::Photo(photo) => self.photo = Some(photo.position),
            Line::Cluster(line) => self.cluster = Some(line.cluster_id.into()),
            Line::Redirect(redirect) => self.redirect = Some(redirect.source.into()),
            Line::Rejection(rejection) => self.rejection = Some(rejection.face_id.into()),
            Line::Event(logged) => self.event = Some(logged.position),
            Line::Correction(correction) => self.correction = Some(correction.position),
            Line::Archive(_) | Line::Distinction(..) | Line::Unsure(..) | Line::End(_) => {}
        }
    }
}

/// A file in the making.
struct Archive<'a> {
    path: PathBuf,
    out: BufWriter<File>,
    header: Header,
    written: Written,
    progress: Progress<'a>,
}

impl<'a> Archive<'a> {
    /// Goes on with what is there, if it is of the same state of the same store, and begins anew otherwise.
    fn open(path: PathBuf, header: Header, progress: Progress<'a>) -> Result<Self, TransferError> {
        let failed = |source| TransferError::File {
            file: path.clone(),
            source,
        };
        let (written, end) = written(&path, &header).map_err(failed)?;
        let mut out = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        out.set_len(end).map_err(failed)?;
        out.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut archive = Self {
            out: BufWriter::new(out),
            path,
            header: header.clone(),
            written,
            progress,
        };
        if end == 0 {
            archive.write(&Line::Archive(header))?;
        }
        Ok(archive)
    }

    fn write(&mut self, line: &Line) -> Result<(), TransferError> {
        self.written.add(line);
        let mut write = || {
            serde_json::to_writer(&mut self.out, line)?;
            self.out.write_all(b"\n")
        };
        write().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> TransferError {
        TransferError::File {
            file: self.path.clone(),
            source,
        }
    }

    /// Makes sure that a page is in the file, so that an interruption loses no more than the next.
    fn page_done(&mut self) -> Result<(), TransferError> {
        self.out.flush().map_err(|source| self.failed(source))?;
        (self.progress)(self.written.totals.steps(), self.header.steps());
        Ok(())
    }

    async fn faces(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read = |after, limit| store.faces(after, limit);
        let mut faces = pages(self.written.face, read, |last: &SequencedFace| last.position);
        while let Some(page) = faces.try_next().await? {
            let mut lines = stream::iter(page)
                .map(|face| face_line(store, face))
                .buffered(AT_ONCE);
            while let Some(line) = lines.try_next().await? {
                self.write(&line)?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    async fn photos(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read = |after, limit| store.photos(after, limit);
        let mut photos = pages(self.written.photo, read, |last: &SequencedPhoto| last.position);
        while let Some(page) = photos.try_next().await? {
            for sequenced in page {
                self.write(&Line::Photo(Box::new(PhotoLine {
                    position: sequenced.position,
                    photo: sequenced.photo.to_stored(),
                })))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    async fn clusters(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read =
            |after: Option<ClusterId>, limit| async move { store.clusters(after.as_ref(), limit).await };
        let mut clusters = pages(self.written.cluster, read, |last: &Cluster| last.cluster_id);
        while let Some(page) = clusters.try_next().await? {
            let mut marked = marked(store, page, |cluster: &Cluster| cluster.cluster_id);
            while let Some((cluster, marks)) = marked.try_next().await? {
                self.marks(cluster.cluster_id, marks)?;
                self.write(&Line::Cluster(ClusterLine {
                    cluster_id: cluster.cluster_id.to_stored(),
                    representative: cluster.representative.to_stored(),
                    flags: cluster.flags.to_stored(),
                }))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    /// What was said of an id, before its own line, so that an id that is written has all of it; each pair once.
    fn marks(&mut self, one: ClusterId, marks: Marks) -> Result<(), TransferError> {
        for other in marks.distinct.into_iter().filter(|other| one < *other) {
            self.write(&Line::Distinction(one.to_stored(), other.to_stored()))?;
        }
        for other in marks.unsure.into_iter().filter(|other| one < *other) {
            self.write(&Line::Unsure(one.to_stored(), other.to_stored()))?;
        }
        Ok(())
    }

    async fn redirects(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read =
            |after: Option<ClusterId>, limit| async move { store.redirects(after.as_ref(), limit).await };
        let mut redirects = pages(self.written.redirect, read, |last: &Redirect| last.source);
        while let Some(page) = redirects.try_next().await? {
            let mut marked = marked(store, page, |redirect: &Redirect| redirect.source);
            while let Some((redirect, marks)) = marked.try_next().await? {
                self.marks(redirect.source, marks)?;
                self.write(&Line::Redirect(redirect.to_stored()))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    async fn rejections(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read =
            |after: Option<FaceId>, limit| async move { store.all_rejections(after.as_ref(), limit).await };
        let mut rejections = pages(self.written.rejection, read, |last: &Rejection| last.face_id);
        while let Some(page) = rejections.try_next().await? {
            for rejection in page {
                self.write(&Line::Rejection(rejection.to_stored()))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    async fn events(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read = |after: Option<u64>, limit| store.events(after.unwrap_or(0), limit);
        let mut events = pages(self.written.event, read, |last: &LoggedEvent| last.position);
        while let Some(page) = events.try_next().await? {
            for logged in page {
                self.write(&Line::Event(logged.to_stored()))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    async fn corrections(&mut self, store: &dyn FaceStore) -> Result<(), TransferError> {
        let read = |after: Option<u64>, limit| store.corrections(after.unwrap_or(0), limit);
        let mut corrections = pages(self.written.correction, read, |last: &Correction| last.position);
        while let Some(page) = corrections.try_next().await? {
            for correction in page {
                self.write(&Line::Correction(Box::new(correction.to_stored())))?;
            }
            self.page_done()?;
        }
        Ok(())
    }

    /// Writes the end and gives the file its name.
    fn finish(mut self, file: &Path) -> Result<Totals, TransferError> {
        let totals = self.written.totals;
        self.write(&Line::End(totals.to_stored()))?;
        let found = Totals {
            faces: self.header.faces,
            clusters: self.header.clusters,
            photos: self.header.photos,
            ..totals
        };
        if found != totals {
            self.discard()?;
            return Err(TransferError::Counts {
                expected: Box::new(totals),
                found: Box::new(found),
            });
        }
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.path, file))
            .map_err(|source| self.failed(source))?;
        Ok(totals)
    }

    fn discard(&self) -> Result<(), TransferError> {
        fs::remove_file(&self.path).map_err(|source| self.failed(source))
    }
}

/// What a file begins with that this header belongs to, and where that ends; nothing and 0 when there is none.
fn written(path: &Path, header: &Header) -> std::io::Result<(Written, u64)> {
    let mut written = Written::default();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((written, 0)),
        Err(error) => return Err(error),
    };
    let mut lines = WholeLines::of(file);
    // Marks come before their cluster or redirect; those of one that was not reached come again.
    let (mut read, mut end, mut distinctions, mut unsure) = (0, 0, 0, 0);
    while let Some(line) = lines.next()? {
        read += line.len() as u64;
        match serde_json::from_slice(line) {
            Ok(Line::Archive(of)) if end == 0 && of == *header => {}
            Ok(Line::Distinction(..)) if end > 0 => {
                distinctions += 1;
                continue;
            }
            Ok(Line::Unsure(..)) if end > 0 => {
                unsure += 1;
                continue;
            }
            Ok(line) if end > 0 && !matches!(line, Line::Archive(_) | Line::End(_)) => written.add(&line),
            // After a power cut, a file may be filled with anything.
            _ => break,
        }
        written.totals.distinctions += std::mem::take(&mut distinctions);
        written.totals.unsure += std::mem::take(&mut unsure);
        end = read;
    }
    Ok((written, end))
}

/// The ids of which something was said together with one.
struct Marks {
    distinct: Vec<ClusterId>,
    unsure: Vec<ClusterId>,
}

/// Rows, each with what was said of its id.
fn marked<'a, T: Send + 'a>(
    store: &'a dyn FaceStore,
    page: Vec<T>,
    id: fn(&T) -> ClusterId,
) -> BoxStream<'a, Result<(T, Marks), StoreError>> {
    stream::iter(page)
        .map(move |row| async move {
            let id = id(&row);
            let (distinct, unsure) = tokio::try_join!(store.distinct_from(&id), store.unsure_of(&id))?;
            Ok((row, Marks { distinct, unsure }))
        })
        .buffered(AT_ONCE)
        .boxed()
}

async fn face_line(store: &dyn FaceStore, sequenced: SequencedFace) -> Result<Line, StoreError> {
    let face = sequenced.face;
    let (portrait, explanation) =
        tokio::try_join!(store.portrait(&face.face_id), store.explanation(&face.face_id))?;
    let whole = WholeFace {
        face,
        portrait,
        explanation,
    };
    Ok(Line::Face(Box::new(FaceJson::at(sequenced.position, &whole))))
}
