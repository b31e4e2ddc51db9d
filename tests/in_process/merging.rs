//! `POST /api/merge-clusters`: every outcome, and nothing lost.

use serde_json::{Value, json};
use test_support::{Answer, TestApp};

use crate::photos::clusters;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn merge(app: &TestApp, sources: &[&str], target: &str) -> Answer {
    let body = json!({ "source_cluster_ids": sources, "target_cluster_id": target });
    app.post("/api/merge-clusters", &body).await
}

async fn thumbnail(app: &TestApp, cluster: &str) -> Answer {
    app.get(&format!("/api/cluster/{cluster}/thumbnail")).await
}

/// The one person of a photo.
fn only(answer: &Value) -> String {
    let [cluster] = &clusters(answer)[..] else {
        unreachable!("one face in {answer}")
    };
    cluster.clone()
}

#[test_support::test]
async fn merging_moves_every_face_and_may_be_repeated() {
    let app = TestApp::start(&[]).await;
    let anna = only(&app.describe("anna", &[0]).await);
    let budi = only(&app.describe("budi", &[1]).await);
    let group = clusters(&app.describe("group", &[2, 3, 4, 5, 6]).await);
    assert_eq!(app.counts().await, (7, 7));

    let answer = merge(&app, &[&budi, &group[0], &budi], &anna).await.success();
    assert_eq!(
        answer,
        json!({ "success": true, "merged_count": 2, "target_cluster_id": anna })
    );
    assert_eq!(app.counts().await, (7, 5));
    let survivor = thumbnail(&app, &anna).await;
    assert_eq!(survivor.status, 200);
    // The ids that are gone answer for the one that stays, and say so.
    for gone in [&budi, &group[0]] {
        let answer = thumbnail(&app, gone).await;
        assert_eq!(answer.header("x-cluster-id"), anna);
        assert_eq!(answer.body, survivor.body);
    }

    let answer = merge(&app, &[&budi], &anna).await.success();
    assert_eq!(answer["merged_count"], 0);
    assert_eq!(app.counts().await, (7, 5));

    // What was merged stays merged when the photo comes again.
    assert_eq!(only(&app.process("budi").await.success()), anna);
}

#[test_support::test]
async fn a_merge_that_cannot_be_done_changes_nothing() {
    let app = TestApp::start(&[]).await;
    let anna = only(&app.describe("anna", &[0]).await);
    let budi = only(&app.describe("budi", &[1]).await);
    let cases: [(&[&str], &str, u16, &str); 6] = [
        (&[], &anna, 400, "empty_merge"),
        (&[&anna], &anna, 400, "source_is_target"),
        (&[&budi, &anna], &anna, 400, "source_is_target"),
        (&[&budi], UNKNOWN, 404, "unknown_cluster"),
        (&[&budi, UNKNOWN], &anna, 404, "unknown_cluster"),
        (&["not-a-uuid"], &anna, 400, "invalid_value"),
    ];
    for (sources, target, status, code) in cases {
        let refused = merge(&app, sources, target).await;
        assert_eq!(refused.problem(), (status, code.to_owned()));
        assert_eq!(app.counts().await, (2, 2));
        assert_eq!(thumbnail(&app, &budi).await.status, 200);
    }
}

#[test_support::test]
async fn an_unknown_cluster_has_no_thumbnail() {
    let app = TestApp::start(&[]).await;
    for id in [UNKNOWN, "nobody", "..%2f..%2fsecret"] {
        assert_eq!(thumbnail(&app, id).await.problem().0, 404, "{id}");
    }
}
