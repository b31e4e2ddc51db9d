//! One population, one index; and what the measurement of the store shares with it.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ai_worker::domain::EmbeddingModel;
use ai_worker::metrics::resident_memory;
use ai_worker::store::{IndexSettings, NeighbourIndex};
use fastrand::Rng;

use test_support::measuring::population::{MOST_PHOTOS, Population, dot};

/// How many neighbours are looked for; a policy asks for 1 to 100.
pub(crate) const LIMIT: usize = 30;
/// How many more the store asks for before it sorts them by the stored vectors.
const MORE: usize = 10;
/// The similarity from which two faces are one person, of the sets `open` and `research`.
pub(crate) const THRESHOLD: f32 = 0.45;
const SEARCHES: usize = 5_000;
/// Searches that are compared with looking at everything.
const COMPARED: usize = 500;
/// Vectors that enter while the searches beside are timed.
const BESIDE: u64 = 5_000;

pub(crate) fn run(faces: usize, model: &EmbeddingModel, settings: IndexSettings, replace: bool) {
    let width = model.dimension;
    let population = Population::new(faces, width, MOST_PHOTOS);
    let directory = tempfile::tempdir().unwrap();
    let open = || NeighbourIndex::open(directory.path(), model, settings).unwrap();
    println!("\n{faces} faces, width {width}, {settings:?}");
    describe(&population);
    let before = resident();

    let index = open();
    fill(&index, &population, 0, &settings);
    println!("  memory for the index     {:8.0} MiB", resident() - before);
    let queries = Queries::new(&population);
    queries.time("searches", &index);
    compare(&queries, &index, 0);
    beside(&index, &population, &queries);
    restart(index, directory.path(), open);

    if replace {
        let index = open();
        for row in 1..=faces as u64 {
            index.remove(row);
        }
        fill(&index, &population, faces as u64, &settings);
        index.save().unwrap();
        println!("  after every face was replaced:");
        queries.time("searches", &index);
        compare(&queries, &index, faces as u64);
    }
}

/// What the index misses when rows are numbered after `offset`, with the second look that the store takes.
fn compare(queries: &Queries<'_>, index: &NeighbourIndex, offset: u64) {
    let population = queries.population;
    queries.compare(|query| {
        let found = index.nearest(query, LIMIT + MORE, &HashSet::new()).unwrap();
        let mut given: Vec<(u64, f32)> = found
            .into_iter()
            .map(|(row, _)| row - offset)
            .filter(|row| (1..=population.faces() as u64).contains(row))
            .map(|row| (row, dot(query, &population.vector(row))))
            .collect();
        given.sort_by(|a, b| b.1.total_cmp(&a.1));
        given.into_iter().map(|(row, _)| row).take(LIMIT).collect()
    });
}

/// Says how similar the made-up faces are.
pub(crate) fn describe(population: &Population) {
    let mut rng = Rng::with_seed(7);
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for photo in 0..2000 {
        let people = population.people();
        let (a, b) = (rng.u32(..people), rng.u32(..people));
        let face = population.photo(a, 1 << 32 | photo);
        same.push(dot(&face, &population.photo(a, 2 << 32 | photo)));
        other.push(dot(&face, &population.photo(b, 3 << 32 | photo)));
    }
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let spread = |values: &[f32]| {
        let mean = mean(values);
        let squares: Vec<f32> = values.iter().map(|value| (value - mean).powi(2)).collect();
        (squares.iter().sum::<f32>() / values.len() as f32).sqrt()
    };
    println!(
        "  {} people; cosine within a person {:.2} (+- {:.2}), between people {:.2} (+- {:.2})",
        population.people(),
        mean(&same),
        spread(&same),
        mean(&other),
        spread(&other),
    );
}

/// Adds every face under the numbers after `offset`, and waits for the graph.
fn fill(index: &NeighbourIndex, population: &Population, offset: u64, settings: &IndexSettings) {
    let start = Instant::now();
    let mut adding = Vec::with_capacity(population.faces());
    for row in 1..=population.faces() as u64 {
        let vector = population.vector(row);
        let start = Instant::now();
        index.add(row + offset, &vector);
        adding.push(start.elapsed());
    }
    let added = start.elapsed();
    let (busy, total) = (resident(), adding.iter().sum::<Duration>());
    show("adds", &mut adding, total);
    if index.len() > settings.exact_faces {
        while index.waiting() >= settings.batch_faces {
            thread::sleep(Duration::from_millis(5));
        }
        let moved = start.elapsed();
        println!(
            "  all in the graph after   {:8.1} s, {:.0} faces/s (added after {:.1} s; resident then {busy:.0} MiB)",
            moved.as_secs_f64(),
            population.faces() as f64 / moved.as_secs_f64(),
            added.as_secs_f64(),
        );
    }
}

/// Faces that come next: of somebody known, and one in five of somebody new.
pub(crate) struct Queries<'a> {
    population: &'a Population,
    people: Vec<u32>,
    pub(crate) vectors: Vec<Vec<f32>>,
}

impl<'a> Queries<'a> {
    pub(crate) fn new(population: &'a Population) -> Self {
        let mut rng = Rng::with_seed(11);
        let people: Vec<u32> = (0..SEARCHES as u32)
            .map(|photo| {
                // Who has many photos will be in many more.
                let known = population.person(rng.u64(1..=population.faces() as u64));
                if photo.is_multiple_of(5) {
                    u32::MAX - photo
                } else {
                    known
                }
            })
            .collect();
        let vectors = (0..)
            .zip(&people)
            .map(|(photo, person)| population.photo(*person, 4 << 32 | photo))
            .collect();
        Self {
            population,
            people,
            vectors,
        }
    }

    fn time(&self, what: &str, index: &NeighbourIndex) {
        let start = Instant::now();
        let mut times = Vec::new();
        for query in &self.vectors {
            let start = Instant::now();
            index.nearest(query, LIMIT + MORE, &HashSet::new()).unwrap();
            times.push(start.elapsed());
        }
        show(what, &mut times, start.elapsed());
    }

    /// The share of the [`LIMIT`] most similar faces, as far as they are above the threshold, that a search gives:
    /// of the same family, and of strangers who happen to be above it. `nearest` gives the rows of a search.
    pub(crate) fn compare(&self, nearest: impl Fn(&[f32]) -> HashSet<u64>) {
        let queries = &self.vectors[..COMPARED];
        let best = exact(self.population, queries);
        let (mut kin, mut strangers) = (Share::default(), Share::default());
        for ((query, best), person) in queries.iter().zip(&best).zip(&self.people) {
            let given = nearest(query);
            for (row, _) in best {
                let is_kin = self.population.person(*row) / 2 == person / 2;
                let share = if is_kin { &mut kin } else { &mut strangers };
                share.all += 1;
                share.found += usize::from(given.contains(row));
            }
        }
        println!("  recall above {THRESHOLD}: family {kin}, strangers {strangers}");
    }
}

/// How many were found of how many.
#[derive(Default)]
struct Share {
    found: usize,
    all: usize,
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, all } = self;
        write!(formatter, "{:.5} ({found} of {all})", *found as f64 / *all as f64)
    }
}

/// The [`LIMIT`] most similar faces above the threshold for each query, by looking at all of them.
fn exact(population: &Population, queries: &[Vec<f32>]) -> Vec<Vec<(u64, f32)>> {
    let threads = thread::available_parallelism().unwrap().get() as u64;
    let parts: Vec<Vec<Vec<(u64, f32)>>> = thread::scope(|scope| {
        let workers: Vec<_> = (1..=threads)
            .map(|first| {
                scope.spawn(move || {
                    let mut near = vec![Vec::new(); queries.len()];
                    for row in (first..=population.faces() as u64).step_by(threads as usize) {
                        let vector = population.vector(row);
                        for (near, query) in near.iter_mut().zip(queries) {
                            let similarity = dot(query, &vector);
                            if similarity >= THRESHOLD {
                                near.push((row, similarity));
                            }
                        }
                    }
                    near
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    (0..queries.len())
        .map(|query| {
            let mut near: Vec<(u64, f32)> = parts.iter().flat_map(|part| part[query].clone()).collect();
            near.sort_by(|a, b| b.1.total_cmp(&a.1));
            near.truncate(LIMIT);
            near
        })
        .collect()
}

/// Searches while new vectors move into the graph.
fn beside(index: &NeighbourIndex, population: &Population, queries: &Queries<'_>) {
    let first = population.faces() as u64 + 1;
    let vectors: Vec<Vec<f32>> = (0..BESIDE)
        .map(|photo| population.photo(photo as u32, 5 << 32 | photo))
        .collect();
    for (row, vector) in (first..).zip(&vectors) {
        index.add(row, vector);
    }
    queries.time("searches beside adding", index);
    for row in first..first + BESIDE {
        index.remove(row);
    }
}

/// Saves, closes and opens again.
fn restart(index: NeighbourIndex, directory: &Path, open: impl Fn() -> NeighbourIndex) {
    let start = Instant::now();
    index.save().unwrap();
    println!(
        "  saving                   {:8.2} s",
        start.elapsed().as_secs_f64()
    );
    let (size, waiting) = (size(directory), index.waiting());
    drop(index);
    let start = Instant::now();
    let index = open();
    println!(
        "  opening                  {:8.2} s, file {size:.0} MiB, {} rows in it, {waiting} left to add",
        start.elapsed().as_secs_f64(),
        index.len(),
    );
}

pub(crate) fn show(what: &str, times: &mut [Duration], total: Duration) {
    times.sort();
    let at = |share: f64| {
        let position = ((times.len() - 1) as f64 * share) as usize;
        times[position].as_secs_f64() * 1e3
    };
    println!(
        "  {what:24} {:8.0}/s, p50 {:.3} ms, p99 {:.3} ms, longest {:.3} ms",
        times.len() as f64 / total.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// The sizes of the files in a directory together, in MiB.
fn size(directory: &Path) -> f64 {
    let files = std::fs::read_dir(directory).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    bytes as f64 / f64::from(1 << 20)
}

/// This process's memory in MiB; 0 where the system does not say.
pub(crate) fn resident() -> f64 {
    resident_memory().unwrap_or(0) as f64 / f64::from(1 << 20)
}
