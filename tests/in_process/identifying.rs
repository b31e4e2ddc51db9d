//! Photos that are looked at and not stored: who is in one, and how alike two are.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use test_support::{Answer, FakePhotos, Form, TestApp, files_with, photo_of};

use crate::photos::clusters;

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Everything that a caller can see of the store.
async fn stored(app: &TestApp) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["/api/clusters", "/api/changes"] {
        seen.push(app.get(path).await.success());
    }
    let (faces, people) = app.counts().await;
    seen.push(json!([faces, people]));
    seen
}

/// The faces of an answer from left to right.
fn faces(answer: &Value) -> Vec<Value> {
    let mut faces = answer["faces"].as_array().unwrap().clone();
    faces.sort_by_key(|face| face["bounding_box"][0].as_u64());
    faces
}

async fn identify(app: &TestApp, query: &str, persons: &[usize]) -> Answer {
    let form = Form::new().file("photo", &photo_of(persons));
    app.post_form(&format!("/api/identify{query}"), form).await
}

#[test_support::test]
async fn known_people_are_named_new_ones_are_not_and_nothing_is_stored() {
    let app = TestApp::start(&[("STORE_URLS", "full")]).await;
    let known = app.describe("known", &[0, 1]).await;
    app.describe("again", &[1]).await;
    let before = stored(&app).await;
    let people = clusters(&known);

    app.photos.add("looked-at-only", photo_of(&[2, 1]));
    let by_url = json!({ "image_url": FakePhotos::url("looked-at-only") });
    let photo = photo_of(&[2, 1]);
    for answer in [
        app.post("/api/identify", &by_url).await,
        app.post_body("/api/identify", "image/png", photo.clone()).await,
        app.post_form("/api/identify", Form::new().file("photo", &photo))
            .await,
    ] {
        let answer = answer.success();
        let faces = faces(&answer);
        assert_eq!(faces.len(), 2, "{answer}");
        assert_eq!(faces[0]["cluster_id"], Value::Null);
        assert_eq!(faces[1]["cluster_id"], people[1].as_str());
        for face in &faces {
            assert!(!face["reason"].as_str().unwrap().is_empty(), "{face}");
            assert_eq!(face["people"].as_array().unwrap().len(), 2, "{face}");
        }
        let first = &faces[1]["people"][0];
        assert_eq!(
            (&first["cluster_id"], &first["faces"]),
            (&json!(people[1]), &json!(2))
        );
        assert!(first["similarity"].as_f64().unwrap() > 0.99, "{first}");
        assert!(faces[1]["people"][1]["similarity"].as_f64().unwrap() < 0.5);
        let thumbnail = app.get(first["thumbnail"].as_str().unwrap()).await;
        assert_eq!(thumbnail.header("content-type"), "image/jpeg");
        let face = format!("/api/faces/{}", first["representative_face_id"].as_str().unwrap());
        assert_eq!(app.get(&face).await.success()["cluster_id"], people[1].as_str());
        // What the photo is described with.
        assert_eq!((&answer["width"], &answer["height"]), (&json!(152), &json!(80)));
        assert!(!answer["context"].as_str().unwrap().is_empty());
        assert_eq!(answer["degraded"], json!([]));
        assert_eq!(answer["details"]["cluster_reasons"].as_array().unwrap().len(), 2);
        assert_eq!(answer["details"]["plugins"]["tagger"]["name"], "default-tagger");
    }
    assert_eq!(stored(&app).await, before);
    assert!(files_with(app.data(), b"looked-at-only").is_empty());
}

#[test_support::test]
async fn it_says_what_processing_says_then() {
    let app = TestApp::start(&[]).await;
    app.describe("known", &[0, 1]).await;
    for persons in [&[0][..], &[1, 0, 3], &[4], &[]] {
        let looked = identify(&app, "", persons).await.success();
        app.photos.add("new", photo_of(persons));
        let body = json!({ "file_id": format!("{persons:?}"), "image_url": FakePhotos::url("new") });
        let stored = app.post("/api/process?details=true", &body).await.success();
        for part in ["tags", "context"] {
            assert_eq!(looked[part], stored[part], "{persons:?}");
        }
        for part in ["scored_tags", "cluster_reasons", "plugins", "labels"] {
            assert_eq!(looked["details"][part], stored["details"][part], "{persons:?}");
        }
        for (looked, stored) in faces(&looked).iter().zip(faces(&stored)) {
            let expected = match stored["is_new_cluster"] == true {
                true => Value::Null,
                false => stored["cluster_id"].clone(),
            };
            assert_eq!(looked["cluster_id"], expected, "{persons:?}");
            assert_eq!(looked["bounding_box"], stored["bounding_box"]);
        }
    }
}

#[test_support::test]
async fn the_number_of_people_is_bounded() {
    let app = TestApp::start(&[]).await;
    app.describe("known", &[0, 1, 2]).await;
    let answer = identify(&app, "?people=1", &[2]).await.success();
    assert_eq!(answer["faces"][0]["people"].as_array().unwrap().len(), 1);
    let answer = identify(&app, "?people=20", &[2]).await.success();
    assert_eq!(answer["faces"][0]["people"].as_array().unwrap().len(), 3);
    for people in ["0", "21", "two"] {
        let answer = identify(&app, &format!("?people={people}"), &[2]).await;
        assert_eq!(answer.problem(), is(400, "malformed_request"), "{people}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("people") && !detail.contains("limit"), "{detail}");
    }
    // Of nobody there is nobody to resemble.
    let empty = TestApp::start(&[]).await;
    let answer = identify(&empty, "", &[0]).await.success();
    assert_eq!(answer["faces"][0]["people"], json!([]));
    assert_eq!(answer["faces"][0]["cluster_id"], Value::Null);
}

#[test_support::test]
async fn two_photos_are_compared_face_by_face_and_not_stored() {
    let app = TestApp::start(&[]).await;
    let (one, other) = (photo_of(&[0, 1]), photo_of(&[1]));
    app.photos.add("one", one.clone());
    app.photos.add("other", other.clone());
    let urls = json!({ "image_urls": [FakePhotos::url("one"), FakePhotos::url("other")] });
    let turned_round = Form::new().file("second", &other).file("first", &one);
    for answer in [
        app.post("/api/compare", &urls).await,
        app.post_form("/api/compare", turned_round).await,
    ] {
        let answer = answer.success();
        assert_eq!(answer["first"]["width"], 152);
        assert_eq!(answer["first"]["faces"].as_array().unwrap().len(), 2, "{answer}");
        assert_eq!(answer["second"]["faces"].as_array().unwrap().len(), 1);
        assert_eq!(answer["threshold"], 0.5);
        let best = &answer["best"];
        assert_eq!((&best["second"], &best["same"]), (&json!(0), &json!(true)));
        let index = usize::try_from(best["first"].as_u64().unwrap()).unwrap();
        // Person 1 is on the right.
        assert!(
            answer["first"]["faces"][index]["bounding_box"][0]
                .as_u64()
                .unwrap()
                > 70
        );
        assert_eq!(answer["similarities"][index][0], best["similarity"]);
        assert!(answer["similarities"][1 - index][0].as_f64().unwrap() < 0.5);
    }
    for (first, second, best) in [
        (&[0][..], &[1][..], json!(false)),
        (&[0], &[], Value::Null),
        (&[], &[0, 1], Value::Null),
    ] {
        let form = Form::new()
            .file("first", &photo_of(first))
            .file("second", &photo_of(second));
        let answer = app.post_form("/api/compare", form).await.success();
        assert_eq!(answer["best"].get("same").unwrap_or(&Value::Null), &best);
        assert_eq!(answer["similarities"].as_array().unwrap().len(), first.len());
    }
    assert_eq!(app.counts().await, (0, 0));
}

#[test_support::test]
async fn what_is_missing_of_two_photos_is_said() {
    let app = TestApp::start(&[]).await;
    let photo = photo_of(&[0]);
    let first = || Form::new().file("first", &photo);
    for (form, status, code) in [
        (first(), 400, "malformed_request"),
        (Form::new(), 400, "malformed_request"),
        (first().file("first", &photo), 400, "malformed_request"),
        (first().file("third", &photo), 400, "malformed_request"),
        (first().file("second", b"no photo"), 415, "photo_not_an_image"),
    ] {
        let answer = app.post_form("/api/compare", form).await;
        assert_eq!(answer.problem(), is(status, code));
    }
    let one = app.post_body("/api/compare", "image/png", photo.clone()).await;
    assert_eq!(one.problem(), is(415, "not_json"));
    for urls in [
        json!([]),
        json!(["http://a/"]),
        json!(["http://a/", "http://b/", "http://c/"]),
    ] {
        let answer = app.post("/api/compare", &json!({ "image_urls": urls })).await;
        assert_eq!(answer.problem(), is(400, "malformed_request"));
    }
    app.photos.add("one", photo);
    let urls = json!({ "image_urls": [FakePhotos::url("one"), FakePhotos::url("missing")] });
    let answer = app.post("/api/compare", &urls).await;
    assert_eq!(answer.problem(), is(422, "photo_unreachable"));
}

/// A request that needs the role `curate`, with a key.
async fn try_with(
    app: &TestApp,
    (method, path, media_type, body): &(Method, &str, String, Vec<u8>),
    key: &str,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(*path)
        .header("Content-Type", media_type)
        .header("X-API-Key", key);
    app.send(request.body(Body::from(body.clone())).unwrap()).await
}

#[test_support::test]
async fn who_only_sends_photos_may_not_look_and_who_looks_is_audited() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let keys = ["process", "curate"].map(|role| (role, ai_worker::access::NewKey::generate()));
    let lines: Vec<String> = keys
        .iter()
        .map(|(role, key)| format!("the-{role} {role} {}\n", key.digest()))
        .collect();
    std::fs::write(&file, lines.concat()).unwrap();
    let admin = "an-admin-key-of-some-length";
    let settings = [("API_KEYS_FILE", file.to_str().unwrap()), ("ADMIN_KEY", admin)];
    let app = TestApp::start(&settings).await;
    let photo = photo_of(&[0]);
    let one = Form::new().file("photo", &photo).body();
    let two = Form::new().file("first", &photo).file("second", &photo).body();
    let form = Form::content_type;
    let json = || "application/json".to_owned();
    for (request, status) in [
        ((Method::POST, "/api/identify", form(), one), 200),
        ((Method::POST, "/api/compare", form(), two), 200),
        (
            (
                Method::POST,
                "/api/reprocess",
                json(),
                b"{\"file_id\": \"1\"}".to_vec(),
            ),
            404,
        ),
        ((Method::GET, "/api/pictures/1", json(), Vec::new()), 404),
    ] {
        let [process, curate] = [0, 1].map(|index| keys[index].1.text());
        let refused = try_with(&app, &request, process).await;
        assert_eq!(refused.problem(), is(403, "role_not_allowed"), "{}", request.1);
        let answer = try_with(&app, &request, curate).await;
        assert_eq!(answer.status, status, "{}", request.1);
    }
    let audit = app
        .call(Method::GET, "/api/audit", &[("X-Admin-Key", admin)])
        .await
        .success();
    let entries = audit["entries"].as_array().unwrap();
    let events: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["event"].as_str())
        .collect();
    assert_eq!(events, ["identified", "compared"]);
    for entry in entries {
        assert_eq!(entry["key"], "the-curate");
        assert_eq!(
            (&entry["cluster_ids"], &entry["face_ids"]),
            (&json!([]), &json!([]))
        );
    }
}
