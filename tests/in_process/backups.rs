//! Backups that the running worker makes, and what is restored from them.

use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::photos::clusters;

const ADMIN: &str = "an administrator's key";

async fn ask(app: &TestApp, method: Method, path: &str) -> test_support::Answer {
    app.call(method, path, &[("x-admin-key", ADMIN)]).await
}

/// Starts a job, waits for it, and gives its report.
async fn done(app: &TestApp, path: &str) -> Value {
    let begun = ask(app, Method::POST, path).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    for _ in 0..600 {
        let status = ask(app, Method::GET, path).await.success();
        assert_eq!(status["error"], Value::Null, "{status}");
        if !status["report"].is_null() {
            return status["report"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("the job did not end")
}

/// The drill: a backup while photos come in, damage, a restore, and everybody is there again.
#[tokio::test]
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
    let mut component = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../components/tagger/tagger.wasm"
    ))
    .unwrap();
    // Another component with an empty section of its own.
    component.extend(b"\0\x05\x04note");
    let swap = axum::http::Request::put("/api/plugins/tagger")
        .header("x-admin-key", ADMIN)
        .body(component.into())
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
    let held = ai_worker::backup::Restoration::prepare(&folder, app.data(), true);
    assert!(held.is_err());
    app.stop().await;
    let refused = ai_worker::backup::Restoration::prepare(&folder, app.data(), false);
    assert!(matches!(
        refused,
        Err(ai_worker::backup::BackupError::Occupied(_))
    ));
    let restored = ai_worker::backup::Restoration::prepare(&folder, app.data(), true)
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

#[tokio::test]
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
    let refused = ai_worker::backup::Restoration::prepare(&folder, app.data(), true);
    assert!(matches!(refused, Err(ai_worker::backup::BackupError::Damaged(path)) if path == database));
    let refused = ai_worker::backup::Restoration::prepare(elsewhere.path(), app.data(), true);
    assert!(matches!(
        refused,
        Err(ai_worker::backup::BackupError::NotABackup(_))
    ));
    app.start_again(&settings).await;
    assert_eq!(app.counts().await, (1, 1));
}

#[tokio::test]
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

#[tokio::test]
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

#[tokio::test]
async fn the_commands_work_without_a_worker() {
    let data = tempfile::tempdir().unwrap();
    let (data, backups) = (data.path(), data.path().join("backups"));
    let (done, said) = store(data, &backups, &["backup"]).await;
    assert!(done, "{said}");
    let name = said.trim().rsplit('/').next().unwrap().to_owned();
    let (done, said) = store(data, &backups, &["verify", &name]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(!done && said.contains("--replace"), "{said}");
    let (done, said) = store(data, &backups, &["restore", &name, "--replace"]).await;
    assert!(done && said.contains("are restored"), "{said}");
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    // Cut off between its two renames, it is told of and may be repeated.
    std::fs::create_dir(data.join("restoring")).unwrap();
    std::fs::rename(data.join("faces"), data.join("restoring/faces")).unwrap();
    for command in ["verify", "repair", "verify"] {
        let (done, said) = store(data, &backups, &[command]).await;
        assert!(!done && said.contains("was cut off"), "{command}: {said}");
    }
    // Nor is it forgotten when the next restore fails.
    std::fs::rename(backups.join(&name).join("faces.sqlite"), backups.join("aside")).unwrap();
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(!done, "{said}");
    std::fs::rename(backups.join("aside"), backups.join(&name).join("faces.sqlite")).unwrap();
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(!done && said.contains("was cut off"), "{said}");
    let (done, said) = store(data, &backups, &["restore", &name]).await;
    assert!(done, "{said}");
    let (done, said) = store(data, &backups, &["verify"]).await;
    assert!(done && said.contains("0 faults"), "{said}");
    let (done, said) = store(data, &backups, &["restore", "no-such-backup", "--replace"]).await;
    assert!(!done && said.contains("is no backup"), "{said}");
}

#[tokio::test]
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
    let report = done(&app, "/api/store/backup").await;
    let folder = elsewhere.path().join(report["name"].as_str().unwrap());
    for path in [
        format!("/api/clusters/{}", people[0]),
        "/api/files/photo-1".to_owned(),
    ] {
        let deleted = app.call(Method::DELETE, &path, &[]).await.success();
        assert_eq!(deleted["deleted_faces"], 1, "{path}");
    }
    app.stop().await;

    let restoration = ai_worker::backup::Restoration::prepare(&folder, app.data(), true).unwrap();
    let list = ai_worker::faces::ErasureList::at(app.data().join("erasures.jsonl"));
    let model = ai_worker::domain::EmbeddingModel {
        name: "fake".to_owned(),
        dimension: 128,
        threshold: 0.5,
    };
    let again = restoration
        .delete_again(list.into(), model, ai_worker::faces::IndexSettings::default())
        .await
        .unwrap();
    assert_eq!(
        (again.erasures, again.photos, again.faces),
        (2, 1, 1),
        "{again:?}"
    );
    restoration.finish().unwrap();

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
}

#[tokio::test]
async fn a_backup_that_is_older_than_the_list_of_deletions_is_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = [
        ("ADMIN_KEY", ADMIN),
        ("BACKUP_DIR", elsewhere.path().to_str().unwrap()),
    ];
    let mut app = TestApp::start(&settings).await;
    app.describe("one", &[0]).await;
    let report = done(&app, "/api/store/backup").await;
    let folder = elsewhere.path().join(report["name"].as_str().unwrap());
    app.stop().await;
    let restoration = ai_worker::backup::Restoration::prepare(&folder, app.data(), true).unwrap();
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
