//! An archive with the vectors of another embedder.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::import::Lines;
use super::lines::Line;
use super::{TransferError, partial};
use crate::domain::{Embedding, EmbeddingModel, FaceId};

/// Writes the archive `from` anew as `to`, with the vectors that `vector` gives, which are of `model`. Everything else is as
/// it was. `to` is there as a whole or not at all. Blocks.
///
/// # Errors
/// When a file cannot be read or written, or `vector` fails.
pub fn replace_vectors(
    from: &Path,
    to: &Path,
    model: &EmbeddingModel,
    mut vector: impl FnMut(&FaceId) -> std::io::Result<Embedding>,
) -> Result<(), TransferError> {
    let failed = |source| TransferError::File {
        file: to.to_owned(),
        source,
    };
    let partial = partial(to);
    let mut lines = Lines::open(from)?;
    let mut out = BufWriter::new(File::create(&partial).map_err(failed)?);
    let mut is_whole = false;
    while let Some(mut line) = lines.next()? {
        match &mut line {
            Line::Archive(header) => {
                header.embedding_model.clone_from(&model.name);
                header.dimension = model.dimension;
            }
            Line::Face(face) => face.set_embedding(&vector(&face.face_id()).map_err(failed)?),
            // A face that it holds is in no photo that could be fetched for it.
            Line::Correction(correction) => correction.forget_vectors(),
            Line::End(_) => is_whole = true,
            _ => {}
        }
        serde_json::to_writer(&mut out, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(failed)?;
    }
    if !is_whole {
        return Err(TransferError::Unfinished(from.to_owned()));
    }
    out.flush()
        .and_then(|()| out.get_ref().sync_all())
        .and_then(|()| fs::rename(&partial, to))
        .map_err(failed)
}
