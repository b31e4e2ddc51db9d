//! Backups that the running worker makes, and what is restored from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ai_worker::backup::Restoration;
use ai_worker::people::{DEFAULT_CHANGES_KEPT, Repeated};
use ai_worker::reembedding::{Target, Vectors, move_people};
use ai_worker::store::{EmbeddedStore, ErasureList, FaceStore, IndexSettings};
use axum::http::Method;
use serde_json::{Value, json};
use test_support::measuring::evaluation::model_of;
use test_support::{FakeNetworks, TestApp, eventually, guests};

use crate::photos::clusters;

const ADMIN: &str = "an administrator's key";

async fn ask(app: &TestApp, method: Method, path: &str) -> test_support::Answer {
    app.call(method, path, &[("x-admin-key", ADMIN)]).await
}

/// Starts a job, waits for it, and gives its report.
async fn done(app: &TestApp, path: &str) -> Value {
    let begun = ask(app, Method::POST, path).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    let mut report = Value::Null;
    eventually(Duration::from_secs(60), "the job ends", async || {
        let mut status = ask(app, Method::GET, path).await.success();
        assert_eq!(status["error"], Value::Null, "{status}");
        report = status["report"].take();
        !report.is_null()
    })
    .await;
    report
}

/// The drill: a backup while photos come in, damage, a restore, and everybody is there again.
#[test_support::test]
async fn what_was_acknowledged_before_a_backup_is_there_after_its_restore() {
    let elsewhere = tempfile::tempdir().unwrap();
    let backups = elsewhere.path().to_str().unwrap();
    let settings = [("ADMIN_KEY", ADMIN), ("BACKUP_DIR", backups)];
    let mut app = TestApp::start(&settings).await;
    let mut people = Vec::new();
    for person in 0..4 {
        people.push(clusters(&app.describe(&person.to_string(), &[person]).await).remove(0));
    }
    let body = json!({ "source_cluster_ids": [people[0]], "target_cluster_id": people[1] });
    let _ = app.post("/api/merge-clusters", &body).await.success();
    let swap = axum::http::Request::put("/api/plugins/tagger")
        .header("x-admin-key", ADMIN)
        .body(guests::another_tagger().into())
        .unwrap();
    let _ = app.send(swap).await.success();

    // Photos go on while it is made.
    let (report, ()) = tokio::join!(done(&app, "/api/store/backup"), async {
        for photo in 4..8 {
            app.describe(&photo.to_string(), &[photo - 4]).await;
        }
    });
    assert!(report["faces"].as_u64().unwrap() >= 4, "{report}");
    let folder = elsewhere.path().join(report["name"].as_str().unwrap());
    let mode = |path: &std::path::Path| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(&folder), 0o700);
    // Nothing else is left there.
    let mut names: Vec<_> = std::fs::read_dir(elsewhere.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [report["name"].as_str().unwrap(), "lock"]);

    let picture = app.get(&format!("/api/cluster/{}/thumbnail", people[2])).await;
    let _ = app
        .call(Method::DELETE, &format!("/api/clusters/{}", people[2]), &[])
        .await
        .success();
    // A restore needs a store that nobody holds.
    let held = Restoration::prepare(&folder, app.data(), true);
    assert!(held.is_err());
    app.stop().await;
    let refused = Restoration::prepare(&folder, app.data(), false);
    assert!(matches!(
        refused,
        Err(ai_worker::backup::BackupError::Occupied(_))
    ));
    let restored = Restoration::prepare(&folder, app.data(), true)
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(restored.aside.len(), 2, "{restored:?}");
    assert!(restored.aside.iter().all(|folder| folder.exists()));

    app.start_again(&settings).await;
    let (faces, _) = app.counts().await;
    assert_eq!(faces, report["faces"].as_u64().unwrap());
    // The merge, the pictures and the plugins are as they were.
    let merged = app.get(&format!("/api/clusters/{}", people[0])).await.success();
    assert_eq!(merged["cluster_id"], people[1].as_str(), "{merged}");
    let again = app.get(&format!("/api/cluster/{}/thumbnail", people[2])).await;
    assert_eq!(again.body, picture.body);
    let slots = app.get("/api/plugins").await.success();
    assert_eq!(slots[0]["origin"], "uploaded", "{slots}");
    assert_eq!(done(&app, "/api/store/verify").await["faults"], json!([]));
    // It is a store like any other: the same people are recognised.
    let known = app.describe("again", &[2]).await;
    assert_eq!(clusters(&known), [people[2].clone()]);
}

#[test_support::test]
async fn a_backup_that_is_not_as_it_was_made_is_refused_and_changes_nothing() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    app.describe("one", &[1]).await;
    let report = done(&app, "/api/store/backup").await;
    let folder = elsewhere.path().join(report["name"].as_str().unwrap());
    app.stop().await;
    let database = folder.join("faces.sqlite");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&database, bytes).unwrap();
    let refused = Restoration::prepare(&folder, app.data(), true);
    assert!(matches!(refused, Err(ai_worker::backup::BackupError::Damaged(path)) if path == database));
    let refused = Restoration::prepare(elsewhere.path(), app.data(), true);
    assert!(matches!(
        refused,
        Err(ai_worker::backup::BackupError::NotABackup(_))
    ));
    app.start_again(&settings).await;
    assert_eq!(app.counts().await, (1, 1));
}

#[test_support::test]
async fn only_administrators_make_backups() {
    let app = TestApp::start(&[("API_KEY", "a backend's long key"), ("ADMIN_KEY", ADMIN)]).await;
    for path in ["/api/store/backup", "/api/store/verify"] {
        for method in [Method::GET, Method::POST] {
            let answer = app
                .call(method.clone(), path, &[("x-api-key", "a backend's long key")])
                .await;
            assert_eq!(
                answer.problem(),
                (401, "wrong_admin_key".to_owned()),
                "{method} {path}"
            );
        }
        let none = ask(&app, Method::GET, path).await;
        assert_eq!(none.problem(), (404, "no_store_job".to_owned()));
    }
}

/// Runs `ai-worker store` in a folder of data, and gives whether it succeeded and what it said.
async fn store(data: &Path, backups: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ai-worker"));
    command
        .arg("store")
        .args(arguments)
        .current_dir(data)
        .env_clear()
        .env("DATA_DIR", data)
        .env("BACKUP_DIR", backups)
        .env("ADMIN_KEY", ADMIN)
        .env("LOG_LEVEL", "error");
    let ended = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8(said).unwrap())
}

#[test_support::test]
async fn the_commands_ask_a_running_worker() {
    let elsewhere = tempfile::tempdir().unwrap();
    let backups = elsewhere.path();
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN), ("BACKUP_DIR", backups.to_str().unwrap())]).await;
    app.describe("one", &[1, 2]).await;
    let (address, _serving) = app.serve(std::future::pending()).await;
    let server = format!("http://{address}");
    let (done, said) = store(app.data(), backups, &["verify", "--server", &server]).await;
    assert!(
        done && said.contains("2 faces in 2 clusters and 1 photos: 0 faults"),
        "{said}"
    );
    let (done, said) = store(app.data(), backups, &["backup", "--server", &server]).await;
    assert!(
        done && said.contains("2 faces in 2 clusters and 1 photos"),
        "{said}"
    );
    let name = said.lines().last().unwrap();
    assert!(backups.join(name).join("manifest.json").exists(), "{said}");
}

#[test_support::test]
async fn the_commands_work_without_a_worker() {
    let data = tempfile::tempdir().unwrap();
    let (data, backups) = (data.path(), data.path().join("backups"));
    let (done, said) = store(data, &backups, &["backup"]).await;
    assert!(!done && said.contains("there is no store in"), "{said}");
    let faces = data.join("faces");
    drop(EmbeddedStore::open(&faces, &model_of("open"), IndexSettings::default()).unwrap());
    let (done, said) = store(data, &backups, &["backup"]).await;
    assert!(done, "{said}");
    let name = said.trim().rsplit('/').next().unwrap().to_owned();
    let (done, said) = store(data, &backups, &["verify", &name]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(!done && said.contains("--replace"), "{said}");
    let photo = r#""photo":{"sha256":"ab"}"#;
    let list = data.join("erasures.jsonl");
    std::fs::write(&list, format!("{{\"at\":1,\"revision\":7,{photo}}}\n")).unwrap();
    let (done, said) = store(data, &backups, &["restore", &name, "--replace"]).await;
    assert!(done && said.contains("from the backup of"), "{said}");
    // What is restored counts its changes anew.
    let expected = format!("{{\"at\":1,\"revision\":0,{photo}}}\n");
    assert_eq!(std::fs::read_to_string(list).unwrap(), expected);
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    // Cut off between its two renames, it is told of and may be repeated.
    std::fs::create_dir(data.join("restoring")).unwrap();
    std::fs::rename(data.join("faces"), data.join("restoring/faces")).unwrap();
    for command in ["verify", "repair", "verify"] {
        let (done, said) = store(data, &backups, &[command]).await;
        assert!(!done && said.contains("was interrupted"), "{command}: {said}");
    }
    // Nor is it forgotten when the next restore fails.
    std::fs::rename(backups.join(&name).join("faces.sqlite"), backups.join("aside")).unwrap();
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(!done, "{said}");
    std::fs::rename(backups.join("aside"), backups.join(&name).join("faces.sqlite")).unwrap();
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(!done && said.contains("was interrupted"), "{said}");
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(done, "{said}");
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    let (done, said) = store(data, &backups, &["restore", "no-such-backup", "--replace"]).await;
    assert!(!done && said.contains("is not a backup"), "{said}");
}

fn erasures(app: &TestApp) -> Arc<ErasureList> {
    Arc::new(ErasureList::at(app.data().join("erasures.jsonl")))
}

/// How many changes are kept when deletions are done again.
const CHANGES: u64 = 2;

/// Restores a backup of a stopped worker, as the command does.
async fn restore(app: &TestApp, folder: &Path) -> Repeated {
    let restoration = Restoration::prepare(folder, app.data(), true).unwrap();
    let (list, model) = (erasures(app), FakeNetworks::embedding_model());
    let again = restoration
        .delete_again(Arc::clone(&list), model, IndexSettings::default(), CHANGES)
        .await
        .unwrap();
    restoration.finish().unwrap();
    list.count_anew().unwrap();
    again
}

/// Has the running worker make a backup; gives its folder.
async fn backup(app: &TestApp, backups: &Path) -> PathBuf {
    let report = done(app, "/api/store/backup").await;
    backups.join(report["name"].as_str().unwrap())
}

#[test_support::test]
async fn a_restore_repeats_the_deletions_that_were_made_since() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    let mut people = Vec::new();
    for person in 0..3 {
        people.push(clusters(&app.describe(&format!("photo-{person}"), &[person]).await).remove(0));
    }
    let folder = backup(&app, elsewhere.path()).await;
    for path in [
        format!("/api/clusters/{}", people[0]),
        "/api/files/photo-1".to_owned(),
    ] {
        let deleted = app.call(Method::DELETE, &path, &[]).await.success();
        assert_eq!(deleted["deleted_faces"], 1, "{path}");
    }
    app.stop().await;

    let again = restore(&app, &folder).await;
    assert_eq!(
        (again.erasures, again.photos, again.faces),
        (2, 1, 1),
        "{again:?}"
    );

    app.start_again(&settings).await;
    assert_eq!(app.counts().await, (1, 1));
    let gone = app.get(&format!("/api/clusters/{}", people[0])).await;
    assert_eq!(gone.problem(), (404, "unknown_cluster".to_owned()));
    assert_eq!(app.get("/api/files/photo-1").await.problem().0, 404);
    // What happened since is still told, without ids.
    let audit = ask(&app, Method::GET, "/api/audit").await.success();
    let events = audit["entries"].as_array().unwrap().iter();
    let events: Vec<_> = events.map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["person-deleted", "photo-deleted"]);
    // As many changes are kept as the settings say.
    let changes = app.get("/api/changes").await.success();
    assert_eq!(changes["changes"].as_array().unwrap().len(), CHANGES as usize);
}

/// Has photos processed and the first of them deleted, late in the life of the store.
async fn delete_late(app: &TestApp) {
    for person in 0..4 {
        app.describe(&person.to_string(), &[person]).await;
    }
    let deleted = app.call(Method::DELETE, "/api/files/0", &[]).await.success();
    assert_eq!(deleted["deleted_faces"], 1);
}

#[test_support::test]
async fn what_came_back_after_a_restore_is_not_deleted_by_the_next_one() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    let early = backup(&app, elsewhere.path()).await;
    delete_late(&app).await;
    app.stop().await;
    assert_eq!(restore(&app, &early).await.erasures, 1);
    app.start_again(&settings).await;
    // Its count of changes is low again.
    app.describe("0", &[0]).await;
    let late = backup(&app, elsewhere.path()).await;
    app.stop().await;
    assert_eq!(restore(&app, &late).await, Repeated::default());
    app.start_again(&settings).await;
    assert_eq!(app.get("/api/files/0").await.status, 200);
}

#[test_support::test]
async fn what_came_back_before_another_embedder_is_not_deleted_by_a_restore() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    // Many changes, which the new store does not count.
    for _ in 0..4 {
        delete_late(&app).await;
    }
    app.describe("0", &[0]).await;
    app.stop().await;
    let (data, model) = (app.data(), FakeNetworks::embedding_model());
    let store = EmbeddedStore::open(&data.join("faces"), &model, IndexSettings::default());
    let store: Arc<dyn FaceStore> = Arc::new(store.unwrap());
    let mut vectors = Vectors::open(&data.join("reembedding/vectors.jsonl"), &model).unwrap();
    for stored in store.faces(None, 100).await.unwrap() {
        vectors.add(stored.face.face_id, &stored.face.embedding).unwrap();
    }
    let target = Target::Embedded(IndexSettings::default());
    move_people(
        data,
        (store, &model),
        (target, &model),
        vectors,
        &[],
        DEFAULT_CHANGES_KEPT,
        &|_, _| {},
    )
    .await
    .unwrap();
    // As the command does.
    erasures(&app).count_anew().unwrap();
    app.start_again(&settings).await;
    let late = backup(&app, elsewhere.path()).await;
    app.stop().await;
    assert_eq!(restore(&app, &late).await, Repeated::default());
    app.start_again(&settings).await;
    assert_eq!(app.counts().await, (4, 4));
    assert_eq!(app.get("/api/files/0").await.status, 200);
}

#[test_support::test]
async fn a_backup_that_is_older_than_the_list_of_deletions_is_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    app.describe("one", &[0]).await;
    let folder = backup(&app, elsewhere.path()).await;
    app.stop().await;
    let restoration = Restoration::prepare(&folder, app.data(), true).unwrap();
    assert!(
        restoration
            .check_age(&folder, Duration::from_secs(86_400))
            .is_ok()
    );
    tokio::time::sleep(Duration::from_millis(5)).await;
    let refused = restoration
        .check_age(&folder, Duration::from_millis(1))
        .unwrap_err();
    assert!(refused.to_string().contains("BACKUP_KEEP_DAYS"), "{refused}");
}
