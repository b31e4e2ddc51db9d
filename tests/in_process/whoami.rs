//! `GET /api/whoami`: one key, sent in both headers as the console does, and what it opens.

use axum::http::Method;
use serde_json::{Value, json};
use test_support::{Answer, TestApp};

const KEY: &str = "an-api-key-of-some-length";
const ADMIN: &str = "an-admin-key-of-some-length";

/// Asks as the console does: with the entered key in either header.
async fn ask(app: &TestApp, key: &str) -> Answer {
    let headers = [("X-API-Key", key), ("X-Admin-Key", key)];
    app.call(Method::GET, "/api/whoami", &headers).await
}

fn who(role: &str, name: impl Into<Value>, required: bool) -> Value {
    json!({ "role": role, "key_name": name.into(), "key_required": required })
}

#[test_support::test]
async fn a_key_says_its_role_in_whichever_header_it_comes() {
    let app = TestApp::start(&[("API_KEY", KEY), ("ADMIN_KEY", ADMIN)]).await;
    for (key, role, name) in [(KEY, "curate", "API_KEY"), (ADMIN, "admin", "ADMIN_KEY")] {
        assert_eq!(ask(&app, key).await.success(), who(role, name, true));
        for header in ["X-API-Key", "X-Admin-Key"] {
            let answer = app.call(Method::GET, "/api/whoami", &[(header, key)]).await;
            assert_eq!(answer.success(), who(role, name, true), "{header}");
        }
    }
    // The admin key passes every door by either header, and the other one not those of plugins.
    for header in ["X-API-Key", "X-Admin-Key"] {
        for (key, path, status) in [
            (ADMIN, "/api/clusters", 200),
            (ADMIN, "/api/audit", 200),
            (KEY, "/api/clusters", 200),
            (KEY, "/api/audit", 401),
        ] {
            let answer = app.call(Method::GET, path, &[(header, key)]).await;
            assert_eq!(answer.status, status, "{header} {path}");
        }
    }
    let nobody = app.get("/api/whoami").await;
    assert_eq!(nobody.problem(), (401, "wrong_api_key".to_owned()));
}

#[test_support::test]
async fn keys_of_the_file_say_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let mut lines = String::new();
    let mut keys = Vec::new();
    for role in ["process", "curate", "admin"] {
        let key = ai_worker::access::NewKey::generate();
        lines.push_str(&format!("the-{role} {role} {}\n", key.digest()));
        keys.push((role, key.text().to_owned()));
    }
    std::fs::write(&file, lines).unwrap();
    let app = TestApp::start(&[("API_KEYS_FILE", file.to_str().unwrap())]).await;
    for (role, key) in keys {
        let expected = who(role, format!("the-{role}"), true);
        assert_eq!(ask(&app, &key).await.success(), expected);
    }
}

#[test_support::test]
async fn where_no_key_is_asked_for_everybody_corrects() {
    let app = TestApp::start(&[]).await;
    assert_eq!(
        app.get("/api/whoami").await.success(),
        who("curate", Value::Null, false)
    );
    assert_eq!(
        ask(&app, "whatever").await.success(),
        who("curate", Value::Null, false)
    );
    // With an admin key alone, that one may more.
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN)]).await;
    assert_eq!(
        app.get("/api/whoami").await.success(),
        who("curate", Value::Null, false)
    );
    assert_eq!(ask(&app, ADMIN).await.success(), who("admin", "ADMIN_KEY", false));
}

#[test_support::test]
async fn a_wrong_key_in_both_headers_is_one_guess() {
    let attempts = ("WRONG_KEYS_PER_MINUTE", "5");
    let app = TestApp::start(&[("API_KEY", KEY), ("ADMIN_KEY", ADMIN), attempts]).await;
    for guess in 0..5 {
        assert_eq!(ask(&app, &format!("guess {guess}")).await.status, 401, "{guess}");
    }
    let refused = ask(&app, "one more").await;
    assert_eq!(refused.problem(), (429, "too_many_wrong_keys".to_owned()));
    // A right key in both is none, however often it comes.
    let app = TestApp::start(&[("API_KEY", KEY), ("ADMIN_KEY", ADMIN), attempts]).await;
    for _ in 0..20 {
        assert_eq!(ask(&app, KEY).await.status, 200);
        assert_eq!(ask(&app, ADMIN).await.status, 200);
    }
}

#[test_support::test]
async fn the_admin_key_cannot_be_guessed_by_the_other_header() {
    let attempts = ("WRONG_KEYS_PER_MINUTE", "5");
    let app = TestApp::start(&[("API_KEY", KEY), ("ADMIN_KEY", ADMIN), attempts]).await;
    let try_key = async |key: &str| {
        let answer = app.call(Method::GET, "/api/audit", &[("X-API-Key", key)]).await;
        answer.status
    };
    for guess in 0..5 {
        assert_eq!(try_key(&format!("guess {guess}")).await, 401, "{guess}");
    }
    assert_eq!(try_key("one more").await, 429);
    assert_eq!(try_key(ADMIN).await, 429);
    // A worker that asks for no key takes any there, and for that reason none.
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN), attempts]).await;
    for _ in 0..20 {
        let answer = app.call(Method::GET, "/api/audit", &[("X-API-Key", ADMIN)]).await;
        assert_eq!(answer.problem(), (401, "wrong_admin_key".to_owned()));
        let answer = app
            .call(Method::GET, "/api/clusters", &[("X-API-Key", "a stray key")])
            .await;
        assert_eq!(answer.status, 200);
    }
}
