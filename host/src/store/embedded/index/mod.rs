//! The embedded store's neighbour search: exact while there are few faces, a graph (HNSW) beside an exact part above.
//!
//! Vectors are known by the number of their row in the database. A row's number is never used again and its vector
//! never changes, so the index may always be behind the database, and never contradicts it. A new vector enters the
//! exact part, which is searched from end to end; a thread moves vectors from there into the graph in batches, so that
//! nobody who writes waits for the graph, and between searches, as long as few wait. The graph is written to a cache file
//! now and then. After a crash the file is old or missing, and the store adds the rows that the file does not cover.

mod cache;
mod error;
mod exact;
mod graph;
mod mover;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use self::cache::Reading;
pub use self::error::IndexError;
use self::exact::most_similar_first;
use self::graph::Graph;
use self::mover::Shared;
pub use self::settings::IndexSettings;
use crate::domain::EmbeddingModel;

/// The cache file in the store's directory.
const FILE: &str = "neighbours.index";

/// A vector index over faces of the store, keyed by row. Everything may be called from several threads.
///
/// # Examples
///
/// ```
/// use std::collections::HashSet;
///
/// use ai_worker::domain::EmbeddingModel;
/// use ai_worker::store::{IndexSettings, NeighbourIndex};
///
/// # let directory = tempfile::tempdir()?;
/// let model = EmbeddingModel { name: "two".to_owned(), dimension: 2, threshold: 0.4 };
/// let index = NeighbourIndex::open(directory.path(), &model, IndexSettings::default())?;
/// index.add(1, &[1.0, 0.0]);
/// index.add(2, &[0.0, 1.0]);
/// assert_eq!(index.nearest(&[0.6, 0.8], 1, &HashSet::new())?, [(2, 0.8)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NeighbourIndex {
    shared: Arc<Shared>,
    file: PathBuf,
    model: EmbeddingModel,
    settings: IndexSettings,
    covered: u64,
    mover: Option<JoinHandle<()>>,
}

impl NeighbourIndex {
    /// Opens the cache file in a directory that no other process uses, or starts empty when the file is missing, of
    /// another version or embedder, damaged, or had more than half of its faces replaced, which makes it miss more.
    /// Blocks: reads the file twice.
    ///
    /// The store then adds every row above [`covered`](Self::covered) in ascending order, and calls
    /// [`retain`](Self::retain).
    ///
    /// # Errors
    /// When the graph cannot be made or the thread not be started.
    pub fn open(
        directory: &Path,
        model: &EmbeddingModel,
        settings: IndexSettings,
    ) -> Result<Self, IndexError> {
        let file = directory.join(FILE);
        let (graph, covered) = match cache::read(&file, model, &settings) {
            Ok(Reading::Found(graph, contents)) => (graph, contents.covered),
            nothing => {
                let file = file.display();
                match nothing {
                    Ok(Reading::Other) => {
                        tracing::info!(
                            %file,
                            "the neighbour index belongs to another version or model and is rebuilt"
                        );
                    }
                    Ok(Reading::Worn) => {
                        tracing::info!(
                            %file,
                            "many faces in the neighbour index were replaced, so it is rebuilt"
                        );
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(%file, error, "the neighbour index is damaged and is rebuilt");
                    }
                    Ok(_) => {}
                }
                (Graph::new(model.dimension, &settings)?, 0)
            }
        };
        let shared = Arc::new(Shared::new(model.dimension, settings, graph, covered));
        let mover = mover::start(Arc::clone(&shared)).map_err(IndexError::Thread)?;
        Ok(Self {
            shared,
            file,
            model: model.clone(),
            settings,
            covered,
            mover: Some(mover),
        })
    }

    /// The highest row up to which the cache file had everything when it was opened; 0 without a file.
    #[must_use]
    pub fn covered(&self) -> u64 {
        self.covered
    }

    /// Adds a row: higher than those before it, below 2^63, its vector of length 1 and of the model's width. Does not
    /// wait for the graph.
    pub fn add(&self, row: u64, vector: &[f32]) {
        if self.shared.exact.write().add(row, vector) {
            self.wake();
        }
    }

    /// Removes a row, if it is there. Searches do not find it from now on; the thread overwrites its vector in the
    /// graph, and [`save`](Self::save) that in the file.
    pub fn remove(&self, row: u64) {
        self.shared.exact.write().remove(row);
        self.wake();
    }

    /// Removes the rows up to [`covered`](Self::covered) that the store does not have: those that were deleted after
    /// the cache file was written. To be called once after opening; takes a look-up for each row number.
    pub fn retain(&self, is_stored: impl Fn(u64) -> bool) {
        let gone = self.shared.graph.rows(1..=self.covered, |row| !is_stored(row));
        if !gone.is_empty() {
            self.shared.exact.write().remove_all(gone);
            self.wake();
        }
    }

    /// Up to `limit` rows, without some, most similar first, each with its cosine similarity: that of half-precision vectors
    /// (within about 0.001) for a row in the graph, exact for the others. They are fewer only where there are no more. A row
    /// that is in the graph may be missed for one that is less similar; how rarely depends on the settings.
    ///
    /// # Errors
    /// When the graph fails.
    pub fn nearest(
        &self,
        vector: &[f32],
        limit: usize,
        without: &HashSet<u64>,
    ) -> Result<Vec<(u64, f32)>, IndexError> {
        self.shared.note_search();
        // The exact part first: a vector that moves meanwhile is then seen in both and not in neither.
        let (mut found, removed) = {
            let exact = self.shared.exact.read();
            (exact.nearest(vector, limit, without), exact.removed())
        };
        let seen: HashSet<u64> = found.iter().map(|(row, _)| *row).collect();
        let in_graph = self.shared.graph.nearest(vector, limit, [without, &removed])?;
        found.extend(in_graph.into_iter().filter(|(row, _)| !seen.contains(row)));
        found.sort_by(most_similar_first);
        found.truncate(limit);
        Ok(found)
    }

    /// Writes the cache file, whole or not at all, when the graph has changed since the last time. Blocks, for as long
    /// as it takes to write the file and to work off removals; searches and writes go on meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written, or the graph fails; then the file is as before.
    pub fn save(&self) -> Result<(), IndexError> {
        self.shared.while_still(|graph, covered| {
            cache::write(&self.file, graph, &self.model, &self.settings, covered)
        })
    }

    /// How many rows can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        let exact = self.shared.exact.read();
        exact.len() + self.shared.graph.count_without(&exact.uncounted())
    }

    /// Whether no row can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows wait for the graph; searching them is exact and takes time in proportion.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.exact.read().len()
    }

    fn wake(&self) {
        if let Some(mover) = &self.mover {
            mover.thread().unpark();
        }
    }
}

impl Drop for NeighbourIndex {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.wake();
        if let Some(mover) = self.mover.take()
            && mover.join().is_err()
        {
            tracing::error!("the thread of the neighbour index panicked");
        }
    }
}
