//! A process that is killed at any moment loses nothing that it acknowledged, and leaves nothing half done.
//!
//! `CRASHES=500 cargo test --release --test store -- --nocapture nothing_is_lost` kills five hundred times; without it
//! a few times. The process is this test program itself, which runs [`work_until_killed`] alone.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ai_worker::domain::{ClusterId, FaceId};
use ai_worker::people::People;
use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::embedded;
use crate::fixtures::{assert_sound, file, place_photo};

const DIRECTORY: &str = "STORE_CRASHES_DIRECTORY";
const SEED: &str = "STORE_CRASHES_SEED";
const PERSONS: usize = 40;
const FILES: u64 = 120;
const CALLERS: u64 = 4;
/// Kills unless told otherwise.
const CRASHES: u64 = 20;

/// What the process says before and after each deed.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Line {
    Placing {
        photo: String,
    },
    Placed {
        photo: String,
        faces: Vec<(usize, FaceId)>,
    },
    Deleting {
        photo: String,
    },
    Deleted {
        photo: String,
    },
    Merging {
        source: ClusterId,
        target: ClusterId,
    },
    Merged {
        source: ClusterId,
        target: ClusterId,
    },
}

fn say(line: &Line) {
    let mut text = serde_json::to_string(line).unwrap();
    text.push('\n');
    let mut out = std::io::stdout().lock();
    // One write a line: it is in the pipe as a whole before the deed goes on.
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Places, deletes and merges until somebody kills this process.
#[test]
#[ignore = "runs in a process of its own, which the other test kills"]
fn work_until_killed() {
    let directory = std::env::var(DIRECTORY).unwrap();
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    // The test program has begun a line, which would swallow what is said first.
    println!();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let people = embedded::people(Path::new(&directory));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| tokio::spawn(call(people.clone(), caller, Rng::with_seed(seed + caller))))
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
    });
}

async fn call(people: People, caller: u64, mut random: Rng) {
    loop {
        // Each caller has photos of its own, so that what is acknowledged last is what counts; people are shared.
        let photo = format!("{}", random.u64(..FILES) * CALLERS + caller);
        match random.u64(..20) {
            0 => {
                say(&Line::Deleting { photo: photo.clone() });
                people.delete_file(&file(&photo)).await.unwrap();
                say(&Line::Deleted { photo });
            }
            1 => {
                let clusters = people.clusters(None, 100).await.unwrap();
                let mut pick = || clusters[random.usize(..clusters.len())].cluster_id;
                if clusters.len() > 30 {
                    let (source, target) = (pick(), pick());
                    say(&Line::Merging { source, target });
                    // Another caller may have merged them just now.
                    if people.merge(&[source], &target).await.is_ok() {
                        say(&Line::Merged { source, target });
                    }
                }
            }
            _ => {
                let persons: Vec<usize> = (0..=random.u64(..3)).map(|_| random.usize(..PERSONS)).collect();
                say(&Line::Placing { photo: photo.clone() });
                let view = random.usize(..100);
                let placed = place_photo(&people, &photo, &persons, view).await;
                let faces = persons
                    .into_iter()
                    .zip(placed.iter().map(|face| face.face_id))
                    .collect();
                say(&Line::Placed { photo, faces });
            }
        }
    }
}

/// What must be in the store.
#[derive(Default)]
struct Acknowledged {
    /// The faces of each photo, with their persons; none when the photo was deleted.
    photos: HashMap<String, Vec<(usize, FaceId)>>,
    merges: Vec<(ClusterId, ClusterId)>,
    deeds: u64,
}

/// What a killed process said, in the order of saying it. Photos whose last deed has no end are in doubt.
fn listen(lines: impl Iterator<Item = Line>, acknowledged: &mut Acknowledged) -> HashSet<String> {
    let mut in_doubt = HashSet::new();
    for line in lines {
        match line {
            Line::Placing { photo } | Line::Deleting { photo } => {
                in_doubt.insert(photo);
            }
            Line::Placed { photo, faces } => {
                in_doubt.remove(&photo);
                acknowledged.deeds += 1;
                acknowledged.photos.insert(photo, faces);
            }
            Line::Deleted { photo } => {
                in_doubt.remove(&photo);
                acknowledged.deeds += 1;
                acknowledged.photos.insert(photo, Vec::new());
            }
            Line::Merging { .. } => {}
            Line::Merged { source, target } => {
                acknowledged.deeds += 1;
                acknowledged.merges.push((source, target));
            }
        }
    }
    in_doubt
}

fn run_and_kill(directory: &Path, seed: u64, after: Duration) -> Vec<Line> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crashes::work_until_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIRECTORY, directory)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let lines = output.lines().map_while(Result::ok);
        // The test program says a few words of its own.
        lines
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect::<Vec<Line>>()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn nothing_is_lost_or_doubled_by_a_kill() {
    let crashes = std::env::var("CRASHES").map_or(CRASHES, |text| text.parse().unwrap());
    let seed = std::process::id().into();
    // So that a failure can be repeated.
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    // On a busy machine many are killed before they do anything: then there are more kills.
    let mut crash = 0;
    while crash < crashes || acknowledged.deeds <= crashes {
        assert!(crash < 20 * crashes, "the process did next to nothing");
        let after = Duration::from_micros(20_000 + random.u64(..150_000));
        let lines = run_and_kill(directory.path(), seed + crash * CALLERS, after);
        let in_doubt = listen(lines.into_iter(), &mut acknowledged);
        runtime.block_on(async {
            let people = embedded::people(directory.path());
            look(&people, &mut acknowledged, in_doubt).await;
        });
        crash += 1;
    }
    println!("{crash} kills, {} acknowledged deeds", acknowledged.deeds);
}

/// Everything acknowledged is there, nothing is half done, and one person is one cluster.
async fn look(people: &People, acknowledged: &mut Acknowledged, in_doubt: HashSet<String>) {
    assert_sound(people).await;
    for photo in in_doubt {
        // Done or not done; which persons it shows is not known from outside, so it is taken out of the game.
        people.delete_file(&file(&photo)).await.unwrap();
        acknowledged.photos.remove(&photo);
    }
    let mut clusters_of: HashMap<usize, HashSet<ClusterId>> = HashMap::new();
    let mut faces = 0;
    for (photo, expected) in &acknowledged.photos {
        let stored = people.photo(&file(photo)).await.unwrap();
        let found: Vec<FaceId> = stored
            .iter()
            .flat_map(|photo| &photo.faces)
            .map(|face| face.face_id)
            .collect();
        let ids: Vec<FaceId> = expected.iter().map(|(_, face)| *face).collect();
        assert_eq!(found, ids, "photo {photo}");
        faces += found.len() as u64;
        for (face, (person, _)) in stored.iter().flat_map(|photo| &photo.faces).zip(expected) {
            clusters_of.entry(*person).or_default().insert(face.cluster_id);
        }
    }
    assert_eq!(people.counts().await.unwrap().faces, faces);
    for (person, clusters) in clusters_of {
        assert_eq!(clusters.len(), 1, "person {person}");
    }
    assert_told(people).await;
    for (source, target) in &acknowledged.merges {
        // Both may be gone with their photos.
        if let (Ok(source), Ok(target)) = (people.cluster(source).await, people.cluster(target).await) {
            assert_eq!(source.cluster_id, target.cluster_id);
        }
    }
}

/// Every merge is in the history, and every merge that is in the history was made.
async fn assert_told(people: &People) {
    for cluster in people.clusters(None, 10_000).await.unwrap() {
        let id = cluster.cluster_id;
        let mut former = people.former_ids(&id).await.unwrap();
        let mut told: Vec<ClusterId> = Vec::new();
        let mut before = None;
        loop {
            let page = people.history(&id, before, 100).await.unwrap();
            let merges = page.entries.iter().map(|entry| &entry.correction.cluster_ids);
            told.extend(merges.flatten().filter(|named| **named != id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        former.sort();
        told.sort();
        told.dedup();
        assert_eq!(told, former);
    }
}
