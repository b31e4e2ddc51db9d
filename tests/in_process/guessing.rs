//! Guessing keys: each address has a few attempts.

use axum::http::Method;
use test_support::{Answer, TestApp};

const KEY: (&str, &str) = ("API_KEY", "an-api-key-of-some-length");
const ADMIN: (&str, &str) = ("ADMIN_KEY", "an-admin-key-of-some-length");
const ATTEMPTS: (&str, &str) = ("WRONG_KEYS_PER_MINUTE", "5");

async fn clusters(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    app.call(Method::GET, "/api/clusters", headers).await
}

/// Guesses as often as is allowed, and once more; the one that was too much.
async fn guess_too_often(app: &TestApp, header: &str, path: &str) -> Answer {
    for guess in 0..5 {
        let answer = app
            .call(Method::GET, path, &[(header, &format!("guess {guess}"))])
            .await;
        assert_eq!(answer.status, 401, "{guess}");
    }
    app.call(Method::GET, path, &[(header, "one more")]).await
}

#[test_support::test]
async fn who_guesses_is_slowed_and_does_not_learn_which_guess_is_right() {
    let mut app = TestApp::start(&[KEY, ADMIN, ATTEMPTS]).await;
    let refused = guess_too_often(&app, "X-API-Key", "/api/clusters").await;
    assert_eq!(refused.problem(), (429, "too_many_wrong_keys".to_owned()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    // The right one is answered as any other guess.
    assert_eq!(clusters(&app, &[("X-API-Key", KEY.1)]).await.status, 429);
    // Who sends no key guesses none.
    assert_eq!(clusters(&app, &[]).await.status, 401);
    // Others are not slowed, and neither is what asks for no key.
    assert_eq!(app.get("/livez").await.status, 200);
    app.peer = "127.0.0.2:50000".parse().unwrap();
    assert_eq!(clusters(&app, &[("X-API-Key", KEY.1)]).await.status, 200);
}

#[test_support::test]
async fn a_key_that_was_right_from_there_is_not_slowed_by_others() {
    let app = TestApp::start(&[KEY, ADMIN, ATTEMPTS]).await;
    assert_eq!(clusters(&app, &[("X-API-Key", KEY.1)]).await.status, 200);
    assert_eq!(
        guess_too_often(&app, "X-API-Key", "/api/clusters").await.status,
        429
    );
    for _ in 0..20 {
        assert_eq!(clusters(&app, &[("X-API-Key", KEY.1)]).await.status, 200);
    }
    // Its holder may not guess another one beside it.
    let both = [("X-API-Key", KEY.1), ("X-Admin-Key", "a guess")];
    assert_eq!(clusters(&app, &both).await.status, 429);
    // A key that was not used from there.
    assert_eq!(clusters(&app, &[("X-Admin-Key", ADMIN.1)]).await.status, 429);
}

#[test_support::test]
async fn guesses_of_the_admin_key_count_beside_a_right_api_key() {
    let app = TestApp::start(&[KEY, ADMIN, ATTEMPTS]).await;
    let rollback = "/api/plugins/tagger/shadow";
    for guess in 0..6 {
        let guess = format!("guess {guess}");
        let headers = [("X-API-Key", KEY.1), ("X-Admin-Key", guess.as_str())];
        let answer = app.call(Method::GET, rollback, &headers).await;
        let expected = if guess == "guess 5" { 429 } else { 401 };
        assert_eq!(answer.status, expected, "{guess}");
    }
}

#[test_support::test]
async fn attempts_are_counted_where_a_trusted_proxy_says_they_come_from() {
    let app = TestApp::start(&[KEY, ATTEMPTS, ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let from = |address: &'static str, key: &'static str| {
        let headers = [("X-Forwarded-For", address), ("X-API-Key", key)];
        let app = &app;
        async move { clusters(app, &headers).await.status }
    };
    for _ in 0..5 {
        assert_eq!(from("203.0.113.5", "a guess").await, 401);
    }
    assert_eq!(from("203.0.113.5", "a guess").await, 429);
    assert_eq!(from("203.0.113.6", KEY.1).await, 200);
    // One network of IPv6 is one caller, who may choose among its addresses.
    for address in [
        "2001:db8::1",
        "2001:db8::2",
        "2001:db8::3",
        "2001:db8::4:5",
        "2001:db8::ffff",
    ] {
        assert_eq!(from(address, "a guess").await, 401);
    }
    assert_eq!(from("2001:db8::99", "a guess").await, 429);
    assert_eq!(from("2001:db8:0:1::99", "a guess").await, 401);
}

#[test_support::test]
async fn without_keys_nothing_is_a_guess_and_the_limit_can_be_off() {
    let app = TestApp::start(&[ATTEMPTS]).await;
    for _ in 0..20 {
        assert_eq!(clusters(&app, &[("X-API-Key", "whatever")]).await.status, 200);
    }
    let app = TestApp::start(&[KEY, ("WRONG_KEYS_PER_MINUTE", "0")]).await;
    for _ in 0..50 {
        assert_eq!(clusters(&app, &[("X-API-Key", "a guess")]).await.status, 401);
    }
}
