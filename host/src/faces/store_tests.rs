//! The contract of every store, and what the embedded one does with databases it did not make itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;

use super::tests::{embedding, file, model, record, scene_face};
use super::*;
use crate::domain::{ClusterId, EmbeddingModel, FaceId, FileId, Gender, Label, ScoredTag};

fn stored(name: &str, cluster: ClusterId, person: usize) -> StoredFace {
    StoredFace {
        face_id: FaceId::random(),
        file_id: file(name),
        cluster_id: cluster,
        embedding: embedding(person, 0),
        bounding_box: scene_face().bounding_box,
        confidence: 0.9,
        quality: 0.8,
    }
}

/// What every store must do; each implementation calls it with an empty one.
async fn contract(store: &dyn FaceStore) {
    let (first, second, third) = (ClusterId::random(), ClusterId::random(), ClusterId::random());
    let one = vec![stored("one", first, 1), stored("one", second, 2)];
    let two = vec![stored("two", first, 1), stored("two", third, 3)];
    for (photo, faces) in [("one", &one), ("two", &two)] {
        let emptied = store.replace_file(record(photo, 2), faces.clone()).await.unwrap();
        assert_eq!(emptied, []);
    }
    assert_eq!(
        store.counts().await.unwrap(),
        Counts {
            faces: 4,
            clusters: 3,
            photos: 2
        }
    );
    assert_eq!(store.faces_of_file(&file("one")).await.unwrap(), one);
    assert_eq!(store.faces_of_cluster(&first).await.unwrap().len(), 2);
    assert_eq!(store.faces_of_cluster(&ClusterId::random()).await.unwrap(), []);

    let near = store.nearest(&embedding(1, 0), 3, &file("two")).await.unwrap();
    assert_eq!(
        (near.len(), near[0].face_id, near[0].cluster_id),
        (2, one[0].face_id, first)
    );
    assert!((near[0].similarity - 1.0).abs() < 1e-5 && near[0].similarity >= near[1].similarity);

    let emptied = store.set_cluster(&two[1].face_id, &second).await.unwrap();
    assert_eq!(emptied, Some(third));
    assert_eq!(store.faces_of_cluster(&second).await.unwrap().len(), 2);

    let merged = store.merge(&[second, second], &first).await.unwrap();
    assert_eq!(
        merged,
        Merged {
            moved: 2,
            target: first,
            removed: vec![second]
        }
    );
    let again = store.merge(&[second], &first).await.unwrap();
    assert_eq!(
        again,
        Merged {
            moved: 0,
            target: first,
            removed: vec![]
        }
    );
    assert!(matches!(
        store.merge(&[], &first).await,
        Err(StoreError::EmptyMerge)
    ));
    assert!(matches!(
        store.merge(&[first], &first).await,
        Err(StoreError::SourceIsTarget(_))
    ));
    assert!(matches!(
        store.merge(&[third], &first).await,
        Err(StoreError::UnknownCluster(_))
    ));
    assert!(matches!(
        store.merge(&[first], &ClusterId::random()).await,
        Err(StoreError::UnknownCluster(_))
    ));
    assert_eq!(
        store.counts().await.unwrap(),
        Counts {
            faces: 4,
            clusters: 1,
            photos: 2
        }
    );

    let emptied = store.replace_file(record("one", 0), Vec::new()).await.unwrap();
    assert_eq!(emptied, []);
    assert_eq!(store.delete_cluster(&first).await.unwrap(), 2);
    assert_eq!(
        store.counts().await.unwrap(),
        Counts {
            faces: 0,
            clusters: 0,
            photos: 2
        }
    );
    assert_eq!(
        store.nearest(&embedding(1, 0), 3, &file("new")).await.unwrap(),
        []
    );
}

/// What every store must do with photos' records; each implementation calls it with an empty one.
async fn contract_on_photos(store: &dyn FaceStore) {
    assert_eq!(store.photo(&file("one")).await.unwrap(), None);
    assert_eq!(store.photos(None, 10).await.unwrap(), []);
    assert_eq!(store.faces(None, 10).await.unwrap(), []);
    let description = record("one", 0).description;
    let missing = store.set_description(&file("one"), description).await.unwrap();
    assert!(!missing);

    // Replaced as a whole, in the order of names whatever the order of writing.
    let (anna, budi) = (ClusterId::random(), ClusterId::random());
    let two = vec![stored("two", anna, 1)];
    let one = vec![stored("one", anna, 1), stored("one", budi, 2)];
    store.replace_file(record("two", 1), two.clone()).await.unwrap();
    store.replace_file(record("one", 0), Vec::new()).await.unwrap();
    let mut newer = record("one", 2);
    newer.scene.faces[1].gender = Some(Gender::Male);
    newer.scene.labels = Some(vec![Label {
        name: "suit".to_owned(),
        score: 0.1,
    }]);
    store.replace_file(newer.clone(), one.clone()).await.unwrap();
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!((photo.faces, photo.record), (one.clone(), Some(newer.clone())));
    assert_eq!(
        store.photos(None, 10).await.unwrap(),
        [newer.clone(), record("two", 1)]
    );
    assert_eq!(store.photos(None, 1).await.unwrap(), [newer.clone()]);
    let after_one = store.photos(Some(&file("one")), 10).await.unwrap();
    assert_eq!(after_one, [record("two", 1)]);
    assert_eq!(store.photos(Some(&file("two")), 10).await.unwrap(), []);

    // All or nothing: two faces cannot have one identity.
    let twice = vec![one[0].clone(), one[0].clone()];
    assert!(store.replace_file(record("one", 2), twice).await.is_err());
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!((photo.faces, photo.record), (one.clone(), Some(newer.clone())));

    // Faces come in the order of writing.
    let first = store.faces(None, 2).await.unwrap();
    let rest = store.faces(Some(first[1].position), 2).await.unwrap();
    let order: Vec<StoredFace> = first.into_iter().chain(rest).map(|face| face.face).collect();
    assert_eq!(order, [two, one].concat());

    // A new description leaves the scene and the faces.
    let mut description = newer.description.clone();
    description.tags.clear();
    description.context.phrase = "Dua orang".to_owned();
    description.plugins.tagger = "another".to_owned();
    let known = store
        .set_description(&file("one"), description.clone())
        .await
        .unwrap();
    assert!(known);
    newer.description = description;
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!((photo.faces.len(), photo.record), (2, Some(newer.clone())));

    // Who is deleted is gone from the scenes, too; the others keep their places.
    assert_eq!(store.delete_cluster(&anna).await.unwrap(), 2);
    newer.scene.faces.remove(0);
    let photo = store.photo(&file("one")).await.unwrap().unwrap();
    assert_eq!(
        (photo.faces[0].cluster_id, photo.record),
        (budi, Some(newer.clone()))
    );
    let photo = store.photo(&file("two")).await.unwrap().unwrap();
    assert_eq!((photo.faces, photo.record), (vec![], Some(record("two", 0))));
    assert_eq!(store.counts().await.unwrap().photos, 2);
}

#[tokio::test]
async fn the_embedded_store_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract(&EmbeddedStore::open(directory.path(), &model()).unwrap()).await;
    let directory = tempfile::tempdir().unwrap();
    contract_on_photos(&EmbeddedStore::open(directory.path(), &model()).unwrap()).await;
}

#[test]
fn a_store_is_refused_to_another_model_and_to_a_second_user() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model()).unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model()),
        Err(StoreError::InUse(_))
    ));
    drop(store);
    let other = EmbeddingModel {
        name: "another".to_owned(),
        ..model()
    };
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &other),
        Err(StoreError::OtherModel { .. })
    ));
}

#[test]
fn a_damaged_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("faces.sqlite"), vec![7_u8; 8_192]).unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model()),
        Err(StoreError::Database(_))
    ));
}

/// The tables of version 1, as that version made them.
const VERSION_1: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE face (
        face_id TEXT PRIMARY KEY,
        file_id TEXT NOT NULL,
        cluster_id TEXT NOT NULL,
        embedding BLOB NOT NULL,
        x1 INTEGER NOT NULL, y1 INTEGER NOT NULL, x2 INTEGER NOT NULL, y2 INTEGER NOT NULL,
        confidence REAL NOT NULL,
        quality REAL NOT NULL
    ) STRICT;
    CREATE INDEX face_by_file ON face (file_id);
    CREATE INDEX face_by_cluster ON face (cluster_id);
    CREATE TABLE redirect (source TEXT PRIMARY KEY, target TEXT NOT NULL) STRICT;
    INSERT INTO meta VALUES ('version', '1'), ('embedding_model', 'test-embedder (128 dimensions)');
";

/// A database of version 1 with one face.
fn version_1(directory: &Path) -> StoredFace {
    let database = Connection::open(directory.join("faces.sqlite")).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    database.execute_batch(VERSION_1).unwrap();
    let face = stored("old", ClusterId::random(), 1);
    let vector: Vec<u8> = face
        .embedding
        .as_slice()
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    database
        .execute(
            "INSERT INTO face VALUES (?1, 'old', ?2, ?3, 0, 0, 9, 9, ?4, ?5)",
            rusqlite::params![
                face.face_id.to_string(),
                face.cluster_id.to_string(),
                vector,
                face.confidence,
                face.quality
            ],
        )
        .unwrap();
    face
}

fn version(directory: &Path) -> String {
    let database = Connection::open(directory.join("faces.sqlite")).unwrap();
    database
        .query_row("SELECT value FROM meta WHERE key = 'version'", [], |row| {
            row.get(0)
        })
        .unwrap()
}

#[tokio::test]
async fn a_database_of_version_1_keeps_its_faces_and_takes_records() {
    let directory = tempfile::tempdir().unwrap();
    let face = version_1(directory.path());
    for _ in 0..2 {
        let store = EmbeddedStore::open(directory.path(), &model()).unwrap();
        let photo = store.photo(&file("old")).await.unwrap().unwrap();
        assert_eq!((photo.faces, photo.record), (vec![face.clone()], None));
        assert_eq!(store.photos(None, 10).await.unwrap(), []);
        assert_eq!(version(directory.path()), "2");
    }
    let store = EmbeddedStore::open(directory.path(), &model()).unwrap();
    // Deleting works where there is no scene to delete from.
    assert_eq!(store.delete_cluster(&face.cluster_id).await.unwrap(), 1);
    store
        .replace_file(record("old", 1), vec![face.clone()])
        .await
        .unwrap();
    drop(store);
    let reopened = EmbeddedStore::open(directory.path(), &model()).unwrap();
    assert_eq!(reopened.photos(None, 10).await.unwrap(), [record("old", 1)]);
}

#[test]
fn a_database_that_is_refused_is_not_migrated() {
    let directory = tempfile::tempdir().unwrap();
    version_1(directory.path());
    let other = EmbeddingModel {
        name: "another".to_owned(),
        ..model()
    };
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &other),
        Err(StoreError::OtherModel { .. })
    ));
    assert_eq!(version(directory.path()), "1");
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    assert!(!database.table_exists(None, "photo").unwrap());
    database
        .execute("UPDATE meta SET value = '3' WHERE key = 'version'", [])
        .unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model()),
        Err(StoreError::Damaged(_))
    ));
}

/// A record with numbers and names that JSON and SQL must not change.
fn any_record() -> impl Strategy<Value = (FileId, PhotoRecord)> {
    let name = "[a-c/%'\"é😀 ]{1,6}".prop_map(|name| FileId::new(name).unwrap());
    let numbers = proptest::collection::vec(proptest::num::f32::NORMAL | proptest::num::f32::ZERO, 3);
    (name, numbers, 0.0_f32..=1.0).prop_map(|(name, numbers, confidence)| {
        let mut photo = record(name.as_str(), 0);
        photo.scene.similarities = Some(numbers);
        photo.scene.caption = Some(name.as_str().repeat(2));
        photo.description.context.confidence = confidence;
        photo.description.tags = vec![ScoredTag {
            name: name.as_str().to_owned(),
            score: confidence,
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
        let mut expected: BTreeMap<String, PhotoRecord> = BTreeMap::new();
        let visited = runtime.block_on(async {
            let store = EmbeddedStore::open(directory.path(), &model()).unwrap();
            for (name, photo) in written {
                expected.insert(name.as_str().to_owned(), photo.clone());
                store.replace_file(photo, Vec::new()).await.unwrap();
            }
            drop(store);
            let store = EmbeddedStore::open(directory.path(), &model()).unwrap();
            let mut visited: Vec<PhotoRecord> = Vec::new();
            loop {
                let after = visited.last().map(|photo| photo.file_id.clone());
                let page = store.photos(after.as_ref(), limit).await.unwrap();
                let is_last = page.len() < limit;
                visited.extend(page);
                if is_last {
                    break visited;
                }
            }
        });
        prop_assert_eq!(visited, expected.into_values().collect::<Vec<_>>());
    }
}
