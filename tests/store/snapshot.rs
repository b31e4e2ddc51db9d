//! Everything in a store as JSON, so that what an earlier version wrote down can be compared with what this one reads.

use ai_worker::plugins::digest;
use ai_worker::store::{FaceStore, Stored, StoredAnswer};
use serde_json::{Value, json};

/// More rows than any store of the tests has.
const ALL: usize = 10_000;

/// Every row of a store, and the answers under these idempotency keys. Vectors are there by their SHA-256.
pub(crate) async fn rows(store: &dyn FaceStore, keys: &[String]) -> Value {
    let mut faces = Vec::new();
    for sequenced in store.faces(None, ALL).await.unwrap() {
        let face = sequenced.face;
        let portrait = store.portrait(&face.face_id).await.unwrap();
        faces.push(json!({
            "face_id": face.face_id,
            "file_id": face.file_id,
            "cluster_id": face.cluster_id,
            "embedding": digest(&face.embedding.to_bytes()),
            "bounding_box": face.bounding_box,
            "confidence": face.confidence,
            "quality": face.quality,
            "corrected": face.corrected,
            "portrait": portrait.map(|jpeg| String::from_utf8(jpeg).unwrap()),
            "explanation": as_stored(&store.explanation(&face.face_id).await.unwrap()),
        }));
    }
    let photos = store.photos(None, ALL).await.unwrap();
    let photos: Vec<_> = photos.into_iter().map(|sequenced| sequenced.photo).collect();
    let mut clusters = Vec::new();
    for cluster in store.clusters(None, ALL).await.unwrap() {
        clusters.push(json!({
            "cluster_id": cluster.cluster_id,
            "representative": cluster.representative,
            "faces": cluster.faces,
            "distinct_from": store.distinct_from(&cluster.cluster_id).await.unwrap(),
        }));
    }
    let mut answers = Vec::new();
    for key in keys {
        answers.push(store.answer(key).await.unwrap().map(answer));
    }
    let rows = json!({
        "faces": faces,
        "photos": as_stored(&photos),
        "clusters": clusters,
        "redirects": as_stored(&store.redirects(None, ALL).await.unwrap()),
        "rejections": as_stored(&store.all_rejections(None, ALL).await.unwrap()),
        "answers": answers,
    });
    // As text and back: numbers are compared as a file has them.
    serde_json::from_str(&rows.to_string()).unwrap()
}

fn as_stored(value: &impl Stored) -> Value {
    serde_json::to_value(value.to_stored()).unwrap()
}

fn answer(answer: StoredAnswer) -> Value {
    json!({
        "key": answer.key,
        "request": answer.request,
        "body": answer.body,
        "file_id": answer.file_id,
        "at": answer.at,
    })
}

/// Panics unless everything that is expected is there as it was; later versions may say more of it.
pub(crate) fn assert_kept(expected: &Value, found: &Value) {
    compare("", expected, found);
}

fn compare(path: &str, expected: &Value, found: &Value) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(_)) => {
            for (key, expected) in expected {
                compare(&format!("{path}/{key}"), expected, &found[key]);
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "rows of {path}");
            for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}/{number}"), expected, found);
            }
        }
        _ => assert_eq!(expected, found, "{path}"),
    }
}
