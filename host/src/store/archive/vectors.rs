//! An archive with the vectors of another embedder.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::import::Lines;
use super::{TransferError, partial};
use crate::domain::{Embedding, EmbeddingModel, FaceId};
use crate::store::correction::Correction;
use crate::store::format::{Header, Line, Stored as _};

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
    while let Some(line) = lines.next()? {
        let line = match line {
            Line::Archive(header) => Line::Archive(Header {
                embedding_model: model.name.clone(),
                dimension: model.dimension,
                ..header
            }),
            Line::Face(mut face) => {
                face.set_embedding(&vector(&face.face_id.into()).map_err(failed)?);
                Line::Face(face)
            }
            // A face that it holds is in no photo that could be fetched for it.
            Line::Correction(entry) => {
                let mut correction = Correction::from_stored(*entry).map_err(|cause| lines.damaged(cause))?;
                correction.forget_vectors();
                Line::Correction(Box::new(correction.to_stored()))
            }
            Line::End(totals) => {
                is_whole = true;
                Line::End(totals)
            }
            other => other,
        };
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
