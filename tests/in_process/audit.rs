//! Who changed plugins and corrected people, and what is left of that when a person is deleted.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::{FakePhotos, TestApp, eventually, guests, photo_of};

const KEYS: [(&str, &str); 2] = [
    ("API_KEY", "api-key-of-the-tests"),
    ("ADMIN_KEY", "admin-key-of-the-tests"),
];
const CALLER: (&str, &str) = ("X-API-Key", "api-key-of-the-tests");
const ADMIN: (&str, &str) = ("X-Admin-Key", "admin-key-of-the-tests");

/// A worker with keys, called from an address of its own.
async fn start() -> TestApp {
    let mut app = TestApp::start(&KEYS).await;
    app.peer = "192.0.2.7:4000".parse::<SocketAddr>().unwrap();
    app
}

async fn send(app: &TestApp, method: Method, path: &str, body: Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CALLER.0, CALLER.1)
        .header("Content-Type", "application/json");
    let body = if body.is_null() {
        Body::empty()
    } else {
        body.to_string().into()
    };
    app.send(request.body(body).unwrap()).await.success()
}

/// Has a photo of these people described, each of whom is somebody new; gives the ids of the faces and clusters.
async fn describe(app: &TestApp, name: &str, persons: &[usize]) -> Vec<(String, String)> {
    app.photos.add(name, photo_of(persons));
    let photo = json!({ "file_id": name, "image_url": FakePhotos::url(name) });
    let answer = send(app, Method::POST, "/api/process", photo).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let faces = answer["faces"].as_array().unwrap().iter();
    faces
        .map(|face| (text(&face["face_id"]), text(&face["cluster_id"])))
        .collect()
}

/// All entries, in pages of two.
async fn entries(app: &TestApp) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = app
            .call(
                Method::GET,
                &format!("/api/audit?after={after}&limit=2"),
                &[ADMIN],
            )
            .await
            .success();
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 2);
        all.extend(entries.iter().cloned());
        after = page["next"].as_u64().unwrap();
        if after >= page["latest"].as_u64().unwrap() {
            return all;
        }
    }
}

fn events(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect()
}

#[test_support::test]
async fn every_correction_is_told_with_who_made_it() {
    let app = start().await;
    let faces = describe(&app, "one", &[0, 1, 2, 3]).await;
    let [(a_face, a), (b_face, b), (c_face, c), (d_face, d)] = faces.try_into().unwrap();
    let post = async |path: String, body: Value| send(&app, Method::POST, &path, body).await;
    let merge = json!({ "source_cluster_ids": [b], "target_cluster_id": a });
    post("/api/merge-clusters".into(), merge.clone()).await;
    // What changes nothing is no news.
    post("/api/merge-clusters".into(), merge).await;
    post(format!("/api/clusters/{b}/unmerge"), Value::Null).await;
    post(format!("/api/clusters/{c}/distinct"), json!({ "cluster_id": d })).await;
    send(
        &app,
        Method::DELETE,
        &format!("/api/clusters/{c}/distinct/{d}"),
        Value::Null,
    )
    .await;
    post(
        format!("/api/faces/{c_face}/distinct"),
        json!({ "face_id": d_face }),
    )
    .await;
    send(
        &app,
        Method::DELETE,
        &format!("/api/faces/{c_face}/distinct/{d_face}"),
        Value::Null,
    )
    .await;
    post(format!("/api/faces/{b_face}/move"), json!({ "cluster_id": a })).await;
    post(
        format!("/api/clusters/{a}/split"),
        json!({ "face_ids": [b_face] }),
    )
    .await;
    let chosen = json!({ "face_id": a_face });
    send(
        &app,
        Method::PUT,
        &format!("/api/clusters/{a}/representative"),
        chosen,
    )
    .await;
    for (method, path, body) in [
        (Method::PUT, format!("/api/clusters/{a}/unsure/{d}"), Value::Null),
        (
            Method::DELETE,
            format!("/api/clusters/{a}/unsure/{d}"),
            Value::Null,
        ),
        (
            Method::PATCH,
            format!("/api/clusters/{a}"),
            json!({ "hidden": true }),
        ),
        (
            Method::PATCH,
            format!("/api/clusters/{a}"),
            json!({ "hidden": false }),
        ),
    ] {
        send(&app, method.clone(), &path, body.clone()).await;
        // What changes nothing is no news, but for what is said once more.
        if method != Method::PUT {
            send(&app, method, &path, body).await;
        }
    }
    post(format!("/api/faces/{d_face}/reject"), Value::Null).await;
    send(
        &app,
        Method::DELETE,
        &format!("/api/faces/{d_face}/reject"),
        Value::Null,
    )
    .await;
    send(&app, Method::DELETE, &format!("/api/clusters/{c}"), Value::Null).await;
    send(&app, Method::DELETE, "/api/files/one", Value::Null).await;
    let entries = entries(&app).await;
    assert_eq!(
        events(&entries),
        [
            "merged",
            "unmerged",
            "clusters-distinguished",
            "cluster-distinction-withdrawn",
            "faces-distinguished",
            "face-distinction-withdrawn",
            "face-moved",
            "split",
            "representative-chosen",
            "marked-unsure",
            "unsure-withdrawn",
            "person-hidden",
            "person-shown",
            "face-rejected",
            "face-rejection-withdrawn",
            "person-deleted",
            "photo-deleted",
        ]
    );
    for entry in &entries {
        assert_eq!(entry["key"], "API_KEY", "{entry}");
        assert_eq!(entry["address"], "192.0.2.7", "{entry}");
        assert!(entry["at"].as_str().unwrap().ends_with('Z'), "{entry}");
    }
}

#[test_support::test]
async fn a_swap_and_a_rollback_are_told_with_who_made_them() {
    let app = start().await;
    let put = async |component: Vec<u8>| {
        let swap = Request::builder()
            .method(Method::PUT)
            .uri("/api/plugins/tagger")
            .header(ADMIN.0, ADMIN.1)
            .body(component.into())
            .unwrap();
        app.send(swap).await
    };
    let first = app.call(Method::GET, "/api/plugins", &[ADMIN]).await.success()[0].take();
    assert_eq!(put(b"no component".to_vec()).await.status, 422);
    let swapped = put(guests::another_tagger()).await.success();
    assert_eq!(swapped["changed"], true, "{swapped}");
    // What serves already is no news.
    assert_eq!(put(guests::another_tagger()).await.success()["changed"], false);
    let back = app
        .call(Method::POST, "/api/plugins/tagger/rollback", &[ADMIN])
        .await;
    assert_eq!(back.success()["active"]["digest"], first["digest"]);
    let entries = entries(&app).await;
    assert_eq!(events(&entries), ["refused", "swapped", "rolled-back"]);
    for entry in &entries {
        assert_eq!(entry["key"], "ADMIN_KEY", "{entry}");
        assert_eq!(entry["address"], "192.0.2.7", "{entry}");
        assert_eq!(entry["slot"], "tagger", "{entry}");
    }
    let another = &swapped["active"]["digest"];
    assert_ne!(another, &first["digest"]);
    assert_eq!(&entries[1]["digest"], another);
    assert_eq!(entries[2]["digest"], first["digest"]);
}

#[test_support::test]
async fn the_audit_log_is_for_administrators() {
    let app = start().await;
    for headers in [&[][..], &[CALLER][..]] {
        let answer = app.call(Method::GET, "/api/audit", headers).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    let page = app
        .call(Method::GET, "/api/audit?after=99", &[ADMIN])
        .await
        .success();
    assert_eq!(page, json!({ "entries": [], "next": 99, "latest": 0 }));
    for wrong in ["limit=0", "limit=1001", "after=-1", "after=x"] {
        let answer = app
            .call(Method::GET, &format!("/api/audit?{wrong}"), &[ADMIN])
            .await;
        assert_eq!(answer.problem(), (400, "malformed_request".to_owned()), "{wrong}");
    }
}

#[test_support::test]
async fn entries_of_a_deleted_person_keep_no_ids() {
    let app = start().await;
    let faces = describe(&app, "one", &[0, 1, 2]).await;
    let [(a_face, a), (b_face, b), (_, stays)] = faces.try_into().unwrap();
    let distinct = json!({ "cluster_id": stays });
    send(
        &app,
        Method::POST,
        &format!("/api/clusters/{b}/distinct"),
        distinct,
    )
    .await;
    let merge = json!({ "source_cluster_ids": [b], "target_cluster_id": a });
    send(&app, Method::POST, "/api/merge-clusters", merge).await;
    send(
        &app,
        Method::POST,
        &format!("/api/faces/{b_face}/move"),
        json!({ "cluster_id": a }),
    )
    .await;
    let file = app.data().join("plugins/audit.jsonl");
    let ids = [&a, &b, &a_face, &b_face];
    let found = || {
        let text = fs::read_to_string(&file).unwrap();
        ids.into_iter().filter(|id| text.contains(id.as_str())).count()
    };
    assert_eq!(found(), 3, "a_face is in no entry");
    send(&app, Method::DELETE, &format!("/api/clusters/{a}"), Value::Null).await;
    eventually(Duration::from_secs(30), "the ids are gone", async || found() == 0).await;
    let entries = entries(&app).await;
    assert_eq!(
        events(&entries),
        ["clusters-distinguished", "merged", "face-moved", "person-deleted"]
    );
    // What is said of others stays.
    assert_eq!(entries[0]["cluster_ids"], json!([stays]));
    assert_eq!(entries[0]["erased"], true);
}
