//! A vocabulary and phrases that were packed into components, in a worker that keeps running.

use ai_worker::plugins::{Slot, data};
use axum::body::Body;
use axum::http::{Method, Request};
use plugin_data::author::Source;
use serde_json::Value;
use test_support::TestApp;

const ADMIN: (&str, &str) = ("X-Admin-Key", "secret-of-the-admin");

/// The built-in plugin of a slot with something in its data replaced, and the digest of these.
fn packed(slot: Slot, what: &str, by: &str) -> (Vec<u8>, String) {
    let text = data::text(slot.built_in()).unwrap().replacen(what, by, 1);
    let source = Source::read(data::kind_for(slot).unwrap(), &text).unwrap();
    let packed = data::replace(slot.built_in(), &source, Some("1.0.0+batik")).unwrap();
    (packed.component, ai_worker::plugins::digest(text.as_bytes()))
}

async fn swap(app: &TestApp, slot: Slot, component: Vec<u8>) {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/api/plugins/{slot}"))
        .header(ADMIN.0, ADMIN.1)
        .body(Body::from(component))
        .unwrap();
    let change = app.send(request).await.success();
    assert_eq!(change["active"]["version"], "1.0.0+batik", "{change}");
}

async fn data_of(app: &TestApp, slot: Slot) -> Value {
    let slots = app.get("/api/plugins").await.success();
    let mut slots = slots.as_array().unwrap().iter();
    slots.find(|entry| entry["slot"] == slot.name()).unwrap()["data"].clone()
}

#[test_support::test]
async fn a_worker_takes_a_new_word_and_says_whose_words_it_uses() {
    let app = TestApp::start(&[("ADMIN_KEY", ADMIN.1)]).await;
    let before = app.describe("1", &[0]).await;
    assert!(
        !before["tags"].as_array().unwrap().contains(&"batik".into()),
        "{before}"
    );
    for slot in [Slot::Tagger, Slot::ContextMapper] {
        assert_eq!(data_of(&app, slot).await["built_in"], true);
    }
    assert_eq!(data_of(&app, Slot::ClusterPolicy).await, Value::Null);

    // The fake classifier sees a groom in every photo.
    let tag = "tag = \"batik\"\n";
    let seen = format!("{tag}labels = {{ groom = 1.0 }}\nat_people = true\n");
    let (tagger, digest) = packed(Slot::Tagger, tag, &seen);
    swap(&app, Slot::Tagger, tagger).await;
    let seen = data_of(&app, Slot::Tagger).await;
    assert_eq!(seen["kind"], "vocabulary");
    assert_eq!(seen["digest"], digest);
    assert_eq!(seen["built_in"], false);
    let after = app.describe("2", &[0]).await;
    assert!(
        after["tags"].as_array().unwrap().contains(&"batik".into()),
        "{after}"
    );

    let phrase =
        "phrase = [\n    { text = \"Hari batik bersama {who}\", needs = [\"batik\", \"people\"] },\n";
    let (mapper, _) = packed(Slot::ContextMapper, "phrase = [\n", phrase);
    swap(&app, Slot::ContextMapper, mapper).await;
    assert_eq!(data_of(&app, Slot::ContextMapper).await["kind"], "phrases");
    let after = app.describe("3", &[0]).await;
    let context = after["context"].as_str().unwrap();
    assert!(context.starts_with("Hari batik bersama "), "{after}");

    // The word goes as it came.
    let back = format!("/api/plugins/{}/rollback", Slot::Tagger);
    let _ = app.call(Method::POST, &back, &[ADMIN]).await.success();
    assert_eq!(data_of(&app, Slot::Tagger).await["built_in"], true);
    let gone = app.describe("4", &[0]).await;
    assert!(
        !gone["tags"].as_array().unwrap().contains(&"batik".into()),
        "{gone}"
    );
}
