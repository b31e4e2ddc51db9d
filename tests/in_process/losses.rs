//! A store whose files are taken away under the running worker, and two workers on one store.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ai_worker::store::{EmbeddedStore, StoreError};
use axum::http::Method;
use test_support::{TestApp, eventually};

use crate::photos::clusters;

fn faces(app: &TestApp) -> std::path::PathBuf {
    app.data().join("faces")
}

/// Waits until `/readyz` answers with a status.
async fn ready(app: &TestApp, status: u16) {
    let what = format!("/readyz answers {status}");
    let is_so = async || app.get("/readyz").await.status == status;
    eventually(Duration::from_secs(30), &what, is_so).await;
}

#[test_support::test]
async fn nobody_else_opens_a_store_whose_lock_file_is_gone() {
    let app = TestApp::start(&[]).await;
    app.describe("one", &[1]).await;
    fs::remove_file(faces(&app).join("lock")).unwrap();
    assert!(matches!(
        EmbeddedStore::lock(&faces(&app)),
        Err(StoreError::InUse(_))
    ));
    // Under another name, it is the same database.
    let elsewhere = tempfile::tempdir().unwrap();
    let (database, other) = (
        faces(&app).join("faces.sqlite"),
        elsewhere.path().join("faces.sqlite"),
    );
    fs::hard_link(&database, &other).unwrap();
    assert!(matches!(
        EmbeddedStore::lock(elsewhere.path()),
        Err(StoreError::InUse(_))
    ));
    fs::remove_file(&other).unwrap();
    std::os::unix::fs::symlink(&database, &other).unwrap();
    assert!(matches!(
        EmbeddedStore::lock(elsewhere.path()),
        Err(StoreError::InUse(_))
    ));
    let _ = app.process("one").await.success();
}

/// Something is done to the files; then photos and corrections are refused, and everybody is told why.
async fn is_noticed(app: &TestApp, person: &str) {
    ready(app, 503).await;
    let health = app.get("/health").await.success();
    assert_eq!(health["status"], "degraded");
    let problem = health["vector_store"]["problem"].as_str().unwrap();
    assert!(problem.contains("deleted, renamed or replaced"), "{problem}");
    assert_eq!(app.process("one").await.problem(), (503, "store_lost".to_owned()));
    let deletion = app
        .call(Method::DELETE, &format!("/api/clusters/{person}"), &[])
        .await;
    assert_eq!(deletion.problem(), (503, "store_lost".to_owned()));
}

#[test_support::test]
async fn a_database_that_is_renamed_is_noticed_and_found_again() {
    let app = TestApp::start(&[]).await;
    let person = clusters(&app.describe("one", &[1]).await).remove(0);
    let moved = app.data().join("elsewhere");
    let names: [(&Path, &Path); 3] = [
        (&faces(&app), &moved),
        (
            &faces(&app).join("faces.sqlite"),
            &faces(&app).join("other.sqlite"),
        ),
        (
            &faces(&app).join("faces.sqlite-wal"),
            &faces(&app).join("other.wal"),
        ),
    ];
    for (from, to) in names {
        fs::rename(from, to).unwrap();
        is_noticed(&app, &person).await;
        fs::rename(to, from).unwrap();
        ready(&app, 200).await;
        let _ = app.process("one").await.success();
    }
    assert_eq!(app.get("/health").await.success()["status"], "ok");
}

#[test_support::test]
async fn a_database_that_is_deleted_or_replaced_is_noticed() {
    for replaced in [false, true] {
        let app = TestApp::start(&[]).await;
        let person = clusters(&app.describe("one", &[1]).await).remove(0);
        let database = faces(&app).join("faces.sqlite");
        if replaced {
            fs::copy(&database, app.data().join("copy")).unwrap();
            fs::rename(app.data().join("copy"), &database).unwrap();
        } else {
            fs::remove_dir_all(faces(&app)).unwrap();
        }
        is_noticed(&app, &person).await;
    }
}
