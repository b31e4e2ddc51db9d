//! A plugin is tried on what is stored before it takes the place of another.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request};
use rusqlite::Connection;
use serde_json::{Value, json};
use test_support::{Answer, FakePhotos, TestApp, guests};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::trial_guests::{joins_strangers, mapper, says, slow, wants, wrong_about};

const ADMIN: (&str, &str) = ("ADMIN_KEY", "admin-key-of-the-tests");
const HEADER: (&str, &str) = ("X-Admin-Key", ADMIN.1);
/// For guests that count for long.
const PATIENT: [(&str, &str); 3] = [
    ADMIN,
    ("PLUGIN_TIMEOUT_MS", "600000"),
    ("PLUGIN_WALL_CLOCK_MS", "600000"),
];
/// The first bit of `evidence`.
const LABELS: u32 = 1;
/// The fifth.
const PIXELS: u32 = 16;

async fn put(app: &TestApp, path: &str, component: &[u8]) -> Answer {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/api/plugins/{path}"))
        .header(HEADER.0, HEADER.1)
        .body(Body::from(component.to_vec()));
    app.send(request.unwrap()).await
}

/// The change, of a swap that must succeed.
async fn swap(app: &TestApp, path: &str, component: &[u8]) -> Value {
    let change = put(app, path, component).await.success();
    assert_eq!(change["changed"], true, "{change}");
    change
}

/// Why a swap is refused.
async fn refusal(app: &TestApp, path: &str, component: &[u8]) -> String {
    let answer = put(app, path, component).await;
    assert_eq!(answer.problem(), (422, "plugin_refused".to_owned()), "{answer:?}");
    answer.json()["detail"].as_str().unwrap().to_owned()
}

async fn roll_back(app: &TestApp, slot: &str) -> Value {
    let path = format!("/api/plugins/{slot}/rollback");
    app.call(Method::POST, &path, &[HEADER]).await.success()
}

async fn slot(app: &TestApp, slot: &str) -> Value {
    let slots = app.get("/api/plugins").await.success();
    let mut slots = slots.as_array().unwrap().iter();
    slots.find(|entry| entry["slot"] == slot).unwrap().clone()
}

/// How many scenes were tried and skipped.
fn counts(change: &Value) -> (u64, u64) {
    let trial = &change["trial"];
    let number = |name: &str| trial[name].as_u64().unwrap_or_else(|| panic!("{change}"));
    (number("tried"), number("skipped"))
}

async fn audit(app: &TestApp) -> Vec<Value> {
    let page = app.call(Method::GET, "/api/audit?limit=1000", &[HEADER]).await;
    page.success()["entries"].as_array().unwrap().clone()
}

/// Waits until the audit log ends with this.
async fn is_told(app: &TestApp, event: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(entry) = audit(app).await.pop().filter(|entry| entry["event"] == event) {
            return entry;
        }
        assert!(Instant::now() < deadline, "{event}: {:?}", audit(app).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn strict_policy() -> Vec<u8> {
    let file = "examples/strict-cluster-policy/strict-cluster-policy.wasm";
    fs::read(Path::new(guests::COMPONENTS).join(file)).unwrap()
}

#[test_support::test]
async fn a_plugin_that_is_wrong_about_a_stored_photo_is_refused_by_its_name() {
    let app = TestApp::start(&[ADMIN]).await;
    app.describe("4711", &[0]).await;
    assert_eq!(
        refusal(&app, "tagger", &says("beach", 1.5)).await,
        "stored photo 4711: the tagger plugin gave an invalid answer in `tag`: tag \"beach\" has score 1.5; 0 to 1 are allowed"
    );
    let phrase = refusal(&app, "context-mapper", &mapper("Pantai", "Pantai\u{7}")).await;
    assert!(
        phrase.starts_with("stored photo 4711: ") && phrase.contains("a phrase with the character U+0007"),
        "{phrase}"
    );
    let decision = refusal(&app, "cluster-policy", &joins_strangers()).await;
    assert!(
        decision.starts_with("stored photo 4711: ") && decision.contains("not among the neighbours"),
        "{decision}"
    );
    for name in ["tagger", "context-mapper", "cluster-policy"] {
        assert_eq!(slot(&app, name).await["origin"], "built-in");
    }
    // Neither the photo nor what a plugin made of it is kept for long.
    let entries = audit(&app).await;
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert_eq!(entry["event"], "refused");
        let reason = entry["reason"].as_str().unwrap();
        assert!(reason.ends_with("fails on a stored photo"), "{entry}");
    }
    app.describe("4712", &[0]).await;

    let change = swap(&app, "tagger", &says("beach", 0.5)).await;
    assert_eq!(counts(&change), (2, 0));
    assert_eq!(change["trial"]["timed_out"], false);
    assert_eq!(change["trial"]["problem"], Value::Null);
    assert_eq!(slot(&app, "tagger").await["calls"], 0);
    let told = is_told(&app, "swapped").await;
    assert_eq!(told["reason"], "trial on stored scenes: 2 answered, 0 skipped");
    let again = put(&app, "tagger", &says("beach", 0.5)).await.success();
    assert_eq!(
        (&again["changed"], &again["trial"]),
        (&json!(false), &Value::Null)
    );
}

#[test_support::test]
async fn scenes_that_lack_evidence_are_skipped() {
    let mut app = TestApp::start(&[ADMIN, ("EVIDENCE_OFF", "labels")]).await;
    app.describe("one", &[0]).await;
    app.describe("two", &[1]).await;
    app.stop().await;
    app.start_again(&[ADMIN]).await;
    app.describe("three", &[2]).await;
    assert_eq!(counts(&swap(&app, "tagger", &wants(LABELS)).await), (1, 2));
    // Pixels are never stored, and a plugin must answer without them.
    assert_eq!(counts(&swap(&app, "tagger", &wants(PIXELS)).await), (3, 0));
    let both = swap(&app, "tagger", &wants(LABELS | PIXELS)).await;
    assert_eq!(counts(&both), (1, 2));
}

#[test_support::test]
async fn the_latest_are_tried_and_no_more_than_was_asked_for() {
    let mut app = TestApp::start(&[ADMIN, ("PLUGIN_TRIAL_SCENES", "3")]).await;
    app.describe("earliest", &[0, 1]).await;
    for (name, person) in [("one", 2), ("two", 3), ("three", 2)] {
        app.describe(name, &[person]).await;
    }
    assert_eq!(counts(&swap(&app, "tagger", &wrong_about(2)).await), (3, 0));
    roll_back(&app, "tagger").await;
    // Of a policy, faces are counted.
    assert_eq!(
        counts(&swap(&app, "cluster-policy", &strict_policy()).await),
        (3, 0)
    );
    roll_back(&app, "cluster-policy").await;
    app.stop().await;
    app.start_again(&[ADMIN, ("PLUGIN_TRIAL_SCENES", "4")]).await;
    let reason = refusal(&app, "tagger", &wrong_about(2)).await;
    assert!(reason.starts_with("stored photo earliest: "), "{reason}");
    app.stop().await;
    app.start_again(&[ADMIN]).await;
    assert_eq!(
        counts(&swap(&app, "cluster-policy", &strict_policy()).await),
        (5, 0)
    );
    app.stop().await;
    app.start_again(&[ADMIN, ("PLUGIN_TRIAL_SCENES", "0")]).await;
    let change = swap(&app, "tagger", &wrong_about(2)).await;
    assert_eq!(change["trial"], Value::Null);
}

#[test_support::test]
async fn what_was_there_before_is_never_held_up() {
    let files = tempfile::tempdir().unwrap();
    let mut app = TestApp::start(&[ADMIN]).await;
    app.describe("4711", &[0]).await;
    let wrong = says("beach", 1.5);
    for choice in ["maybe", ""] {
        let answer = put(&app, &format!("tagger?trial={choice}"), &wrong).await;
        assert_eq!(answer.problem(), (400, "malformed_request".to_owned()));
    }
    let change = swap(&app, "tagger?trial=off", &wrong).await;
    assert_eq!(change["trial"], Value::Null);
    let told = is_told(&app, "swapped").await;
    assert_eq!(told["reason"], "without a trial: trial=off");
    assert_eq!(told["key"], ADMIN.0);
    // A rollback to it.
    swap(&app, "tagger", &says("sea", 0.5)).await;
    let back = roll_back(&app, "tagger").await;
    assert_eq!(back["active"]["digest"], change["active"]["digest"]);
    assert_eq!(back["trial"], Value::Null);
    // What is written down, and a file that is found at the start.
    app.stop().await;
    fs::write(
        files.path().join("context-mapper.wasm"),
        mapper("Pantai", "\u{7}"),
    )
    .unwrap();
    app.start_again(&[ADMIN, ("PLUGIN_DIR", files.path().to_str().unwrap())])
        .await;
    assert_eq!(slot(&app, "tagger").await["digest"], change["active"]["digest"]);
    assert_ne!(slot(&app, "context-mapper").await["origin"], "built-in");
}

#[test_support::test]
async fn a_file_that_is_put_into_the_folder_is_tried() {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().to_str().unwrap();
    let app = TestApp::start(&[ADMIN, ("PLUGIN_DIR", folder), ("PLUGIN_SETTLE_MS", "100")]).await;
    app.describe("4711", &[0]).await;
    let file = files.path().join("tagger.wasm");
    fs::write(&file, says("beach", 1.5)).unwrap();
    let told = is_told(&app, "refused").await;
    assert_eq!(told["reason"], "the tagger plugin fails on a stored photo");
    assert_eq!(slot(&app, "tagger").await["origin"], "built-in");
    fs::write(&file, says("beach", 0.5)).unwrap();
    let told = is_told(&app, "swapped").await;
    assert_eq!(told["reason"], "trial on stored scenes: 1 answered, 0 skipped");
}

#[test_support::test]
async fn what_was_not_tried_in_time_is_told() {
    let app = TestApp::start(&[PATIENT.as_slice(), &[("PLUGIN_TRIAL_SECONDS", "1")]].concat()).await;
    describe(&app, 20).await;
    let change = swap(&app, "tagger", &slow()).await;
    assert_eq!(change["trial"]["timed_out"], true);
    let (tried, skipped) = counts(&change);
    assert!((1..20).contains(&tried) && skipped == 0, "{change}");
    let told = is_told(&app, "swapped").await;
    assert!(
        told["reason"].as_str().unwrap().contains("PLUGIN_TRIAL_SECONDS"),
        "{told}"
    );
}

#[test_support::test]
async fn a_swap_whose_caller_hangs_up_is_dropped() {
    let app = TestApp::start(&[PATIENT.as_slice(), &[("PLUGIN_TRIAL_SECONDS", "600")]].concat()).await;
    describe(&app, 40).await;
    let (address, server) = app.serve(std::future::pending()).await;
    let component = slow();
    let head = format!(
        "PUT /api/plugins/tagger HTTP/1.1\r\nHost: localhost\r\n{}: {}\r\nContent-Length: {}\r\n\r\n",
        HEADER.0,
        HEADER.1,
        component.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&component).await.unwrap();
    // Some tenths of a second after it has come; its trial takes many times as long.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(audit(&app).await.is_empty());
    drop(stream);
    let told = is_told(&app, "swap-abandoned").await;
    assert_eq!(told["slot"], "tagger");
    assert_eq!(audit(&app).await.len(), 1);
    assert_eq!(slot(&app, "tagger").await["origin"], "built-in");
    let state = app.data().join("plugins");
    assert!(!state.join("active.json").exists() && !state.join("tagger").exists());
    server.abort();
    // Nothing is left of it that would be in the way of another.
    assert_eq!(counts(&swap(&app, "tagger", &says("beach", 0.5)).await), (40, 0));
}

#[test_support::test]
async fn a_store_that_does_not_answer_holds_nothing_up() {
    let app = TestApp::start(&[ADMIN]).await;
    app.describe("4711", &[0]).await;
    Connection::open(app.data().join("faces/faces.sqlite"))
        .unwrap()
        .execute("UPDATE photo SET scene = 'no scene'", [])
        .unwrap();
    for (slot, component) in [
        ("tagger", says("beach", 1.5)),
        ("cluster-policy", joins_strangers()),
    ] {
        let change = swap(&app, slot, &component).await;
        assert_eq!(counts(&change), (0, 0));
        let problem = change["trial"]["problem"].as_str().unwrap();
        assert!(problem.contains("invalid entry"), "{problem}");
        let told = is_told(&app, "swapped").await;
        assert!(
            told["reason"]
                .as_str()
                .unwrap()
                .ends_with("the store did not answer"),
            "{told}"
        );
    }
}

/// Each of two callers swaps so often.
const SWAPS: usize = 15;

#[test_support::test(flavor = "multi_thread")]
async fn swaps_at_once_beside_photos_mix_nothing() {
    let app = TestApp::start(&[ADMIN]).await;
    describe(&app, 50).await;
    let phrases = ["satu", "dua", "tiga"];
    let components = phrases.map(|phrase| mapper(phrase, phrase));
    let digests = components
        .each_ref()
        .map(|component| ai_worker::plugins::digest(component));
    let first = swap(&app, "context-mapper", &components[0]).await;
    assert_eq!(counts(&first), (50, 0));
    let over = AtomicBool::new(false);
    let swapping = async |offset: usize| {
        for number in 0..SWAPS {
            let change = put(&app, "context-mapper", &components[(number + offset) % 3]).await;
            let change = change.success();
            if change["changed"] == true {
                assert_eq!(counts(&change), (50, 0), "{change}");
                assert_ne!(change["active"]["digest"], change["previous"]["digest"]);
            }
        }
        over.store(true, Ordering::Relaxed);
    };
    let asking = async || {
        let photo = json!({ "file_id": "0", "image_url": FakePhotos::url("0") });
        let mut photos = 0;
        while !over.load(Ordering::Relaxed) {
            let answer = app.post("/api/process?details=true", &photo).await.success();
            assert!(answer.get("degraded").is_none(), "{answer}");
            let digest = &answer["details"]["plugins"]["context-mapper"]["digest"];
            let plugin = digests.iter().position(|known| digest == known).unwrap();
            assert_eq!(answer["context"], phrases[plugin], "{answer}");
            photos += 1;
        }
        photos
    };
    let ((), (), one, other) = tokio::join!(swapping(0), swapping(1), asking(), asking());
    assert!(one > 0 && other > 0);
    // Each swap took the place of the one before it in the audit log.
    let entries = audit(&app).await;
    assert!(entries.iter().all(|entry| entry["event"] == "swapped"));
    let swapped: Vec<&str> = entries
        .iter()
        .map(|entry| entry["digest"].as_str().unwrap())
        .collect();
    assert!(swapped.windows(2).all(|pair| pair[0] != pair[1]), "{swapped:?}");
    assert_eq!(
        slot(&app, "context-mapper").await["digest"],
        *swapped.last().unwrap()
    );
}

/// Has so many photos described.
async fn describe(app: &TestApp, photos: usize) {
    for number in 0..photos {
        app.describe(&number.to_string(), &[number % 3]).await;
    }
}
