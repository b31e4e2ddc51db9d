//! Algorithms that see all faces at once.

use std::collections::{BTreeMap, VecDeque};

use crate::population::Shot;
use test_support::measuring::agreement::{Random, shuffle};

/// The other faces that reach the threshold with each face, and how similar they are.
pub(crate) type Neighbours = Vec<Vec<(usize, f32)>>;

pub(crate) fn neighbours(shots: &[Shot], threshold: f32) -> Neighbours {
    let mut found: Neighbours = vec![Vec::new(); shots.len()];
    for (index, one) in shots.iter().enumerate() {
        for (before, other) in shots[..index].iter().enumerate() {
            let similarity = one.embedding.cosine(&other.embedding);
            if similarity >= threshold {
                found[index].push((before, similarity));
                found[before].push((index, similarity));
            }
        }
    }
    found
}

/// Chinese Whispers (Biemann, TextGraphs 2006): every face begins in a class of its own; in random order each takes the
/// class whose neighbours weigh most together, until nothing changes or for twenty rounds.
pub(crate) fn chinese_whispers(neighbours: &Neighbours, seed: u64) -> Vec<usize> {
    const ROUNDS: usize = 20;
    let mut random = Random(seed);
    let mut classes: Vec<usize> = (0..neighbours.len()).collect();
    let mut order: Vec<usize> = classes.clone();
    for _ in 0..ROUNDS {
        shuffle(&mut order, &mut random);
        let mut changed = false;
        for face in &order {
            let mut weights: BTreeMap<usize, f32> = BTreeMap::new();
            for (other, weight) in &neighbours[*face] {
                *weights.entry(classes[*other]).or_default() += weight;
            }
            if let Some((class, _)) = weights.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
                changed |= classes[*face] != class;
                classes[*face] = class;
            }
        }
        if !changed {
            break;
        }
    }
    classes
}

/// DBSCAN (Ester, Kriegel, Sander and Xu, KDD 1996) with at least three faces, itself included, within reach of a core
/// face. What is noise to it is a cluster of its own, as every face must be in one.
pub(crate) fn dbscan(neighbours: &Neighbours) -> Vec<usize> {
    const LEAST: usize = 3;
    let is_core = |face: usize| neighbours[face].len() + 1 >= LEAST;
    let mut clusters: Vec<Option<usize>> = vec![None; neighbours.len()];
    let mut next = 0;
    for face in 0..neighbours.len() {
        if clusters[face].is_some() || !is_core(face) {
            continue;
        }
        let mut reached = VecDeque::from([face]);
        clusters[face] = Some(next);
        while let Some(core) = reached.pop_front() {
            for (other, _) in &neighbours[core] {
                if clusters[*other].is_none() {
                    clusters[*other] = Some(next);
                    if is_core(*other) {
                        reached.push_back(*other);
                    }
                }
            }
        }
        next += 1;
    }
    clusters
        .into_iter()
        .map(|cluster| {
            cluster.unwrap_or_else(|| {
                next += 1;
                next
            })
        })
        .collect()
}
