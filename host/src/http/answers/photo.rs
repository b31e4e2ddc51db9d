//! What is said of a photo that was described.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClusterId, FaceId, Gender};
use crate::people::PlacedFace;
use crate::pipeline;

/// One face of the answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DescribedFace {
    /// Stays the same when the photo is processed again.
    pub(crate) face_id: FaceId,
    /// The person.
    pub(crate) cluster_id: ClusterId,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    pub(crate) bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    pub(crate) confidence: f32,
    /// Whether the person was not known before this photo.
    pub(crate) is_new_cluster: bool,
    /// Apparent age in years, if a plugin asked for demographics and the face is clear enough: at least 48 pixels on
    /// its shorter side, and a quality of at least 0.5.
    #[schema(required)]
    pub(crate) age: Option<f32>,
    /// Apparent gender, under the same conditions.
    #[schema(required)]
    pub(crate) gender: Option<Gender>,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    pub(crate) quality: f32,
}

impl From<PlacedFace> for DescribedFace {
    fn from(face: PlacedFace) -> Self {
        Self {
            face_id: face.face_id.into(),
            cluster_id: face.cluster_id.into(),
            bounding_box: face.bounding_box.into(),
            confidence: face.confidence,
            is_new_cluster: face.is_new_cluster,
            age: face.age,
            gender: face.gender.map(Into::into),
            quality: face.quality,
        }
    }
}

/// How long each stage took, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct StageTimings {
    /// Fetching the photo.
    download: f64,
    /// Decoding it.
    decode: f64,
    /// All networks, including the wait for a session.
    inference: f64,
    /// Tagger and context mapper.
    plugins: f64,
    /// Searching neighbours, deciding and writing, including the wait for other photos.
    faces: f64,
}

impl From<pipeline::StageTimings> for StageTimings {
    fn from(timings: pipeline::StageTimings) -> Self {
        Self {
            download: timings.download,
            decode: timings.decode,
            inference: timings.inference,
            plugins: timings.plugins,
            faces: timings.faces,
        }
    }
}
