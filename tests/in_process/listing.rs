//! Everybody in an order that a page can show, and who might be the same person.

use serde_json::{Value, json};
use test_support::TestApp;

use crate::photos::clusters;

async fn list(app: &TestApp, path: &str, key: &str) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}limit=2{next}")).await.success();
        for entry in page[key].as_array().unwrap() {
            found.push(entry["cluster_id"].as_str().unwrap().to_owned());
        }
        match (page["next"].as_str(), &page["next_key"]) {
            (Some(after), Value::Number(number)) => next = format!("&after={after}&after_key={number}"),
            (Some(after), _) => next = format!("&after={after}"),
            (None, _) => return found,
        }
    }
}

#[test_support::test]
async fn clusters_are_listed_by_size_and_by_last_photo() {
    let app = TestApp::start(&[]).await;
    let mut ids = Vec::new();
    for index in 0..5 {
        ids.push(clusters(&app.describe(&index.to_string(), &[index]).await).remove(0));
    }
    let merge = json!({ "source_cluster_ids": [ids[0]], "target_cluster_id": ids[3] });
    let _ = app.post("/api/merge-clusters", &merge).await.success();
    let by_id = list(&app, "/api/clusters?", "clusters").await;
    assert!(by_id.is_sorted() && by_id.len() == 4);
    assert_eq!(list(&app, "/api/clusters?sort=id&", "clusters").await, by_id);

    let by_faces = list(&app, "/api/clusters?sort=faces&", "clusters").await;
    assert_eq!(by_faces[0], ids[3]);
    assert!(by_faces[1..].is_sorted());
    let latest = list(&app, "/api/clusters?sort=latest&", "clusters").await;
    assert_eq!(latest, [&ids[4], &ids[3], &ids[2], &ids[1]].map(Clone::clone));
    let _ = app.process("1").await.success();
    let latest = list(&app, "/api/clusters?sort=latest&", "clusters").await;
    assert_eq!(latest, [&ids[1], &ids[4], &ids[3], &ids[2]].map(Clone::clone));

    for (query, code) in [
        ("sort=size", "malformed_request"),
        ("sort=faces&after_key=1", "invalid_value"),
        (&format!("sort=faces&after={}", ids[3]), "invalid_value"),
    ] {
        let refused = app.get(&format!("/api/clusters?{query}")).await;
        assert_eq!(refused.problem(), (400, code.to_owned()), "{query}");
    }
}

#[test_support::test]
async fn who_resembles_a_person_is_listed_with_who_is_somebody_else() {
    let app = TestApp::start(&[]).await;
    let mut ids = Vec::new();
    for index in 0..5 {
        ids.push(clusters(&app.describe(&index.to_string(), &[index]).await).remove(0));
    }
    let stranger = json!({ "cluster_id": ids[2] });
    let _ = app
        .post(&format!("/api/clusters/{}/distinct", ids[0]), &stranger)
        .await
        .success();
    let path = format!("/api/clusters/{}/similar", ids[0]);
    let page = app.get(&path).await.success();
    assert_eq!(
        (&page["cluster_id"], &page["next"]),
        (&json!(ids[0]), &Value::Null)
    );
    let similar = page["similar"].as_array().unwrap();
    let similarities: Vec<f64> = similar
        .iter()
        .map(|other| other["similarity"].as_f64().unwrap())
        .collect();
    assert!(similarities.is_sorted_by(|a, b| a >= b), "{similarities:?}");
    let mut found: Vec<&str> = similar
        .iter()
        .map(|other| other["cluster_id"].as_str().unwrap())
        .collect();
    let strangers: Vec<&Value> = similar.iter().filter(|other| other["distinct"] == true).collect();
    assert_eq!(
        (strangers.len(), &strangers[0]["cluster_id"]),
        (1, &json!(ids[2]))
    );
    assert_eq!(list(&app, &format!("{path}?"), "similar").await, found);
    found.sort_unstable();
    let mut others: Vec<&str> = ids[1..].iter().map(String::as_str).collect();
    others.sort_unstable();
    assert_eq!(found, others);

    for (path, status, code) in [
        (format!("{path}?after=nobody"), 400, "malformed_request"),
        (format!("{path}?limit=101"), 400, "malformed_request"),
        ("/api/clusters/nobody/similar".to_owned(), 404, "unknown_cluster"),
    ] {
        assert_eq!(
            app.get(&path).await.problem(),
            (status, code.to_owned()),
            "{path}"
        );
    }
}
