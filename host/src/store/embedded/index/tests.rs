#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use proptest::prelude::*;

use super::mover::QUIET;
use super::*;

const WIDTH: usize = 32;

/// Small sizes: a graph from the ninth face on, four at a time.
const SMALL: IndexSettings = IndexSettings {
    exact_faces: 8,
    batch_faces: 4,
    connectivity: 16,
    expansion_add: 128,
    expansion_search: 128,
    erased_within: Duration::from_secs(60),
};

fn model(name: &str) -> EmbeddingModel {
    EmbeddingModel {
        name: name.to_owned(),
        dimension: WIDTH,
        threshold: 0.4,
    }
}

fn open(directory: &Path, settings: IndexSettings) -> NeighbourIndex {
    NeighbourIndex::open(directory, &model("test"), settings).unwrap()
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    for x in &mut vector {
        *x /= length;
    }
    vector
}

fn random(rng: &mut Rng) -> Vec<f32> {
    // The sum of uniform numbers is near enough to normal for a direction.
    unit(
        (0..WIDTH)
            .map(|_| (0..4).map(|_| rng.f32() - 0.5).sum())
            .collect(),
    )
}

/// Photos of people: cosine about 0.7 within a person.
fn people(rng: &mut Rng, people: usize, each: usize) -> Vec<Vec<f32>> {
    let mut vectors = Vec::new();
    for _ in 0..people {
        let centre = random(rng);
        for _ in 0..each {
            let noise = random(rng);
            vectors.push(unit(
                centre.iter().zip(noise).map(|(c, n)| c + 0.65 * n).collect(),
            ));
        }
    }
    rng.shuffle(&mut vectors);
    vectors
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn exact(vectors: &BTreeMap<u64, Vec<f32>>, query: &[f32], limit: usize) -> Vec<(u64, f32)> {
    let mut all: Vec<(u64, f32)> = vectors
        .iter()
        .map(|(row, vector)| (*row, dot(vector, query)))
        .collect();
    all.sort_by(most_similar_first);
    all.truncate(limit);
    all
}

fn rows(found: &[(u64, f32)]) -> BTreeSet<u64> {
    found.iter().map(|(row, _)| *row).collect()
}

/// Waits until there are no complete batches any more.
fn settle(index: &NeighbourIndex, settings: &IndexSettings) {
    let until = Instant::now() + Duration::from_secs(60);
    while index.waiting() >= settings.batch_faces {
        assert!(Instant::now() < until, "the thread does not move vectors");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn filled(directory: &Path, vectors: &[Vec<f32>], settings: IndexSettings) -> NeighbourIndex {
    let index = open(directory, settings);
    for (position, vector) in vectors.iter().enumerate() {
        index.add(position as u64 + 1, vector);
    }
    settle(&index, &settings);
    index
}

proptest! {
    #[test]
    fn the_exact_part_agrees_with_sorting(
        seed: u64,
        count in 1u64..60,
        batch_faces in 1usize..20,
        removed in proptest::collection::btree_set(1u64..60, 0..20),
        limit in 1usize..70,
    ) {
        let mut rng = Rng::with_seed(seed);
        let directory = tempfile::tempdir().unwrap();
        let index = open(directory.path(), IndexSettings { batch_faces, ..IndexSettings::default() });
        let mut vectors: BTreeMap<u64, Vec<f32>> = (1..=count).map(|row| (row, random(&mut rng))).collect();
        for (row, vector) in &vectors {
            index.add(*row, vector);
        }
        for row in removed {
            index.remove(row);
            vectors.remove(&row);
        }
        let query = random(&mut rng);
        let found = index.nearest(&query, limit, &HashSet::new()).unwrap();
        let wanted = exact(&vectors, &query, limit);
        prop_assert_eq!(found.len(), wanted.len());
        for ((_, found), (_, wanted)) in found.iter().zip(&wanted) {
            prop_assert!((found - wanted).abs() < 1e-5);
        }
        prop_assert!(found.iter().all(|(row, found)| (dot(&vectors[row], &query) - found).abs() < 1e-5));
        prop_assert_eq!(index.len(), vectors.len());
        index.save().unwrap();
        prop_assert!(!directory.path().join(FILE).exists(), "there is no graph to keep");
    }

    #[test]
    fn any_order_of_changes_leaves_what_a_map_would_hold(
        seed: u64,
        steps in proptest::collection::vec(0u8..10, 1..150),
    ) {
        let mut rng = Rng::with_seed(seed);
        let directory = tempfile::tempdir().unwrap();
        let mut index = open(directory.path(), SMALL);
        let mut vectors: BTreeMap<u64, Vec<f32>> = BTreeMap::new();
        let mut last = 0;
        for step in steps {
            match step {
                0..=5 => {
                    last += 1;
                    vectors.insert(last, random(&mut rng));
                    index.add(last, &vectors[&last]);
                }
                6 | 7 => {
                    let row = rng.u64(1..=last + 1);
                    vectors.remove(&row);
                    index.remove(row);
                }
                8 => index.save().unwrap(),
                // A crash, or a stop: what is in memory only is gone.
                _ => {
                    drop(index);
                    index = open(directory.path(), SMALL);
                    for (row, vector) in vectors.range(index.covered() + 1..) {
                        index.add(*row, vector);
                    }
                    index.retain(|row| vectors.contains_key(&row));
                }
            }
            let query = random(&mut rng);
            let found = index.nearest(&query, vectors.len() + 10, &HashSet::new()).unwrap();
            let stored: BTreeSet<u64> = vectors.keys().copied().collect();
            prop_assert_eq!(rows(&found), stored);
            for (row, similarity) in found {
                prop_assert!((similarity - dot(&vectors[&row], &query)).abs() < 2e-3);
            }
        }
        index.save().unwrap();
        prop_assert_eq!(index.len(), vectors.len());
    }
}

#[test]
fn a_search_does_not_end_among_the_many_faces_of_one_person() {
    let mut rng = Rng::with_seed(1);
    let centre = random(&mut rng);
    let family = (0..400).map(|_| {
        let noise = random(&mut rng);
        unit(centre.iter().zip(noise).map(|(c, n)| c + 0.1 * n).collect())
    });
    let mut vectors: Vec<Vec<f32>> = family.collect();
    vectors.extend((0..100).map(|_| random(&mut rng)));
    let directory = tempfile::tempdir().unwrap();
    let index = filled(directory.path(), &vectors, SMALL);
    let family: HashSet<u64> = (1..=400).collect();
    let found = rows(&index.nearest(&centre, 30, &family).unwrap());
    assert_eq!(found.len(), 30);
    assert!(found.iter().all(|row| !family.contains(row)));
}

/// The share of the ten most similar that are found, over a hundred of the vectors themselves.
fn recall(index: &NeighbourIndex, vectors: &BTreeMap<u64, Vec<f32>>, rng: &mut Rng) -> f64 {
    let queries: Vec<&Vec<f32>> = vectors.values().collect();
    let mut shared = 0;
    for _ in 0..100 {
        let query = queries[rng.usize(..queries.len())];
        let wanted = rows(&exact(vectors, query, 10));
        shared += rows(&index.nearest(query, 10, &HashSet::new()).unwrap())
            .intersection(&wanted)
            .count();
    }
    shared as f64 / 1000.0
}

#[test]
fn the_graph_finds_nearly_everything_and_still_does_after_all_was_replaced() {
    let mut rng = Rng::with_seed(1);
    let settings = IndexSettings {
        exact_faces: 500,
        batch_faces: 100,
        ..IndexSettings::default()
    };
    let directory = tempfile::tempdir().unwrap();
    let vectors = people(&mut rng, 200, 15);
    let index = filled(directory.path(), &vectors, settings);
    let mut stored: BTreeMap<u64, Vec<f32>> = (1..).zip(vectors).collect();
    let before = recall(&index, &stored, &mut rng);
    assert!(before >= 0.99, "{before}");

    for row in 1..=3000 {
        let vector = stored.remove(&row).unwrap();
        index.remove(row);
        index.add(row + 3000, &vector);
        stored.insert(row + 3000, vector);
    }
    settle(&index, &settings);
    index.save().unwrap();
    assert_eq!(index.len(), 3000);
    let after = recall(&index, &stored, &mut rng);
    // What the graph looks like depends on the threads' order: most often, all were removed before the first was added.
    assert!(after >= 0.99, "{after}");
}

#[test]
fn a_saved_graph_is_opened_again_and_covers_what_it_says() {
    let mut rng = Rng::with_seed(2);
    let directory = tempfile::tempdir().unwrap();
    // 4 times 4 in the graph, 2 waiting.
    let vectors = people(&mut rng, 6, 3);
    let index = filled(directory.path(), &vectors, SMALL);
    assert_eq!((index.covered(), index.len(), index.waiting()), (0, 18, 2));
    index.save().unwrap();
    drop(index);

    let index = open(directory.path(), SMALL);
    assert_eq!((index.covered(), index.len(), index.waiting()), (16, 16, 0));
    for row in [17, 18] {
        index.add(row, &vectors[row as usize - 1]);
    }
    for (position, vector) in vectors.iter().enumerate() {
        let best = index.nearest(vector, 1, &HashSet::new()).unwrap()[0];
        assert_eq!(best.0, position as u64 + 1);
        assert!((best.1 - 1.0).abs() < 2e-3);
    }
}

#[test]
fn rows_that_were_deleted_after_the_file_was_written_are_let_go() {
    let mut rng = Rng::with_seed(3);
    let directory = tempfile::tempdir().unwrap();
    let vectors = people(&mut rng, 6, 2);
    filled(directory.path(), &vectors, SMALL).save().unwrap();
    let index = open(directory.path(), SMALL);
    assert_eq!(index.covered(), 12);
    index.retain(|row| row % 2 == 0);
    assert_eq!(
        rows(&index.nearest(&vectors[0], 12, &HashSet::new()).unwrap()),
        (2..=12).step_by(2).collect()
    );
    assert_eq!(index.len(), 6);
}

#[test]
fn a_removed_vector_is_in_neither_the_graph_nor_the_file() {
    let mut rng = Rng::with_seed(4);
    let directory = tempfile::tempdir().unwrap();
    let vectors = people(&mut rng, 6, 2);
    let index = filled(directory.path(), &vectors, SMALL);
    index.save().unwrap();
    let bytes: Vec<u8> = vectors[4]
        .iter()
        .flat_map(|x| half::f16::from_f32(*x).to_le_bytes())
        .collect();
    let is_in_file = || {
        let file = fs::read(directory.path().join(FILE)).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    };
    assert!(is_in_file());
    index.remove(5);
    index.save().unwrap();
    assert!(!is_in_file());
}

#[test]
fn a_damaged_file_is_noticed_and_made_anew() {
    let mut rng = Rng::with_seed(5);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(FILE);
    let vectors = people(&mut rng, 5, 4);
    filled(directory.path(), &vectors, SMALL).save().unwrap();
    let whole = fs::read(&file).unwrap();
    assert_eq!(open(directory.path(), SMALL).covered(), 20);

    let mut damaged: Vec<Vec<u8>> = [0, 1, 40, whole.len() / 2, whole.len() - 1]
        .iter()
        .map(|length| whole[..*length].to_vec())
        .collect();
    for _ in 0..50 {
        let mut flipped = whole.clone();
        flipped[rng.usize(..whole.len())] ^= 1 << rng.u8(..8);
        damaged.push(flipped);
    }
    damaged.push([&whole[..], &[0]].concat());
    for bytes in damaged {
        fs::write(&file, bytes).unwrap();
        let index = open(directory.path(), SMALL);
        assert_eq!((index.covered(), index.len()), (0, 0));
    }

    let index = filled(directory.path(), &vectors, SMALL);
    index.save().unwrap();
    assert_eq!(open(directory.path(), SMALL).covered(), 20);
}

#[test]
fn a_file_of_another_model_or_other_links_is_not_used() {
    let mut rng = Rng::with_seed(6);
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), &people(&mut rng, 5, 4), SMALL)
        .save()
        .unwrap();
    let covered = |name, settings| {
        NeighbourIndex::open(directory.path(), &model(name), settings)
            .unwrap()
            .covered()
    };
    assert_eq!(covered("test", SMALL), 20);
    assert_eq!(covered("another", SMALL), 0);
    let more_links = IndexSettings {
        connectivity: 8,
        ..SMALL
    };
    assert_eq!(covered("test", more_links), 0);
    let wider_search = IndexSettings {
        expansion_search: 64,
        ..SMALL
    };
    assert_eq!(covered("test", wider_search), 20);
}

#[test]
fn a_graph_that_saw_most_of_its_rows_replaced_is_made_anew() {
    let mut rng = Rng::with_seed(10);
    let directory = tempfile::tempdir().unwrap();
    let index = filled(directory.path(), &people(&mut rng, 5, 4), SMALL);
    (1..=10).for_each(|row| index.remove(row));
    index.save().unwrap();
    assert_eq!(open(directory.path(), SMALL).covered(), 20);
    index.remove(11);
    index.save().unwrap();
    assert_eq!(open(directory.path(), SMALL).covered(), 0);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_leaves_the_old_one() {
    let mut rng = Rng::with_seed(7);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(FILE);
    let index = filled(directory.path(), &people(&mut rng, 5, 4), SMALL);
    index.save().unwrap();
    let before = fs::read(&file).unwrap();
    // In the way of the new file.
    fs::create_dir(file.with_extension("new")).unwrap();
    index.remove(1);
    assert!(index.save().is_err());
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::remove_dir(file.with_extension("new")).unwrap();
    index.save().unwrap();
    assert_ne!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_vector_of_another_width_is_an_error_of_the_search() {
    let mut rng = Rng::with_seed(8);
    let directory = tempfile::tempdir().unwrap();
    let index = filled(directory.path(), &people(&mut rng, 5, 4), SMALL);
    let error = index.nearest(&[1.0], 3, &HashSet::new()).unwrap_err();
    assert!(matches!(error, IndexError::Graph(_)), "{error:?}");
}

#[test]
fn searches_saves_and_removals_go_on_while_vectors_move() {
    let mut rng = Rng::with_seed(9);
    let settings = IndexSettings {
        exact_faces: 100,
        batch_faces: 50,
        ..SMALL
    };
    let directory = tempfile::tempdir().unwrap();
    let vectors = people(&mut rng, 150, 10);
    let index = open(directory.path(), settings);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (position, vector) in vectors.iter().enumerate() {
                let row = position as u64 + 1;
                index.add(row, vector);
                // Some of these are in the block that moves.
                if row.is_multiple_of(3) && row > 60 {
                    index.remove(row - 60);
                }
            }
        });
        scope.spawn(|| {
            for _ in 0..5 {
                index.save().unwrap();
            }
        });
        for query in vectors.iter().step_by(3) {
            let found = index.nearest(query, 20, &HashSet::new()).unwrap();
            assert_eq!(rows(&found).len(), found.len(), "a row is found once");
            assert!(found.is_sorted_by(|a, b| a.1 >= b.1));
        }
    });
    settle(&index, &settings);
    let is_kept = |row: &u64| !row.is_multiple_of(3) || *row > 1440;
    for (row, query) in (1..).zip(&vectors) {
        let found = rows(&index.nearest(query, 20, &HashSet::new()).unwrap());
        assert!(found.iter().all(is_kept));
        assert_eq!(found.contains(&row), is_kept(&row), "{row}");
    }
    assert_eq!(index.len(), (1..=1500).filter(is_kept).count());
}

/// Adds a batch beside searches that follow one another; gives whether it came into the graph.
fn moves_beside_searches(settings: IndexSettings, patience: Duration) -> bool {
    let mut rng = Rng::with_seed(14);
    // On a busy machine there may be a pause in which it may move.
    for _ in 0..100 {
        let directory = tempfile::tempdir().unwrap();
        let index = filled(directory.path(), &people(&mut rng, 5, 4), settings);
        let started = Instant::now();
        let (mut last, mut longest_pause) = (started, Duration::ZERO);
        index.nearest(&random(&mut rng), 1, &HashSet::new()).unwrap();
        for row in 21..=24 {
            index.add(row, &random(&mut rng));
        }
        while index.waiting() > 0 && started.elapsed() < patience {
            let this = Instant::now();
            index.nearest(&random(&mut rng), 1, &HashSet::new()).unwrap();
            longest_pause = longest_pause.max(last.elapsed());
            last = this;
        }
        if index.waiting() > 0 {
            settle(&index, &settings);
            return false;
        }
        if longest_pause.max(last.elapsed()) < QUIET {
            return true;
        }
    }
    panic!("nothing but pauses");
}

#[test]
fn vectors_move_between_searches_and_beside_them_only_when_many_wait() {
    assert!(!moves_beside_searches(SMALL, 3 * QUIET));
    let many_wait = IndexSettings {
        exact_faces: 3,
        ..SMALL
    };
    assert!(moves_beside_searches(many_wait, Duration::from_secs(60)));
}
