//! The part that is searched from end to end: vectors that the graph does not have yet.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::store::matrix::Matrix;

/// Vectors in the order in which they came, in blocks, and the rows whose removal the graph has yet to see.
pub(super) struct Exact {
    dimension: usize,
    batch: usize,
    /// Complete blocks, oldest first.
    sealed: VecDeque<Arc<Matrix<u64>>>,
    /// The oldest is on its way into the graph.
    moving: bool,
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
            moving: false,
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
        self.tidy();
        true
    }

    /// Removes a row from here, and leaves word for the graph, which may have it or be about to.
    pub(super) fn remove(&mut self, row: u64) {
        self.open.remove(&row);
        if let Some(block) = self.sealed.iter_mut().find(|block| block.contains(&row)) {
            Arc::make_mut(block).remove(&row);
            self.tidy();
        }
        Arc::make_mut(&mut self.removed).insert(row);
    }

    /// Drops blocks that became empty, and makes one of neighbours that fill half a block together: faces that come and
    /// go would leave many behind while there are too few for a graph.
    fn tidy(&mut self) {
        let mut place = usize::from(self.moving);
        while let Some(block) = self.sealed.get(place) {
            let fits = |next: &Arc<Matrix<u64>>| 2 * (block.len() + next.len()) <= self.batch;
            if block.len() == 0 {
                self.sealed.remove(place);
            } else if self.sealed.get(place + 1).is_some_and(fits)
                && let Some(next) = self.sealed.remove(place + 1)
            {
                let block = Arc::make_mut(&mut self.sealed[place]);
                for (row, vector) in next.iter() {
                    block.insert(row, vector);
                }
            } else {
                place += 1;
            }
        }
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

    /// The block that is next to go into the graph, and stays here until [`drop_oldest`](Self::drop_oldest). Without a
    /// graph there is none until there are more than `limit` vectors.
    pub(super) fn due(&mut self, has_graph: bool, limit: usize) -> Option<Arc<Matrix<u64>>> {
        let due = has_graph || self.len() > limit;
        let block = self.sealed.front().filter(|_| due).map(Arc::clone);
        self.moving |= block.is_some();
        block
    }

    /// The block that [`due`](Self::due) gave, until it is dropped.
    pub(super) fn moving(&self) -> Option<Arc<Matrix<u64>>> {
        self.sealed.front().filter(|_| self.moving).map(Arc::clone)
    }

    /// Drops the block that [`due`](Self::due) gave: the graph has its vectors.
    pub(super) fn drop_oldest(&mut self) {
        self.sealed.pop_front();
        self.moving = false;
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

    /// The `limit` rows with the largest dot product, largest first, without some.
    pub(super) fn nearest(&self, vector: &[f32], limit: usize, without: &HashSet<u64>) -> Vec<(u64, f32)> {
        let mut best: Vec<(u64, f32)> = Vec::new();
        for block in self.blocks() {
            best.extend(block.nearest(vector, limit, |row| !without.contains(row)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_that_come_and_go_leave_no_blocks_behind() {
        const BATCH: u64 = 16;
        let mut exact = Exact::new(2, BATCH as usize, 0);
        let mut kept = 0;
        for row in 1..10_000 {
            exact.add(row, &[0.6, 0.8]);
            if row % 500 == 0 {
                kept += 1;
            } else {
                exact.remove(row);
            }
        }
        assert_eq!(exact.len(), kept);
        // Neighbours fill more than half a block together.
        assert!(
            exact.blocks().count() <= 2 + 4 * kept / BATCH as usize,
            "{}",
            exact.blocks().count()
        );
        assert_eq!(exact.covered(), 499);
        assert_eq!(exact.nearest(&[1.0, 0.0], 100, &HashSet::new()).len(), kept);
    }

    #[test]
    fn a_block_on_its_way_into_the_graph_stays_until_it_is_dropped() {
        let mut exact = Exact::new(1, 4, 0);
        for row in 1..=12 {
            exact.add(row, &[1.0]);
        }
        let moving = exact.due(true, 0);
        for row in 1..=8 {
            exact.remove(row);
        }
        assert_eq!(moving.map(|block| block.len()), Some(4));
        exact.drop_oldest();
        let rows: Vec<u64> = exact
            .blocks()
            .flat_map(Matrix::iter)
            .map(|(row, _)| row)
            .collect();
        assert_eq!(rows, [9, 10, 11, 12]);
    }
}
