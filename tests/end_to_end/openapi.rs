//! `/openapi.json` and `/docs`: what they say is what the worker does.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::contract::{Body, Contract, KEYS};
use test_support::guests::COMPONENTS;
use test_support::worker::{Worker, clusters};
use test_support::{Form, eventually, prerequisites};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";
const TARGET: &str = "00000000-0000-4000-8000-000000000001";

fn component(path: &str) -> Body {
    Body::Component(std::fs::read(Path::new(COMPONENTS).join(path)).unwrap())
}

#[test_support::test]
async fn every_operation_answers_as_documented() {
    let worker = Worker::start(&[KEYS[0], KEYS[1], ("STORE_URLS", "full")]).await;
    let mut contract = Contract::of(&worker).await;
    for id in [
        "get_health",
        "get_livez",
        "get_readyz",
        "get_metrics",
        "get_openapi",
        "get_reference",
        "get_welcome",
        "get_console",
        "get_whoami",
        "list_plugins",
    ] {
        contract.succeed(id, &[], Body::Nothing).await;
    }
    for file in ["index.html", "console.js", "icon.svg", "OFL.txt"] {
        contract.succeed("get_console_file", &[file], Body::Nothing).await;
    }
    let photo = |name: &str| Body::Json(json!({ "file_id": name, "image_url": worker.photos.url(name) }));

    let (status, group) = contract
        .call("process_photo", &[], "?details=true", photo("t1.jpg"))
        .await;
    assert_eq!(status, 200, "{group}");
    let (status, one) = contract.call("process_photo", &[], "", photo("obama.jpg")).await;
    assert_eq!(status, 200, "{one}");
    for query in ["", "?details=true"] {
        let photos = ["coffee.png", "missing.jpg"].map(|name| match photo(name) {
            Body::Json(photo) => photo,
            _ => Value::Null,
        });
        let batch = Body::Json(json!({ "photos": photos }));
        let (status, lines) = contract.call("process_batch", &[], query, batch).await;
        assert_eq!((status, lines.as_array().unwrap().len()), (200, 2), "{lines}");
        let (status, stored) = contract.call("get_file", &["t1.jpg"], query, Body::Nothing).await;
        assert_eq!(status, 200, "{stored}");
    }
    for query in ["", "?limit=1", "?tag=people", "?tag=nothing"] {
        let (status, page) = contract.call("list_files", &[], query, Body::Nothing).await;
        assert_eq!(status, 200, "{page}");
    }
    let person = format!("?cluster_id={}", clusters(&one)[0]);
    let (_, page) = contract.call("list_files", &[], &person, Body::Nothing).await;
    assert_eq!(page["files"][0]["file_id"], "obama.jpg", "{page}");
    let tags = contract.succeed("list_tags", &[], Body::Nothing).await;
    assert!(!tags["tags"].as_array().unwrap().is_empty(), "{tags}");
    let reading = contract.succeed("get_reading", &["t1.jpg"], Body::Nothing).await;
    assert_eq!(reading["same_as_stored"], true, "{reading}");
    let jobs = contract.succeed("list_jobs", &[], Body::Nothing).await;
    assert_eq!(jobs["jobs"][0]["kind"], "batch", "{jobs}");
    let failures = contract.succeed("list_failures", &[], Body::Nothing).await;
    assert_eq!(
        failures["failures"][0]["code"], "photo_not_available",
        "{failures}"
    );
    sent(&mut contract, &group, &one).await;
    people(&mut contract, &group, &one).await;
    plugins(&mut contract, photo("obama2.jpg")).await;
    contract.succeed("list_audit_entries", &[], Body::Nothing).await;
    store(&mut contract).await;
    assert_eq!(contract.untried(), [""; 0], "call every operation here");
}

/// The calls that photos are sent to, and those that fetch stored ones again; a group of six and a photo of one are stored.
async fn sent(contract: &mut Contract<'_>, group: &Value, one: &Value) {
    let samples = prerequisites().samples.clone();
    let file = |name: &str| std::fs::read(samples.join(name)).unwrap();
    let (again, other) = (file("obama2.jpg"), file("biden.jpg"));
    let person = json!(clusters(one).remove(0));
    let form = || Form::new().file("photo", &again);
    for body in [Body::Photo(again.clone()), Body::Form(form())] {
        let answer = contract.succeed("identify_photo", &[], body).await;
        assert_eq!(answer["faces"][0]["cluster_id"], person, "{answer}");
        assert_eq!(answer["faces"][0]["people"][0]["cluster_id"], person, "{answer}");
    }
    for (second, same) in [(&again, true), (&other, false)] {
        let form = Form::new()
            .file("first", &file("obama.jpg"))
            .file("second", second);
        let answer = contract.succeed("compare_photos", &[], Body::Form(form)).await;
        assert_eq!(answer["best"]["same"], same, "{answer}");
    }
    for (query, body) in [
        ("?file_id=sent", Body::Photo(again.clone())),
        ("", Body::Form(form().text("file_id", "sent"))),
    ] {
        let (status, answer) = contract.call("process_photo", &[], query, body).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(json!(clusters(&answer)), json!([person]));
    }
    contract.succeed("delete_file", &["sent"], Body::Nothing).await;
    contract.succeed("get_picture", &["t1.jpg"], Body::Nothing).await;
    let request = Body::Json(json!({ "file_id": "t1.jpg" }));
    let described = contract.succeed("reprocess_photo", &[], request).await;
    assert_eq!(clusters(&described), clusters(group));
}

/// A backup and a check of the store, each until it is done.
async fn store(contract: &mut Contract<'_>) {
    for (start, get) in [
        ("start_backup", "get_backup"),
        ("start_verification", "get_verification"),
    ] {
        let (status, started) = contract.call(start, &[], "", Body::Nothing).await;
        assert_eq!(status, 202, "{start}: {started}");
        eventually(Duration::from_secs(60), get, async || {
            let done = contract.succeed(get, &[], Body::Nothing).await;
            assert_eq!(done["error"], Value::Null, "{done}");
            done["report"] != Value::Null
        })
        .await;
    }
}

/// The calls about people, on a group of six and a photo of one.
async fn people(contract: &mut Contract<'_>, group: &Value, one: &Value) {
    let (people, target) = (clusters(group), clusters(one).remove(0));
    let face = |index: usize| group["faces"][index]["face_id"].as_str().unwrap();
    let merge = json!({ "source_cluster_ids": [people[0], people[1]], "target_cluster_id": target });
    let merged = contract.succeed("merge_clusters", &[], Body::Json(merge)).await;
    assert_eq!(merged["merged_count"], 2);
    let back = contract
        .succeed("unmerge_cluster", &[&people[0]], Body::Nothing)
        .await;
    assert_eq!(back["moved_faces"], 1);
    for id in [
        "get_cluster",
        "list_faces_of_cluster",
        "get_cluster_thumbnail",
        "get_thumbnail_of_cluster",
    ] {
        contract.succeed(id, &[&people[1]], Body::Nothing).await;
    }
    let (_, page) = contract
        .call("list_clusters", &[], "?limit=2", Body::Nothing)
        .await;
    assert!(page["next"].is_string(), "{page}");
    let chosen = json!({ "face_id": face(1) });
    contract
        .succeed("set_representative", &[&target], Body::Json(chosen))
        .await;
    let (_, page) = contract
        .call(
            "list_faces_of_cluster",
            &[&target],
            "?sort=fit&limit=1",
            Body::Nothing,
        )
        .await;
    assert!(page["faces"][0]["similarity"].is_number(), "{page}");
    let split = json!({ "face_ids": [face(1)] });
    contract
        .succeed("split_cluster", &[&target], Body::Json(split))
        .await;
    let other = json!({ "cluster_id": people[3] });
    contract
        .succeed("distinguish_clusters", &[&people[2]], Body::Json(other))
        .await;
    contract
        .succeed("list_similar_clusters", &[&people[2]], Body::Nothing)
        .await;
    for hidden in [true, false] {
        let change = Body::Json(json!({ "hidden": hidden }));
        let changed = contract.succeed("change_cluster", &[&people[4]], change).await;
        assert_eq!(changed["hidden"], hidden);
        let query = format!("?hidden={hidden}&provisional=false");
        let (_, page) = contract.call("list_clusters", &[], &query, Body::Nothing).await;
        let found = page["clusters"].as_array().unwrap().iter();
        assert!(
            found
                .clone()
                .any(|cluster| cluster["cluster_id"] == people[4].as_str()),
            "{page}"
        );
    }
    for (id, unsure) in [
        ("mark_clusters_unsure", true),
        ("withdraw_clusters_unsure", false),
    ] {
        let answer = contract
            .succeed(id, &[&people[4], &people[5]], Body::Nothing)
            .await;
        assert_eq!(answer["unsure"], unsure);
        let (status, page) = contract
            .call("list_pairs", &[], "?limit=3&unsure=true", Body::Nothing)
            .await;
        assert_eq!((status, page["pairs"].is_array()), (200, true), "{page}");
    }
    let page = contract
        .succeed("list_corrections", &[&people[4]], Body::Nothing)
        .await;
    let latest = &page["entries"][0];
    assert_eq!(latest["kind"], "unsure_withdrawn", "{page}");
    let undo = [people[4].as_str(), &latest["position"].to_string()];
    let undone = contract.succeed("undo_correction", &undo, Body::Nothing).await;
    assert_eq!(undone["entry"]["undoes"], latest["position"], "{undone}");
    let (status, again) = contract.call("undo_correction", &undo, "", Body::Nothing).await;
    assert_eq!((status, &again["code"]), (409, &json!("not_undoable")), "{again}");
    for sort in ["faces", "latest"] {
        let query = format!("?limit=1&sort={sort}");
        let (_, page) = contract.call("list_clusters", &[], &query, Body::Nothing).await;
        assert!(page["next_key"].is_number(), "{page}");
    }
    contract
        .succeed(
            "withdraw_cluster_distinction",
            &[&people[2], &people[3]],
            Body::Nothing,
        )
        .await;
    for id in ["get_face", "get_face_thumbnail"] {
        contract.succeed(id, &[face(2)], Body::Nothing).await;
    }
    for cluster in [json!(target), Value::Null] {
        let place = json!({ "cluster_id": cluster });
        contract.succeed("move_face", &[face(2)], Body::Json(place)).await;
    }
    contract.succeed("get_face", &[face(2)], Body::Nothing).await;
    let other = json!({ "face_id": face(3) });
    contract
        .succeed("distinguish_faces", &[face(2)], Body::Json(other))
        .await;
    contract
        .succeed("withdraw_face_distinction", &[face(2), face(3)], Body::Nothing)
        .await;
    for id in ["reject_face", "withdraw_rejection"] {
        contract.succeed(id, &[face(4)], Body::Nothing).await;
    }
    let changes = contract.succeed("list_changes", &[], Body::Nothing).await;
    assert!(
        changes["latest"].as_u64().is_some_and(|latest| latest > 10),
        "{changes}"
    );
    let dry = json!({ "dry_run": true });
    contract
        .succeed("consolidate_clusters", &[], Body::Json(dry))
        .await;
    contract
        .succeed("delete_cluster", &[&people[5]], Body::Nothing)
        .await;
    contract.succeed("delete_file", &["t1.jpg"], Body::Nothing).await;
}

/// The calls that ask for the admin key; a photo is processed while a shadow runs.
async fn plugins(contract: &mut Contract<'_>, photo: Body) {
    let strict = "examples/strict-cluster-policy/strict-cluster-policy.wasm";
    let policy = ["cluster-policy"];
    contract.succeed("start_shadow", &policy, component(strict)).await;
    contract.succeed("process_photo", &[], photo).await;
    contract.succeed("list_plugins", &[], Body::Nothing).await;
    contract.succeed("get_shadow", &policy, Body::Nothing).await;
    contract.succeed("end_shadow", &policy, Body::Nothing).await;
    let (status, _) = contract.call("end_shadow", &policy, "", Body::Nothing).await;
    assert_eq!(status, 404);
    for (slot, candidate) in [("cluster-policy", strict), ("tagger", "tagger/tagger.wasm")] {
        let (status, _) = contract
            .call("start_replay", &[slot], "", component(candidate))
            .await;
        assert_eq!(status, 202);
        eventually(Duration::from_secs(60), "the replay ends", async || {
            let (status, replay) = contract.call("get_replay", &[slot], "", Body::Nothing).await;
            assert_eq!((status, &replay["error"]), (200, &Value::Null));
            replay["report"].is_object()
        })
        .await;
    }
    let change = contract.succeed("swap_plugin", &policy, component(strict)).await;
    assert_eq!(change["changed"], true);
    let back = "roll_back_plugin";
    contract.succeed(back, &policy, Body::Nothing).await;
    let (status, _) = contract.call(back, &policy, "", Body::Nothing).await;
    assert_eq!(status, 409);
}

#[test_support::test]
async fn problems_are_as_documented() {
    let settings = [
        ("MAX_BODY_BYTES", "1024"),
        ("BATCH_PHOTOS", "1"),
        KEYS[0],
        KEYS[1],
    ];
    let worker = Worker::start(&settings).await;
    let mut contract = Contract::of(&worker).await;
    let process = |file: &str, url: &str| Body::Json(json!({ "file_id": file, "image_url": url }));
    let two = [1, 2].map(|id| json!({ "file_id": id.to_string(), "image_url": "http://127.0.0.1/" }));
    let batch = Body::Json(json!({ "photos": two }));
    let long = format!("http://127.0.0.1/{}", "x".repeat(1_024));
    let missing = worker.photos.url("missing.jpg");
    let merge = Body::Json(json!({ "source_cluster_ids": [UNKNOWN], "target_cluster_id": TARGET }));
    for (id, parameters, query, body, status, code) in [
        (
            "process_photo",
            [""; 0].as_slice(),
            "?details=maybe",
            process("1", &missing),
            400,
            "malformed_request",
        ),
        (
            "process_photo",
            &[],
            "",
            process("1", "ftp://127.0.0.1/1.jpg"),
            400,
            "invalid_image_url",
        ),
        (
            "process_photo",
            &[],
            "",
            process("1", &long),
            413,
            "body_too_large",
        ),
        (
            "process_photo",
            &[],
            "",
            process("1", &missing),
            422,
            "photo_not_available",
        ),
        ("process_batch", &[], "", batch, 413, "batch_too_large"),
        ("merge_clusters", &[], "", merge, 404, "unknown_cluster"),
        (
            "get_cluster_thumbnail",
            &[UNKNOWN],
            "",
            Body::Nothing,
            404,
            "unknown_cluster",
        ),
        (
            "get_cluster_thumbnail",
            &["%ff"],
            "",
            Body::Nothing,
            400,
            "malformed_request",
        ),
        (
            "get_file",
            &["nobody"],
            "?details=1",
            Body::Nothing,
            400,
            "malformed_request",
        ),
        ("get_file", &["nobody"], "", Body::Nothing, 404, "unknown_file"),
        ("get_replay", &["tagger"], "", Body::Nothing, 404, "no_replay"),
        ("get_shadow", &["nothing"], "", Body::Nothing, 404, "unknown_slot"),
        (
            "swap_plugin",
            &["tagger"],
            "",
            Body::Component(b"no".to_vec()),
            422,
            "plugin_refused",
        ),
    ] {
        let (found, problem) = contract.call(id, parameters, query, body).await;
        assert_eq!(
            (found, &problem["code"]),
            (status, &json!(code)),
            "{id}: {problem}"
        );
    }
}

#[test_support::test]
async fn the_document_and_the_page_need_an_allowed_address_and_no_key() {
    let worker = Worker::start(&[KEYS[0]]).await;
    let response = worker.fetch("/docs").await;
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; connect-src 'self'; script-src 'sha256-"));
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'));
    let page = response.text().await.unwrap();
    assert!(!page.contains("://"), "the page names another place");

    let worker = Worker::start(&[("ALLOWED_IPS", "10.0.0.0/8")]).await;
    for path in ["/openapi.json", "/docs"] {
        assert_eq!(worker.fetch(path).await.status(), 403, "{path}");
    }
}
