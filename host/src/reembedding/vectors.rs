//! The vectors that were found so far, on disk.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::ReembeddingError;
use crate::domain::{Embedding, EmbeddingModel, FaceId, PREPROCESSING};
use crate::files::WholeLines;

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first.
    Of {
        embedding_model: String,
        dimension: usize,
        preprocessing: u32,
    },
    Face {
        face_id: FaceId,
        /// Base64 of the vector's numbers, four bytes each, little-endian.
        embedding: String,
    },
    /// How well the vectors of a face by its photo and by its picture agree.
    Measured(f32),
}

/// The vectors that were found so far. Of each face only the place of its line is in memory.
pub struct Vectors {
    path: PathBuf,
    file: File,
    end: u64,
    faces: HashMap<FaceId, (u64, usize)>,
    measured: Vec<f32>,
}

impl Vectors {
    /// Goes on with a file, or begins it. A line that was cut off is dropped. Blocks.
    ///
    /// # Errors
    /// When it cannot be used, or is of another embedder.
    pub fn open(path: &Path, model: &EmbeddingModel) -> Result<Self, ReembeddingError> {
        let named = || ReembeddingError::file(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(named())?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(named())?;
        let mut vectors = Self {
            path: path.to_owned(),
            file,
            end: 0,
            faces: HashMap::new(),
            measured: Vec::new(),
        };
        let is_this = vectors.read(model).map_err(named())?;
        if !is_this {
            return Err(ReembeddingError::OtherModel(path.to_owned()));
        }
        vectors.file.set_len(vectors.end).map_err(named())?;
        if vectors.end == 0 {
            let first = Line::Of {
                embedding_model: model.name.clone(),
                dimension: model.dimension,
                preprocessing: PREPROCESSING,
            };
            vectors.write(&first).map_err(named())?;
        }
        Ok(vectors)
    }

    /// Reads what is there; false when it is of another embedder.
    fn read(&mut self, model: &EmbeddingModel) -> io::Result<bool> {
        let mut lines = WholeLines::of(self.file.try_clone()?);
        while let Some(line) = lines.next()? {
            let length = line.len();
            match serde_json::from_slice(line) {
                Ok(Line::Of {
                    embedding_model,
                    dimension,
                    preprocessing,
                }) if self.end == 0 => {
                    if (embedding_model.as_str(), dimension, preprocessing)
                        != (model.name.as_str(), model.dimension, PREPROCESSING)
                    {
                        return Ok(false);
                    }
                }
                Ok(Line::Face { face_id, .. }) if self.end > 0 => {
                    self.faces.insert(face_id, (self.end, length));
                }
                Ok(Line::Measured(cosine)) if self.end > 0 => self.measured.push(cosine),
                // After a power cut, a file may be filled with anything.
                _ => break,
            }
            self.end += length as u64;
        }
        Ok(true)
    }

    /// Whether a face has its vector.
    #[must_use]
    pub fn has(&self, face: &FaceId) -> bool {
        self.faces.contains_key(face)
    }

    /// How well vectors by photos and by pictures agree, as far as that was measured.
    #[must_use]
    pub fn measured(&self) -> &[f32] {
        &self.measured
    }

    /// Keeps a face's vector. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, face: FaceId, vector: &Embedding) -> Result<(), ReembeddingError> {
        let line = Line::Face {
            face_id: face,
            embedding: STANDARD.encode(vector.to_bytes()),
        };
        let begin = self.end;
        let length = self.write(&line).map_err(ReembeddingError::file(&self.path))?;
        self.faces.insert(face, (begin, length));
        Ok(())
    }

    /// Keeps a measurement. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn measure(&mut self, cosine: f32) -> Result<(), ReembeddingError> {
        self.write(&Line::Measured(cosine))
            .map_err(ReembeddingError::file(&self.path))?;
        self.measured.push(cosine);
        Ok(())
    }

    /// A face's vector; none when it has none. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&mut self, face: &FaceId) -> io::Result<Option<Embedding>> {
        let Some((begin, length)) = self.faces.get(face).copied() else {
            return Ok(None);
        };
        let mut text = vec![0; length];
        self.file.seek(SeekFrom::Start(begin))?;
        self.file.read_exact(&mut text)?;
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "a vector that is none");
        match serde_json::from_slice(&text)? {
            Line::Face { embedding, .. } => {
                let bytes = STANDARD.decode(embedding).map_err(|_| invalid())?;
                Embedding::from_bytes(&bytes).map(Some).map_err(|_| invalid())
            }
            _ => Err(invalid()),
        }
    }

    fn write(&mut self, line: &Line) -> io::Result<usize> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&text)?;
        self.end += text.len() as u64;
        Ok(text.len())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// A file that was begun by an earlier worker is gone on with.
    #[test]
    fn lines_are_written_as_they_always_were() {
        let face = FaceId::parse("00000000-0000-face-0000-000000000001").unwrap();
        let vector = Embedding::stored(vec![0.6, -0.8]).unwrap();
        let lines = [
            Line::Of {
                embedding_model: "arcface".to_owned(),
                dimension: 2,
                preprocessing: 3,
            },
            Line::Face {
                face_id: face,
                embedding: STANDARD.encode(vector.to_bytes()),
            },
            Line::Measured(0.5),
        ];
        let expected = [
            r#"{"of":{"embedding_model":"arcface","dimension":2,"preprocessing":3}}"#,
            r#"{"face":{"face_id":"00000000-0000-face-0000-000000000001","embedding":"mpkZP83MTL8="}}"#,
            r#"{"measured":0.5}"#,
        ];
        assert_eq!(lines.map(|line| serde_json::to_string(&line).unwrap()), expected);
    }
}
