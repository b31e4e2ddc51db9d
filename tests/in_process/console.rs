//! `/` and `/console/`: files of the program, under a strict policy, which a setting takes away.

use axum::http::Method;
use test_support::TestApp;

const PAGES: [(&str, &str); 6] = [
    ("/console/", "text/html; charset=utf-8"),
    ("/console/console.js", "text/javascript; charset=utf-8"),
    ("/console/console.css", "text/css; charset=utf-8"),
    ("/console/icon.svg", "image/svg+xml"),
    ("/console/plus-jakarta-sans.woff2", "font/woff2"),
    ("/console/OFL.txt", "text/plain; charset=utf-8"),
];

#[test_support::test]
async fn the_console_asks_for_no_key_and_may_load_nothing_from_elsewhere() {
    let app = TestApp::start(&[("API_KEY", "an-api-key-of-some-length")]).await;
    for (path, media_type) in PAGES {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type));
        assert!(!answer.body.is_empty(), "{path}");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    assert_eq!(
        app.get("/console/index.html").await.body,
        app.get("/console/").await.body
    );
    // Relative links of the page need the slash.
    let without = app.get("/console").await;
    assert_eq!((without.status, without.header("location")), (308, "console/"));
    for path in [
        "/console/nothing.js",
        "/console/..%2fconsole.js",
        "/console/a/b",
        "/consoles",
    ] {
        let missing = app.get(path).await;
        assert_eq!(missing.problem(), (404, "no_such_route".to_owned()), "{path}");
    }
}

#[test_support::test]
async fn a_file_that_the_browser_has_does_not_come_again() {
    let app = TestApp::start(&[]).await;
    for (path, _) in PAGES {
        let answer = app.get(path).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let again = app.call(Method::GET, path, &[("If-None-Match", &known)]).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {known}");
            // Browsers take it for that of what they have.
            let policy = "content-security-policy";
            assert_eq!(again.header(policy), answer.header(policy), "{path}");
            assert_eq!(again.header("etag"), tag);
        }
        let other = app
            .call(Method::GET, path, &[("If-None-Match", "\"other\"")])
            .await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[test_support::test]
async fn the_first_page_leads_to_the_console_and_the_reference() {
    let app = TestApp::start(&[]).await;
    let page = app.get("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    for link in ["href=\"console/\"", "href=\"docs\""] {
        assert!(text.contains(link), "{link} is not in {text}");
    }
    assert!(!text.contains("://"), "the page names another place: {text}");
}

#[test_support::test]
async fn a_setting_takes_the_console_away() {
    let app = TestApp::start(&[("CONSOLE", "off")]).await;
    for (path, _) in PAGES {
        assert_eq!(
            app.get(path).await.problem(),
            (404, "no_such_route".to_owned()),
            "{path}"
        );
    }
    assert_eq!(app.get("/console").await.status, 404);
    let page = app.get("/").await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(
        text.contains("href=\"docs\"") && !text.contains("onsole"),
        "{text}"
    );
    assert_eq!(app.get("/docs").await.status, 200);
}
