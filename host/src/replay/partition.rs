//! Two ways to put the same faces together, compared.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::report::{ClusterFaces, ClusterMerge, ClusterSplit};
use crate::domain::ClusterId;

/// How many faces each pair of a stored and a simulated cluster shares. Simulated clusters are numbered in the order in
/// which they appear, so that equal replays give equal reports although cluster ids are random.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    numbers: HashMap<ClusterId, u64>,
    shared: BTreeMap<(ClusterId, u64), u64>,
}

/// What [`Overlaps::compare`] finds.
#[derive(Debug, PartialEq)]
pub(super) struct Comparison {
    pub(super) faces: u64,
    pub(super) clusters_before: u64,
    pub(super) clusters_after: u64,
    pub(super) faces_moved: u64,
    pub(super) merges: Vec<ClusterMerge>,
    pub(super) splits: Vec<ClusterSplit>,
}

impl Overlaps {
    /// Adds a face that is stored in one cluster and went into another.
    pub(super) fn add(&mut self, stored: ClusterId, simulated: ClusterId) {
        let next = self.numbers.len() as u64;
        let number = *self.numbers.entry(simulated).or_insert(next);
        *self.shared.entry((stored, number)).or_default() += 1;
    }

    /// All merges and splits, largest first, each with at most `listed` clusters or parts.
    pub(super) fn compare(&self, listed: usize) -> Comparison {
        let mut by_stored: BTreeMap<ClusterId, Vec<u64>> = BTreeMap::new();
        let mut by_simulated: BTreeMap<u64, Vec<ClusterFaces>> = BTreeMap::new();
        for (&(cluster_id, number), &faces) in &self.shared {
            by_stored.entry(cluster_id).or_default().push(faces);
            let together = by_simulated.entry(number).or_default();
            together.push(ClusterFaces { cluster_id, faces });
        }
        let faces = self.shared.values().sum();
        let (clusters_before, clusters_after) = (by_stored.len() as u64, by_simulated.len() as u64);

        let mut merges: Vec<ClusterMerge> = by_simulated
            .into_values()
            .filter(|clusters| clusters.len() > 1)
            .map(|mut clusters| {
                // Stable, so that equally large ones stay in the order of their ids.
                clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.faces));
                let (faces, clusters_found) = (
                    clusters.iter().map(|cluster| cluster.faces).sum(),
                    clusters.len() as u64,
                );
                clusters.truncate(listed);
                ClusterMerge {
                    faces,
                    clusters_found,
                    clusters,
                }
            })
            .collect();
        merges.sort_by_key(|merge| std::cmp::Reverse(merge.faces));

        let mut splits: Vec<(u64, ClusterSplit)> = by_stored
            .into_iter()
            .filter(|(_, parts)| parts.len() > 1)
            .map(|(cluster_id, mut parts)| {
                parts.sort_by_key(|faces| std::cmp::Reverse(*faces));
                let (faces, parts_found) = (parts.iter().sum(), parts.len() as u64);
                parts.truncate(listed);
                let split = ClusterSplit {
                    cluster_id,
                    parts_found,
                    parts,
                };
                (faces, split)
            })
            .collect();
        splits.sort_by_key(|(faces, _)| std::cmp::Reverse(*faces));

        Comparison {
            faces,
            clusters_before,
            clusters_after,
            faces_moved: faces - self.faces_that_stay(),
            merges,
            splits: splits.into_iter().map(|(_, split)| split).collect(),
        }
    }

    /// Faces in pairs of clusters before and after: the pair that shares most first, each cluster in one pair.
    fn faces_that_stay(&self) -> u64 {
        let mut pairs: Vec<(&(ClusterId, u64), &u64)> = self.shared.iter().collect();
        pairs.sort_by_key(|(_, faces)| std::cmp::Reverse(**faces));
        let (mut before, mut after) = (HashSet::new(), HashSet::new());
        let mut stay = 0;
        for ((stored, number), faces) in pairs {
            if !before.contains(stored) && !after.contains(number) {
                before.insert(stored);
                after.insert(number);
                stay += faces;
            }
        }
        stay
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    fn cluster(number: u8) -> ClusterId {
        ClusterId::parse(&format!("00000000-0000-4000-8000-0000000000{number:02x}")).unwrap()
    }

    fn overlaps(pairs: &[(u8, u8)]) -> Overlaps {
        let mut overlaps = Overlaps::default();
        for (stored, simulated) in pairs {
            overlaps.add(cluster(*stored), cluster(100 + simulated));
        }
        overlaps
    }

    #[test]
    fn a_merge_and_a_split_are_told_apart() {
        let found = overlaps(&[(1, 1), (1, 1), (2, 1), (3, 2), (3, 2), (3, 3), (4, 4)]).compare(20);
        let cluster_faces = |number, faces| ClusterFaces {
            cluster_id: cluster(number),
            faces,
        };
        let expected = Comparison {
            faces: 7,
            clusters_before: 4,
            clusters_after: 4,
            faces_moved: 2,
            merges: vec![ClusterMerge {
                faces: 3,
                clusters_found: 2,
                clusters: vec![cluster_faces(1, 2), cluster_faces(2, 1)],
            }],
            splits: vec![ClusterSplit {
                cluster_id: cluster(3),
                parts_found: 2,
                parts: vec![2, 1],
            }],
        };
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn a_renamed_partition_has_not_changed(stored in proptest::collection::vec(0_u8..9, 0..40)) {
            let pairs: Vec<(u8, u8)> = stored.iter().map(|number| (*number, 9 - number)).collect();
            let found = overlaps(&pairs).compare(20);
            prop_assert_eq!(found.faces_moved, 0);
            prop_assert!(found.merges.is_empty() && found.splits.is_empty());
            prop_assert_eq!(found.clusters_before, found.clusters_after);
        }

        #[test]
        fn no_more_faces_move_than_there_are(
            pairs in proptest::collection::vec((0_u8..6, 0_u8..6), 0..60),
            listed in 0_usize..4,
        ) {
            let found = overlaps(&pairs).compare(listed);
            prop_assert_eq!(found.faces, pairs.len() as u64);
            prop_assert!(found.faces_moved <= found.faces);
            prop_assert!(found.merges.iter().all(|merge| merge.clusters.len() <= listed));
            prop_assert!(found.splits.iter().all(|split| split.parts.len() <= listed));
            let nothing = found.merges.is_empty() && found.splits.is_empty();
            prop_assert_eq!(nothing, found.faces_moved == 0);
        }
    }
}
