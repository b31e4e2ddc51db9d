//! The words every other module speaks: identifiers, geometry, faces, what was seen in a photo, and the slots of plugins.
//!
//! Nothing here knows a library for inference, storage, plugins or HTTP.

mod geometry;
mod scene;
mod slot;
mod source_url;

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use geometry::{BoundingBox, Landmarks, Point, Rect, TurnedRect};
pub use scene::{Evidence, Label, Scene, SceneFace, SceneObject, ScoredTag, TextLine};
pub(crate) use slot::slots;
pub use slot::{BySlot, Slot, UnknownSlot};
pub use source_url::SourceUrl;

/// A value that does not fit its type; the text says what was wrong and what is expected.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct InvalidValue(pub String);

/// The caller's id for a photo: 1 to 256 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileId(String);

impl FileId {
    /// The longest accepted identifier, in characters.
    pub const MAX_CHARS: usize = 256;

    /// Checks a caller's identifier.
    ///
    /// # Errors
    /// When it is empty, longer than [`Self::MAX_CHARS`] or holds a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        let count = text.chars().count();
        if count == 0 || count > Self::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(InvalidValue(format!(
                "file_id must have 1 to {} characters and no control characters",
                Self::MAX_CHARS
            )));
        }
        Ok(Self(text))
    }

    /// The identifier as the caller wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<FileId> for String {
    fn from(file: FileId) -> Self {
        file.0
    }
}

impl TryFrom<String> for FileId {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

/// Identifies one face in one photo; stays the same when the photo is processed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaceId(Uuid);

/// Identifies one cluster, that is one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterId(Uuid);

macro_rules! uuid_identifier {
    ($name:ident, $what:literal) => {
        impl $name {
            /// A new random identifier (UUID version 4).
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// Reads the hyphenated form.
            ///
            /// # Errors
            /// When the text is not a UUID.
            pub fn parse(text: &str) -> Result<Self, InvalidValue> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| InvalidValue(format!(concat!($what, " {:?} is not a UUID"), text)))
            }

            /// The identifier itself.
            #[must_use]
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

uuid_identifier!(FaceId, "face_id");
uuid_identifier!(ClusterId, "cluster_id");

/// A face as the detector saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// The rectangle around the face.
    pub rect: Rect,
    /// Eyes, nose and mouth.
    pub landmarks: Landmarks,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// The longer side of the face, in pixels of the image that the detector was given, wherever it is mapped to.
    pub seen_side: f32,
}

impl Detection {
    /// A face in pixels of the image that the detector was given.
    #[must_use]
    pub fn new(rect: Rect, landmarks: Landmarks, confidence: f32) -> Self {
        Self {
            rect,
            landmarks,
            confidence,
            seen_side: rect.longer_side(),
        }
    }

    /// The same face when every point goes to `place`; see [`Rect::mapped`].
    #[must_use]
    pub fn mapped(&self, place: impl Fn(Point) -> Point) -> Self {
        Self {
            rect: self.rect.mapped(&place),
            landmarks: self.landmarks.map(place),
            ..*self
        }
    }
}

/// A face vector of length 1, so that a dot product is a cosine similarity.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// Scales a vector to length 1.
    ///
    /// # Errors
    /// When it is empty, has length 0 or holds a value that is not finite.
    pub fn normalised(mut values: Vec<f32>) -> Result<Self, InvalidValue> {
        let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if !norm.is_normal() {
            return Err(InvalidValue(
                "an embedding must be finite and not zero".to_owned(),
            ));
        }
        for value in &mut values {
            *value /= norm;
        }
        Ok(Self(values))
    }

    /// Takes a vector back as it was stored, bit for bit.
    ///
    /// # Errors
    /// When its length is not 1 within a thousandth.
    pub fn stored(values: Vec<f32>) -> Result<Self, InvalidValue> {
        let square: f32 = values.iter().map(|value| value * value).sum();
        // A NaN is not within any bounds.
        if (0.998..=1.002).contains(&square) {
            Ok(Self(values))
        } else {
            Err(InvalidValue("a stored embedding must have length 1".to_owned()))
        }
    }

    /// The components as bytes, four each, little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Takes a vector back from its bytes, bit for bit.
    ///
    /// # Errors
    /// When its length is not 1 within a thousandth.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidValue> {
        let values = bytes
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        Self::stored(values.collect())
    }

    /// The components.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// How many components there are.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// Cosine similarity with another embedding of the same model, -1 to 1.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        debug_assert_eq!(self.0.len(), other.0.len());
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// Apparent gender, as a classifier sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Looks female to the classifier.
    Female,
    /// Looks male to the classifier.
    Male,
}

/// How faces are cut out of photos before they become vectors: raised whenever the pixels change that an embedder sees.
///
/// - 1: pixels are sampled from all of the photo's.
/// - 2: they are averaged before, and large JPEGs are decoded at the scale that is looked at. Vectors of one face by 1 and
///   2 have a cosine similarity of 0.97 to 1 on the sample photos, whose faces are up to 400 pixels wide.
/// - 3: landmarks are those of the surer one of two looks at the photo, which moves those of large faces.
pub const PREPROCESSING: u32 = 3;

/// The network that made the vectors of a store, and when two of them are one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingModel {
    /// Its name in the manifest.
    pub name: String,
    /// Width of its vectors.
    pub dimension: usize,
    /// Cosine similarity from which two faces are one person.
    pub threshold: f32,
}

/// A stored face that resembles a candidate; mirrors `neighbour` of the WIT package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The stored face.
    pub face_id: FaceId,
    /// The cluster that the face is in.
    pub cluster_id: ClusterId,
    /// Cosine similarity with the candidate.
    pub similarity: f32,
    /// Its quality, 0 to 1.
    pub quality: f32,
    /// Whether the face is in the same photo as the candidate.
    pub same_photo: bool,
}

/// Where a policy puts a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// Into this existing cluster.
    Join(ClusterId),
    /// Into a new cluster.
    Create,
}

/// A policy's answer for one face.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Where the face goes.
    pub assignment: Assignment,
    /// The rule that led there, one sentence.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn file_ids_have_a_length_and_no_control_characters() {
        assert!(FileId::new("photo 1/ü.jpg").is_ok());
        assert!(FileId::new("").is_err());
        assert!(FileId::new("a\nb").is_err());
        assert!(FileId::new("x".repeat(256)).is_ok());
        assert!(FileId::new("x".repeat(257)).is_err());
    }

    #[test]
    fn an_embedding_must_be_finite_and_not_zero() {
        assert!(Embedding::normalised(vec![]).is_err());
        assert!(Embedding::normalised(vec![0.0, 0.0]).is_err());
        assert!(Embedding::normalised(vec![1.0, f32::NAN]).is_err());
        assert!(Embedding::normalised(vec![1.0, f32::INFINITY]).is_err());
    }

    proptest! {
        #[test]
        fn a_normalised_embedding_has_length_one(values in proptest::collection::vec(-100f32..100.0, 2..64)) {
            prop_assume!(values.iter().any(|value| value.abs() > 1e-3));
            if let Ok(embedding) = Embedding::normalised(values) {
                prop_assert!((embedding.cosine(&embedding) - 1.0).abs() < 1e-4);
            }
        }
    }
}
