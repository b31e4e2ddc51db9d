//! What web pages of others may not do with a worker: read it under a name of theirs that leads here (DNS rebinding),
//! and change something from a page of theirs (cross-site request forgery).

use axum::http::Method;
use test_support::{Answer, TestApp};

const KEYS: [(&str, &str); 2] = [
    ("API_KEY", "an-api-key-of-some-length"),
    ("ADMIN_KEY", "an-admin-key-of-some-length"),
];
/// What a browser sends of a page of somebody else.
const FOREIGN: [&[(&str, &str)]; 9] = [
    &[("Origin", "http://evil.example")],
    &[("Origin", "https://evil.example:8443")],
    &[("Origin", "null")],
    &[("Origin", "")],
    &[("Origin", "http://localhost.evil.example")],
    // Another port is another origin.
    &[("Origin", "http://localhost:3000")],
    &[("Origin", "http://localhost"), ("Origin", "http://evil.example")],
    &[("Sec-Fetch-Site", "cross-site")],
    &[("Sec-Fetch-Site", "same-site")],
];

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// The code of an answer that may be a problem.
fn code(answer: &Answer) -> String {
    if answer.header("content-type") == "application/problem+json" {
        answer.problem().1
    } else {
        String::new()
    }
}

/// Every operation that is documented, by its method and path.
async fn operations(app: &TestApp) -> Vec<(Method, String)> {
    let document = app.get("/openapi.json").await.success();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace(['{', '}'], "");
        for method in methods.as_object().unwrap().keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                operations.push((method, path.clone()));
            }
        }
    }
    assert!(operations.len() > 30, "{operations:?}");
    operations
}

#[test_support::test]
async fn a_worker_without_a_key_answers_to_names_of_loopback_only() {
    let app = TestApp::start(&[]).await;
    for (method, path) in operations(&app).await {
        for host in [
            "evil.example",
            "evil.example:8000",
            "10.0.0.1:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "photos.internal",
            "[2001:db8::1]:8000",
        ] {
            let answer = app.call(method.clone(), &path, &[("Host", host)]).await;
            assert_eq!(
                answer.problem(),
                is(403, "host_not_allowed"),
                "{method} {path} {host}"
            );
        }
    }
    for host in [
        "localhost",
        "LocalHost:8000",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.8.8:80",
        "[::1]",
        "[::1]:8000",
    ] {
        let answer = app.call(Method::GET, "/api/clusters", &[("Host", host)]).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in [
        "",
        "local host",
        "localhost:port",
        "user@localhost",
        "[::1",
        "::1",
    ] {
        let answer = app.call(Method::GET, "/api/clusters", &[("Host", host)]).await;
        assert_eq!(answer.problem(), is(400, "invalid_host_header"), "{host}");
    }
}

#[test_support::test]
async fn a_setting_adds_names_and_a_key_makes_names_needless() {
    let app = TestApp::start(&[("ALLOWED_HOSTS", "photos.internal, 10.0.0.7, [fd00::7]")]).await;
    for (host, status) in [
        ("photos.internal", 200),
        ("Photos.Internal:8000", 200),
        ("10.0.0.7", 200),
        ("[fd00::7]:8000", 200),
        ("localhost", 200),
        ("other.internal", 403),
        ("10.0.0.8", 403),
    ] {
        let answer = app.call(Method::GET, "/health", &[("Host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let app = TestApp::start(&KEYS).await;
    let answer = app
        .call(Method::GET, "/health", &[("Host", "evil.example")])
        .await;
    assert_eq!(answer.status, 200);
}

#[test_support::test]
async fn nothing_is_changed_from_a_page_of_somebody_else_whatever_the_key() {
    for settings in [&[][..], &KEYS] {
        let app = TestApp::start(settings).await;
        let mut tried = 0;
        for (method, path) in operations(&app).await {
            if method.is_safe() {
                continue;
            }
            for foreign in FOREIGN {
                let mut headers = foreign.to_vec();
                headers.extend([("X-API-Key", KEYS[0].1), ("X-Admin-Key", KEYS[1].1)]);
                let answer = app.call(method.clone(), &path, &headers).await;
                let expected = is(403, "origin_not_allowed");
                assert_eq!(answer.problem(), expected, "{method} {path} {foreign:?}");
                tried += 1;
            }
        }
        assert!(tried > 100, "{tried}");
        // What changes nothing is not for this rule.
        for foreign in FOREIGN {
            assert_eq!(
                app.call(Method::GET, "/health", foreign).await.status,
                200,
                "{foreign:?}"
            );
        }
    }
}

#[test_support::test]
async fn clients_and_pages_of_ones_own_pass() {
    let settings = [(
        "CORS_ORIGINS",
        "http://photos.internal, https://photos.internal:8443",
    )];
    let app = TestApp::start(&settings).await;
    let unmerge = "/api/clusters/00000000-0000-4000-8000-000000000000/unmerge";
    for headers in [
        // Programs, and curl.
        &[][..],
        &[("Sec-Fetch-Site", "none")],
        // A page that the worker serves itself.
        &[("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")],
        &[("Host", "localhost:8000"), ("Origin", "http://localhost:8000")],
        &[("Host", "LOCALHOST:80"), ("Origin", "http://localhost")],
        &[("Host", "[::1]:8000"), ("Origin", "http://[::1]:8000")],
        // Behind a proxy that speaks TLS.
        &[("Host", "localhost"), ("Origin", "https://localhost")],
        // Those that the settings allow.
        &[
            ("Origin", "http://photos.internal"),
            ("Sec-Fetch-Site", "cross-site"),
        ],
        &[
            ("Origin", "https://photos.internal:8443"),
            ("Sec-Fetch-Site", "same-site"),
        ],
    ] {
        let answer = app.call(Method::POST, unmerge, headers).await;
        assert_eq!(code(&answer), "unknown_cluster", "{headers:?}");
    }
    // Names that differ in port or scheme from those that the settings allow are others.
    for origin in ["http://photos.internal:8443", "https://photos.internal"] {
        let answer = app.call(Method::POST, unmerge, &[("Origin", origin)]).await;
        assert_eq!(answer.problem(), is(403, "origin_not_allowed"), "{origin}");
    }
}
