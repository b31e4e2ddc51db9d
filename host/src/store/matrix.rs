//! Exact neighbour search in memory: one flat matrix of vectors, scanned from end to end.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

/// Vectors of one width, each under a key.
#[derive(Clone)]
pub(crate) struct Matrix<K> {
    dimension: usize,
    values: Vec<f32>,
    ids: Vec<K>,
    rows: HashMap<K, usize>,
}

/// A row and its similarity; the least similar is the greatest, so that a heap gives it up first.
struct Scored(f32, usize);

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scored {}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0)
    }
}

impl<K: Copy + Eq + Hash> Matrix<K> {
    pub(crate) fn new(dimension: usize) -> Self {
        Self {
            dimension,
            values: Vec::new(),
            ids: Vec::new(),
            rows: HashMap::new(),
        }
    }

    /// How many vectors it holds.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn contains(&self, id: &K) -> bool {
        self.rows.contains_key(id)
    }

    /// Every key with its vector, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &[f32])> {
        self.ids
            .iter()
            .copied()
            .zip(self.values.chunks_exact(self.dimension))
    }

    /// Adds a vector, or replaces the one under the same id.
    pub(crate) fn insert(&mut self, id: K, vector: &[f32]) {
        self.remove(&id);
        self.rows.insert(id, self.ids.len());
        self.ids.push(id);
        self.values.extend_from_slice(vector);
    }

    /// Removes a vector; the last row takes its place. Room for four times as many as there are is given back.
    pub(crate) fn remove(&mut self, id: &K) {
        let Some(row) = self.rows.remove(id) else { return };
        let last = self.ids.len() - 1;
        self.ids.swap_remove(row);
        if row != last {
            let (from, to) = (last * self.dimension, row * self.dimension);
            self.values.copy_within(from..from + self.dimension, to);
            self.rows.insert(self.ids[row], row);
        }
        self.values.truncate(last * self.dimension);
        if 4 * last <= self.ids.capacity() {
            self.ids.shrink_to(2 * last);
            self.values.shrink_to(2 * last * self.dimension);
            self.rows.shrink_to(2 * last);
        }
    }

    /// The `limit` rows with the largest dot product, largest first, of those that are wanted.
    pub(crate) fn nearest(&self, vector: &[f32], limit: usize, wanted: impl Fn(&K) -> bool) -> Vec<(K, f32)> {
        let mut best = BinaryHeap::with_capacity(limit + 1);
        for (row, candidate) in self.values.chunks_exact(self.dimension).enumerate() {
            let similarity = dot(vector, candidate);
            let good_enough =
                best.len() < limit || best.peek().is_some_and(|worst: &Scored| similarity > worst.0);
            if good_enough && wanted(&self.ids[row]) {
                best.push(Scored(similarity, row));
                if best.len() > limit {
                    best.pop();
                }
            }
        }
        best.into_sorted_vec()
            .into_iter()
            .map(|Scored(score, row)| (self.ids[row], score))
            .collect()
    }
}

/// A dot product with as many accumulators as a wide register has lanes, so that the compiler may vectorise it.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FaceId;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_scan_agrees_with_sorting_everything(
            rows in proptest::collection::vec(proptest::collection::vec(-1f32..1.0, 20), 1..60),
            removed in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
            query in proptest::collection::vec(-1f32..1.0, 20),
            limit in 1usize..12,
        ) {
            let mut matrix = Matrix::new(20);
            let mut kept: Vec<(FaceId, Vec<f32>)> =
                rows.into_iter().map(|row| (FaceId::random(), row)).collect();
            for (id, row) in &kept {
                matrix.insert(*id, row);
            }
            for index in removed {
                if kept.len() > 1 {
                    let (id, _) = kept.swap_remove(index.index(kept.len()));
                    matrix.remove(&id);
                }
            }
            let mut expected: Vec<f32> =
                kept.iter().map(|(_, row)| row.iter().zip(&query).map(|(a, b)| a * b).sum()).collect();
            expected.sort_by(|a, b| b.total_cmp(a));
            expected.truncate(limit);
            let found = matrix.nearest(&query, limit, |_| true);
            prop_assert_eq!(found.len(), expected.len());
            for ((id, score), expected) in found.iter().zip(expected) {
                prop_assert!((score - expected).abs() < 1e-4);
                let row = kept.iter().find(|(kept, _)| kept == id).map(|(_, row)| row);
                let own: Option<f32> = row.map(|row| row.iter().zip(&query).map(|(a, b)| a * b).sum());
                prop_assert!(own.is_some_and(|own| (score - own).abs() < 1e-4));
            }
        }
    }
}
