//! Photos that nobody took.

use ai_worker::domain::{BoundingBox, FileId, Scene, SceneFace};
use ai_worker::store::{PhotoDescription, PhotoRecord, PluginDigests, StoredContext};

/// The face at a place in the order of its photo; `quality` is 0 to 1.
pub fn face(index: usize, quality: f32) -> SceneFace {
    let left = index as u32 * 200;
    SceneFace {
        bounding_box: BoundingBox {
            x1: left,
            y1: 0,
            x2: left + 112,
            y2: 112,
        },
        confidence: 0.9,
        age: None,
        gender: None,
        quality,
    }
}

/// A photo with these faces, about which nothing is said.
pub fn record(file_id: FileId, faces: Vec<SceneFace>) -> PhotoRecord {
    PhotoRecord {
        file_id,
        scene: Scene {
            width: 4_000,
            height: 3_000,
            faces,
            ..Scene::default()
        },
        prompts_of: String::new(),
        description: PhotoDescription {
            tags: Vec::new(),
            context: StoredContext {
                phrase: String::new(),
                confidence: 0.0,
            },
            plugins: PluginDigests::default(),
        },
        model_set: "made-up".to_owned(),
        source_url: None,
    }
}
