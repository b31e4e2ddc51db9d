//! The part that is searched from end to end: vectors that the graph does not have yet.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::faces::matrix::Matrix;

/// Vectors in the order in which they came, in blocks, and the rows whose removal the graph has yet to see.
pub(super) struct Exact {
    dimension: usize,
    batch: usize,
    /// Complete blocks, oldest first. The oldest may be on its way into the graph.
    sealed: VecDeque<Arc<Matrix<u64>>>,
    /// The block that new vectors enter.
    open: Matrix<u64>,
    /// Vectors that may still enter the open block.
    room: usize,
    removed: Arc<HashSet<u64>>,
    /// The highest row that was ever here or in the graph.
    highest: u64,
}

impl Exact {
    /// An empty part beside a graph that has every row up to `covered`.
    pub(super) fn new(dimension: usize, batch: usize, covered: u64) -> Self {
        Self {
            dimension,
            batch,
            sealed: VecDeque::new(),
            open: Matrix::new(dimension),
            room: batch,
            removed: Arc::default(),
            highest: covered,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.blocks().map(Matrix::len).sum()
    }

    /// Adds a row; gives whether that completed a block.
    pub(super) fn add(&mut self, row: u64, vector: &[f32]) -> bool {
        self.open.insert(row, vector);
        self.highest = self.highest.max(row);
        self.room = self.room.saturating_sub(1);
        if self.room > 0 {
            return false;
        }
        let full = std::mem::replace(&mut self.open, Matrix::new(self.dimension));
        self.sealed.push_back(Arc::new(full));
        self.room = self.batch;
        true
    }

    /// Removes a row from here, and leaves word for the graph, which may have it or be about to.
    pub(super) fn remove(&mut self, row: u64) {
        self.open.remove(&row);
        for block in &mut self.sealed {
            if block.contains(&row) {
                Arc::make_mut(block).remove(&row);
            }
        }
        Arc::make_mut(&mut self.removed).insert(row);
    }

    /// Leaves word that the graph is to remove rows that are not here.
    pub(super) fn remove_all(&mut self, rows: Vec<u64>) {
        Arc::make_mut(&mut self.removed).extend(rows);
    }

    /// The rows that the graph may have but must not give.
    pub(super) fn removed(&self) -> Arc<HashSet<u64>> {
        Arc::clone(&self.removed)
    }

    /// Forgets removals that the graph has seen.
    pub(super) fn settled(&mut self, rows: &[u64]) {
        let removed = Arc::make_mut(&mut self.removed);
        for row in rows {
            removed.remove(row);
        }
    }

    /// The block that is next to go into the graph. Without a graph there is none until there are more than `limit`
    /// vectors.
    pub(super) fn due(&self, has_graph: bool, limit: usize) -> Option<Arc<Matrix<u64>>> {
        let due = has_graph || self.len() > limit;
        self.sealed.front().filter(|_| due).map(Arc::clone)
    }

    /// Drops the block that [`due`](Self::due) gave: the graph has its vectors.
    pub(super) fn drop_oldest(&mut self) {
        self.sealed.pop_front();
    }

    /// The rows that may be in the graph but are not to be counted there.
    pub(super) fn uncounted(&self) -> HashSet<u64> {
        let moving = self.sealed.front().into_iter().flat_map(|block| block.iter());
        moving
            .map(|(row, _)| row)
            .chain(self.removed.iter().copied())
            .collect()
    }

    /// The row up to which everything is in the graph, once that has seen the removals.
    pub(super) fn covered(&self) -> u64 {
        let lowest = self.blocks().flat_map(Matrix::iter).map(|(row, _)| row).min();
        lowest.map_or(self.highest, |row| row.saturating_sub(1))
    }

    /// The `limit` rows with the largest dot product, largest first.
    pub(super) fn nearest(&self, vector: &[f32], limit: usize) -> Vec<(u64, f32)> {
        let mut best: Vec<(u64, f32)> = Vec::new();
        for block in self.blocks() {
            best.extend(block.nearest(vector, limit));
            best.sort_by(most_similar_first);
            best.truncate(limit);
        }
        best
    }

    fn blocks(&self) -> impl Iterator<Item = &Matrix<u64>> {
        self.sealed
            .iter()
            .map(AsRef::as_ref)
            .chain(std::iter::once(&self.open))
    }
}

/// The order of what a search gives.
pub(super) fn most_similar_first(a: &(u64, f32), b: &(u64, f32)) -> Ordering {
    b.1.total_cmp(&a.1)
}
