//! Stores that earlier versions made open, with every id and every correction, also after kills while they open.
//!
//! Each folder of `tests/fixtures/stores` is one store in three forms, written by the version that gives it its name:
//!
//! - `embedded`: the embedded store's files as a kill leaves them, the last commit in the write-ahead log and a graph of
//!   neighbours beside the database
//! - `qdrant.json`: every point of the five collections, as the stand-in for Qdrant held them
//! - `archive.jsonl`: what `ai-worker store export` writes
//! - `told.json`: what was in it, as that version read it, and the ids that [`go_on`] asks for
//!
//! `0.1.0-tables-5` was written by the code after 0.1.0 whose tables had version 5.
//!
//! A version that changes how stores are written adds one of its own, before anything else is changed in it:
//!
//! ```sh
//! STORE_FIXTURE=0.2.0 cargo test --test store -- --ignored --exact earlier::this_version_leaves_a_store
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, io};

use ai_worker::people::People;
use ai_worker::store::{
    EmbeddedStore, FaceStore, IndexSettings, QdrantStore, StoreReads as _, export, import,
};
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::embedded;
use crate::fixtures::{assert_sound, model};
use crate::qdrant;
use crate::snapshot::{assert_kept, rows};
use crate::story::{Story, end, go_on, tell};
use test_support::stand_in::{Door, Dump, StandIn};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/stores");
const NAME: &str = "STORE_FIXTURE";
const DIRECTORY: &str = "STORE_OPENED_UNTIL_KILLED";
/// Kills of every fixture unless `CRASHES` says otherwise.
const CRASHES: u32 = 20;

/// What was in a store when it was made.
#[derive(Serialize, Deserialize)]
struct Told {
    story: Story,
    rows: Value,
}

/// One store that an earlier version made.
struct Fixture {
    directory: PathBuf,
    told: Told,
}

/// All of them; there is one at least.
fn fixtures() -> Vec<Fixture> {
    let found: Vec<Fixture> = fs::read_dir(FIXTURES)
        .unwrap()
        .map(|entry| Fixture::read(&entry.unwrap().path()))
        .collect();
    assert!(!found.is_empty());
    found
}

impl Fixture {
    fn read(directory: &Path) -> Self {
        println!("{}", directory.display());
        let told = fs::read_to_string(directory.join("told.json")).unwrap();
        Self {
            directory: directory.to_owned(),
            told: serde_json::from_str(&told).unwrap(),
        }
    }

    /// A copy of the embedded store's files.
    fn embedded(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&self.directory.join("embedded"), copy.path()).unwrap();
        copy
    }

    /// A stand-in that holds a copy.
    fn qdrant(&self) -> StandIn {
        let dump = fs::read_to_string(self.directory.join("qdrant.json")).unwrap();
        StandIn::holding(serde_json::from_str::<Dump>(&dump).unwrap())
    }

    /// Panics when anything is missing in a store.
    async fn assert_kept_in(&self, store: &dyn FaceStore) {
        assert_kept(&self.told.rows, &rows(store, &self.told.story.keys).await);
    }

    /// Panics unless photos are found by the tags that they had, which no earlier version listed.
    async fn assert_listed_in(&self, store: &dyn FaceStore) {
        let mut expected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for photo in self.told.rows["photos"].as_array().unwrap() {
            for tag in photo["description"]["tags"].as_array().unwrap() {
                let photos = expected.entry(tag["name"].as_str().unwrap()).or_default();
                photos.insert(photo["file_id"].as_str().unwrap());
            }
        }
        assert!(!expected.is_empty());
        let tags = store.tags(1_000).await.unwrap();
        assert_eq!(tags.len(), expected.len());
        for tag in tags {
            let listed = store.list_photos(Some(&tag.name), None, 1_000).await.unwrap();
            let names: BTreeSet<&str> = listed.iter().map(|(_, photo)| photo.file_id.as_str()).collect();
            assert_eq!(names, expected[tag.name.as_str()], "{}", tag.name);
            assert_eq!((listed.len(), tag.photos), (names.len(), names.len() as u64));
        }
    }

    /// Looks at everything in a store, then goes on with it.
    async fn assert_usable(&self, store: Arc<dyn FaceStore>) {
        self.assert_kept_in(&*store).await;
        self.assert_listed_in(&*store).await;
        go_on(&People::new(store, model()), &self.told.story).await;
    }
}

pub(crate) fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // Neither is part of what is stored: one process's lock, and its memory of the log.
        if entry.file_name() != "lock" && entry.file_name() != "faces.sqlite-shm" {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_embedded_store_of_an_earlier_version_keeps_everything() {
    for fixture in fixtures() {
        let copy = fixture.embedded();
        let store = embedded::open(copy.path());
        fixture.assert_usable(Arc::new(store)).await;
        // What it has become opens, too.
        assert_sound(&embedded::people(copy.path())).await;
    }
}

#[tokio::test]
async fn collections_of_an_earlier_version_keep_everything() {
    for fixture in fixtures() {
        let stand_in = fixture.qdrant();
        let store = qdrant::open(&stand_in.door()).await;
        fixture.assert_usable(Arc::new(store)).await;
        assert_sound(&qdrant::people(&stand_in.door()).await).await;
    }
}

#[tokio::test]
async fn an_archive_of_an_earlier_version_is_imported_into_either_store() {
    for mut fixture in fixtures() {
        // An archive has none.
        fixture.told.rows["answers"] = Value::Array(Vec::new());
        fixture.told.story.keys.clear();
        let archive = fixture.directory.join("archive.jsonl");
        let directory = tempfile::tempdir().unwrap();
        let stand_in = StandIn::default();
        let stores: [Arc<dyn FaceStore>; 2] = [
            Arc::new(embedded::open(directory.path())),
            Arc::new(qdrant::open(&stand_in.door()).await),
        ];
        for store in stores {
            import(&*store, &model(), "a test", &archive, &|_, _| {})
                .await
                .unwrap();
            fixture.assert_usable(store).await;
        }
    }
}

/// Opens an embedded store, which brings it up to date, until somebody kills this process.
#[test]
#[ignore = "runs in a process of its own, which another test kills"]
fn open_until_killed() {
    let directory = std::env::var_os(DIRECTORY).unwrap();
    // The moment from which on the kill comes, and the moment when it has come too late.
    println!("\nopening");
    let store = embedded::open(Path::new(&directory));
    println!("\nopened");
    std::thread::sleep(Duration::from_secs(60));
    drop(store);
}

/// Has another process open a store and kills it this long after it began to; says whether the store was open by then.
fn open_and_kill(directory: &Path, after: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "earlier::open_until_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines =
        io::BufRead::lines(io::BufReader::new(child.stdout.take().unwrap())).map_while(Result::ok);
    assert!(lines.any(|line| line == "opening"), "the process did not begin");
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.any(|line| line == "opened")
}

#[test]
fn kills_while_a_store_is_brought_up_to_date_lose_nothing() {
    let crashes = std::env::var("CRASHES").map_or(CRASHES, |text| text.parse().unwrap());
    let seed = std::process::id().into();
    // So that a failure can be repeated.
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    for fixture in fixtures() {
        let whole = fixture.embedded();
        let began = Instant::now();
        drop(embedded::open(whole.path()));
        // Goes to where about every other kill comes before the store is open, however long that takes.
        let mut longest = began.elapsed();
        let (mut crash, mut early) = (0, 0);
        while crash < crashes || 4 * early < crashes {
            assert!(crash < 20 * crashes, "nearly every kill came too late");
            let copy = fixture.embedded();
            // Every other store is killed again while it recovers from the kill before.
            for _ in 0..=crash % 2 {
                let was_open = open_and_kill(copy.path(), longest.mul_f64(random.f64()));
                longest = longest.mul_f64(if was_open { 0.8 } else { 1.25 });
                early += u32::from(!was_open);
            }
            let store = embedded::open(copy.path());
            runtime.block_on(async {
                fixture.assert_kept_in(&store).await;
                fixture.assert_listed_in(&store).await;
                assert_sound(&People::new(Arc::new(store), model())).await;
            });
            crash += 1;
        }
        println!("{crash} stores were killed, {early} times before they were open; {longest:?} at the end");
    }
}

async fn try_to_open(door: &Door) -> Option<QdrantStore> {
    QdrantStore::open(door.settings(), &model()).await.ok()
}

#[tokio::test]
async fn a_connection_that_breaks_while_collections_are_brought_up_to_date_loses_nothing() {
    for fixture in fixtures() {
        for writes in 0.. {
            let stand_in = fixture.qdrant();
            let door = stand_in.door();
            door.shut_after(writes, writes % 2 == 1);
            let opened = try_to_open(&door).await;
            // When it is open it gives the right to write back, which may be what was cut off.
            let is_open = opened.is_some();
            assert!(is_open || door.is_shut(), "after {writes} writes");
            door.open();
            let store = qdrant::open(&door).await;
            fixture.assert_kept_in(&store).await;
            fixture.assert_listed_in(&store).await;
            assert_sound(&People::new(Arc::new(store), model())).await;
            if is_open {
                break;
            }
        }
    }
}

/// Writes the fixture of this version, under the name that the environment gives.
#[tokio::test]
#[ignore = "writes a fixture; see the head of this file"]
async fn this_version_leaves_a_store() {
    let directory = Path::new(FIXTURES).join(std::env::var(NAME).unwrap());
    fs::create_dir(&directory).unwrap();
    let work = tempfile::tempdir().unwrap();
    // So few faces that there is a graph, and faces beside it.
    let settings = IndexSettings {
        exact_faces: 8,
        batch_faces: 8,
        ..IndexSettings::default()
    };
    let open = || EmbeddedStore::open(work.path(), &model(), settings).unwrap();
    let story = tell(&People::new(Arc::new(open()), model())).await;

    // Open again, so that the last commit is in the log and not in the database when the files are copied.
    let store = open();
    end(&People::new(Arc::new(store.clone()), model()), &story).await;
    copy_files(work.path(), &directory.join("embedded")).unwrap();
    let told = Told {
        rows: rows(&store, &story.keys).await,
        story,
    };
    let archive = directory.join("archive.jsonl");
    export(&store, &model(), "a test", &archive, &|_, _| {})
        .await
        .unwrap();

    let stand_in = StandIn::default();
    let other = qdrant::open(&stand_in.door()).await;
    import(&other, &model(), "a test", &archive, &|_, _| {})
        .await
        .unwrap();
    // An archive has no answers.
    let mut turn = other.turn().await.unwrap();
    for key in &told.story.keys {
        let answer = store.answer(key).await.unwrap().unwrap();
        turn.apply(vec![ai_worker::store::Change::PutAnswer(answer)])
            .await
            .unwrap();
    }
    turn.end().await;
    fs::write(
        directory.join("qdrant.json"),
        serde_json::to_string(&stand_in.dump()).unwrap(),
    )
    .unwrap();
    fs::write(directory.join("told.json"), serde_json::to_string(&told).unwrap()).unwrap();
}
