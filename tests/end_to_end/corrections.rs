//! `/api/clusters`, `/api/faces` and `/api/files`: what people correct over REST, on real photos.

use reqwest::Method;
use serde_json::{Value, json};

use test_support::worker::{Worker, clusters, respond};

/// Calls the worker with a JSON body, if there is one.
async fn call(worker: &Worker, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = worker.request(method, path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    respond(request).await
}

async fn get(worker: &Worker, path: &str) -> Value {
    let (status, answer) = call(worker, Method::GET, path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn post(worker: &Worker, path: &str, body: Value) -> Value {
    let (status, answer) = call(worker, Method::POST, path, Some(body)).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

fn face_ids(answer: &Value) -> Vec<String> {
    let faces = answer["faces"].as_array().unwrap();
    faces
        .iter()
        .map(|face| face["face_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test_support::test]
async fn a_person_is_listed_corrected_and_deleted() {
    let worker = Worker::start(&[]).await;
    let obama = clusters(&worker.describe("obama.jpg").await).remove(0);
    let biden = clusters(&worker.describe("biden.jpg").await).remove(0);
    let group = worker.describe("t1.jpg").await;

    // Everybody, page by page.
    let (mut listed, mut next) = (Vec::new(), String::new());
    loop {
        let page = get(&worker, &format!("/api/clusters?limit=3{next}")).await;
        for cluster in page["clusters"].as_array().unwrap() {
            assert_eq!(cluster["faces"], 1);
            listed.push(cluster["cluster_id"].as_str().unwrap().to_owned());
        }
        let Some(after) = page["next"].as_str() else { break };
        next = format!("&after={after}");
    }
    let mut expected = [vec![obama.clone(), biden.clone()], clusters(&group)].concat();
    expected.sort();
    assert_eq!(listed, expected);

    // Why a face is where it is.
    let face = face_ids(&group).remove(0);
    let explained = get(&worker, &format!("/api/faces/{face}")).await;
    assert_eq!(
        (&explained["file_id"], &explained["corrected"]),
        (&json!("t1.jpg"), &json!(false))
    );
    let decision = &explained["decision"];
    assert_eq!(decision["decided_by"], "policy");
    assert!(decision["reason"].as_str().unwrap().contains('.'));
    assert_eq!(decision["policy"].as_str().unwrap().len(), 64);
    assert_eq!(decision["neighbours"].as_array().unwrap().len(), 2);
    let response = worker.fetch(&format!("/api/faces/{face}/thumbnail")).await;
    assert_eq!(response.headers()["content-type"], "image/jpeg");

    // Somebody says that this is Obama; the photo comes again and it still is.
    let moved = post(
        &worker,
        &format!("/api/faces/{face}/move"),
        json!({ "cluster_id": obama }),
    )
    .await;
    assert_eq!(moved["cluster_id"], obama.as_str());
    let again = worker.describe("t1.jpg").await;
    let same = again["faces"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["face_id"] == face.as_str());
    assert_eq!(same.unwrap()["cluster_id"], obama.as_str());
    let faces = get(&worker, &format!("/api/clusters/{obama}/faces?limit=1")).await;
    let rest = get(
        &worker,
        &format!("/api/clusters/{obama}/faces?after={}", faces["next"]),
    )
    .await;
    assert_eq!((face_ids(&faces).len(), face_ids(&rest).len()), (1, 1));

    // It stands for him, then it is taken out again.
    let path = format!("/api/clusters/{obama}/representative");
    let body = json!({ "face_id": face });
    let (status, answer) = call(&worker, Method::PUT, &path, Some(body)).await;
    assert_eq!((status, &answer["representative_face_id"]), (200, &json!(face)));
    let split = post(
        &worker,
        &format!("/api/clusters/{obama}/split"),
        json!({ "face_ids": [face] }),
    )
    .await;
    let new = split["new_cluster_id"].as_str().unwrap();
    assert_eq!(split["moved_faces"], 1);
    let details = get(&worker, &format!("/api/clusters/{obama}")).await;
    assert_eq!(details["distinct_cluster_ids"], json!([new]));
    assert_ne!(details["representative_face_id"], face.as_str());

    // Merged, its id answers for the other; taken back, it is there again.
    let body = json!({ "source_cluster_ids": [biden], "target_cluster_id": obama });
    let merged = post(&worker, "/api/merge-clusters", body).await;
    assert_eq!(merged["merged_count"], 1);
    let details = get(&worker, &format!("/api/clusters/{biden}")).await;
    assert_eq!(
        (&details["cluster_id"], &details["faces"]),
        (&json!(obama), &json!(2))
    );
    let former = details["merged_cluster_ids"].as_array().unwrap();
    assert!(former.contains(&json!(biden)), "{former:?}");
    let back = post(&worker, &format!("/api/clusters/{biden}/unmerge"), json!({})).await;
    assert_eq!(
        (&back["from_cluster_id"], &back["moved_faces"]),
        (&json!(obama), &json!(1))
    );
    let again = post(&worker, &format!("/api/clusters/{biden}/unmerge"), json!({})).await;
    assert_eq!(again["moved_faces"], 0);

    // A consolidation leaves all that alone.
    let done = post(&worker, "/api/clusters/consolidate", json!({ "dry_run": true })).await;
    assert_eq!((&done["merges"], &done["next"]), (&json!([]), &json!(null)));

    // Deleted is deleted, also when it is said twice.
    let before = worker.counts().await;
    for deleted in [1, 0] {
        let (status, answer) = call(&worker, Method::DELETE, &format!("/api/clusters/{obama}"), None).await;
        assert_eq!((status, &answer["deleted_faces"]), (200, &json!(deleted)));
    }
    assert_eq!(worker.counts().await, (before.0 - 1, before.1 - 1));
    assert_eq!(worker.thumbnail(&obama).await.0, 404);
    assert_eq!(get(&worker, "/api/files/obama.jpg").await["faces"], json!([]));
    for deleted in [6, 0] {
        let (status, answer) = call(&worker, Method::DELETE, "/api/files/t1.jpg", None).await;
        assert_eq!((status, &answer["deleted_faces"]), (200, &json!(deleted)));
    }
    assert_eq!(call(&worker, Method::GET, "/api/files/t1.jpg", None).await.0, 404);
    assert_eq!(worker.counts().await, (1, 1));
}

#[test_support::test]
async fn what_is_no_face_does_not_come_back() {
    let worker = Worker::start(&[]).await;
    let group = worker.describe("t1.jpg").await;
    let face = face_ids(&group).remove(2);
    for _ in 0..2 {
        let rejected = post(&worker, &format!("/api/faces/{face}/reject"), json!({})).await;
        assert_eq!(rejected["bounding_box"], group["faces"][2]["bounding_box"]);
    }
    assert_eq!(
        call(&worker, Method::GET, &format!("/api/faces/{face}"), None)
            .await
            .0,
        404
    );
    let again = worker.describe("t1.jpg").await;
    let mut expected = face_ids(&group);
    expected.remove(2);
    assert_eq!(face_ids(&again), expected);

    // Two faces of one photo that somebody tells apart for good, though they were told apart already.
    let (one, other) = (&expected[0], &expected[1]);
    let told = post(
        &worker,
        &format!("/api/faces/{one}/distinct"),
        json!({ "face_id": other }),
    )
    .await;
    assert_eq!(told["cluster_id"], told["from_cluster_id"]);
    let clusters = clusters(&again);
    let details = get(&worker, &format!("/api/clusters/{}", clusters[0])).await;
    assert_eq!(details["distinct_cluster_ids"], json!([clusters[1]]));
    // After the photo was deleted, all of it is forgotten.
    assert_eq!(
        call(&worker, Method::DELETE, "/api/files/t1.jpg", None).await.0,
        200
    );
    assert_eq!(face_ids(&worker.describe("t1.jpg").await).len(), 6);
}

#[test_support::test]
async fn corrections_of_what_is_not_there_are_refused() {
    let worker = Worker::start(&[]).await;
    let answer = worker.describe("obama.jpg").await;
    let (cluster, face) = (clusters(&answer).remove(0), face_ids(&answer).remove(0));
    let nobody = "00000000-0000-4000-8000-000000000000";
    let cases = [
        (
            "GET",
            "/api/faces/nobody".to_owned(),
            json!(null),
            404,
            "unknown_face",
        ),
        (
            "GET",
            format!("/api/clusters/{nobody}"),
            json!(null),
            404,
            "unknown_cluster",
        ),
        (
            "GET",
            "/api/clusters?limit=0".to_owned(),
            json!(null),
            400,
            "malformed_request",
        ),
        (
            "GET",
            "/api/clusters?limit=2.5".to_owned(),
            json!(null),
            400,
            "malformed_request",
        ),
        (
            "POST",
            "/api/clusters/consolidate".to_owned(),
            json!({ "limit": 1e300 }),
            400,
            "malformed_request",
        ),
        (
            // One more than the document's int64 holds.
            "GET",
            format!("/api/clusters/{cluster}/faces?after=9223372036854775808"),
            json!(null),
            400,
            "malformed_request",
        ),
        (
            "GET",
            "/api/clusters?after=x".to_owned(),
            json!(null),
            400,
            "malformed_request",
        ),
        (
            "POST",
            format!("/api/faces/{nobody}/reject"),
            json!({}),
            404,
            "unknown_face",
        ),
        (
            "POST",
            format!("/api/faces/{face}/move"),
            json!({ "cluster_id": nobody }),
            404,
            "unknown_cluster",
        ),
        (
            "POST",
            format!("/api/faces/{face}/distinct"),
            json!({ "face_id": face }),
            400,
            "same_face",
        ),
        (
            "POST",
            format!("/api/clusters/{cluster}/split"),
            json!({ "face_ids": [] }),
            400,
            "empty_split",
        ),
        (
            "POST",
            format!("/api/clusters/{cluster}/split"),
            json!({ "face_ids": [face] }),
            409,
            "nothing_stays",
        ),
        (
            "POST",
            format!("/api/clusters/{cluster}/split"),
            json!({ "face_ids": [nobody] }),
            404,
            "unknown_face",
        ),
        (
            "POST",
            format!("/api/clusters/{cluster}/distinct"),
            json!({ "cluster_id": cluster }),
            409,
            "same_cluster",
        ),
        (
            "POST",
            format!("/api/clusters/{nobody}/unmerge"),
            json!({}),
            404,
            "unknown_cluster",
        ),
    ];
    for (method, path, body, status, code) in cases {
        let body = (!body.is_null()).then_some(body);
        let (found, problem) = call(&worker, method.parse().unwrap(), &path, body).await;
        assert_eq!(
            (found, problem["code"].as_str()),
            (status, Some(code)),
            "{path}: {problem}"
        );
    }
    // In JSON this is an integer.
    let whole = json!({ "dry_run": true, "limit": 23.0 });
    let (status, answer) = call(&worker, Method::POST, "/api/clusters/consolidate", Some(whole)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(worker.counts().await, (1, 1));
}

#[test_support::test]
async fn a_request_that_is_repeated_under_its_key_is_answered_as_before() {
    let worker = Worker::start(&[]).await;
    let send = async |path: &str, key: &str, body: &Value| {
        let request = worker.request(Method::POST, path).json(body);
        let response = request.header("Idempotency-Key", key).send().await.unwrap();
        let is_replayed = response.headers().contains_key("idempotency-replayed");
        let status = response.status().as_u16();
        (status, is_replayed, response.json::<Value>().await.unwrap())
    };
    let photo = json!({ "file_id": "1", "image_url": worker.photos.url("obama.jpg") });
    let (status, is_replayed, first) = send("/api/process", "one", &photo).await;
    assert_eq!((status, is_replayed), (200, false));
    assert_eq!(first["faces"][0]["is_new_cluster"], true);
    let (status, is_replayed, again) = send("/api/process", "one", &photo).await;
    assert_eq!((status, is_replayed), (200, true));
    assert_eq!(again, first);
    // Without the key it is processed again, and the person is not new any more.
    assert_eq!(
        worker.process_as("1", "obama.jpg").await.1["faces"][0]["is_new_cluster"],
        false
    );

    let other = json!({ "file_id": "2", "image_url": worker.photos.url("obama.jpg") });
    let (status, _, problem) = send("/api/process", "one", &other).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("idempotency_key_reused"))
    );
    let (status, _, problem) = send("/api/process", "", &other).await;
    assert_eq!(
        (status, &problem["code"]),
        (400, &json!("invalid_idempotency_key"))
    );

    // What failed is tried again.
    let broken = json!({ "file_id": "3", "image_url": worker.photos.url("missing.jpg") });
    assert_eq!(send("/api/process", "three", &broken).await.0, 422);
    assert!(!send("/api/process", "three", &broken).await.1);

    let biden = clusters(&worker.describe("biden.jpg").await).remove(0);
    let merge = json!({
        "source_cluster_ids": [biden],
        "target_cluster_id": first["faces"][0]["cluster_id"],
    });
    let (_, _, merged) = send("/api/merge-clusters", "two", &merge).await;
    assert_eq!(merged["merged_count"], 1);
    assert_eq!(
        send("/api/merge-clusters", "two", &merge).await,
        (200, true, merged)
    );

    // The answer goes with the photo.
    assert_eq!(call(&worker, Method::DELETE, "/api/files/1", None).await.0, 200);
    assert!(!send("/api/process", "one", &photo).await.1);
}

#[test_support::test]
async fn corrections_are_seen_and_undone_one_by_one() {
    let worker = Worker::start(&[]).await;
    let obama = clusters(&worker.describe("obama.jpg").await).remove(0);
    let biden = clusters(&worker.describe("biden.jpg").await).remove(0);
    let before = get(&worker, "/api/clusters").await;
    let merge = json!({ "source_cluster_ids": [biden], "target_cluster_id": obama });
    post(&worker, "/api/merge-clusters", merge).await;
    let face = face_ids(&get(&worker, &format!("/api/clusters/{obama}/faces")).await).remove(1);
    post(
        &worker,
        &format!("/api/clusters/{obama}/split"),
        json!({ "face_ids": [face] }),
    )
    .await;

    let history = get(&worker, &format!("/api/clusters/{biden}/history")).await;
    assert_eq!(history["cluster_id"], obama.as_str());
    let entries = history["entries"].as_array().unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry["kind"].as_str().unwrap(),
                entry["undoable"].as_bool().unwrap(),
            )
        })
        .collect();
    // What the split rests upon is not undone before it.
    assert_eq!(told, [("split", true), ("merged", false)]);
    let undo = |position: &Value| format!("/api/clusters/{obama}/history/{position}/undo");
    let (status, problem) = call(&worker, Method::POST, &undo(&entries[1]["position"]), None).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("not_undoable")));
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("the later correction 2 concerns"),
        "{problem}"
    );
    for entry in entries {
        let undone = post(&worker, &undo(&entry["position"]), json!({})).await;
        assert_eq!(undone["entry"]["undoes"], entry["position"]);
    }
    assert_eq!(get(&worker, "/api/clusters").await, before);
}
