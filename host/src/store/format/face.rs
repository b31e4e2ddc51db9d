//! A face: on a line of an archive, and in an entry of the history that removed it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::explanation::ExplanationJson;
use super::stored::Stored;
use crate::domain::Embedding;
use crate::store::error::Cause;
use crate::store::record::{StoredFace, WholeFace};

/// A face with everything that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FaceJson {
    /// Where an export goes on from; of no meaning elsewhere.
    pub(in crate::store) position: u64,
    pub(in crate::store) face_id: Uuid,
    file_id: String,
    cluster_id: Uuid,
    /// Base64 of the vector's numbers, four bytes each, little-endian.
    embedding: String,
    bounding_box: [u32; 4],
    confidence: f32,
    quality: f32,
    corrected: bool,
    /// Not there in an archive of format 1.
    #[serde(default)]
    joined: u64,
    /// Base64 of a JPEG.
    portrait: Option<String>,
    explanation: Option<ExplanationJson>,
}

impl FaceJson {
    /// The face at a position in an export.
    pub(crate) fn at(position: u64, whole: &WholeFace) -> Self {
        let WholeFace {
            face,
            portrait,
            explanation,
        } = whole;
        Self {
            position,
            face_id: face.face_id.to_stored(),
            file_id: face.file_id.to_stored(),
            cluster_id: face.cluster_id.to_stored(),
            embedding: encoded(&face.embedding),
            bounding_box: face.bounding_box.to_stored(),
            confidence: face.confidence,
            quality: face.quality,
            corrected: face.corrected,
            joined: face.joined,
            portrait: portrait.as_ref().map(|jpeg| STANDARD.encode(jpeg)),
            explanation: explanation.to_stored(),
        }
    }

    /// Puts another vector in the place of the face's.
    pub(in crate::store) fn set_embedding(&mut self, embedding: &Embedding) {
        self.embedding = encoded(embedding);
    }

    /// Whether it has a picture.
    pub(in crate::store) fn has_portrait(&self) -> bool {
        self.portrait.is_some()
    }
}

fn encoded(embedding: &Embedding) -> String {
    STANDARD.encode(embedding.to_bytes())
}

/// As in an entry of the history, where positions are of no meaning.
impl Stored for WholeFace {
    type Json = FaceJson;

    fn to_stored(&self) -> FaceJson {
        FaceJson::at(0, self)
    }

    fn from_stored(json: FaceJson) -> Result<Self, Cause> {
        Ok(Self {
            face: StoredFace {
                face_id: Stored::from_stored(json.face_id)?,
                file_id: Stored::from_stored(json.file_id)?,
                cluster_id: Stored::from_stored(json.cluster_id)?,
                embedding: Embedding::from_bytes(&STANDARD.decode(&json.embedding)?)?,
                bounding_box: Stored::from_stored(json.bounding_box)?,
                confidence: json.confidence,
                quality: json.quality,
                corrected: json.corrected,
                joined: json.joined,
            },
            portrait: json.portrait.map(|jpeg| STANDARD.decode(jpeg)).transpose()?,
            explanation: Stored::from_stored(json.explanation)?,
        })
    }
}
