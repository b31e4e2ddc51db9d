//! What people said by mistake is taken back over REST.

use axum::http::Method;
use serde_json::{Value, json};
use test_support::{Answer, TestApp};

use crate::photos::clusters;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn delete(app: &TestApp, path: &str) -> Answer {
    app.call(Method::DELETE, path, &[]).await
}

fn face(answer: &Value, index: usize) -> String {
    answer["faces"][index]["face_id"].as_str().unwrap().to_owned()
}

#[test_support::test]
async fn what_is_a_face_after_all_comes_back_with_its_photo() {
    let app = TestApp::start(&[]).await;
    let first = face(&app.describe("anna", &[0]).await, 0);
    let _ = app
        .post(&format!("/api/faces/{first}/reject"), &json!({}))
        .await
        .success();
    let again = app.process("anna").await.success();
    assert_eq!(again["faces"], json!([]));

    let path = format!("/api/faces/{first}/reject");
    let answer = delete(&app, &path).await.success();
    assert_eq!(answer, json!({ "face_id": first, "withdrawn": true }));
    let answer = delete(&app, &path).await.success();
    assert_eq!(answer["withdrawn"], false);
    let again = app.process("anna").await.success();
    assert_eq!(again["faces"].as_array().unwrap().len(), 1);

    let refused = delete(&app, "/api/faces/nobody/reject").await;
    assert_eq!(refused.problem(), (404, "unknown_face".to_owned()));
}

#[test_support::test]
async fn two_people_may_be_one_after_all() {
    let app = TestApp::start(&[]).await;
    let anna = app.describe("anna", &[0]).await;
    let budi = app.describe("budi", &[1]).await;
    let (one, other) = (clusters(&anna).remove(0), clusters(&budi).remove(0));
    let said = app
        .post(
            &format!("/api/clusters/{one}/distinct"),
            &json!({ "cluster_id": other }),
        )
        .await
        .success();
    assert_eq!(said["distinct_cluster_ids"], json!([other]));
    for _ in 0..2 {
        let path = format!("/api/clusters/{other}/distinct/{one}");
        let answer = delete(&app, &path).await.success();
        assert_eq!(answer, json!({ "cluster_id": other, "distinct_cluster_ids": [] }));
    }

    let (face, other_face) = (face(&anna, 0), face(&budi, 0));
    let _ = app
        .post(
            &format!("/api/faces/{face}/distinct"),
            &json!({ "face_id": other_face }),
        )
        .await
        .success();
    for withdrawn in [true, false] {
        let answer = delete(&app, &format!("/api/faces/{face}/distinct/{other_face}"))
            .await
            .success();
        assert_eq!(answer, json!({ "face_id": face, "withdrawn": withdrawn }));
    }

    for (path, status, code) in [
        (
            format!("/api/clusters/{one}/distinct/{UNKNOWN}"),
            404,
            "unknown_cluster",
        ),
        (
            format!("/api/clusters/{one}/distinct/nobody"),
            404,
            "unknown_cluster",
        ),
        (format!("/api/clusters/{one}/distinct/{one}"), 409, "same_cluster"),
        (
            format!("/api/faces/{face}/distinct/{UNKNOWN}"),
            404,
            "unknown_face",
        ),
        (format!("/api/faces/{face}/distinct/{face}"), 400, "same_face"),
    ] {
        let refused = delete(&app, &path).await;
        assert_eq!(refused.problem(), (status, code.to_owned()), "{path}");
    }
}
