//! What the prompts of a tagger's vocabulary mean: their vectors, computed once and kept on disk, and how well they fit a
//! photo, or, in words, what the classifier saw in it.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::domain::{Embedding, Label};
use crate::inference::{Inference, InferenceError};
use crate::metrics;
use crate::plugins::{Candidate, Preparation};

/// Why the vectors of a vocabulary are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// An encoder failed.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The cache on disk could not be read or written.
    #[error("{} cannot be read or written; check the data directory", path.display())]
    Cache {
        /// The cache's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What tells, by its vector, whether a cache was made by the weights that are loaded now.
const PROBE: &str = "a photo";
/// The least cosine of two vectors of one text by the same weights; other devices round differently.
const SAME_WEIGHTS: f32 = 0.999;

/// A vector of length 1.
type Vector = Arc<[f32]>;

/// The vectors of every text that was ever asked for, by the model that made them.
pub struct Vocabulary {
    inference: Arc<Inference>,
    /// Sentences among sentences; none when there is no text encoder.
    sentences: Option<Cache>,
    /// Prompts among photos; none when there is no prompt encoder.
    prompts: Option<Cache>,
}

/// The vectors of one model.
struct Cache {
    path: PathBuf,
    encode: Encode,
    vectors: Mutex<HashMap<String, Vector>>,
    /// What the file holds was made by the weights that are loaded.
    proved: AtomicBool,
}

/// Makes the vector of a text.
type Encode = fn(&Inference, &str) -> Result<Vector, InferenceError>;

/// By the text encoder.
fn sentence(inference: &Inference, text: &str) -> Result<Vector, InferenceError> {
    inference.encode_text(text).map(vector)
}

/// By the prompt encoder.
fn prompt(inference: &Inference, text: &str) -> Result<Vector, InferenceError> {
    inference.encode_prompt(text).map(vector)
}

/// Empty without an encoder, which nobody asks for.
fn vector(encoded: Option<Embedding>) -> Vector {
    encoded
        .as_ref()
        .map(Embedding::as_slice)
        .unwrap_or_default()
        .into()
}

/// One line of the cache's file.
#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
    /// 32-bit floats, little-endian, as base64.
    vector: String,
}

impl Vocabulary {
    /// Reads what is known already. `directory` holds one file a text model. Blocks.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(directory: &Path, inference: Arc<Inference>) -> Result<Self, VocabularyError> {
        let cache = |model: Option<&str>, encode: Encode| {
            model
                .map(|model| Cache::open(directory.join(format!("{model}.jsonl")), encode))
                .transpose()
        };
        Ok(Self {
            sentences: cache(inference.text_model(), sentence)?,
            prompts: cache(inference.prompt_model(), prompt)?,
            inference,
        })
    }

    /// For each prompt, in their order, the cosine of its vector with that of a photo; none when there is no prompt
    /// encoder. Blocks.
    ///
    /// # Errors
    /// When the prompt encoder fails.
    pub fn similarities(
        &self,
        prompts: &[String],
        photo: &Embedding,
    ) -> Result<Option<Vec<f32>>, VocabularyError> {
        let Some(cache) = &self.prompts else {
            return Ok(None);
        };
        let cosine = |prompt: Vector| dot(&prompt, photo.as_slice()).clamp(-1.0, 1.0);
        let prompts = self.vectors(cache, &texts(prompts))?;
        Ok(Some(prompts.into_iter().map(cosine).collect()))
    }

    /// For each prompt, in their order, the cosine of its vector with the mean of the classes' vectors weighted by
    /// their probabilities; none when there is no text encoder. Blocks.
    ///
    /// # Errors
    /// When the text encoder fails.
    pub fn text_similarities(
        &self,
        prompts: &[String],
        labels: &[Label],
    ) -> Result<Option<Vec<f32>>, VocabularyError> {
        let Some(cache) = &self.sentences else {
            return Ok(None);
        };
        let names: Vec<&str> = labels.iter().map(|label| label.name.as_str()).collect();
        let classes = self.vectors(cache, &names)?;
        let prompts = self.vectors(cache, &texts(prompts))?;
        let Some(width) = classes.first().map(|vector| vector.len()) else {
            return Ok(Some(vec![0.0; prompts.len()]));
        };
        let mut seen = vec![0.0_f32; width];
        for (class, label) in classes.iter().zip(labels) {
            for (sum, value) in seen.iter_mut().zip(class.iter()) {
                *sum += label.score * value;
            }
        }
        let norm = dot(&seen, &seen).sqrt();
        let cosine = |prompt: &Vector| {
            if norm > 0.0 {
                (dot(prompt, &seen) / norm).clamp(-1.0, 1.0)
            } else {
                0.0
            }
        };
        Ok(Some(prompts.iter().map(cosine).collect()))
    }

    /// The vectors of texts, in their order; those that are not known yet are computed and written down.
    fn vectors(&self, cache: &Cache, texts: &[&str]) -> Result<Vec<Vector>, VocabularyError> {
        if !cache.proved.load(Ordering::Acquire) {
            let probe = (cache.encode)(&self.inference, PROBE)?;
            cache.prove(probe)?;
        }
        let known: Vec<Option<Vector>> = {
            let vectors = cache.lock();
            texts.iter().map(|text| vectors.get(*text).cloned()).collect()
        };
        let hits = known.iter().flatten().count();
        metrics::lookups("vocabulary", true, hits);
        metrics::lookups("vocabulary", false, texts.len() - hits);
        let mut added = Vec::new();
        let mut found = Vec::with_capacity(texts.len());
        for (text, known) in texts.iter().zip(known) {
            found.push(match known {
                Some(vector) => vector,
                None => {
                    let vector = (cache.encode)(&self.inference, text)?;
                    added.push(((*text).to_owned(), Arc::clone(&vector)));
                    vector
                }
            });
        }
        if !added.is_empty() {
            cache.add(added)?;
        }
        Ok(found)
    }
}

impl Preparation for Arc<Vocabulary> {
    /// Computes the vectors of a tagger's prompts, so that no photo waits for them.
    fn prepare(&self, candidate: &Candidate) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let Candidate::Tagger(tagger) = candidate else {
            return Ok(());
        };
        let wanted = tagger.evidence();
        for (wanted, cache) in [
            (wanted.text_similarities, &self.sentences),
            (wanted.similarities, &self.prompts),
        ] {
            if let (true, Some(cache)) = (wanted, cache) {
                self.vectors(cache, &texts(tagger.prompts()))?;
            }
        }
        Ok(())
    }
}

impl Cache {
    fn open(path: PathBuf, encode: Encode) -> Result<Self, VocabularyError> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(VocabularyError::Cache { path, source }),
        };
        // A line that was cut off by a crash is computed again.
        let vectors = text.lines().filter_map(read_line).collect();
        Ok(Self {
            path,
            encode,
            vectors: Mutex::new(vectors),
            proved: AtomicBool::new(false),
        })
    }

    /// Forgets everything when the probe had another vector then.
    fn prove(&self, probe: Vector) -> Result<(), VocabularyError> {
        let known = self.lock().get(PROBE).cloned();
        let same = known.as_ref().map(|known| dot(known, &probe) >= SAME_WEIGHTS);
        if same == Some(false) {
            tracing::info!(
                path = %self.path.display(),
                "these vectors were made with other model weights; they are computed again"
            );
            let failed = |source| VocabularyError::Cache {
                path: self.path.clone(),
                source,
            };
            let mut vectors = self.lock();
            fs::write(&self.path, "").map_err(failed)?;
            vectors.clear();
        }
        if same != Some(true) {
            self.add(vec![(PROBE.to_owned(), probe)])?;
        }
        self.proved.store(true, Ordering::Release);
        Ok(())
    }

    fn add(&self, added: Vec<(String, Vector)>) -> Result<(), VocabularyError> {
        let failed = |source| VocabularyError::Cache {
            path: self.path.clone(),
            source,
        };
        // A line break first ends a line that a crash cut off.
        let mut lines = String::from("\n");
        for (text, vector) in &added {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            let line = Line {
                text: text.clone(),
                vector: BASE64_STANDARD.encode(bytes),
            };
            lines.push_str(&serde_json::to_string(&line).map_err(|error| failed(error.into()))?);
            lines.push('\n');
        }
        let mut vectors = self.lock();
        self.append(lines.as_bytes()).map_err(failed)?;
        vectors.extend(added);
        Ok(())
    }

    fn append(&self, lines: &[u8]) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?
            .write_all(lines)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vector>> {
        self.vectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_line(line: &str) -> Option<(String, Vector)> {
    let Line { text, vector } = serde_json::from_str(line).ok()?;
    let bytes = BASE64_STANDARD.decode(vector).ok()?;
    let (values, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| {
        (
            text,
            values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        )
    })
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn what_was_written_is_read_again_but_for_a_line_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors/model.jsonl");
        let vector = |value: f32| -> Vector { vec![value, -0.5].into() };
        let cache = Cache::open(path.clone(), sentence).unwrap();
        cache.add(vec![("a wedding".to_owned(), vector(0.25))]).unwrap();
        let whole = fs::read(&path).unwrap();
        cache.add(vec![("a beach".to_owned(), vector(0.75))]).unwrap();
        let both = fs::read(&path).unwrap();
        fs::write(&path, &both[..whole.len() + 20]).unwrap();

        let again = Cache::open(path.clone(), sentence).unwrap();
        assert_eq!(again.lock().len(), 1);
        assert_eq!(again.lock()["a wedding"], vector(0.25));
        again.add(vec![("a beach".to_owned(), vector(0.75))]).unwrap();
        assert_eq!(
            Cache::open(path, sentence).unwrap().lock()["a beach"],
            vector(0.75)
        );
    }

    #[test]
    fn vectors_of_other_weights_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.jsonl");
        let (old, new): (Vector, Vector) = (vec![1.0, 0.0].into(), vec![0.0, 1.0].into());
        let cache = Cache::open(path.clone(), sentence).unwrap();
        cache.prove(Arc::clone(&old)).unwrap();
        cache.add(vec![("a beach".to_owned(), Arc::clone(&old))]).unwrap();

        let same = Cache::open(path.clone(), sentence).unwrap();
        same.prove(vec![0.9999, 0.01].into()).unwrap();
        assert!(same.lock().contains_key("a beach"));

        let other = Cache::open(path.clone(), sentence).unwrap();
        other.prove(Arc::clone(&new)).unwrap();
        assert!(!other.lock().contains_key("a beach"));
        let again = Cache::open(path, sentence).unwrap();
        assert_eq!(again.lock().len(), 1);
        assert_eq!(again.lock()[PROBE], new);
    }
}
