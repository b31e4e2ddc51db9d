//! Keys with roles, proxies, limits, TLS, and what none of them leaves in a log.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use test_support::eventually;
use test_support::worker::{Worker, command};

/// Makes a key with the command.
fn new_key(file: &Path, name: &str, role: &str) -> String {
    let output = command(&[("API_KEYS_FILE", file.to_str().unwrap())])
        .args(["keys", "new", name, role])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn answer(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[test_support::test]
async fn a_key_opens_what_its_role_may_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let keys: Vec<String> = ["process", "curate", "admin"]
        .map(|role| new_key(&file, &format!("the-{role}"), role))
        .to_vec();
    let worker = Worker::start(&[
        ("API_KEYS_FILE", file.to_str().unwrap()),
        ("WRONG_KEYS_PER_MINUTE", "0"),
    ])
    .await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let merge = json!({ "source_cluster_ids": [unknown], "target_cluster_id": "00000000-0000-4000-8000-000000000001" });
    let photo = json!({ "file_id": "1", "image_url": "ftp://photos.example/1.jpg" });
    let hidden = json!({ "hidden": true });
    let nothing = Value::Null;
    // What each role is answered: process, curate, admin.
    let no_role = (403, "role_not_allowed");
    for (method, path, body, expected) in [
        (Method::GET, "/api/clusters", &nothing, [(200, ""); 3]),
        (Method::GET, "/api/plugins", &nothing, [(200, ""); 3]),
        (
            Method::POST,
            "/api/process",
            &photo,
            [(400, "invalid_image_url"); 3],
        ),
        (
            Method::POST,
            "/api/merge-clusters",
            &merge,
            [no_role, (404, "unknown_cluster"), (404, "unknown_cluster")],
        ),
        (
            Method::PATCH,
            "/api/clusters/00000000-0000-4000-8000-000000000000",
            &hidden,
            [no_role, (404, "unknown_cluster"), (404, "unknown_cluster")],
        ),
        (
            Method::DELETE,
            "/api/files/nobody",
            &nothing,
            [no_role, (200, ""), (200, "")],
        ),
        (
            Method::DELETE,
            "/api/clusters/00000000-0000-4000-8000-000000000000",
            &nothing,
            [no_role, (200, ""), (200, "")],
        ),
        (
            Method::POST,
            "/api/plugins/tagger/rollback",
            &nothing,
            [no_role, no_role, (409, "nothing_to_roll_back")],
        ),
    ] {
        let call = |key: Option<&str>, header: &str| {
            let mut request = worker.request(method.clone(), path);
            if let Some(key) = key {
                request = request.header(header, key);
            }
            if !body.is_null() {
                request = request.json(body);
            }
            answer(request)
        };
        for (key, (status, code)) in keys.iter().zip(expected) {
            assert_eq!(
                call(Some(key), "X-API-Key").await,
                (status, code.to_owned()),
                "{method} {path}"
            );
        }
        assert_eq!(
            call(Some(&keys[2]), "X-Admin-Key").await,
            (expected[2].0, expected[2].1.to_owned())
        );
        for wrong in [
            None,
            Some(""),
            Some("aiw_wrong"),
            Some(&keys[0][..keys[0].len() - 1]),
        ] {
            assert_eq!(call(wrong, "X-API-Key").await.0, 401, "{method} {path}");
        }
    }
    assert_eq!(worker.health().await["status"], "ok");
}

#[test_support::test]
async fn keys_come_and_go_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let old = new_key(&file, "old", "process");
    let worker = Worker::start(&[("API_KEYS_FILE", file.to_str().unwrap())]).await;
    let status = async |key: &str| {
        let request = worker.request(Method::GET, "/api/clusters");
        answer(request.header("X-API-Key", key)).await.0
    };
    let becomes = async |key: &str, expected: u16| {
        let is_so = async || status(key).await == expected;
        eventually(Duration::from_secs(10), &format!("it is {expected}"), is_so).await;
    };
    assert_eq!(status(&old).await, 200);
    let new = new_key(&file, "new", "process");
    becomes(&new, 200).await;
    assert_eq!(status(&old).await, 200);
    // Whoever takes a key away deletes its line.
    let kept: String = std::fs::read_to_string(&file)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with("old "))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&file, kept).unwrap();
    becomes(&old, 401).await;
    assert_eq!(status(&new).await, 200);
}

#[test_support::test]
async fn too_many_requests_with_one_key_are_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let (one, two) = (new_key(&file, "one", "process"), new_key(&file, "two", "process"));
    let settings = [
        ("API_KEYS_FILE", file.to_str().unwrap()),
        ("KEY_REQUESTS_PER_MINUTE", "60"),
        ("KEY_REQUEST_BURST", "3"),
    ];
    let worker = Worker::start(&settings).await;
    let call = async |key: &str| {
        let request = worker.request(Method::GET, "/api/clusters");
        request.header("X-API-Key", key).send().await.unwrap()
    };
    for key in [&one, &two] {
        for _ in 0..3 {
            assert_eq!(call(key).await.status(), 200);
        }
    }
    let refused = call(&one).await;
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "rate_limited");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(call(&one).await.status(), 200);
    // What asks for no key is not counted.
    for _ in 0..10 {
        worker.health().await;
    }
}

#[test_support::test]
async fn only_a_trusted_proxy_may_say_who_calls() {
    // Everybody here calls from 127.0.0.1.
    let outsider: (&str, &str) = ("ALLOWED_IPS", "10.1.0.0/16");
    let header = "X-Forwarded-For";
    for (settings, name, value, status) in [
        (vec![outsider], header, "10.1.1.1", 403),
        (
            vec![outsider, ("TRUSTED_PROXIES", "127.0.0.2")],
            header,
            "10.1.1.1",
            403,
        ),
        (
            vec![outsider, ("TRUSTED_PROXIES", "127.0.0.0/8")],
            header,
            "10.1.1.1",
            200,
        ),
        (
            vec![outsider, ("TRUSTED_PROXIES", "127.0.0.0/8")],
            header,
            "10.1.1.1, 203.0.113.5",
            403,
        ),
        (
            vec![outsider, ("TRUSTED_PROXIES", "127.0.0.0/8")],
            header,
            "10.1.1.1, unknown",
            400,
        ),
        (
            vec![outsider, ("TRUSTED_PROXIES", "127.0.0.0/8")],
            "Forwarded",
            "for=10.1.1.1",
            403,
        ),
        (
            vec![
                outsider,
                ("TRUSTED_PROXIES", "127.0.0.0/8"),
                ("FORWARDED_HEADER", "forwarded"),
            ],
            "Forwarded",
            "for=203.0.113.5, for=10.1.1.1;proto=https",
            200,
        ),
    ] {
        let worker = Worker::start(&settings).await;
        let request = worker.request(Method::GET, "/health").header(name, value);
        let (found, code) = answer(request).await;
        assert_eq!(found, status, "{settings:?} {name}: {value}");
        let expected = match status {
            400 => "invalid_forwarded_header",
            403 => "address_not_allowed",
            _ => "",
        };
        assert_eq!(code, expected);
    }
}

#[test_support::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let worker = Worker::start(&[("API_KEY", "key")]).await;
    for path in ["/health", "/api/clusters", "/nowhere", "/docs"] {
        let response = worker.fetch(path).await;
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        // The page keeps the policy that lets its own script run.
        assert_eq!(policy.contains("script-src"), path == "/docs", "{path}: {policy}");
        assert!(headers.contains_key("cache-control"), "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
}

/// Puts a pair of the fixtures where the worker looks; a client that trusts nothing else.
fn certificate(name: &str, folder: &Path) -> reqwest::Client {
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/tls"));
    // The key first: until both are there, the old pair stays.
    for file in [format!("{name}.key"), format!("{name}.pem")] {
        let kind = if file.ends_with("key") {
            "server.key"
        } else {
            "server.pem"
        };
        std::fs::write(folder.join(kind), std::fs::read(fixtures.join(file)).unwrap()).unwrap();
    }
    trusting(name)
}

/// A client that trusts this certificate and nothing else, and has seen no server yet.
fn trusting(name: &str) -> reqwest::Client {
    let file = format!("{}/../tests/fixtures/tls/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let pem = std::fs::read(file).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap()
}

#[test_support::test]
async fn tls_is_spoken_with_the_certificate_of_the_moment() {
    // The client needs a provider before it is built.
    drop(test_support::worker::client());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let first = certificate("first", folder.path());
    let (certificate_file, key_file) = (file("server.pem"), file("server.key"));
    let settings = [
        ("TLS_CERT_FILE", certificate_file.as_str()),
        ("TLS_KEY_FILE", key_file.as_str()),
        ("TLS_HANDSHAKE_MS", "500"),
    ];
    let worker = Worker::start(&settings).await;
    let url = format!("{}/health", worker.url.replacen("http", "https", 1));
    // Those who never begin a handshake keep nobody waiting.
    let address = worker.url.trim_start_matches("http://").to_owned();
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    let response = first.get(&url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("strict-transport-security"));
    assert_eq!(response.json::<Value>().await.unwrap()["status"], "ok");
    assert!(
        worker.client.get(&worker.url).send().await.is_err(),
        "plain HTTP is answered"
    );
    // A health check asks the worker itself, whoever has signed its certificate.
    let port = address.rsplit(':').next().unwrap();
    let mut probe = command(&settings);
    let probe = probe.env("PORT", port).args(["probe", "ready"]).output().unwrap();
    assert!(
        probe.status.success(),
        "{}",
        String::from_utf8_lossy(&probe.stderr)
    );

    let second = certificate("second", folder.path());
    let is_shown = async || second.get(&url).send().await.is_ok();
    eventually(Duration::from_secs(10), "the new certificate is shown", is_shown).await;
    // A client that has been here before may resume its session, in which no certificate is shown.
    let newcomer = trusting("first");
    assert!(
        newcomer.get(&url).send().await.is_err(),
        "the old certificate is still shown"
    );
}

#[test_support::test]
fn a_vector_in_a_line_would_be_found() {
    assert_eq!(numbers_in_a_row("no vector: 1, 2"), 1);
    assert_eq!(numbers_in_a_row("vector=[0.1, -2, 3e-4, 4]"), 3);
}

/// Numbers in a row, separated by commas, at most; a vector would be 128 of them.
fn numbers_in_a_row(line: &str) -> usize {
    let (mut longest, mut row) = (0, 0);
    for part in line.split(',') {
        let is_number = part.trim().trim_matches(['[', ']']).parse::<f32>().is_ok();
        row = if is_number { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

#[test_support::test]
async fn no_key_no_query_and_no_vector_is_logged() {
    let logs = tempfile::tempdir().unwrap();
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("keys");
    let filed = new_key(&file, "backend", "admin");
    let photos = "hidden-header-value";
    // The port of the photo server is not known yet, so the header is for another; it must not be logged anyway.
    let headers = format!("http://127.0.0.1:9=X-Token: {photos}");
    let settings = [
        ("LOG_DIR", logs.path().to_str().unwrap()),
        (
            "LOG_LEVEL",
            "debug,ai_worker=trace,axum=trace,hyper=trace,hyper_util=trace,reqwest=trace,rustls=trace,tower_http=trace",
        ),
        ("API_KEY", "hidden-api-key"),
        ("ADMIN_KEY", "hidden-admin-key"),
        ("API_KEYS_FILE", file.to_str().unwrap()),
        ("FETCH_HEADERS", headers.as_str()),
    ];
    let mut worker = Worker::start(&settings).await;
    for (key, image) in [
        ("hidden-api-key", "obama.jpg"),
        ("hidden-wrong-key", "obama.jpg"),
        (filed.as_str(), "missing.jpg"),
        (filed.as_str(), "loop"),
        (filed.as_str(), "page.jpg"),
    ] {
        let url = format!("{}?signature=hidden-query", worker.photos.url(image));
        let body = json!({ "file_id": "1", "image_url": url });
        let request = worker.request(Method::POST, "/api/process?details=true");
        let request = request
            .header("X-API-Key", key)
            .header("X-Admin-Key", "hidden-admin-key-too");
        answer(request.json(&body)).await;
    }
    for url in [
        "http://hidden-user:hidden-password@127.0.0.1/",
        "http://127.0.0.1:9/photo.jpg?signature=hidden-query",
        "http://10.0.0.1/photo.jpg?signature=hidden-query",
        "http://photos.invalid/photo.jpg?signature=hidden-query",
    ] {
        let body = json!({ "file_id": "1", "image_url": url });
        let request = worker.request(Method::POST, "/api/process");
        let (status, _) = answer(request.header("X-API-Key", &filed).json(&body)).await;
        assert!((400..500).contains(&status), "{url}: {status}");
    }
    let request = worker.request(Method::GET, "/api/clusters?token=hidden-query");
    answer(request.header("X-API-Key", &filed)).await;

    let log = worker.whole_log(logs.path()).await;
    assert!(log.contains("key=\"backend\"") && log.contains("key=\"API_KEY\""));
    for line in log.lines() {
        assert!(!line.contains("hidden") && !line.contains(&filed), "{line}");
        assert!(numbers_in_a_row(line) < 16, "{line}");
    }
}
