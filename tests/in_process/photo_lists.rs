//! Photos by page, tag and person, the tags that there are, and what the active plugins say of a stored photo.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::talkers::talker;
use test_support::{TestApp, guests, photo_of};

use crate::photos::clusters;

const ADMIN: (&str, &str) = ("ADMIN_KEY", "admin-key-of-the-tests");

async fn swap(app: &TestApp, component: Vec<u8>) {
    let request = Request::builder()
        .method(Method::PUT)
        .uri("/api/plugins/tagger?trial=off")
        .header("X-Admin-Key", ADMIN.1)
        .body(Body::from(component));
    let change = app.send(request.unwrap()).await.success();
    assert_eq!(change["changed"], true, "{change}");
}

/// The names of a page's photos.
fn names(page: &Value) -> Vec<&str> {
    let files = page["files"].as_array().unwrap().iter();
    files.map(|file| file["file_id"].as_str().unwrap()).collect()
}

/// The names of all photos of a list, by pages of two.
async fn all(app: &TestApp, query: &str) -> Vec<String> {
    let (mut found, mut before) = (Vec::new(), String::new());
    loop {
        let page = app
            .get(&format!("/api/files?limit=2{query}{before}"))
            .await
            .success();
        found.extend(names(&page).into_iter().map(str::to_owned));
        match page["next"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => return found,
        }
    }
}

#[test_support::test]
async fn photos_are_listed_by_page_tag_and_person() {
    let app = TestApp::start(&[("STORE_URLS", "plain")]).await;
    assert_eq!(
        app.get("/api/files").await.success(),
        json!({ "files": [], "next": null })
    );
    let both = app.describe("both", &[0, 1]).await;
    let people = clusters(&both);
    app.describe("nobody", &[]).await;
    app.describe("later", &[1, 2]).await;
    assert_eq!(all(&app, "").await, ["later", "nobody", "both"]);
    let page = app.get("/api/files").await.success();
    let later = &page["files"][0];
    assert_eq!((&later["faces"], &later["has_url"]), (&json!(2), &json!(true)));
    let there = later["cluster_ids"].as_array().unwrap();
    assert!(there.len() == 2 && there.contains(&json!(people[1])), "{later}");
    let stored = app.get("/api/files/both").await.success();
    let listed = &page["files"][2];
    assert_eq!(
        (&listed["tags"], &listed["context"]),
        (&stored["tags"], &stored["context"])
    );

    // Tags are counted, and each finds its photos.
    let tags = app.get("/api/tags").await.success();
    let tags = tags["tags"].as_array().unwrap();
    assert!(!tags.is_empty());
    let mut most = u64::MAX;
    for tag in tags {
        let (name, photos) = (tag["name"].as_str().unwrap(), tag["photos"].as_u64().unwrap());
        assert!(photos <= most);
        most = photos;
        let encoded = name.replace(' ', "%20");
        let found = all(&app, &format!("&tag={encoded}")).await;
        assert_eq!(found.len() as u64, photos, "{name}");
    }
    let one = app.get("/api/tags?limit=1").await.success();
    assert_eq!(one["tags"], json!([tags[0]]));
    assert_eq!(all(&app, "&tag=nothing").await, [""; 0]);

    // By person, also by a former id; each photo once.
    let by = |id: &str| format!("&cluster_id={id}");
    assert_eq!(all(&app, &by(&people[0])).await, ["both"]);
    assert_eq!(all(&app, &by(&people[1])).await, ["later", "both"]);
    let merge = json!({ "source_cluster_ids": [people[0]], "target_cluster_id": people[1] });
    let _ = app.post("/api/merge-clusters", &merge).await.success();
    for id in &people {
        assert_eq!(all(&app, &by(id)).await, ["later", "both"]);
        let tag = tags[0]["name"].as_str().unwrap().replace(' ', "%20");
        assert_eq!(
            all(&app, &format!("&tag={tag}{}", by(id))).await,
            ["later", "both"]
        );
        assert_eq!(all(&app, &format!("&tag=nothing{}", by(id))).await, [""; 0]);
    }

    // What is deleted is in no list.
    for name in ["both", "later"] {
        let _ = app
            .call(Method::DELETE, &format!("/api/files/{name}"), &[])
            .await
            .success();
    }
    assert_eq!(all(&app, "").await, ["nobody"]);
    let left = app.get("/api/tags").await.success();
    let counted = |tag: &Value| tag["photos"] == 1;
    assert!(left["tags"].as_array().unwrap().iter().all(counted), "{left}");

    let unknown = "00000000-0000-4000-8000-000000000000";
    for (path, status, code) in [
        (format!("/api/files?cluster_id={unknown}"), 404, "unknown_cluster"),
        (
            "/api/files?cluster_id=nobody".to_owned(),
            400,
            "malformed_request",
        ),
        ("/api/files?limit=0".to_owned(), 400, "malformed_request"),
        ("/api/files?limit=501".to_owned(), 400, "malformed_request"),
        ("/api/files?before=-1".to_owned(), 400, "malformed_request"),
        (
            format!("/api/files?before={}", u64::MAX),
            400,
            "malformed_request",
        ),
        ("/api/tags?limit=1001".to_owned(), 400, "malformed_request"),
    ] {
        assert_eq!(
            app.get(&path).await.problem(),
            (status, code.to_owned()),
            "{path}"
        );
    }
}

#[test_support::test]
async fn a_replay_that_is_applied_moves_photos_between_tags() {
    let app = TestApp::start(&[ADMIN]).await;
    app.describe("one", &[0]).await;
    let before = app.get("/api/tags").await.success();
    let tag = before["tags"][0]["name"].as_str().unwrap().replace(' ', "%20");
    // One that answers no tags.
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/plugins/tagger/replay?apply=true")
        .header("X-Admin-Key", ADMIN.1)
        .body(Body::from(guests::tagger(
            "",
            guests::DESCRIPTION,
            "(i32.const 64)",
        )));
    assert_eq!(app.send(request.unwrap()).await.status, 202);
    test_support::eventually(
        std::time::Duration::from_secs(60),
        "the replay ends",
        async || {
            let status = app
                .call(
                    Method::GET,
                    "/api/plugins/tagger/replay",
                    &[("X-Admin-Key", ADMIN.1)],
                )
                .await
                .success();
            assert_eq!(status["error"], Value::Null, "{status}");
            status["report"]["applied"]["written"] == 1
        },
    )
    .await;
    assert_eq!(all(&app, &format!("&tag={tag}")).await, [""; 0]);
    assert_eq!(app.get("/api/tags").await.success(), json!({ "tags": [] }));
    let page = app.get("/api/files").await.success();
    assert_eq!(page["files"][0]["tags"], json!([]));
}

#[test_support::test]
async fn the_active_plugins_read_a_stored_photo_again() {
    let app = TestApp::start(&[ADMIN]).await;
    let answer = app.describe("album/1 é", &[0]).await;
    let path = "/api/readings/album/1%20%C3%A9";
    let reading = app.get(path).await.success();
    assert_eq!(
        (
            &reading["file_id"],
            &reading["same_as_stored"],
            &reading["lacking"]
        ),
        (&json!("album/1 é"), &json!(true), &json!([]))
    );
    let tags: Vec<&Value> = reading["scored_tags"].as_array().unwrap().iter().collect();
    let names: Vec<&Value> = tags.iter().map(|tag| &tag["name"]).collect();
    assert_eq!(
        names,
        answer["tags"].as_array().unwrap().iter().collect::<Vec<_>>()
    );
    assert!(tags.iter().all(|tag| tag["reason"].is_string()), "{reading}");
    assert_eq!(reading["context"]["phrase"], answer["context"]);
    assert!(reading["context"]["reason"].is_string(), "{reading}");
    assert_eq!(reading["plugins"]["tagger"]["name"], "default-tagger");

    // Another tagger says something else, and what is stored stays.
    swap(&app, guests::tagger("", guests::DESCRIPTION, "(i32.const 64)")).await;
    let reading = app.get(path).await.success();
    assert_eq!(
        (&reading["scored_tags"], &reading["same_as_stored"]),
        (&json!([]), &json!(false))
    );
    let stored = app.get("/api/files/album/1%20%C3%A9").await.success();
    assert_eq!(stored["tags"], answer["tags"]);

    // One that fails says nothing of itself.
    swap(&app, talker(&[(true, b"ANNA AND BUDI")], 1, "unreachable")).await;
    let failed = app.get(path).await;
    assert_eq!(failed.problem(), (502, "plugin_failed".to_owned()));
    assert!(!String::from_utf8_lossy(&failed.body).contains("ANNA"));
    for name in ["nobody", "%FF"] {
        let unknown = app.get(&format!("/api/readings/{name}")).await;
        assert_eq!(unknown.problem(), (404, "unknown_file".to_owned()));
    }
}

#[test_support::test]
async fn a_reading_names_evidence_that_was_not_stored() {
    let app = TestApp::start(&[ADMIN, ("EVIDENCE_OFF", "labels")]).await;
    app.describe("one", &[0]).await;
    let mut app = app;
    app.stop().await;
    app.start_again(&[ADMIN]).await;
    let reading = app.get("/api/readings/one").await.success();
    assert_eq!(reading["lacking"], json!(["labels"]), "{reading}");
    app.photos.add("one", photo_of(&[0]));
    let _ = app.process("one").await.success();
    let reading = app.get("/api/readings/one").await.success();
    assert_eq!(reading["lacking"], json!([]), "{reading}");
}
