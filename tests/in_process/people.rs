//! Who is hidden or provisional, who might be one person, and which faces fit a person least, over REST.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use test_support::{Answer, TestApp};

use crate::photos::clusters;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn patch(app: &TestApp, cluster: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(format!("/api/clusters/{cluster}"))
        .header(header::CONTENT_TYPE, "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

/// The ids of a list, in its order.
async fn list(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/api/clusters?{query}")).await.success();
    let found = page["clusters"].as_array().unwrap().iter();
    found
        .map(|cluster| cluster["cluster_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of each pair.
async fn pairs(app: &TestApp, query: &str) -> Vec<[String; 2]> {
    let page = app.get(&format!("/api/pairs?{query}")).await.success();
    assert_eq!(page["next"], Value::Null, "{page}");
    let pair = |pair: &Value| {
        assert!(
            pair["proposed"].is_boolean() && pair["unsure"].is_boolean(),
            "{pair}"
        );
        assert!(!pair["reason"].as_str().unwrap().is_empty(), "{pair}");
        ["first", "second"].map(|side| {
            assert_eq!(pair[side]["hidden"], false, "{pair}");
            pair[side]["cluster_id"].as_str().unwrap().to_owned()
        })
    };
    page["pairs"].as_array().unwrap().iter().map(pair).collect()
}

#[test_support::test]
async fn somebody_who_is_hidden_is_only_in_lists_that_ask_for_it() {
    let app = TestApp::start(&[]).await;
    let mut ids = Vec::new();
    for index in 0..4 {
        ids.push(clusters(&app.describe(&index.to_string(), &[index]).await).remove(0));
    }
    let hidden = patch(&app, &ids[1], &json!({ "hidden": true })).await.success();
    assert_eq!(hidden["hidden"], true, "{hidden}");
    assert_eq!(hidden["thumbnail"], format!("/api/cluster/{}/thumbnail", ids[1]));
    assert_eq!(
        patch(&app, &ids[1], &json!({ "hidden": true })).await.success(),
        hidden
    );
    let one = app.get(&format!("/api/clusters/{}", ids[1])).await.success();
    assert_eq!(
        (&one["hidden"], &one["provisional"]),
        (&json!(true), &json!(false))
    );
    for sort in ["id", "faces", "latest"] {
        let all = list(&app, &format!("sort={sort}")).await;
        assert_eq!(all.len(), 4);
        assert_eq!(
            list(&app, &format!("sort={sort}&hidden=true")).await,
            [ids[1].clone()]
        );
        let shown: Vec<String> = all.iter().filter(|id| **id != ids[1]).cloned().collect();
        assert_eq!(list(&app, &format!("sort={sort}&hidden=false")).await, shown);
        let both = format!("sort={sort}&hidden=false&provisional=false");
        assert_eq!(list(&app, &both).await, shown);
        assert_eq!(
            list(&app, &format!("sort={sort}&provisional=true")).await,
            [""; 0]
        );
    }
    // The next page of a filtered list begins where the page before ended.
    let page = app
        .get("/api/clusters?sort=latest&hidden=false&limit=2")
        .await
        .success();
    let (after, key) = (page["next"].as_str().unwrap(), &page["next_key"]);
    let rest = list(
        &app,
        &format!("sort=latest&hidden=false&after={after}&after_key={key}"),
    )
    .await;
    assert_eq!(rest, [ids[0].clone()]);
    assert_eq!(
        patch(&app, &ids[1], &json!({ "hidden": false })).await.success()["hidden"],
        false
    );
    assert_eq!(list(&app, "hidden=true").await, [""; 0]);

    for (cluster, body, status, code) in [
        (UNKNOWN, json!({ "hidden": true }), 404, "unknown_cluster"),
        (&ids[0], json!({ "hidden": "yes" }), 400, "malformed_request"),
        (&ids[0], json!({}), 400, "malformed_request"),
    ] {
        let refused = patch(&app, cluster, &body).await;
        assert_eq!(refused.problem(), (status, code.to_owned()), "{body}");
    }
    let refused = app.get("/api/clusters?hidden=maybe").await;
    assert_eq!(refused.problem(), (400, "malformed_request".to_owned()));
}

#[test_support::test]
async fn hiding_outlasts_a_restart_and_a_merge() {
    let mut app = TestApp::start(&[]).await;
    let anna = clusters(&app.describe("anna", &[0]).await).remove(0);
    let budi = clusters(&app.describe("budi", &[1]).await).remove(0);
    let _ = patch(&app, &anna, &json!({ "hidden": true })).await.success();
    let merge = json!({ "source_cluster_ids": [anna], "target_cluster_id": budi });
    let _ = app.post("/api/merge-clusters", &merge).await.success();
    app.stop().await;
    app.start_again(&[]).await;
    assert_eq!(list(&app, "hidden=false").await, [budi.as_str()]);
    let _ = app
        .post(&format!("/api/clusters/{anna}/unmerge"), &json!({}))
        .await
        .success();
    assert_eq!(list(&app, "hidden=true").await, [anna]);
    assert_eq!(list(&app, "hidden=false").await, [budi]);
}

#[test_support::test]
async fn a_thumbnail_has_the_path_of_everything_else_about_a_person_too() {
    let app = TestApp::start(&[]).await;
    let anna = clusters(&app.describe("anna", &[0]).await).remove(0);
    let old = app.get(&format!("/api/cluster/{anna}/thumbnail")).await;
    let new = app.get(&format!("/api/clusters/{anna}/thumbnail")).await;
    assert_eq!((old.status, new.status), (200, 200));
    assert_eq!(old.body, new.body);
    assert_eq!(new.header("x-cluster-id"), anna);
    assert_eq!(new.header("content-type"), "image/jpeg");
    let refused = app.get(&format!("/api/clusters/{UNKNOWN}/thumbnail")).await;
    assert_eq!(refused.problem(), (404, "unknown_cluster".to_owned()));
}

#[test_support::test]
async fn faces_that_fit_least_are_listed_first() {
    let app = TestApp::start(&[]).await;
    let mut faces = Vec::new();
    for (name, person) in [("a", 0), ("b", 0), ("stranger", 1)] {
        let answer = app.describe(name, &[person]).await;
        faces.push(answer["faces"][0].clone());
    }
    let anna = faces[0]["cluster_id"].as_str().unwrap();
    let stranger = faces[2]["face_id"].as_str().unwrap();
    let _ = app
        .post(
            &format!("/api/faces/{stranger}/move"),
            &json!({ "cluster_id": anna }),
        )
        .await
        .success();
    let path = format!("/api/clusters/{anna}/faces");
    let stored = app.get(&path).await.success();
    for face in stored["faces"].as_array().unwrap() {
        assert_eq!(face["similarity"], Value::Null, "{face}");
    }
    assert_eq!(app.get(&format!("{path}?sort=stored")).await.success(), stored);
    let first = app.get(&format!("{path}?sort=fit&limit=1")).await.success();
    assert_eq!(first["faces"][0]["face_id"], stranger, "{first}");
    assert_eq!(first["next"], 1, "{first}");
    let rest = app.get(&format!("{path}?sort=fit&after=1")).await.success();
    let fits: Vec<f64> = [&first, &rest]
        .iter()
        .flat_map(|page| page["faces"].as_array().unwrap())
        .map(|face| face["similarity"].as_f64().unwrap())
        .collect();
    assert!(fits.len() == 3 && fits.is_sorted(), "{fits:?}");
    assert_eq!(rest["next"], Value::Null);
    let refused = app.get(&format!("{path}?sort=age")).await;
    assert_eq!(refused.problem(), (400, "malformed_request".to_owned()));
    let refused = app.get(&format!("/api/clusters/{UNKNOWN}/faces?sort=fit")).await;
    assert_eq!(refused.problem(), (404, "unknown_cluster".to_owned()));
}

#[test_support::test]
async fn two_pieces_of_a_person_are_a_pair_until_somebody_answers() {
    let app = TestApp::start(&[]).await;
    let anna = clusters(&app.describe("a", &[0]).await).remove(0);
    let again = app.describe("b", &[0]).await;
    let face = &again["faces"][0]["face_id"];
    let split = app
        .post(
            &format!("/api/clusters/{anna}/split"),
            &json!({ "face_ids": [face] }),
        )
        .await
        .success();
    let piece = split["new_cluster_id"].as_str().unwrap();
    let of_both = |pairs: &[[String; 2]]| {
        pairs.len() == 1 && pairs[0].contains(&anna) && pairs[0].iter().any(|id| id == piece)
    };
    assert_eq!(pairs(&app, "").await, [[""; 2]; 0], "they were told apart");
    let distinct = format!("/api/clusters/{anna}/distinct/{piece}");
    let _ = app.call(Method::DELETE, &distinct, &[]).await.success();
    assert!(of_both(&pairs(&app, "").await));

    let unsure = format!("/api/clusters/{piece}/unsure/{anna}");
    for (method, said) in [(Method::PUT, true), (Method::PUT, true)] {
        let answer = app.call(method, &unsure, &[]).await.success();
        let expected = json!({ "cluster_id": piece, "other_cluster_id": anna, "unsure": said });
        assert_eq!(answer, expected);
    }
    assert_eq!(pairs(&app, "").await, [[""; 2]; 0]);
    assert!(of_both(&pairs(&app, "unsure=true").await));
    let similar = app.get(&format!("/api/clusters/{anna}/similar")).await.success();
    assert_eq!(similar["similar"][0]["unsure"], true, "{similar}");
    for _ in 0..2 {
        let answer = app.call(Method::DELETE, &unsure, &[]).await.success();
        assert_eq!(answer["unsure"], false);
    }
    let first = app.get("/api/pairs?limit=1").await.success();
    assert_eq!(first["pairs"].as_array().unwrap().len(), 1);
    let after = first["next"].as_str().unwrap();
    assert_eq!(pairs(&app, &format!("after={after}")).await, [[""; 2]; 0]);
    let _ = patch(&app, piece, &json!({ "hidden": true })).await.success();
    assert_eq!(pairs(&app, "").await, [[""; 2]; 0]);

    for (path, status, code) in [
        (
            format!("/api/clusters/{anna}/unsure/{UNKNOWN}"),
            404,
            "unknown_cluster",
        ),
        (format!("/api/clusters/{anna}/unsure/{anna}"), 409, "same_cluster"),
    ] {
        for method in [Method::PUT, Method::DELETE] {
            let refused = app.call(method, &path, &[]).await;
            assert_eq!(refused.problem(), (status, code.to_owned()), "{path}");
        }
    }
    for query in ["after=1", "limit=0", "limit=101", "unsure=perhaps"] {
        let refused = app.get(&format!("/api/pairs?{query}")).await;
        assert_eq!(
            refused.problem(),
            (400, "malformed_request".to_owned()),
            "{query}"
        );
    }
}
