//! `GET /api/changes`: what happened, in order, and no further back than it is kept.

use serde_json::{Value, json};
use test_support::TestApp;

use crate::photos::clusters;

#[test_support::test]
async fn changes_are_listed_from_where_a_copy_is() {
    let app = TestApp::start(&[]).await;
    let start = app.get("/api/changes").await.success();
    assert_eq!(start, json!({ "changes": [], "next": 0, "latest": 0 }));
    let first = app.describe("anna", &[0]).await;
    let anna = clusters(&first).remove(0);
    let budi = clusters(&app.describe("budi", &[1]).await).remove(0);
    let merge = json!({ "source_cluster_ids": [budi], "target_cluster_id": anna });
    let _ = app.post("/api/merge-clusters", &merge).await.success();

    let page = app.get("/api/changes?limit=1").await.success();
    assert_eq!((&page["next"], &page["latest"]), (&json!(1), &json!(4)));
    let mut come = page["changes"][0].clone();
    assert!(come["at"].is_u64());
    come.as_object_mut().unwrap().remove("at");
    assert_eq!(
        come,
        json!({
            "position": 1,
            "kind": "face",
            "face_id": first["faces"][0]["face_id"],
            "from_cluster_id": null,
            "to_cluster_id": anna,
        })
    );
    let page = app.get("/api/changes?after=2").await.success();
    let kinds: Vec<&Value> = page["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["kind"])
        .collect();
    assert_eq!(kinds, ["face", "merged"]);
    assert_eq!(page["changes"][1]["from_cluster_id"], budi.as_str());
    assert_eq!(page["next"], page["latest"]);
}

#[test_support::test]
async fn whoever_asks_for_changes_that_are_not_kept_is_told_so() {
    let app = TestApp::start(&[("CHANGES_KEPT", "2")]).await;
    for index in 0..4 {
        app.describe(&index.to_string(), &[index]).await;
    }
    for after in [0, 1, 5] {
        let gone = app.get(&format!("/api/changes?after={after}")).await;
        assert_eq!(gone.problem(), (410, "changes_gone".to_owned()), "{after}");
    }
    let page = app.get("/api/changes?after=2").await.success();
    assert_eq!(page["changes"].as_array().unwrap().len(), 2);
    let refused = app.get("/api/changes?after=-1").await;
    assert_eq!(refused.problem(), (400, "malformed_request".to_owned()));
}
