//! What the worker is doing, and what failed lately.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::talkers::talker;
use test_support::{FakePhotos, TestApp, eventually, guests, photo_of};

const SECRET: &str = "ANNA AND BUDI";
const ADMIN: (&str, &str) = ("X-Admin-Key", "admin-key-of-the-tests");
const SETTINGS: [(&str, &str); 2] = [("ADMIN_KEY", ADMIN.1), ("CONSOLIDATE_MINUTES", "0")];

async fn upload(app: &TestApp, method: Method, path: &str, component: Vec<u8>) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(ADMIN.0, ADMIN.1)
        .body(Body::from(component));
    app.send(request.unwrap()).await.status
}

async fn jobs(app: &TestApp) -> Vec<Value> {
    let answer = app.get("/api/jobs").await.success();
    answer["jobs"].as_array().unwrap().clone()
}

async fn failures(app: &TestApp) -> Vec<Value> {
    let answer = app.get("/api/failures").await.success();
    answer["failures"].as_array().unwrap().clone()
}

/// Waits until the job that began last has ended, and gives it.
async fn ended(app: &TestApp) -> Value {
    let has_ended = async || jobs(app).await[0]["state"] != "running";
    eventually(Duration::from_secs(60), "the job ends", has_ended).await;
    jobs(app).await.remove(0)
}

fn photo(name: &str) -> Value {
    json!({ "file_id": name, "image_url": FakePhotos::url(name) })
}

#[test_support::test]
async fn jobs_say_how_far_they_are_and_what_came_of_them() {
    let app = TestApp::start(&SETTINGS).await;
    assert_eq!(jobs(&app).await, [Value::Null; 0]);
    for person in 0..3 {
        app.describe(&person.to_string(), &[person]).await;
    }
    let batch = json!({ "photos": [photo("0"), photo("missing"), photo("1")] });
    assert_eq!(app.post("/api/process/batch", &batch).await.status, 200);
    let job = ended(&app).await;
    assert_eq!(
        (
            &job["kind"],
            &job["state"],
            &job["done"],
            &job["total"],
            &job["failures"]
        ),
        (&json!("batch"), &json!("done"), &json!(3), &json!(3), &json!(1))
    );
    assert!(job["ended_at"].as_u64() >= job["started_at"].as_u64() && job["reason"].is_null());

    let path = "/api/plugins/tagger/replay";
    assert_eq!(
        upload(&app, Method::POST, path, guests::another_tagger()).await,
        202
    );
    let job = ended(&app).await;
    assert_eq!(
        (
            &job["kind"],
            &job["state"],
            &job["done"],
            &job["total"],
            &job["slot"]
        ),
        (
            &json!("replay"),
            &json!("done"),
            &json!(3),
            &json!(3),
            &json!("tagger")
        )
    );

    for kind in ["backup", "verification"] {
        let path = if kind == "backup" { "backup" } else { "verify" };
        let path = format!("/api/store/{path}");
        assert_eq!(app.call(Method::POST, &path, &[ADMIN]).await.status, 202);
        let job = ended(&app).await;
        assert_eq!((&job["kind"], &job["state"]), (&json!(kind), &json!("done")));
    }

    // A walk through all clusters is one job.
    let mut after = Value::Null;
    loop {
        let request = json!({ "dry_run": true, "after": after, "limit": 2 });
        after = app.post("/api/clusters/consolidate", &request).await.success()["next"].take();
        if after.is_null() {
            break;
        }
    }
    let job = ended(&app).await;
    assert_eq!(
        (&job["kind"], &job["done"], &job["total"]),
        (&json!("consolidation"), &json!(3), &json!(3))
    );
    let kinds: Vec<Value> = jobs(&app)
        .await
        .into_iter()
        .map(|mut job| job["kind"].take())
        .collect();
    assert_eq!(
        kinds,
        ["consolidation", "verification", "backup", "replay", "batch"]
    );
}

#[test_support::test]
async fn a_request_that_took_too_long_is_among_the_failures_and_one_whose_caller_left_is_not() {
    let mut app = TestApp::start(&[("STORE_URLS", "full")]).await;
    app.describe("one", &[0]).await;
    // From here on nothing but photos that no source sends takes long.
    app.stop().await;
    app.start_again(&[("STORE_URLS", "full"), ("REQUEST_TIMEOUT_MS", "1000")])
        .await;
    let _source = app.photos.hold("one");
    let again = json!({ "file_id": "one" });
    for (path, body) in [("/api/process", photo("one")), ("/api/reprocess", again)] {
        let too_late = (504, "deadline_exceeded".to_owned());
        assert_eq!(app.post(path, &body).await.problem(), too_late, "{path}");
    }
    let found = failures(&app).await;
    assert_eq!(found.len(), 2, "{found:?}");
    for failure in &found {
        assert_eq!(
            (&failure["file_id"], &failure["code"]),
            (&json!("one"), &json!("deadline_exceeded"))
        );
        assert!(!failure["request_id"].as_str().unwrap().is_empty());
    }
    let (body, source) = (photo("one"), app.photos.hold("one"));
    tokio::select! {
        _ = app.post("/api/process", &body) => panic!("its source does not answer"),
        () = source.asked() => {}
    }
    assert_eq!(failures(&app).await.len(), 2);
}

#[test_support::test]
async fn failures_say_why_and_go_with_their_photo() {
    let app = TestApp::start(&SETTINGS).await;
    assert_eq!(failures(&app).await, [Value::Null; 0]);
    app.photos.add("empty", "");
    app.photos.add("text", "no photo");
    for (name, status) in [("missing", 422), ("empty", 422), ("text", 415)] {
        assert_eq!(app.process(name).await.status, status);
    }
    let batch = json!({ "photos": [photo("empty")] });
    assert_eq!(app.post("/api/process/batch", &batch).await.status, 200);
    // A request that is wrong is its caller's alone.
    let _ = app.post("/api/process", &json!({ "file_id": "" })).await;
    let found = failures(&app).await;
    let codes: Vec<(&str, &str)> = found
        .iter()
        .map(|failure| {
            (
                failure["file_id"].as_str().unwrap(),
                failure["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("empty", "photo_empty"),
            ("text", "photo_not_an_image"),
            ("empty", "photo_empty"),
            ("missing", "photo_unreachable"),
        ]
    );
    for failure in &found {
        assert_eq!(
            (&failure["kind"], &failure["slot"]),
            (&json!("photo"), &Value::Null)
        );
        assert!(!failure["request_id"].as_str().unwrap().is_empty());
        assert!(
            !failure["detail"].as_str().unwrap().contains("example"),
            "{failure}"
        );
    }
    let one = app.get("/api/failures?limit=1").await.success();
    assert_eq!(one["failures"].as_array().unwrap().len(), 1);

    // Nothing is stored of it, and its name goes all the same.
    let _ = app.call(Method::DELETE, "/api/files/empty", &[]).await.success();
    let left = failures(&app).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|failure| failure["file_id"] != "empty"));
    assert_eq!(
        app.get("/api/failures?limit=0").await.problem(),
        (400, "malformed_request".to_owned())
    );
}

#[test_support::test]
async fn failures_have_nothing_that_a_plugin_wrote() {
    for degrade in [false, true] {
        let mut settings = SETTINGS.to_vec();
        if degrade {
            settings.push(("PLUGIN_DEGRADE", "tagger"));
        }
        let app = TestApp::start(&settings).await;
        app.photos.add("one", photo_of(&[0]));
        let guest = talker(&[(true, SECRET.as_bytes())], 1, "unreachable");
        assert_eq!(upload(&app, Method::PUT, "/api/plugins/tagger", guest).await, 200);
        assert_eq!(app.process("one").await.status, if degrade { 200 } else { 502 });
        let found = failures(&app).await;
        assert_eq!(found.len(), 1);
        let expected = if degrade { Value::Null } else { json!("one") };
        assert_eq!(
            (
                &found[0]["kind"],
                &found[0]["code"],
                &found[0]["slot"],
                &found[0]["file_id"]
            ),
            (
                &json!("plugin"),
                &json!("plugin_failed"),
                &json!("tagger"),
                &expected
            )
        );
        assert_eq!(found[0]["detail"], "the tagger plugin failed in `tag`");
        assert!(!json!(found).to_string().contains(SECRET));
    }
}

#[test_support::test]
async fn as_many_are_kept_as_the_settings_say() {
    let app = TestApp::start(&[("FAILURES_KEPT", "2"), ("JOBS_KEPT", "1")]).await;
    for name in ["one", "two", "three"] {
        let batch = json!({ "photos": [photo(name)] });
        assert_eq!(app.post("/api/process/batch", &batch).await.status, 200);
        ended(&app).await;
    }
    let names: Vec<Value> = failures(&app)
        .await
        .into_iter()
        .map(|mut one| one["file_id"].take())
        .collect();
    assert_eq!(names, ["three", "two"]);
    assert_eq!(jobs(&app).await.len(), 1);
}

#[test_support::test]
async fn who_only_sends_photos_reads_jobs_and_no_failures() {
    use sha2::{Digest as _, Sha256};

    let keys = tempfile::NamedTempFile::new().unwrap();
    let mut lines = String::new();
    for role in ["process", "curate", "admin"] {
        let digest = Sha256::digest(format!("key-of-the-role-{role}"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        lines += &format!("{role} {role} {digest}\n");
    }
    std::fs::write(keys.path(), lines).unwrap();
    let app = TestApp::start(&[("API_KEYS_FILE", keys.path().to_str().unwrap())]).await;
    for (role, status) in [("process", 403), ("curate", 200), ("admin", 200)] {
        let key = format!("key-of-the-role-{role}");
        let key = [("X-API-Key", key.as_str())];
        assert_eq!(
            app.call(Method::GET, "/api/failures", &key).await.status,
            status,
            "{role}"
        );
        for path in ["/api/jobs", "/api/files", "/api/tags"] {
            assert_eq!(
                app.call(Method::GET, path, &key).await.status,
                200,
                "{role} {path}"
            );
        }
    }
    for path in [
        "/api/jobs",
        "/api/failures",
        "/api/files",
        "/api/tags",
        "/api/readings/one",
    ] {
        let refused = app.get(path).await;
        assert_eq!(refused.problem(), (401, "wrong_api_key".to_owned()), "{path}");
    }
}
