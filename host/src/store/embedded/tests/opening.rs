//! Databases that the store did not make itself.

use super::*;

#[test]
fn a_store_is_refused_to_another_model_and_to_a_second_user() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()),
        Err(StoreError::InUse(_))
    ));
    drop(store);
    let other = EmbeddingModel {
        name: "another".to_owned(),
        ..model()
    };
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &other, IndexSettings::default()),
        Err(StoreError::OtherModel { .. })
    ));
}

#[test]
fn a_store_remembers_how_its_first_faces_were_cut_out() {
    let directory = tempfile::tempdir().unwrap();
    let reopened = || {
        drop(EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap());
        let database = rusqlite::Connection::open(directory.path().join("faces.sqlite")).unwrap();
        let stored: String = database
            .query_row("SELECT value FROM meta WHERE key = 'preprocessing'", [], |row| {
                row.get(0)
            })
            .unwrap();
        (stored, database)
    };
    let (stored, database) = reopened();
    assert_eq!(stored, crate::domain::PREPROCESSING.to_string());
    // As a version before left it, which knew of one way only.
    database
        .execute("DELETE FROM meta WHERE key = 'preprocessing'", [])
        .unwrap();
    drop(database);
    assert_eq!(reopened().0, "1");
    assert_eq!(reopened().0, "1");
}

#[test]
fn a_damaged_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("faces.sqlite"), vec![7_u8; 8_192]).unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()),
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
    INSERT INTO meta VALUES ('version', '1'), ('embedding_model', 'test-embedder (2 dimensions)');
";

/// What version 2 added, with the record of one photo.
const VERSION_2: &str = "
    CREATE TABLE photo (
        file_id TEXT PRIMARY KEY,
        scene TEXT NOT NULL,
        prompts_of TEXT NOT NULL,
        tags TEXT NOT NULL,
        phrase TEXT NOT NULL,
        confidence REAL NOT NULL,
        tagger TEXT NOT NULL,
        context_mapper TEXT NOT NULL,
        cluster_policy TEXT NOT NULL,
        model_set TEXT NOT NULL
    ) STRICT;
    UPDATE meta SET value = '2' WHERE key = 'version';
";

/// A database of version 1 with these faces and a redirect from the second cluster to the first face's.
fn version_1(directory: &Path, faces: &[StoredFace], merged: ClusterId) {
    let database = Connection::open(directory.join("faces.sqlite")).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    database.execute_batch(VERSION_1).unwrap();
    for face in faces {
        let vector = face.embedding.to_bytes();
        let names = [
            face.face_id.to_string(),
            face.file_id.as_str().to_owned(),
            face.cluster_id.to_string(),
        ];
        database
            .execute(
                "INSERT INTO face VALUES (?1, ?2, ?3, ?4, 0, 0, 9, 9, ?5, ?6)",
                rusqlite::params![
                    names[0],
                    names[1],
                    names[2],
                    vector,
                    face.confidence,
                    face.quality
                ],
            )
            .unwrap();
    }
    let target = faces[0].cluster_id.to_string();
    database
        .execute(
            "INSERT INTO redirect VALUES (?1, ?2)",
            [merged.to_string(), target],
        )
        .unwrap();
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
async fn databases_of_earlier_versions_keep_everything() {
    for with_photos in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let (anna, budi, merged) = (ClusterId::random(), ClusterId::random(), ClusterId::random());
        let faces = [face("old", anna), face("old", budi), face("older", anna)];
        version_1(directory.path(), &faces, merged);
        if with_photos {
            let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
            database.execute_batch(VERSION_2).unwrap();
            let scene = serde_json::to_string(&Scene::default()).unwrap();
            database
                .execute(
                    "INSERT INTO photo VALUES ('old', ?1, 'a', '[]', 'Sebuah foto', 0.5, 'a', 'b', 'c', 'open')",
                    [scene],
                )
                .unwrap();
        }
        let thumbnails = directory.path().join("thumbnails");
        let name = anna.to_string();
        std::fs::create_dir_all(thumbnails.join(&name[..2])).unwrap();
        std::fs::write(thumbnails.join(&name[..2]).join(format!("{name}.jpg")), b"Anna").unwrap();
        for _ in 0..2 {
            let store = EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
            store.import_thumbnails(&thumbnails).unwrap();
            assert_eq!(version(directory.path()), "6");
            assert!(!thumbnails.exists());
            let photo = store.photo(&file("old")).await.unwrap().unwrap();
            assert_eq!(photo.faces, faces[..2]);
            assert_eq!(photo.record, with_photos.then(|| record("old")));
            let cluster = store.cluster(&anna).await.unwrap().unwrap();
            assert_eq!((cluster.faces, cluster.representative), (2, faces[0].face_id));
            assert_eq!(
                store.portrait(&faces[0].face_id).await.unwrap(),
                Some(b"Anna".to_vec())
            );
            assert_eq!(store.redirect(&merged).await.unwrap().unwrap().target, anna);
            assert_eq!(store.counts().await.unwrap().clusters, 2);
            let near = store
                .nearest(&faces[0].embedding, 5, &file("older"), None)
                .await
                .unwrap();
            assert_eq!(near.len(), 2);
        }
    }
}

#[test]
fn a_database_that_is_refused_is_not_migrated() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = ClusterId::random();
    version_1(directory.path(), &[face("old", cluster)], ClusterId::random());
    let other = EmbeddingModel {
        name: "another".to_owned(),
        ..model()
    };
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &other, IndexSettings::default()),
        Err(StoreError::OtherModel { .. })
    ));
    assert_eq!(version(directory.path()), "1");
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    assert!(!database.table_exists(None, "photo").unwrap());
    database
        .execute("UPDATE meta SET value = '7' WHERE key = 'version'", [])
        .unwrap();
    // Whoever has the database open has the store.
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()),
        Err(StoreError::InUse(_))
    ));
    drop(database);
    assert!(matches!(
        EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()),
        Err(StoreError::Damaged(_))
    ));
}

/// As if the last slot had come after the store was made.
#[tokio::test]
async fn the_digests_of_a_slot_that_came_later_are_kept_without_a_migration() {
    let directory = tempfile::tempdir().unwrap();
    let opened = || EmbeddedStore::open(directory.path(), &model(), IndexSettings::default()).unwrap();
    let put = |name: &str| vec![Change::PutPhoto(Box::new(record(name)))];
    apply(&opened(), put("old")).await;
    let later = Slot::ALL[Slot::ALL.len() - 1];
    let column = later.field();
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    database
        .execute_batch(&format!("ALTER TABLE photo DROP COLUMN {column}"))
        .unwrap();
    drop(database);

    let store = opened();
    let without = |name: &str| {
        let mut record = record(name);
        record.description.plugins[later].clear();
        record
    };
    let stored = async |store: &EmbeddedStore| -> Vec<PhotoRecord> {
        let page = store.photos(None, 10).await.unwrap();
        page.into_iter().map(|sequenced| sequenced.photo).collect()
    };
    assert_eq!(stored(&store).await, [without("old")]);
    apply(&store, put("new")).await;
    assert_eq!(stored(&store).await, [without("old"), record("new")]);
    let described = Change::Describe(file("old"), record("old").description);
    apply(&store, vec![described]).await;
    assert_eq!(stored(&store).await, [record("old"), record("new")]);
    assert_eq!(version(directory.path()), "6");
    drop(store);

    // An earlier worker writes what it knows of.
    let database = Connection::open(directory.path().join("faces.sqlite")).unwrap();
    let known: Vec<String> = database
        .prepare("SELECT name FROM pragma_table_info('photo') WHERE name NOT IN ('row', 'file_id', ?1)")
        .unwrap()
        .query_map([column], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let known = known.join(", ");
    database
        .execute_batch(&format!(
            "INSERT INTO photo (file_id, {known}) SELECT 'earlier', {known} FROM photo WHERE file_id = 'new'"
        ))
        .unwrap();
    drop(database);
    assert_eq!(
        stored(&opened()).await,
        [record("old"), record("new"), without("earlier")]
    );
}
