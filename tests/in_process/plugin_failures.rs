//! What a plugin wrote before it failed: administrators read it, callers and the audit log never.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::talkers::{talker, talker_at_once};
use test_support::{Answer, FakePhotos, TestApp, photo_of};

const SECRET: &str = "ANNA AND BUDI";
const ADMIN: (&str, &str) = ("X-Admin-Key", "admin-secret");
const CALLER: (&str, &str) = ("X-API-Key", "api-secret");

async fn start() -> TestApp {
    let app = TestApp::start(&[("API_KEY", CALLER.1), ("ADMIN_KEY", ADMIN.1)]).await;
    app.photos.add("one", photo_of(&[0]));
    app
}

async fn send(app: &TestApp, method: Method, path: &str, key: (&str, &str), body: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(key.0, key.1)
        .header("Content-Type", "application/json")
        .body(Body::from(body))
        .unwrap();
    app.send(request).await
}

async fn tagger(app: &TestApp, key: (&str, &str)) -> Value {
    let slots = send(app, Method::GET, "/api/plugins", key, Vec::new())
        .await
        .success();
    let mut slots = slots.as_array().unwrap().iter();
    slots.find(|slot| slot["slot"] == "tagger").unwrap().clone()
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[test_support::test]
async fn a_refused_plugin_says_what_it_wrote_to_whoever_brought_it() {
    let app = start().await;
    let guest = talker_at_once(
        &[(true, b"Error: no rule\n    at plugin.js:27:13")],
        1,
        "unreachable",
    );
    for (method, path) in [
        (Method::PUT, "/api/plugins/tagger"),
        (Method::POST, "/api/plugins/tagger/shadow"),
        (Method::POST, "/api/plugins/tagger/replay"),
    ] {
        let refused = send(&app, method, path, ADMIN, guest.clone()).await;
        assert_eq!(refused.problem(), (422, "plugin_refused".to_owned()), "{path}");
        let problem = refused.json();
        assert_eq!(
            problem["output"], "Error: no rule\n    at plugin.js:27:13",
            "{path}"
        );
        assert_eq!(
            problem["detail"],
            "the tagger plugin failed in `tag`: it stopped itself (unreachable): usually an uncaught exception or a panic"
        );
    }
    // One that wrote nothing has no such field.
    let refused = send(
        &app,
        Method::PUT,
        "/api/plugins/tagger",
        ADMIN,
        b"no plugin".to_vec(),
    )
    .await;
    assert_eq!(refused.problem().0, 422);
    assert_eq!(refused.json().get("output"), None);
}

#[test_support::test]
async fn only_administrators_read_what_the_latest_failing_call_wrote() {
    let app = start().await;
    let guest = talker(&[(true, SECRET.as_bytes())], 1, "unreachable");
    let swapped = send(&app, Method::PUT, "/api/plugins/tagger", ADMIN, guest)
        .await
        .success();
    assert_eq!(tagger(&app, ADMIN).await.get("last_failure"), None);

    let body = json!({ "file_id": "1", "image_url": FakePhotos::url("one") }).to_string();
    for path in ["/api/process", "/api/process?details=true"] {
        for key in [CALLER, ADMIN] {
            let failed = send(&app, Method::POST, path, key, body.clone().into_bytes()).await;
            assert_eq!(failed.problem(), (502, "plugin_failed".to_owned()));
            assert!(!text(&failed).contains(SECRET), "{}", text(&failed));
        }
    }

    let failure = tagger(&app, ADMIN).await["last_failure"].clone();
    assert_eq!(failure["output"], SECRET);
    assert_eq!(failure["plugin"], swapped["active"]);
    assert!(failure["at"].as_str().unwrap().ends_with('Z'), "{failure}");
    assert!(
        failure["error"]
            .as_str()
            .unwrap()
            .starts_with("the tagger plugin failed in `tag`"),
        "{failure}"
    );
    assert_eq!(tagger(&app, CALLER).await.get("last_failure"), None);

    let rolled_back = send(
        &app,
        Method::POST,
        "/api/plugins/tagger/rollback",
        ADMIN,
        Vec::new(),
    )
    .await;
    assert_eq!(rolled_back.status, 200);
    for path in ["/metrics", "/health", "/api/audit", "/api/plugins"] {
        let answer = send(&app, Method::GET, path, CALLER, Vec::new()).await;
        assert!(!text(&answer).contains(SECRET), "{path}: {}", text(&answer));
    }
    let audit = std::fs::read_to_string(app.data().join("plugins/audit.jsonl")).unwrap();
    assert!(audit.contains("swapped") && !audit.contains(SECRET), "{audit}");
}

/// Without keys nobody is known to be an administrator.
#[test_support::test]
async fn who_needs_no_key_reads_nothing_of_it() {
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN.1)]).await;
    app.photos.add("one", photo_of(&[0]));
    let guest = talker(&[(true, SECRET.as_bytes())], 1, "unreachable");
    let swapped = send(&app, Method::PUT, "/api/plugins/tagger", ADMIN, guest).await;
    assert_eq!(swapped.status, 200);
    assert_eq!(app.process("one").await.status, 502);
    let slots = app.get("/api/plugins").await;
    assert!(!text(&slots).contains("last_failure"), "{}", text(&slots));
    assert_eq!(tagger(&app, ADMIN).await["last_failure"]["output"], SECRET);
}

/// What the breaker writes into the audit log says why, and not what the plugin wrote.
#[test_support::test]
async fn the_reason_of_a_broken_circuit_has_nothing_of_it() {
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN.1), ("PLUGIN_BREAKER_FAILURES", "1")]).await;
    app.photos.add("one", photo_of(&[0]));
    let guest = talker(&[(true, SECRET.as_bytes())], 1, "unreachable");
    let swapped = send(&app, Method::PUT, "/api/plugins/tagger", ADMIN, guest).await;
    assert_eq!(swapped.status, 200);
    assert_eq!(app.process("one").await.status, 502);
    let slot = tagger(&app, ADMIN).await;
    assert_eq!(slot["name"], "default-tagger");
    assert_eq!(slot["last_failure"]["output"], SECRET);
    let audit = std::fs::read_to_string(app.data().join("plugins/audit.jsonl")).unwrap();
    assert!(
        audit.contains("it stopped itself (unreachable)") && !audit.contains(SECRET),
        "{audit}"
    );
}
