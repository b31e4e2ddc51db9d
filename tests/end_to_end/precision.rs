//! Networks in 8-bit integers: made of the published ones by `models pull`, and run by the worker.

use std::process::Output;

use serde_json::Value;

use test_support::harness::missing;
use test_support::prerequisites;
use test_support::worker::{Worker, clusters, command};

const SET: (&str, &str) = ("MODEL_SET", "research");
const INT8: (&str, &str) = ("PRECISION", "int8");
/// The roles of the set that the manifest has in 8 bits.
const ROLES: [&str; 3] = ["face-detector", "age", "label-classifier"];
/// Years by which ages may differ on average; measured on other photos: 1.1, and 6.2 for one face.
const YEARS: f64 = 2.0;

fn run(settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(settings).args(arguments).output().unwrap()
}

/// Makes the graphs beside the models, by Python, once for good.
fn make() {
    prerequisites();
    let pulled = run(&[SET, INT8], &["models", "pull", "--accept-license"]);
    if !pulled.status.success() {
        let said = String::from_utf8_lossy(&pulled.stderr);
        missing(format_args!("the networks in 8 bits are needed: {said}"));
    }
}

fn faces(answer: &Value) -> &Vec<Value> {
    answer["faces"].as_array().unwrap()
}

fn intersection_over_union(a: &Value, b: &Value) -> f64 {
    let corners =
        |face: &Value| -> [f64; 4] { serde_json::from_value(face["bounding_box"].clone()).unwrap() };
    let (a, b) = (corners(a), corners(b));
    let area = |[x1, y1, x2, y2]: [f64; 4]| (x2 - x1).max(0.0) * (y2 - y1).max(0.0);
    let both = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    both / (area(a) + area(b) - both)
}

#[test_support::test(flavor = "multi_thread")]
async fn eight_bits_see_what_thirty_two_see() {
    make();
    let (fine, coarse) = tokio::join!(Worker::start(&[SET]), Worker::start(&[SET, INT8]));
    for (worker, precision) in [(&fine, "fp32"), (&coarse, "int8")] {
        let health = worker.health().await;
        for model in health["models"].as_array().unwrap() {
            let role = model["role"].as_str().unwrap();
            let expected = if ROLES.contains(&role) { precision } else { "fp32" };
            assert_eq!(model["precision"], expected, "{model}");
        }
    }
    let (mut ages, mut scores) = (Vec::new(), Vec::new());
    for photo in ["obama.jpg", "biden.jpg", "t1.jpg", "astronaut.png"] {
        let (before, after) = tokio::join!(fine.describe_in_detail(photo), coarse.describe_in_detail(photo));
        assert_eq!(faces(&before).len(), faces(&after).len(), "{photo}");
        for face in faces(&before) {
            let (overlap, same) = faces(&after)
                .iter()
                .map(|other| (intersection_over_union(face, other), other))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap();
            assert!(overlap > 0.85, "{photo}: {overlap}");
            let moved = |what: &str| (face[what].as_f64().unwrap() - same[what].as_f64().unwrap()).abs();
            ages.push(moved("age"));
            scores.push(moved("confidence"));
        }
        let labels = |answer: &Value| -> Vec<String> {
            let labels = answer["details"]["labels"].as_array().unwrap();
            labels
                .iter()
                .map(|label| label["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let (before, after) = (labels(&before), labels(&after));
        assert!(after[..5].contains(&before[0]), "{photo}: {before:?} {after:?}");
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&ages) < YEARS, "{ages:?}");
    // Else these were the same graphs.
    assert!(mean(&ages) > 1e-3 && mean(&scores) > 1e-4, "{ages:?} {scores:?}");
    // One man, in two photos.
    let again = coarse.describe("obama2.jpg").await;
    let (_, first) = coarse.process("obama.jpg").await;
    assert_eq!(clusters(&again), clusters(&first));
}

#[test_support::test]
fn a_role_that_has_no_such_network_is_refused() {
    prerequisites();
    // The store is opened before the networks, and others may have left one in the default place.
    let data = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["models", "pull"], &["models", "verify"]] {
        let settings = [
            SET,
            ("PRECISION", "face-embedder=int8"),
            ("PORT", "0"),
            ("DATA_DIR", data.path().to_str().unwrap()),
        ];
        let output = run(&settings, arguments);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("PRECISION asks for face-embedder=int8")
                && said.contains("face-detector, age, label-classifier"),
            "{said}"
        );
    }
}
