//! `POST /api/merge-clusters`: every outcome, and nothing lost.

use serde_json::{Value, json};

use crate::worker::{Worker, clusters};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn merge(worker: &Worker, sources: &[&str], target: &str) -> (u16, Value) {
    let body = json!({ "source_cluster_ids": sources, "target_cluster_id": target });
    worker.post("/api/merge-clusters", &body).await
}

#[tokio::test]
async fn merging_moves_every_face_and_may_be_repeated() {
    let Some(worker) = Worker::start(&[]).await else {
        return;
    };
    let obama = clusters(&worker.describe("obama.jpg").await).remove(0);
    let biden = clusters(&worker.describe("biden.jpg").await).remove(0);
    let group = clusters(&worker.describe("t1.jpg").await);
    assert_eq!(worker.counts().await, (8, 8));

    let (status, answer) = merge(&worker, &[&biden, &group[0], &biden], &obama).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer,
        json!({ "success": true, "merged_count": 2, "target_cluster_id": obama })
    );
    assert_eq!(worker.counts().await, (8, 6));
    assert_eq!(worker.thumbnail(&obama).await.0, 200);
    // The ids that are gone answer for the one that stays, and say so.
    for gone in [&biden, &group[0]] {
        let response = worker.fetch(&format!("/api/cluster/{gone}/thumbnail")).await;
        assert_eq!(response.headers()["x-cluster-id"], obama.as_str());
        assert_eq!(response.bytes().await.unwrap(), worker.thumbnail(&obama).await.2);
    }

    let (status, answer) = merge(&worker, &[&biden], &obama).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["merged_count"], 0);
    assert_eq!(worker.counts().await, (8, 6));

    // What was merged stays merged when the photo comes again.
    assert_eq!(clusters(&worker.describe("biden.jpg").await), [obama]);
}

#[tokio::test]
async fn a_merge_that_cannot_be_done_changes_nothing() {
    let Some(worker) = Worker::start(&[]).await else {
        return;
    };
    let obama = clusters(&worker.describe("obama.jpg").await).remove(0);
    let biden = clusters(&worker.describe("biden.jpg").await).remove(0);
    let cases: [(&[&str], &str, u16, &str); 6] = [
        (&[], &obama, 400, "empty_merge"),
        (&[&obama], &obama, 400, "source_is_target"),
        (&[&biden, &obama], &obama, 400, "source_is_target"),
        (&[&biden], UNKNOWN, 404, "unknown_cluster"),
        (&[&biden, UNKNOWN], &obama, 404, "unknown_cluster"),
        (&["not-a-uuid"], &obama, 400, "invalid_value"),
    ];
    for (sources, target, status, code) in cases {
        let (found, problem) = merge(&worker, sources, target).await;
        assert_eq!(
            (found, problem["code"].as_str()),
            (status, Some(code)),
            "{problem}"
        );
        assert_eq!(worker.counts().await, (2, 2));
        assert_eq!(worker.thumbnail(&biden).await.0, 200);
    }
}

#[tokio::test]
async fn an_unknown_cluster_has_no_thumbnail() {
    let Some(worker) = Worker::start(&[]).await else {
        return;
    };
    for id in [UNKNOWN, "nobody", "..%2f..%2fsecret"] {
        let (status, kind, _) = worker.thumbnail(id).await;
        assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{id}");
    }
}
