//! `/api/clusters/{id}/history`: what was corrected, by whom, and undoing it over REST.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::{Answer, TestApp};

use crate::photos::clusters;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn history(app: &TestApp, cluster: &str) -> Value {
    app.get(&format!("/api/clusters/{cluster}/history"))
        .await
        .success()
}

async fn undo(app: &TestApp, cluster: &str, position: impl std::fmt::Display) -> Answer {
    let path = format!("/api/clusters/{cluster}/history/{position}/undo");
    app.call(Method::POST, &path, &[]).await
}

#[test_support::test]
async fn a_merge_is_seen_and_undone() {
    let app = TestApp::start(&[]).await;
    let first = app.describe("anna", &[0]).await;
    let anna = clusters(&first).remove(0);
    let second = app.describe("budi", &[1]).await;
    let budi = clusters(&second).remove(0);
    assert_eq!(
        history(&app, &anna).await,
        json!({ "cluster_id": anna, "entries": [], "next": null })
    );
    let merge = json!({ "source_cluster_ids": [budi], "target_cluster_id": anna });
    let _ = app.post("/api/merge-clusters", &merge).await.success();
    let mut listed = history(&app, &budi).await;
    let at = listed["entries"][0]["at"].take();
    assert!(at.is_u64());
    assert_eq!(
        listed,
        json!({
            "cluster_id": anna,
            "entries": [{
                "position": 1, "at": null, "key": null, "kind": "merged", "cluster_ids": [anna, budi],
                "face_ids": [second["faces"][0]["face_id"]], "faces": 1, "undoes": null, "undone": false,
                "undoable": true, "why_not": null,
            }],
            "next": null,
        })
    );

    let undone = undo(&app, &anna, 1).await.success();
    assert_eq!(undone["cluster_ids"], json!([anna, budi]));
    let entry = &undone["entry"];
    assert_eq!(
        [
            &entry["position"],
            &entry["undoes"],
            &entry["undone"],
            &entry["undoable"]
        ],
        [&json!(2), &json!(1), &json!(false), &json!(true)]
    );
    let page = app
        .get(&format!("/api/clusters/{budi}/history?limit=1"))
        .await
        .success();
    assert_eq!((&page["cluster_id"], &page["next"]), (&json!(budi), &json!(2)));
    let page = app
        .get(&format!("/api/clusters/{budi}/history?limit=1&before=2"))
        .await
        .success();
    let entry = &page["entries"][0];
    assert_eq!(
        [
            &entry["position"],
            &entry["undone"],
            &entry["undoable"],
            &entry["why_not"]
        ],
        [
            &json!(1),
            &json!(true),
            &json!(false),
            &json!("it was already undone")
        ]
    );
    // Nobody was told apart by it.
    let answer = app.get(&format!("/api/clusters/{budi}")).await.success();
    assert_eq!(answer["distinct_cluster_ids"], json!([]));

    for (cluster, position, status, code) in [
        (anna.as_str(), "1", 409, "not_undoable"),
        (&anna, "9", 404, "unknown_entry"),
        (&anna, "first", 404, "unknown_entry"),
        (&anna, "18446744073709551615", 404, "unknown_entry"),
        (UNKNOWN, "1", 404, "unknown_cluster"),
        ("nobody", "1", 404, "unknown_cluster"),
    ] {
        let refused = undo(&app, cluster, position).await;
        assert_eq!(
            refused.problem(),
            (status, code.to_owned()),
            "{cluster} {position}"
        );
    }
    let refused = undo(&app, &anna, 1).await.json();
    assert_eq!(
        refused["detail"],
        "correction 1 cannot be undone: it was already undone"
    );
    for (path, status, code) in [
        (format!("/api/clusters/{UNKNOWN}/history"), 404, "unknown_cluster"),
        (
            format!("/api/clusters/{anna}/history?limit=101"),
            400,
            "malformed_request",
        ),
        (
            format!("/api/clusters/{anna}/history?before=-1"),
            400,
            "malformed_request",
        ),
    ] {
        assert_eq!(
            app.get(&path).await.problem(),
            (status, code.to_owned()),
            "{path}"
        );
    }
}

#[test_support::test]
async fn whoever_is_gone_with_a_rejected_face_comes_back() {
    let app = TestApp::start(&[]).await;
    let photo = app.describe("anna", &[0, 1]).await;
    let face = photo["faces"][1]["face_id"].as_str().unwrap();
    let cluster = photo["faces"][1]["cluster_id"].as_str().unwrap();
    let path = format!("/api/faces/{face}");
    let before = app.get(&path).await.success();
    let _ = app.post(&format!("{path}/reject"), &json!({})).await.success();
    let gone = app.get(&format!("/api/clusters/{cluster}")).await;
    assert_eq!(gone.problem(), (404, "unknown_cluster".to_owned()));
    let undone = undo(&app, cluster, 1).await.success();
    assert_eq!(undone["cluster_ids"], json!([cluster]));
    assert_eq!(app.get(&path).await.success(), before);
    let thumbnail = app.get(&format!("/api/cluster/{cluster}/thumbnail")).await;
    assert_eq!(
        (thumbnail.status, thumbnail.header("content-type")),
        (200, "image/jpeg")
    );
    // Processed again, it is the face it was.
    let again = app.process("anna").await.success();
    assert_eq!(again["faces"][1]["face_id"], face);
}

#[test_support::test]
async fn an_undo_takes_the_right_to_correct_and_is_told_to_the_audit_log() {
    const KEYS: [(&str, &str); 2] = [
        ("API_KEY", "api-key-of-the-tests"),
        ("ADMIN_KEY", "admin-key-of-the-tests"),
    ];
    let caller = ("X-API-Key", KEYS[0].1);
    let app = TestApp::start(&KEYS).await;
    let send = async |path: &str, idempotency: Option<&str>, body: Value| {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(caller.0, caller.1)
            .header("Content-Type", "application/json");
        if let Some(key) = idempotency {
            request = request.header("Idempotency-Key", key);
        }
        app.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let photo = json!({ "file_id": "two", "image_url": test_support::FakePhotos::url("two") });
    app.photos.add("two", test_support::photo_of(&[0, 1]));
    let photo = send("/api/process", None, photo).await.success();
    let [anna, budi] = clusters(&photo).try_into().unwrap();
    let distinct = json!({ "cluster_id": budi });
    let _ = send(&format!("/api/clusters/{anna}/distinct"), None, distinct)
        .await
        .success();
    let path = format!("/api/clusters/{anna}/history");
    let listed = app.call(Method::GET, &path, &[caller]).await.success();
    assert_eq!(listed["entries"][0]["key"], "API_KEY");
    assert_eq!(
        undo(&app, &anna, 1).await.problem(),
        (401, "wrong_api_key".to_owned())
    );

    // Repeated under its key, it is answered as the first time.
    let undo = format!("{path}/1/undo");
    let first = send(&undo, Some("a key"), json!({})).await.success();
    let again = send(&undo, Some("a key"), json!({})).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.success(), first);
    assert_eq!(send(&undo, None, json!({})).await.problem().1, "not_undoable");

    let admin = ("X-Admin-Key", KEYS[1].1);
    let audit = app.call(Method::GET, "/api/audit", &[admin]).await.success();
    let last = audit["entries"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["event"], &last["key"], &last["cluster_ids"]),
        (
            &json!("correction-undone"),
            &json!("API_KEY"),
            &json!([anna, budi])
        )
    );
}

#[test_support::test]
async fn no_more_corrections_are_kept_than_wanted() {
    let app = TestApp::start(&[("CORRECTIONS_KEPT", "1")]).await;
    let people = clusters(&app.describe("both", &[0, 1]).await);
    let [anna, budi] = people.try_into().unwrap();
    let distinct = format!("/api/clusters/{anna}/distinct");
    let _ = app
        .post(&distinct, &json!({ "cluster_id": budi }))
        .await
        .success();
    let withdraw = format!("{distinct}/{budi}");
    let _ = app.call(Method::DELETE, &withdraw, &[]).await.success();
    let listed = history(&app, &anna).await;
    assert_eq!(listed["entries"].as_array().unwrap().len(), 1);
    let refused = undo(&app, &anna, 1).await;
    assert_eq!(refused.problem(), (409, "not_undoable".to_owned()));
    let _ = undo(&app, &anna, 2).await.success();
}
