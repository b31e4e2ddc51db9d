//! Who may call, and with what.

use axum::body::Body;
use axum::http::{Method, Request};
use test_support::{FakePhotos, TestApp, photo_of};

/// The status and the code of a problem.
fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test_support::test]
async fn a_worker_without_photos_says_that_it_is_well() {
    let app = TestApp::start(&[]).await;
    let health = app.get("/health").await.success();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["vector_store"]["kind"], "embedded");
    assert_eq!(health["evidence"]["labels"], true);
    assert_eq!(health["evidence"]["demographics"], false);
    assert_eq!(health["plugins"]["tagger"]["name"], "default-tagger");
    assert_eq!(app.counts().await, (0, 0));
    assert_eq!(app.get("/livez").await.success()["status"], "alive");
    assert_eq!(app.get("/readyz").await.success()["status"], "ready");
    assert!(app.get("/openapi.json").await.success()["paths"].is_object());
}

#[test_support::test]
async fn a_missing_and_a_wrong_key_are_401_and_the_right_one_opens() {
    let app = TestApp::start(&[("API_KEY", "api-secret"), ("ADMIN_KEY", "admin-secret")]).await;
    let clusters = "/api/clusters";
    for headers in [&[][..], &[("X-API-Key", "wrong")][..]] {
        let refused = app.call(Method::GET, clusters, headers).await;
        assert_eq!(refused.problem(), is(401, "wrong_api_key"));
    }
    let answer = app
        .call(Method::GET, clusters, &[("X-API-Key", "api-secret")])
        .await;
    assert_eq!(answer.status, 200);
    // Nobody needs one to ask how it is.
    assert_eq!(app.get("/health").await.status, 200);
}

#[test_support::test]
async fn an_address_outside_the_list_is_403() {
    let mut app = TestApp::start(&[("ALLOWED_IPS", "10.0.0.0/8, fd00::/8")]).await;
    assert_eq!(app.get("/health").await.problem(), is(403, "address_not_allowed"));
    for (peer, status) in [("10.1.2.3:4", 200), ("11.1.2.3:4", 403), ("[fd00::1]:2", 200)] {
        app.peer = peer.parse().unwrap();
        assert_eq!(app.get("/health").await.status, status, "{peer}");
    }
}

#[test_support::test]
async fn what_is_not_there_is_404_and_what_cannot_be_done_is_405() {
    let app = TestApp::start(&[]).await;
    assert_eq!(app.get("/nowhere").await.problem(), is(404, "no_such_route"));
    let deleted = app.call(Method::DELETE, "/api/process", &[]).await;
    assert_eq!(deleted.problem(), is(405, "method_not_allowed"));
    let unknown = app
        .get("/api/clusters/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!(unknown.problem(), is(404, "unknown_cluster"));
}

#[test_support::test]
async fn a_body_that_is_not_called_json_is_415() {
    let app = TestApp::start(&[]).await;
    app.photos.add("one", photo_of(&[0]));
    let body = serde_json::json!({ "file_id": "1", "image_url": FakePhotos::url("one") }).to_string();
    for (kind, status) in [
        (None, 415),
        (Some("text/plain"), 415),
        (Some("application/json"), 200),
    ] {
        let mut request = Request::builder().method(Method::POST).uri("/api/process");
        if let Some(kind) = kind {
            request = request.header("Content-Type", kind);
        }
        let answer = app.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status, status, "{kind:?}");
        if status == 415 {
            assert_eq!(answer.problem(), is(415, "not_json"));
        }
    }
}

#[test_support::test]
async fn a_request_id_goes_in_and_out_and_into_problems() {
    let app = TestApp::start(&[]).await;
    let answer = app
        .call(Method::GET, "/nowhere", &[("X-Request-Id", "photo-42")])
        .await;
    assert_eq!(answer.header("x-request-id"), "photo-42");
    assert_eq!(answer.json()["request_id"], "photo-42");
    assert!(!app.get("/nowhere").await.header("x-request-id").is_empty());
}
