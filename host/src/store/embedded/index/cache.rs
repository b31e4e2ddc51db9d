//! The cache file: usearch's bytes, then what they are, then the length of that in 4 bytes (little-endian), then the
//! SHA-256 of all before it.
//!
//! The checksum is looked at before usearch sees the file. It tells damage, not forgery: whoever can write here can
//! change the database as well.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::IndexError;
use super::graph::{Graph, Wear};
use super::settings::IndexSettings;
use crate::domain::EmbeddingModel;
use crate::files::{folder_of, sync_folder};

/// Raised when what is in the file changes its meaning.
const FORMAT: u32 = 1;
const CHECKSUM: u64 = 32;
const LENGTH: u64 = 4;
/// Read at a time while hashing.
const PIECE: usize = 1 << 20;

/// What the graph in a file is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contents {
    kind: Kind,
    /// See [`super::NeighbourIndex::covered`].
    pub(super) covered: u64,
    wear: Wear,
}

/// What must be the same for the graph to be of use.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kind {
    format: u32,
    usearch: String,
    model: String,
    dimension: usize,
    connectivity: usize,
}

impl Kind {
    fn of(model: &EmbeddingModel, settings: &IndexSettings) -> Self {
        Self {
            format: FORMAT,
            usearch: usearch::version().to_owned(),
            model: model.name.clone(),
            dimension: model.dimension,
            connectivity: settings.connectivity,
        }
    }
}

/// What there is to say of a file that could be read.
pub(super) enum Reading {
    Found(Graph, Contents),
    Missing,
    /// It is whole, and made by another version, or for another model or other settings.
    Other,
    /// It is whole, and a new graph would be better.
    Worn,
}

/// Writes the file, whole or not at all.
pub(super) fn write(
    file: &Path,
    graph: &Graph,
    model: &EmbeddingModel,
    settings: &IndexSettings,
    covered: u64,
) -> Result<(), IndexError> {
    // Always the same name, so that what a crash leaves behind is overwritten.
    let new = file.with_extension("new");
    let write = || {
        let (length, wear) = graph.save(&new)?;
        let contents = Contents {
            kind: Kind::of(model, settings),
            covered,
            wear,
        };
        complete(&new, length, &contents)
            .and_then(|()| fs::rename(&new, file))
            .and_then(|()| sync_folder(folder_of(file)))
            .map_err(|source| named(file, source))
    };
    // A part of one takes room that others may need, and is of no use.
    write().inspect_err(|_| drop(fs::remove_file(&new)))
}

/// Adds to usearch's bytes what comes after them.
fn complete(file: &Path, length: u64, contents: &Contents) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).open(file)?;
    // usearch does not notice when the last bytes find no space.
    if file.metadata()?.len() != length {
        return Err(io::Error::new(
            io::ErrorKind::WriteZero,
            "the graph was not written to its end",
        ));
    }
    let mut hash = Sha256::new();
    feed(&mut hash, &mut file, length)?;
    let mut end = serde_json::to_vec(contents)?;
    let end_length = u32::try_from(end.len()).map_err(io::Error::other)?;
    end.extend(end_length.to_le_bytes());
    hash.update(&end);
    end.extend(hash.finalize());
    file.write_all(&end)?;
    file.sync_all()
}

/// Reads the file, after checking it.
pub(super) fn read(
    file: &Path,
    model: &EmbeddingModel,
    settings: &IndexSettings,
) -> Result<Reading, IndexError> {
    let contents = match contents(file) {
        Ok(contents) => contents,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Reading::Missing),
        Err(source) => return Err(named(file, source)),
    };
    if contents.kind != Kind::of(model, settings) {
        return Ok(Reading::Other);
    }
    if contents.wear.is_heavy() {
        return Ok(Reading::Worn);
    }
    let graph = Graph::load(file, model.dimension, settings, contents.wear)?;
    Ok(Reading::Found(graph, contents))
}

/// Checks the whole file and gives what it says it is.
fn contents(file: &Path) -> io::Result<Contents> {
    let damaged = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut file = File::open(file)?;
    let hashed = file
        .metadata()?
        .len()
        .checked_sub(CHECKSUM)
        .filter(|length| *length >= LENGTH)
        .ok_or_else(|| damaged("the file is too short"))?;
    let mut hash = Sha256::new();
    feed(&mut hash, &mut file, hashed)?;
    let mut checksum = [0; CHECKSUM as usize];
    file.read_exact(&mut checksum)?;
    if hash.finalize()[..] != checksum {
        return Err(damaged("the checksum is wrong"));
    }
    file.seek(SeekFrom::Start(hashed - LENGTH))?;
    let mut length = [0; LENGTH as usize];
    file.read_exact(&mut length)?;
    let length = u64::from(u32::from_le_bytes(length));
    let start = (hashed - LENGTH)
        .checked_sub(length)
        .ok_or_else(|| damaged("the lengths do not fit"))?;
    file.seek(SeekFrom::Start(start))?;
    Ok(serde_json::from_reader(file.take(length))?)
}

/// Hashes the next `length` bytes of a file.
fn feed(hash: &mut Sha256, file: &mut File, length: u64) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    let mut left = length;
    while left > 0 {
        let wanted = left.min(PIECE as u64) as usize;
        file.read_exact(&mut piece[..wanted])?;
        hash.update(&piece[..wanted]);
        left -= wanted as u64;
    }
    Ok(())
}

fn named(file: &Path, source: io::Error) -> IndexError {
    IndexError::File {
        file: file.display().to_string(),
        source,
    }
}
