//! Faces that a network looks at together.

use test_support::worker::Worker;

/// Years by which an age may differ: another order of additions.
const YEARS: f64 = 0.01;

#[test_support::test(flavor = "multi_thread")]
async fn faces_that_are_looked_at_together_get_the_same_ages() {
    let settings = [("INFERENCE_SESSIONS", "1"), ("INFERENCE_BATCH", "8")];
    let (alone, together) = tokio::join!(Worker::start(&settings[..1]), Worker::start(&settings));
    let photo = "t1.jpg";
    let (expected, found) = tokio::join!(
        alone.describe_in_detail(photo),
        together.describe_in_detail(photo)
    );
    let (expected, found) = (
        expected["faces"].as_array().unwrap(),
        found["faces"].as_array().unwrap(),
    );
    assert_eq!((expected.len(), found.len()), (6, 6));
    for (expected, found) in expected.iter().zip(found) {
        assert_eq!(expected["bounding_box"], found["bounding_box"]);
        let age = |face: &serde_json::Value| face["age"].as_f64().unwrap();
        assert!((age(expected) - age(found)).abs() < YEARS, "{expected} {found}");
        assert_eq!(expected["gender"], found["gender"]);
    }

    let measured = async |what: &str, model: &str| {
        let series = format!("ai_worker_inference_images_{what}{{model=\"{model}\"}}");
        together.measured(&series).await
    };
    assert!(measured("sum", "age-v1").await > measured("count", "age-v1").await);
    // Its graph is for one image.
    assert_eq!(measured("count", "sface-2021dec").await, 0);
    assert!(!alone.metrics().await.contains("inference_images_count"));
}
