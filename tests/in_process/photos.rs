//! From a photo to people.

use serde_json::{Value, json};
use test_support::TestApp;

/// The cluster ids of an answer's faces, from left to right.
pub(crate) fn clusters(answer: &Value) -> Vec<String> {
    let mut faces = answer["faces"].as_array().unwrap().clone();
    faces.sort_by_key(|face| face["bounding_box"][0].as_u64());
    let cluster = |face: &Value| face["cluster_id"].as_str().unwrap().to_owned();
    faces.iter().map(cluster).collect()
}

#[test_support::test]
async fn two_people_in_a_photo_are_two_clusters_and_are_known_again() {
    let app = TestApp::start(&[]).await;
    let both = app.describe("both", &[0, 1]).await;
    let people = clusters(&both);
    assert_eq!(people.len(), 2);
    assert_ne!(people[0], people[1]);
    for face in both["faces"].as_array().unwrap() {
        assert_eq!(face["is_new_cluster"], true);
        let corners: [i64; 4] = serde_json::from_value(face["bounding_box"].clone()).unwrap();
        // Drawn with 64 pixels; the detector looks at the photo in another size.
        for side in [corners[2] - corners[0], corners[3] - corners[1]] {
            assert!((62..=66).contains(&side), "{corners:?}");
        }
    }
    assert_eq!(app.counts().await, (2, 2));

    let later = app.describe("later", &[2, 1, 0]).await;
    let found = clusters(&later);
    assert_eq!((&found[2], &found[1]), (&people[0], &people[1]));
    assert!(!people.contains(&found[0]));
    assert_eq!(app.counts().await, (5, 3));
    let thumbnail = app.get(&format!("/api/cluster/{}/thumbnail", people[0])).await;
    assert_eq!(
        (thumbnail.status, thumbnail.header("content-type")),
        (200, "image/jpeg")
    );
}

#[test_support::test]
async fn a_photo_that_comes_again_keeps_its_faces() {
    let app = TestApp::start(&[]).await;
    let first = app.describe("both", &[3, 4]).await;
    let again = app.process("both").await.success();
    let ids = |answer: &Value| -> Vec<Value> {
        let faces = answer["faces"].as_array().unwrap();
        faces.iter().map(|face| face["face_id"].clone()).collect()
    };
    assert_eq!(ids(&first), ids(&again));
    assert_eq!(app.counts().await, (2, 2));
}

#[test_support::test]
async fn a_photo_of_nobody_has_tags_and_a_context_all_the_same() {
    let app = TestApp::start(&[]).await;
    let answer = app.describe("nobody", &[]).await;
    assert_eq!(answer["faces"], json!([]));
    assert!(answer["tags"].is_array(), "{answer}");
    assert!(!answer["context"].as_str().unwrap().is_empty(), "{answer}");
}
