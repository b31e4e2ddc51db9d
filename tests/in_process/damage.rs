//! A store whose pages were damaged: every kind of damage is found, and what can be repaired is.

use std::os::unix::fs::FileExt as _;
use std::path::Path;

use ai_worker::backup;
use ai_worker::domain::EmbeddingModel;
use ai_worker::people::{Integrity, People};
use ai_worker::store::{EmbeddedStore, IndexSettings};
use axum::http::Method;
use rusqlite::Connection;
use serde_json::json;
use std::sync::Arc;
use test_support::{FakeNetworks, TestApp, guests};

use crate::photos::clusters;

const PAGE: usize = 4096;

/// A stopped worker's store with something in every table.
async fn store() -> (TestApp, EmbeddingModel) {
    let mut app = TestApp::start(&[]).await;
    let mut ids = Vec::new();
    for person in 0..4 {
        ids.push(clusters(&app.describe(&person.to_string(), &[person]).await).remove(0));
    }
    let body = json!({ "source_cluster_ids": [ids[0]], "target_cluster_id": ids[1] });
    let _ = app.post("/api/merge-clusters", &body).await.success();
    let body = json!({ "cluster_id": ids[3] });
    let _ = app
        .post(&format!("/api/clusters/{}/distinct", ids[1]), &body)
        .await
        .success();
    let unsure = format!("/api/clusters/{}/unsure/{}", ids[1], ids[3]);
    let _ = app.call(Method::PUT, &unsure, &[]).await.success();
    let photo = app.get("/api/files/2").await.success();
    let face = photo["faces"][0]["face_id"].as_str().unwrap().to_owned();
    let _ = app
        .call(Method::POST, &format!("/api/faces/{face}/reject"), &[])
        .await
        .success();
    app.stop().await;
    (app, FakeNetworks::embedding_model())
}

/// What `store verify` finds.
async fn verify(directory: &Path, model: &EmbeddingModel) -> Integrity {
    match EmbeddedStore::open(directory, model, IndexSettings::default()) {
        Ok(store) => backup::verify(&People::new(Arc::new(store), model.clone()))
            .await
            .unwrap(),
        Err(error) => backup::unopened(directory, error).unwrap(),
    }
}

/// The numbers of pages with nothing but a part of a picture on them. A picture has no checksum: zeros in it may be
/// pixels.
fn pages_of_pictures(database: &Path) -> Vec<usize> {
    let connection = Connection::open(database).unwrap();
    let mut pictures = connection.prepare("SELECT jpeg FROM portrait").unwrap();
    let pictures: Vec<Vec<u8>> = pictures
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let bytes = std::fs::read(database).unwrap();
    // Behind the number of the next page, which such a page begins with.
    let part = |page: &[u8]| page[4..68].to_vec();
    let is_of_one = |page: &[u8]| {
        pictures
            .iter()
            .any(|picture| picture.windows(64).any(|seen| seen == part(page)))
    };
    let pages = bytes.chunks(PAGE).enumerate();
    pages
        .filter(|(_, page)| is_of_one(page))
        .map(|(number, _)| number)
        .collect()
}

#[test_support::test]
async fn damage_of_any_page_is_found() {
    let (app, model) = store().await;
    let sound = app.data().join("faces/faces.sqlite");
    assert_eq!(verify(&app.data().join("faces"), &model).await.faults, [""; 0]);
    // Pages that nobody uses may hold anything.
    Connection::open(&sound)
        .unwrap()
        .execute_batch("VACUUM; PRAGMA journal_mode = DELETE")
        .unwrap();
    let pages = std::fs::metadata(&sound).unwrap().len() as usize / PAGE;
    assert!(pages > 30, "{pages} pages");
    let pictures = pages_of_pictures(&sound);
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = (0..PAGE).map(|_| random.u8(..)).collect();
    let mut overlooked = Vec::new();
    for page in 0..pages {
        for (kind, bytes) in [("zeros", vec![0; PAGE]), ("noise", noise.clone())] {
            if kind == "zeros" && pictures.contains(&page) {
                continue;
            }
            let directory = tempfile::tempdir().unwrap();
            let copy = directory.path().join("faces.sqlite");
            std::fs::copy(&sound, &copy).unwrap();
            let file = std::fs::File::options().write(true).open(&copy).unwrap();
            file.write_all_at(&bytes, (page * PAGE) as u64).unwrap();
            drop(file);
            let found = verify(directory.path(), &model).await;
            if found.faults.is_empty() {
                overlooked.push((page, kind));
            }
        }
    }
    assert_eq!(overlooked, [], "of {pages} pages; {pictures:?} are of pictures");
}

#[test_support::test]
async fn what_does_not_fit_together_is_found_and_repaired() {
    let (app, model) = store().await;
    let directory = app.data().join("faces");
    let database = Connection::open(directory.join("faces.sqlite")).unwrap();
    let execute = |statement: &str| database.execute_batch(statement).unwrap();
    execute("INSERT INTO portrait VALUES ('00000000-0000-4000-8000-000000000000', x'ff')");
    execute("INSERT INTO explanation VALUES ('00000000-0000-4000-8000-000000000000', '{}')");
    execute("DELETE FROM distinction WHERE one < other");
    execute("DELETE FROM unsure WHERE one < other");
    execute(
        "INSERT INTO cluster (cluster_id, representative)
         VALUES ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000000')",
    );
    execute("UPDATE cluster SET representative = '00000000-0000-4000-8000-000000000000'");
    execute(
        "UPDATE face SET cluster_id = '00000000-0000-4000-8000-000000000002'
         WHERE row = (SELECT max(row) FROM face)",
    );
    execute("UPDATE cluster_size SET faces = faces + 3, hidden = 1");
    drop(database);
    let found = verify(&directory, &model).await;
    assert!(found.faults.len() >= 9, "{:#?}", found.faults);
    let store = EmbeddedStore::open(&directory, &model, IndexSettings::default()).unwrap();
    let people = People::new(Arc::new(store), model.clone());
    let done = people.repair().await.unwrap();
    assert!(done.len() >= 8, "{done:#?}");
    assert_eq!(people.repair().await.unwrap(), [""; 0]);
    drop(people);
    assert_eq!(verify(&directory, &model).await.faults, [""; 0]);
}

#[test_support::test]
async fn a_database_with_damaged_indexes_is_written_anew() {
    let (app, model) = store().await;
    let directory = app.data().join("faces");
    let path = directory.join("faces.sqlite");
    let before = EmbeddedStore::rebuild(&directory).unwrap();
    assert_eq!(before, [""; 0]);
    let root: i64 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'face_by_cluster'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[0; PAGE], (root as u64 - 1) * PAGE as u64)
        .unwrap();
    drop(file);
    assert!(!verify(&directory, &model).await.faults.is_empty());
    assert_eq!(EmbeddedStore::rebuild(&directory).unwrap().len(), 1);
    assert!(directory.join("faces.damaged.sqlite").exists());
    let found = verify(&directory, &model).await;
    assert_eq!((found.faults, found.faces), (Vec::<String>::new(), 3));
}

#[test_support::test]
async fn whoever_starts_with_a_damaged_plugin_is_told_what_to_do() {
    let settings = [("ADMIN_KEY", "an administrator's key")];
    let mut app = TestApp::start(&settings).await;
    let swap = axum::http::Request::put("/api/plugins/tagger")
        .header("x-admin-key", "an administrator's key")
        .body(guests::another_tagger().into())
        .unwrap();
    let _ = app.send(swap).await.success();
    app.stop().await;
    let state = app.data().join("plugins");
    let component = std::fs::read_dir(state.join("tagger"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let sound = std::fs::read(component.path()).unwrap();
    for damaged in [&sound[..100], b""] {
        std::fs::write(component.path(), damaged).unwrap();
        let said = app.refusal(&settings).await;
        assert!(said.contains("from a backup, or move"), "{said}");
    }
    std::fs::remove_file(component.path()).unwrap();
    let said = app.refusal(&settings).await;
    assert!(said.contains("from a backup, or move"), "{said}");
    std::fs::write(component.path(), sound).unwrap();
    std::fs::write(state.join("active.json"), "{\"tagger\": ").unwrap();
    let said = app.refusal(&settings).await;
    assert!(
        said.contains("active.json is damaged; restore it from a backup, or move it away"),
        "{said}"
    );
    // That is what helps.
    std::fs::remove_file(state.join("active.json")).unwrap();
    app.start_again(&settings).await;
    assert_eq!(app.get("/api/plugins").await.success()[0]["origin"], "built-in");
}
