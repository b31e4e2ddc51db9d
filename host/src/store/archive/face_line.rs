//! A face as it is written: on a line of an archive, and in an entry of the history that removed it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId};
use crate::store::error::Cause;
use crate::store::record::{Explanation, StoredFace};

/// A face with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FaceLine {
    /// Where the export goes on from; of no meaning elsewhere.
    pub(super) position: u64,
    face_id: FaceId,
    file_id: FileId,
    cluster_id: ClusterId,
    /// Base64 of the vector's numbers, four bytes each, little-endian.
    embedding: String,
    bounding_box: BoundingBox,
    confidence: f32,
    quality: f32,
    corrected: bool,
    /// Not there in an archive of format 1.
    #[serde(default)]
    joined: u64,
    /// Base64 of a JPEG.
    portrait: Option<String>,
    explanation: Option<Explanation>,
}

/// A face and what is stored beside it.
pub(super) struct FaceParts {
    pub(super) face: StoredFace,
    /// A JPEG.
    pub(super) portrait: Option<Vec<u8>>,
    /// Why it is where it is.
    pub(super) explanation: Option<Explanation>,
}

impl FaceLine {
    pub(crate) fn new(
        position: u64,
        face: &StoredFace,
        portrait: Option<&[u8]>,
        explanation: Option<Explanation>,
    ) -> Self {
        Self {
            position,
            face_id: face.face_id,
            file_id: face.file_id.clone(),
            cluster_id: face.cluster_id,
            embedding: STANDARD.encode(face.embedding.to_bytes()),
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: face.quality,
            corrected: face.corrected,
            joined: face.joined,
            portrait: portrait.map(|jpeg| STANDARD.encode(jpeg)),
            explanation,
        }
    }

    pub(crate) fn face_id(&self) -> FaceId {
        self.face_id
    }

    pub(crate) fn file_id(&self) -> &FileId {
        &self.file_id
    }

    pub(crate) fn cluster_id(&self) -> ClusterId {
        self.cluster_id
    }

    pub(crate) fn bounding_box(&self) -> BoundingBox {
        self.bounding_box
    }

    pub(crate) fn quality(&self) -> f32 {
        self.quality
    }

    pub(crate) fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    pub(crate) fn explanation_mut(&mut self) -> Option<&mut Explanation> {
        self.explanation.as_mut()
    }

    /// The face without why it is where it is, which names others.
    pub(crate) fn alone(self) -> Self {
        Self {
            explanation: None,
            ..self
        }
    }

    /// Puts another vector in the place of the face's.
    pub(super) fn set_embedding(&mut self, embedding: &Embedding) {
        self.embedding = STANDARD.encode(embedding.to_bytes());
    }

    /// Whether it has a picture.
    pub(super) fn has_portrait(&self) -> bool {
        self.portrait.is_some()
    }

    /// The rows that it is made of.
    pub(super) fn parts(self) -> Result<FaceParts, Cause> {
        let face = StoredFace {
            face_id: self.face_id,
            file_id: self.file_id,
            cluster_id: self.cluster_id,
            embedding: Embedding::from_bytes(&STANDARD.decode(&self.embedding)?)?,
            bounding_box: self.bounding_box,
            confidence: self.confidence,
            quality: self.quality,
            corrected: self.corrected,
            joined: self.joined,
        };
        Ok(FaceParts {
            face,
            portrait: self.portrait.map(|jpeg| STANDARD.decode(jpeg)).transpose()?,
            explanation: self.explanation,
        })
    }
}
