//! How good a partition of faces into clusters is, and how alike two partitions are.
//!
//! Everything is counted from the contingency table of people and clusters, so it costs no more than the faces.

use std::collections::{BTreeMap, BTreeSet};

/// Precision, recall and their harmonic mean, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// How much of what was put together belongs together.
    pub precision: f64,
    /// How much of what belongs together was put together.
    pub recall: f64,
    /// Their harmonic mean.
    pub f: f64,
}

impl Agreement {
    fn new(precision: f64, recall: f64) -> Self {
        let f = if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        };
        Self { precision, recall, f }
    }
}

/// What a partition makes of faces whose people are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Of each face, the share of its cluster that is its person and the share of its person that is in its cluster;
    /// the mean over faces (Bagga and Baldwin, ACL 1998).
    pub bcubed: Agreement,
    /// Of pairs of faces: how many of those in one cluster are one person, and the other way round.
    pub pairwise: Agreement,
    /// In how many clusters a person is, the mean over people; 1 or more.
    pub clusters_a_person: f64,
}

/// Compares a partition with the truth: the person and the cluster of each face.
pub fn quality<P: Ord + Copy, C: Ord + Copy>(faces: &[(P, C)]) -> Quality {
    let table = Table::of(faces);
    let total = faces.len() as f64;
    // A cell of n faces adds n times its share: n * n / (its row or its column).
    let shares = |of: &dyn Fn(&(P, C)) -> f64| {
        let sum: f64 = table
            .cells
            .iter()
            .map(|(key, count)| count * count / of(key))
            .sum();
        sum / total
    };
    let bcubed = Agreement::new(
        shares(&|(_, cluster)| table.columns[cluster]),
        shares(&|(person, _)| table.rows[person]),
    );
    let [both, together, same] = [pairs(&table.cells), pairs(&table.columns), pairs(&table.rows)];
    // Where there are no pairs, none is wrong.
    let share = |of: f64| if of > 0.0 { both / of } else { 1.0 };
    Quality {
        bcubed,
        pairwise: Agreement::new(share(together), share(same)),
        clusters_a_person: table.cells.len() as f64 / table.rows.len() as f64,
    }
}

/// How alike two partitions of the same faces are: 1 when equal, 0 as by chance, and below when less alike than that
/// (Hubert and Arabie, Journal of Classification 2, 1985). Each face with its cluster in the one and in the other.
pub fn adjusted_rand_index<A: Ord + Copy, B: Ord + Copy>(faces: &[(A, B)]) -> f64 {
    let table = Table::of(faces);
    let [both, one, other] = [pairs(&table.cells), pairs(&table.rows), pairs(&table.columns)];
    let count = faces.len() as f64;
    let expected = one * other / (count * (count - 1.0) / 2.0);
    let most = f64::midpoint(one, other);
    // Both of one cluster, or both of single faces: equal, and nothing else was possible.
    if (most - expected).abs() < 1e-12 {
        return 1.0;
    }
    (both - expected) / (most - expected)
}

/// Faces by both, by the first and by the second of their labels.
struct Table<A, B> {
    cells: BTreeMap<(A, B), f64>,
    rows: BTreeMap<A, f64>,
    columns: BTreeMap<B, f64>,
}

impl<A: Ord + Copy, B: Ord + Copy> Table<A, B> {
    fn of(faces: &[(A, B)]) -> Self {
        let mut table = Self {
            cells: BTreeMap::new(),
            rows: BTreeMap::new(),
            columns: BTreeMap::new(),
        };
        for (a, b) in faces {
            *table.cells.entry((*a, *b)).or_default() += 1.0;
            *table.rows.entry(*a).or_default() += 1.0;
            *table.columns.entry(*b).or_default() += 1.0;
        }
        table
    }
}

fn pairs<K>(counts: &BTreeMap<K, f64>) -> f64 {
    counts.values().map(|count| count * (count - 1.0) / 2.0).sum()
}

/// The mean and the least of some figures.
pub fn mean_and_least(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut sum, mut least) = (0.0, 0.0, f64::INFINITY);
    for figure in figures {
        count += 1.0;
        sum += figure;
        least = least.min(figure);
    }
    (sum / count, least)
}

/// A Fisher-Yates shuffle.
pub fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for index in (1..items.len()).rev() {
        items.swap(index, random.below(index + 1));
    }
}

/// Numbers that repeat: Knuth's linear congruential generator of MMIX.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`, which is small.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Compares every figure with one worked out by hand; called before anything is measured.
pub fn check() {
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    // Person a: two faces in cluster 1 and one in 2; person b: two faces in 2.
    let faces = [('a', 1), ('a', 1), ('a', 2), ('b', 2), ('b', 2)];
    let found = quality(&faces);
    // Precision of each face: 1, 1, 1/3, 2/3, 2/3; recall: 2/3, 2/3, 1/3, 1, 1.
    near(found.bcubed.precision, 11.0 / 15.0);
    near(found.bcubed.recall, 11.0 / 15.0);
    near(found.bcubed.f, 11.0 / 15.0);
    // Four pairs in one cluster, four of one person, two of them both.
    near(found.pairwise.precision, 0.5);
    near(found.pairwise.recall, 0.5);
    near(found.clusters_a_person, 1.5);
    // (2 - 4 * 4 / 10) / (4 - 4 * 4 / 10)
    near(adjusted_rand_index(&faces), 1.0 / 6.0);
    // All in one cluster: precision 3/5 * 3/5 + 2/5 * 2/5, recall 1.
    let one = faces.map(|(person, _)| (person, 0));
    near(quality(&one).bcubed.precision, 13.0 / 25.0);
    near(quality(&one).bcubed.recall, 1.0);
    near(quality(&one).pairwise.precision, 0.4);
    near(adjusted_rand_index(&one), 0.0);
    // Equal but for the names.
    let renamed = faces.map(|(_, cluster)| (cluster, 9 - cluster));
    near(adjusted_rand_index(&renamed), 1.0);
    near(quality(&renamed).pairwise.f, 1.0);
    near(mean_and_least([3.0, 1.0, 2.0].into_iter()).0, 2.0);
    let mut shuffled = [0, 1, 2, 3, 4, 5, 6, 7];
    shuffle(&mut shuffled, &mut Random(1));
    assert_eq!(BTreeSet::from(shuffled).len(), 8);
}
