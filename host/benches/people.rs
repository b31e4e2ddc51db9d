//! How well faces are put together: clusters a person, pairs wrongly joined and pairs wrongly split, on photos whose
//! people are known.
//!
//! `cargo bench --bench people -- DIRECTORY [SET...]`, where each folder of DIRECTORY is one person and the largest face
//! of each photo in it is that person; a folder `groups` is left out. Needs `ai-worker models pull SET`. Each set runs
//! in a process of its own, over several orders in which the photos arrive.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ai_worker::app::App;
use ai_worker::config::Config;
use ai_worker::domain::{ClusterId, FileId};
use bytes::Bytes;

/// Orders of arrival; each starts with an empty store.
const ORDERS: u64 = 5;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--set", set, directory] => measure(set, &photos(Path::new(directory))),
        [directory] => compare(directory, &["open", "research"]),
        [directory, ref sets @ ..] => compare(directory, sets),
        [] => println!("name a directory whose folders are people"),
    }
}

fn compare(directory: &str, sets: &[&str]) {
    for set in sets {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--set", set, directory])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

/// Every photo with the number of its person.
fn photos(directory: &Path) -> Vec<(usize, PathBuf)> {
    let entries = |folder: &Path| {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    entries(directory)
        .into_iter()
        .filter(|folder| folder.is_dir() && !folder.ends_with("groups"))
        .enumerate()
        .flat_map(|(person, folder)| entries(&folder).into_iter().map(move |photo| (person, photo)))
        .collect()
}

fn measure(set: &str, photos: &[(usize, PathBuf)]) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut totals = Counts::default();
    for order in 0..ORDERS {
        let mut photos = photos.to_vec();
        shuffle(&mut photos, order);
        totals.add(&runtime.block_on(cluster(set, &photos)));
    }
    println!("{set}, mean of {ORDERS} orders of {} photos", photos.len());
    totals.print(ORDERS as f64);
}

/// The largest face's cluster of each photo that has a face, with the photo's person.
async fn cluster(set: &str, photos: &[(usize, PathBuf)]) -> Counts {
    let data = tempfile::tempdir().unwrap();
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/models").to_owned();
    let config = Config::read(&|name| match name {
        "DATA_DIR" => Some(data.path().display().to_string()),
        "MODELS_DIR" => Some(std::env::var(name).unwrap_or_else(|_| models.clone())),
        "MODEL_SET" => Some(set.to_owned()),
        _ => None,
    })
    .unwrap();
    let app = App::start(&config).await.unwrap();
    let mut placed = Vec::new();
    for (person, photo) in photos {
        let file = FileId::new(photo.to_string_lossy()).unwrap();
        let bytes = Bytes::from(std::fs::read(photo).unwrap());
        let description = app.pipeline.process_bytes(&file, bytes).await.unwrap();
        match description.faces.first() {
            Some(face) => placed.push((*person, face.cluster_id)),
            None => println!("no face: {}", photo.display()),
        }
    }
    Counts::of(&placed)
}

/// What there is to say about a partition.
#[derive(Default)]
struct Counts {
    faces: f64,
    people: f64,
    clusters: f64,
    same_person_pairs: f64,
    wrongly_split: f64,
    other_person_pairs: f64,
    wrongly_joined: f64,
}

impl Counts {
    fn of(placed: &[(usize, ClusterId)]) -> Self {
        let mut clusters_of: HashMap<usize, HashSet<ClusterId>> = HashMap::new();
        for (person, cluster) in placed {
            clusters_of.entry(*person).or_default().insert(*cluster);
        }
        let mut counts = Self {
            faces: placed.len() as f64,
            people: clusters_of.len() as f64,
            clusters: clusters_of.values().map(HashSet::len).sum::<usize>() as f64,
            ..Self::default()
        };
        for (index, (person, cluster)) in placed.iter().enumerate() {
            for (other_person, other_cluster) in &placed[..index] {
                let joined = f64::from(cluster == other_cluster);
                if person == other_person {
                    counts.same_person_pairs += 1.0;
                    counts.wrongly_split += 1.0 - joined;
                } else {
                    counts.other_person_pairs += 1.0;
                    counts.wrongly_joined += joined;
                }
            }
        }
        counts
    }

    fn add(&mut self, other: &Self) {
        self.faces += other.faces;
        self.people += other.people;
        self.clusters += other.clusters;
        self.same_person_pairs += other.same_person_pairs;
        self.wrongly_split += other.wrongly_split;
        self.other_person_pairs += other.other_person_pairs;
        self.wrongly_joined += other.wrongly_joined;
    }

    fn print(&self, orders: f64) {
        println!(
            "  faces {:.1}, people {:.1}",
            self.faces / orders,
            self.people / orders
        );
        println!("  clusters a person {:.3}", self.clusters / self.people);
        println!(
            "  pairs wrongly split {:.1} of {:.0}, wrongly joined {:.1} of {:.0}",
            self.wrongly_split / orders,
            self.same_person_pairs / orders,
            self.wrongly_joined / orders,
            self.other_person_pairs / orders
        );
    }
}

/// A Fisher-Yates shuffle by a linear congruential generator (Knuth's MMIX), so that orders repeat.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for index in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(index, (state >> 33) as usize % (index + 1));
    }
}
