//! What the embedded store does with databases that it did not make itself, or that others use.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod flags;
mod opening;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rusqlite::Connection;

use super::inner::SAVE_AFTER;
use super::*;
use crate::domain::{BoundingBox, Scene, ScoredTag, Slot};
use crate::store::flags::ClusterFlags;
use crate::store::record::{PhotoDescription, PhotoRecord, PluginDigests, StoredContext};

fn model() -> EmbeddingModel {
    EmbeddingModel {
        name: "test-embedder".to_owned(),
        dimension: 2,
        threshold: 0.5,
    }
}

fn file(name: &str) -> FileId {
    FileId::new(name).unwrap()
}

fn record(name: &str) -> PhotoRecord {
    PhotoRecord {
        file_id: file(name),
        scene: Scene::default(),
        prompts_of: "a".to_owned(),
        description: PhotoDescription {
            tags: Vec::new(),
            context: StoredContext {
                phrase: "Sebuah foto".to_owned(),
                confidence: 0.5,
            },
            plugins: PluginDigests::new(|slot| char::from(b'a' + slot as u8).into()),
        },
        model_set: "open".to_owned(),
        source_url: None,
    }
}

fn face(name: &str, cluster_id: ClusterId) -> StoredFace {
    StoredFace {
        face_id: FaceId::random(),
        file_id: file(name),
        cluster_id,
        embedding: Embedding::normalised(vec![0.6, 0.8]).unwrap(),
        bounding_box: BoundingBox {
            x1: 0,
            y1: 0,
            x2: 9,
            y2: 9,
        },
        confidence: 0.9,
        quality: 0.8,
        corrected: false,
        joined: 0,
    }
}

async fn apply(store: &EmbeddedStore, changes: Vec<Change>) {
    store.turn().await.unwrap().apply(changes).await.unwrap();
}

/// Stores two faces of one person, with the picture of the second.
async fn put_person(store: &EmbeddedStore, one: &StoredFace, shown: &StoredFace) {
    let changes = vec![
        Change::PutFace(one.clone()),
        Change::PutFace(shown.clone()),
        Change::PutCluster {
            cluster: shown.cluster_id,
            representative: shown.face_id,
            flags: ClusterFlags::default(),
        },
    ];
    apply(store, changes).await;
}

#[tokio::test]
async fn a_batch_with_a_change_that_fails_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    // Kept out of the database from behind, so that the batch's last change fails.
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database
        .execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON cluster BEGIN SELECT RAISE(ABORT, 'no'); END")
        .unwrap();
    let face = face("one", ClusterId::random());
    let row = Change::PutCluster {
        cluster: face.cluster_id,
        representative: face.face_id,
        flags: ClusterFlags::default(),
    };
    let changes = vec![
        Change::PutPhoto(Box::new(record("one"))),
        Change::PutFace(face.clone()),
        row,
    ];
    let outcome = store.turn().await.unwrap().apply(changes).await;
    assert!(matches!(outcome, Err(StoreError::Database(_))));
    assert_eq!(store.photo(&file("one")).await.unwrap(), None);
    assert_eq!(
        store
            .nearest(&face.embedding, 5, &file("two"), None)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn who_resembles_a_person_with_thousands_of_faces_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    let person = face("0", ClusterId::random());
    let other = face("other", ClusterId::random());
    let faces = (0..2_000).map(|number| StoredFace {
        face_id: FaceId::random(),
        file_id: file(&number.to_string()),
        ..person.clone()
    });
    let changes = faces.chain([other.clone()]).map(Change::PutFace).collect();
    store.turn().await.unwrap().apply(changes).await.unwrap();
    let nearest = store
        .nearest(&person.embedding, 5, &file("none"), Some(&person.cluster_id))
        .await
        .unwrap();
    let found: Vec<FaceId> = nearest.into_iter().map(|neighbour| neighbour.face_id).collect();
    assert_eq!(found, [other.face_id]);
}

/// A record with numbers and names that JSON and SQL must not change.
fn any_record() -> impl Strategy<Value = (FileId, PhotoRecord)> {
    let name = "[a-c/%'\"é😀 ]{1,6}".prop_map(|name| FileId::new(name).unwrap());
    let numbers = proptest::collection::vec(proptest::num::f32::NORMAL | proptest::num::f32::ZERO, 3);
    (name, numbers, 0.0_f32..=1.0).prop_map(|(name, numbers, confidence)| {
        let mut photo = record(name.as_str());
        photo.scene.similarities = Some(numbers);
        photo.scene.caption = Some(name.as_str().repeat(2));
        photo.description.context.confidence = confidence;
        photo.description.tags = vec![ScoredTag {
            name: name.as_str().to_owned(),
            score: confidence,
            reason: None,
        }];
        (name, photo)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn paging_visits_each_photo_once_and_unchanged(
        written in proptest::collection::vec(any_record(), 0..24),
        limit in 1_usize..9,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let visited = runtime.block_on(async {
            let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
            for (_, photo) in &written {
                apply(&store, vec![Change::PutPhoto(Box::new(photo.clone()))]).await;
            }
            drop(store);
            let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
            let (mut visited, mut after) = (Vec::new(), None);
            loop {
                let page = store.photos(after, limit).await.unwrap();
                let is_last = page.len() < limit;
                after = page.last().map(|last| last.position).or(after);
                visited.extend(page.into_iter().map(|sequenced| sequenced.photo));
                if is_last {
                    break visited;
                }
            }
        });
        // The last one of each name, in the order of writing.
        let mut expected: Vec<PhotoRecord> = Vec::new();
        for (name, photo) in written {
            expected.retain(|known| known.file_id != name);
            expected.push(photo);
        }
        prop_assert_eq!(visited, expected);
    }
}

/// Waits for something that a thread of the store does before long.
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn the_vector_of_an_erased_face_leaves_the_file_of_the_index() {
    let directory = tempfile::tempdir().unwrap();
    let settings = IndexSettings {
        exact_faces: 0,
        batch_faces: 1,
        erased_within: Duration::from_millis(20),
        ..IndexSettings::default()
    };
    let store = EmbeddedStore::open(directory.path(), &model(), settings).unwrap();
    let cluster = ClusterId::random();
    let erased = StoredFace {
        embedding: Embedding::normalised(vec![0.28, 0.96]).unwrap(),
        ..face("erased", cluster)
    };
    let pattern: Vec<u8> = [0.28, 0.96]
        .into_iter()
        .flat_map(|value| half::f16::from_f32(value).to_le_bytes())
        .collect();
    let in_file = || {
        let bytes = std::fs::read(directory.path().join("neighbours.index")).unwrap_or_default();
        bytes.windows(pattern.len()).any(|window| window == pattern)
    };
    let kept = face("kept", cluster);
    put_person(&store, &erased, &kept).await;
    wait_until("the graph takes both", || store.waiting_for_graph() == 0);
    store.inner.save_index();
    assert!(in_file());

    apply(&store, vec![Change::RemoveFace(erased.face_id)]).await;
    wait_until("the file is written without the face", || !in_file());
}

#[tokio::test]
async fn what_was_erased_leaves_the_write_ahead_log() {
    let directory = tempfile::tempdir().unwrap();
    let settings = IndexSettings {
        erased_within: Duration::from_millis(20),
        ..IndexSettings::default()
    };
    let store = EmbeddedStore::open(directory.path(), &model(), settings).unwrap();
    let pattern = [0x5a; 64];
    let in_a_file = || {
        std::fs::read_dir(directory.path()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(pattern.len()).any(|window| window == pattern)
        })
    };
    let cluster = ClusterId::random();
    let [erased, kept] = ["erased", "kept"].map(|name| face(name, cluster));
    put_person(&store, &erased, &kept).await;
    apply(
        &store,
        vec![Change::PutPortrait(erased.face_id, vec![0x5a; 6_000])],
    )
    .await;
    assert!(in_a_file());

    apply(&store, vec![Change::RemoveFace(erased.face_id)]).await;
    wait_until("no file has the picture any more", || !in_a_file());
}

#[tokio::test]
async fn what_was_committed_is_moved_into_the_database_beside_the_commits() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    let size = || {
        let database = directory.path().join("faces.sqlite");
        std::fs::metadata(database).unwrap().len()
    };
    let cluster = ClusterId::random();
    for number in 0..100 {
        let face = face(&number.to_string(), cluster);
        let portrait = Change::PutPortrait(face.face_id, vec![7; 1 << 16]);
        apply(&store, vec![Change::PutFace(face), portrait]).await;
    }
    // The last ones stay in the log, until it is long enough again.
    wait_until("most pictures are in the database", || size() > 50 << 16);
}

#[tokio::test]
async fn a_full_disk_changes_nothing_and_passes() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    let limit = |pages: u32| {
        let writer = store.inner.writer();
        writer.pragma_update(None, "max_page_count", pages).unwrap();
    };
    let face = face("1", ClusterId::random());
    // The picture is what there is no room for, after the face has been written.
    let changes = || {
        vec![
            Change::PutPhoto(Box::new(record("1"))),
            Change::PutFace(face.clone()),
            Change::PutPortrait(face.face_id, vec![7; 1 << 20]),
        ]
    };
    // Less than what is there is taken for as much as is there.
    limit(1);
    let mut turn = store.turn().await.unwrap();
    let error = turn.apply(changes()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotWritable(_)), "{error:?}");
    // No outage: what is stored is served.
    assert!(!error.is_outage());
    assert!(matches!(store.can_store(), Err(StoreError::NotWritable(_))));
    assert_eq!(store.face(&face.face_id).await.unwrap(), None);
    assert_eq!(store.photo(&face.file_id).await.unwrap(), None);
    assert_eq!(
        store.nearest(&face.embedding, 1, &file("2"), None).await.unwrap(),
        []
    );
    limit(1_000_000);
    wait_until("it can be written again", || store.can_store().is_ok());
    turn.apply(changes()).await.unwrap();
    assert_eq!(store.face(&face.face_id).await.unwrap(), Some(face));
}

#[tokio::test]
async fn an_erasure_that_waits_does_not_keep_new_faces_out_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let settings = IndexSettings {
        exact_faces: 0,
        batch_faces: 1,
        ..IndexSettings::default()
    };
    let store = EmbeddedStore::open(directory.path(), &model(), settings).unwrap();
    let cluster = ClusterId::random();
    let [erased, kept] = ["erased", "kept"].map(|name| face(name, cluster));
    put_person(&store, &erased, &kept).await;
    // A minute passes before the file is written for this.
    apply(&store, vec![Change::RemoveFace(erased.face_id)]).await;
    store.inner.unsaved.store(SAVE_AFTER, Ordering::Relaxed);
    apply(&store, vec![Change::PutFace(face("last", cluster))]).await;
    wait_until("the file is written", || {
        directory.path().join("neighbours.index").exists()
    });
}
