//! A disk without room: photos are refused at once, deletions go on, and all is well again when there is room.
//!
//! Each case runs in a process of its own, which this program starts once more: what it limits holds for all of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use axum::http::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use test_support::harness::not_on_this_machine;
use test_support::{PERSONS, TestApp, eventually};

use crate::photos::clusters;

/// Runs one of the tests below in a shell that has prepared something, with its temporary files in a folder.
fn run(test: &str, shell: &[&str], script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ended = Command::new(shell[0])
        .args(&shell[1..])
        .arg(format!(
            "{script} && exec \"$0\" --ignored --exact --nocapture full_disk::{test}"
        ))
        .arg(std::env::current_exe().unwrap())
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// How this process may make a file system of its own; it may not in most containers. The test that limits
/// files needs none. It holds the store to the same but for the reserve, of which it keeps none back: a file that may not
/// grow is not helped by room elsewhere. The reserve is tested only where a file system can be made.
fn namespace() -> &'static [&'static str] {
    let ways: [&[&str]; 2] = [
        &["unshare", "--mount", "sh", "-c"],
        &["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"],
    ];
    let folder = tempfile::tempdir().unwrap();
    let works = |way: &&&[&str]| {
        Command::new(way[0])
            .args(&way[1..])
            .arg("mount -t tmpfs -o size=1m none \"$0\"")
            .arg(folder.path())
            .output()
            .is_ok_and(|ended| ended.status.success())
    };
    let found = ways.iter().find(works).copied();
    found.unwrap_or_else(|| {
        not_on_this_machine("a kernel is needed that lets this process mount a file system")
    })
}

#[test_support::test]
fn a_full_disk_refuses_photos_and_lets_deletions_through() {
    run(
        "on_a_full_disk",
        namespace(),
        "mount -t tmpfs -o size=64m none \"$TMPDIR\"",
    );
}

#[test_support::test]
fn the_first_to_meet_a_full_disk_may_be_a_deletion() {
    run(
        "a_deletion_on_a_full_disk",
        namespace(),
        "mount -t tmpfs -o size=64m none \"$TMPDIR\"",
    );
}

#[test_support::test]
fn files_that_may_not_grow_refuse_photos_and_let_deletions_through() {
    run("with_files_that_may_not_grow", &["sh", "-c"], "trap '' XFSZ");
}

/// Has photos described until the store cannot be written, and looks at what is said then.
async fn fill(app: &TestApp) {
    let mut refused = None;
    for photo in 0..400 {
        let name = format!("more {photo}");
        app.photos.add(&name, test_support::photo_of(&[photo % PERSONS]));
        let answer = app.process(&name).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let Some(refused) = refused else {
        unreachable!("the disk is never full")
    };
    assert_eq!(refused.problem(), (503, "store_not_writable".to_owned()));
    assert_eq!(refused.header("retry-after"), "30");
    // Known by now, so that the next one is not even fetched: there is none of this name.
    let unknown = app.process("no such photo").await;
    assert_eq!(unknown.problem(), (503, "store_not_writable".to_owned()));
    assert_eq!(app.get("/readyz").await.problem(), (503, "not_ready".to_owned()));
    let health = app.get("/health").await.success();
    assert_eq!(health["status"], "degraded");
    assert!(
        health["vector_store"]["problem"]
            .as_str()
            .unwrap()
            .contains("free disk space"),
        "{health}"
    );
    // What is stored is served.
    assert_eq!(app.get("/api/files/0").await.status, 200);
}

/// Deletes photos and a person.
async fn delete(app: &TestApp, person: &str) {
    for path in ["/api/files/1".to_owned(), format!("/api/clusters/{person}")] {
        let answer = app.call(Method::DELETE, &path, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(app.get(&path).await.status, 404, "{path}");
    }
}

/// Waits until photos are taken again, and looks whether all is well.
async fn recovered(app: &mut TestApp) {
    let takes_photos = async || app.get("/readyz").await.status == 200;
    eventually(Duration::from_secs(30), "photos are taken again", takes_photos).await;
    assert_eq!(app.get("/health").await.success()["status"], "ok");
    for person in 0..PERSONS {
        let _ = app.describe(&format!("again {person}"), &[person]).await;
    }
    let faces = app.counts().await.0;
    app.stop().await;
    app.start_again(&[]).await;
    assert_eq!(app.counts().await.0, faces);
}

/// Four photos, and the person in the third of them.
async fn begin(app: &TestApp) -> String {
    let mut people = Vec::new();
    for person in 0..4 {
        people.push(clusters(&app.describe(&person.to_string(), &[person]).await).remove(0));
    }
    people.remove(2)
}

#[test_support::test]
#[ignore = "run by a_full_disk_refuses_photos_and_lets_deletions_through"]
async fn on_a_full_disk() {
    let mut app = TestApp::start(&[("STORE_RESERVE_BYTES", "8388608")]).await;
    let person = begin(&app).await;
    let reserve = app.data().join("faces/reserve");
    assert_eq!(fs::metadata(&reserve).unwrap().len(), 8_388_608);
    let filler = app.data().join("filler");
    fill_up(&filler);
    fill(&app).await;
    delete(&app, &person).await;
    fs::remove_file(filler).unwrap();
    recovered(&mut app).await;
    // It is kept back again, as much as the default is.
    assert_eq!(fs::metadata(&reserve).unwrap().len(), 16_777_216);
}

#[test_support::test]
#[ignore = "run by the_first_to_meet_a_full_disk_may_be_a_deletion"]
async fn a_deletion_on_a_full_disk() {
    let mut app = TestApp::start(&[("STORE_RESERVE_BYTES", "8388608")]).await;
    let person = begin(&app).await;
    let filler = app.data().join("filler");
    fill_up(&filler);
    delete(&app, &person).await;
    fs::remove_file(filler).unwrap();
    recovered(&mut app).await;
}

/// Writes to a file until nothing more fits.
fn fill_up(file: &Path) {
    let mut file = fs::File::create(file).unwrap();
    for size in [1 << 20, 4096] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
}

#[test_support::test]
#[ignore = "run by files_that_may_not_grow_refuse_photos_and_let_deletions_through"]
async fn with_files_that_may_not_grow() {
    let mut app = TestApp::start(&[("STORE_RESERVE_BYTES", "0")]).await;
    let person = begin(&app).await;
    let before = getrlimit(Resource::Fsize);
    let longest = ["faces.sqlite", "faces.sqlite-wal"]
        .map(|file| fs::metadata(app.data().join("faces").join(file)).unwrap().len());
    let limit = Rlimit {
        current: longest.into_iter().max(),
        ..before
    };
    setrlimit(Resource::Fsize, limit).unwrap();
    fill(&app).await;
    delete(&app, &person).await;
    setrlimit(Resource::Fsize, before).unwrap();
    recovered(&mut app).await;
}
