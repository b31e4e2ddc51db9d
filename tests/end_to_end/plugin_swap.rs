//! Plugins of a running worker: swapped three ways, refused, rolled back, shadowed, and remembered.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use test_support::eventually;
use test_support::guests::{self, COMPONENTS};
use test_support::worker::{ADMIN, Worker, command};

fn strict_policy() -> Vec<u8> {
    let path = "examples/strict-cluster-policy/strict-cluster-policy.wasm";
    std::fs::read(Path::new(COMPONENTS).join(path)).unwrap()
}

/// A tagger that answers the smoke call, whose photo is one pixel wide, with no tags, and traps on any other.
fn fails_on_real_photos() -> Vec<u8> {
    guests::tagger(
        "",
        guests::DESCRIPTION,
        "(if (i32.ne (local.get 0) (i32.const 1)) (then unreachable)) (i32.const 64)",
    )
}

#[test_support::test]
async fn an_upload_takes_effect_and_can_be_rolled_back() {
    let worker = Worker::start(&[ADMIN]).await;
    worker.describe("obama.jpg").await;
    let before = worker.slot("cluster-policy").await;
    assert_eq!(before["origin"], "built-in");
    assert_eq!(before["calls"], 1);
    assert!(before["p50_us"].as_u64().unwrap() > 0);

    let (status, change) = worker
        .admin(Method::PUT, "/cluster-policy", strict_policy())
        .await;
    assert_eq!(
        (status, &change["changed"]),
        (200, &Value::Bool(true)),
        "{change}"
    );
    assert_eq!(change["previous"]["digest"], before["digest"]);
    let active = worker.slot("cluster-policy").await;
    assert_eq!(active["name"], "strict-cluster-policy");
    assert_eq!(active["calls"], 0);
    assert!(active["since"].as_str().unwrap().starts_with("20"));
    worker.describe("obama2.jpg").await;
    assert_eq!(worker.slot("cluster-policy").await["calls"], 1);

    let (status, again) = worker
        .admin(Method::PUT, "/cluster-policy", strict_policy())
        .await;
    assert_eq!((status, &again["changed"]), (200, &Value::Bool(false)));
    let (status, back) = worker
        .admin(Method::POST, "/cluster-policy/rollback", Vec::new())
        .await;
    assert_eq!((status, &back["active"]["digest"]), (200, &before["digest"]));
    let (status, problem) = worker
        .admin(Method::POST, "/cluster-policy/rollback", Vec::new())
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &Value::from("nothing_to_roll_back"))
    );

    let audit = std::fs::read_to_string(worker.data.path().join("plugins/audit.jsonl")).unwrap();
    let events: Vec<Value> = audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = events
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["swapped", "rolled-back"]);
}

#[test_support::test]
async fn what_cannot_fill_its_slot_is_422_and_the_old_plugin_serves() {
    let worker = Worker::start(&[ADMIN, ("PLUGIN_TIMEOUT_MS", "500")]).await;
    for (component, reason) in [
        (strict_policy(), "tagger"),
        (b"not a component".to_vec(), "cannot be used"),
        (
            guests::tagger("", "(loop (br 0)) unreachable", "unreachable"),
            "more than the 500 ms",
        ),
    ] {
        let (status, problem) = worker.admin(Method::PUT, "/tagger", component).await;
        assert_eq!((status, &problem["code"]), (422, &Value::from("plugin_refused")));
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    }
    assert_eq!(worker.slot("tagger").await["origin"], "built-in");
    worker.describe("obama.jpg").await;
    let (status, problem) = worker.admin(Method::PUT, "/tagger", vec![0; 33 << 20]).await;
    assert_eq!((status, &problem["code"]), (413, &Value::from("body_too_large")));
    let (status, problem) = worker.admin(Method::PUT, "/painter", Vec::new()).await;
    assert_eq!((status, &problem["code"]), (404, &Value::from("unknown_slot")));
}

#[test_support::test]
async fn only_the_admin_key_changes_plugins() {
    let settings = [ADMIN, ("API_KEY", "photo-secret")];
    let worker = Worker::start(&settings).await;
    let put = async |key: &str| {
        let request = worker.request(Method::PUT, "/api/plugins/cluster-policy");
        let request = request
            .header("X-Admin-Key", key)
            .header("X-API-Key", "photo-secret");
        request.body(strict_policy()).send().await.unwrap().status()
    };
    for wrong in ["", "photo-secret", "admin-secret2"] {
        assert_eq!(put(wrong).await, 401);
    }
    assert_eq!(put(ADMIN.1).await, 200);

    let closed = Worker::start(&[]).await;
    let (status, problem) = closed
        .admin(Method::PUT, "/cluster-policy", strict_policy())
        .await;
    assert_eq!((status, &problem["code"]), (403, &Value::from("no_admin_key")));
}

#[test_support::test]
async fn the_active_plugins_survive_a_restart() {
    let settings = [ADMIN];
    let worker = Worker::start(&settings).await;
    worker
        .admin(Method::PUT, "/cluster-policy", strict_policy())
        .await;
    let data = worker.kill();
    let worker = Worker::start_in(data, &settings).await;
    assert_eq!(
        worker.slot("cluster-policy").await["name"],
        "strict-cluster-policy"
    );
    let (status, _) = worker
        .admin(Method::POST, "/cluster-policy/rollback", Vec::new())
        .await;
    assert_eq!(status, 200);
    let worker = Worker::start_in(worker.kill(), &settings).await;
    assert_eq!(worker.slot("cluster-policy").await["origin"], "built-in");
}

#[test_support::test]
async fn a_file_in_the_plugin_directory_is_noticed_when_it_is_whole() {
    let plugins = tempfile::tempdir().unwrap();
    let settings = [
        ADMIN,
        ("PLUGIN_DIR", plugins.path().to_str().unwrap()),
        ("PLUGIN_SETTLE_MS", "200"),
    ];
    let worker = Worker::start(&settings).await;
    let file = plugins.path().join("cluster-policy.wasm");
    let component = strict_policy();
    // Half of it lies there long enough to be looked at.
    std::fs::write(&file, &component[..component.len() / 2]).unwrap();
    let audit = worker.data.path().join("plugins/audit.jsonl");
    let is_noted = async |event: &str| {
        let is_there = async || std::fs::read_to_string(&audit).is_ok_and(|text| text.contains(event));
        eventually(Duration::from_secs(20), event, is_there).await;
    };
    is_noted("refused").await;
    assert_eq!(worker.slot("cluster-policy").await["origin"], "built-in");
    std::fs::write(&file, &component).unwrap();
    is_noted("swapped").await;
    assert_eq!(
        worker.slot("cluster-policy").await["origin"],
        file.to_str().unwrap()
    );

    // The file is no news after a restart, so a rollback stays.
    worker
        .admin(Method::POST, "/cluster-policy/rollback", Vec::new())
        .await;
    let worker = Worker::start_in(worker.kill(), &settings).await;
    assert_eq!(worker.slot("cluster-policy").await["origin"], "built-in");
}

#[test_support::test]
async fn a_shadow_sees_photos_and_changes_nothing() {
    let worker = Worker::start(&[ADMIN]).await;
    let (status, _) = worker
        .admin(Method::GET, "/cluster-policy/shadow", Vec::new())
        .await;
    assert_eq!(status, 404);
    let (status, report) = worker
        .admin(Method::POST, "/cluster-policy/shadow", strict_policy())
        .await;
    assert_eq!((status, &report["compared"]), (200, &Value::from(0)), "{report}");
    worker.describe("obama.jpg").await;
    let joined = worker.describe("obama2.jpg").await;
    assert_eq!(joined["faces"][0]["is_new_cluster"], false);
    let mut report = Value::Null;
    eventually(Duration::from_secs(10), "two are compared", async || {
        (_, report) = worker
            .admin(Method::GET, "/cluster-policy/shadow", Vec::new())
            .await;
        report["compared"] == 2
    })
    .await;
    assert_eq!(report["failed"], 0);
    assert_eq!(report["different"], report["examples"].as_array().unwrap().len());
    assert_eq!(worker.slot("cluster-policy").await["origin"], "built-in");
    let (status, _) = worker
        .admin(Method::DELETE, "/cluster-policy/shadow", Vec::new())
        .await;
    assert_eq!(status, 200);
    assert!(worker.slot("cluster-policy").await["shadow"].is_null());
}

#[test_support::test]
async fn a_plugin_that_keeps_failing_is_replaced_by_the_one_before() {
    let settings = [ADMIN, ("PLUGIN_BREAKER_FAILURES", "2")];
    let worker = Worker::start(&settings).await;
    let (status, change) = worker.admin(Method::PUT, "/tagger", fails_on_real_photos()).await;
    assert_eq!(status, 200, "{change}");
    for _ in 0..2 {
        let (status, problem) = worker.process("obama.jpg").await;
        assert_eq!((status, &problem["code"]), (502, &Value::from("plugin_failed")));
        // What the guest trapped on is for the log, not for callers.
        assert_eq!(problem["detail"], "the tagger plugin failed");
    }
    assert_eq!(worker.slot("tagger").await["origin"], "built-in");
    assert_eq!(worker.counts().await, (0, 0));
    worker.describe("obama.jpg").await;
}

#[test_support::test]
async fn a_slot_that_may_fail_is_done_without_and_says_so() {
    let settings = [
        ADMIN,
        ("PLUGIN_DEGRADE", "tagger"),
        ("PLUGIN_BREAKER_FAILURES", "0"),
    ];
    let worker = Worker::start(&settings).await;
    assert!(worker.describe("obama.jpg").await.get("degraded").is_none());
    // The stored photo would tell.
    let (status, problem) = worker.admin(Method::PUT, "/tagger", fails_on_real_photos()).await;
    assert_eq!((status, &problem["code"]), (422, &Value::from("plugin_refused")));
    let untried = "/tagger?trial=off";
    let (status, change) = worker.admin(Method::PUT, untried, fails_on_real_photos()).await;
    assert_eq!(status, 200, "{change}");
    let answer = worker.describe("obama.jpg").await;
    assert_eq!(answer["degraded"], serde_json::json!(["tagger"]));
    assert_eq!(answer["tags"], serde_json::json!([]));
    assert!(!answer["context"].as_str().unwrap().is_empty());
    assert_eq!(worker.slot("tagger").await["failures"], 1);
}

#[test_support::test]
async fn only_signed_plugins_are_taken_when_keys_are_trusted() {
    let keys = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let public = keys.pk.to_base64();
    let settings = [ADMIN, ("PLUGIN_TRUST", public.as_str())];
    let worker = Worker::start(&settings).await;
    let component = strict_policy();
    let (status, problem) = worker
        .admin(Method::PUT, "/cluster-policy", component.clone())
        .await;
    assert_eq!(status, 422);
    assert!(
        problem["detail"].as_str().unwrap().contains("not signed"),
        "{problem}"
    );

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("strict.wasm");
    std::fs::write(&file, &component).unwrap();
    let signature = minisign::sign(None, &keys.sk, component.as_slice(), None, None).unwrap();
    std::fs::write(
        directory.path().join("strict.wasm.minisig"),
        signature.into_string(),
    )
    .unwrap();
    let output = command(&[ADMIN])
        .args([
            "plugin",
            "swap",
            "cluster-policy",
            file.to_str().unwrap(),
            "--server",
            &worker.url,
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        worker.slot("cluster-policy").await["name"],
        "strict-cluster-policy"
    );
}
