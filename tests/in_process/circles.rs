//! A damaged store is told from one that does not answer, at once.

use std::time::Duration;

use axum::http::Method;
use rusqlite::Connection;
use serde_json::json;
use test_support::TestApp;

use crate::photos::clusters;

#[test_support::test]
async fn a_circle_of_merges_is_answered_at_once_by_its_own_code() {
    let app = TestApp::start(&[]).await;
    let mut ids = Vec::new();
    for index in 0..4 {
        let photo = app.describe(&index.to_string(), &[index]).await;
        ids.push(clusters(&photo).remove(0));
    }
    let [a, b, c, other] = &ids[..] else {
        unreachable!()
    };
    for (source, target) in [(a, b), (b, c)] {
        let body = json!({ "source_cluster_ids": [source], "target_cluster_id": target });
        let _ = app.post("/api/merge-clusters", &body).await.success();
    }
    let database = Connection::open(app.data().join("faces/faces.sqlite")).unwrap();
    database
        .execute(
            "INSERT INTO redirect (source, target, faces, distinctions) VALUES (?1, ?2, '[]', '[]')",
            [c, b],
        )
        .unwrap();

    let at_once = async {
        for id in [a, b, c] {
            let cluster = format!("/api/clusters/{id}");
            let into = json!({ "source_cluster_ids": [other], "target_cluster_id": id });
            for answer in [
                app.get(&cluster).await,
                app.get(&format!("/api/cluster/{id}/thumbnail")).await,
                app.post("/api/merge-clusters", &into).await,
                app.post(&format!("{cluster}/distinct"), &json!({ "cluster_id": other }))
                    .await,
                app.call(Method::DELETE, &cluster, &[]).await,
            ] {
                assert_eq!(answer.problem(), (500, "merge_circle".to_owned()));
            }
        }
        // Others are served as before.
        let _ = app.get(&format!("/api/clusters/{other}")).await.success();
        let _ = app.process("3").await.success();
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), at_once).await;
    assert!(waited.is_ok(), "a call hung");
}
