//! The words every other module speaks: identifiers, geometry, faces and what was seen in a photo.
//!
//! Nothing here knows a library for inference, storage, plugins or HTTP.

mod geometry;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use geometry::{BoundingBox, Landmarks, Point, Rect, TurnedRect};

/// A value that does not fit its type; the text says what was wrong and what is expected.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct InvalidValue(pub String);

/// The caller's name for a photo: 1 to 256 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(into = "String", try_from = "String")]
#[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct FaceId(Uuid);

/// Identifies one cluster, that is one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
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

/// A face as the detector saw it, in pixels of the image it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Where it is.
    pub rect: Rect,
    /// Eyes, nose and mouth.
    pub landmarks: Landmarks,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
}

impl Detection {
    /// The same face when every point goes to `place`; see [`Rect::mapped`].
    #[must_use]
    pub fn mapped(&self, place: impl Fn(Point) -> Point) -> Self {
        Self {
            rect: self.rect.mapped(&place),
            landmarks: self.landmarks.map(place),
            confidence: self.confidence,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Looks female to the classifier.
    Female,
    /// Looks male to the classifier.
    Male,
}

/// One class of the image classifier and its probability, 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Label {
    /// Lower-case English class name.
    pub name: String,
    /// Probability, 0 to 1.
    pub score: f32,
}

/// One tag and how sure the tagger is of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScoredTag {
    /// The tag as the caller sees it.
    pub name: String,
    /// 0 to 1.
    pub score: f32,
    /// Which evidence spoke for the tag, as the tagger says it; at most 200 characters. It is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
}

impl ScoredTag {
    /// The tag as it is stored.
    #[must_use]
    pub fn without_reason(self) -> Self {
        Self { reason: None, ..self }
    }
}

/// One thing the object detector found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SceneObject {
    /// Lower-case English class name.
    pub name: String,
    /// The detector's score, 0 to 1.
    pub score: f32,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(value_type = [u32; 4], min_items = 4, max_items = 4)]
    pub bounding_box: BoundingBox,
}

/// One line of text that was read in a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TextLine {
    /// What was read, 1 to 200 characters.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub score: f32,
    /// The upright rectangle around it: `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are
    /// exclusive.
    #[schema(value_type = [u32; 4], min_items = 4, max_items = 4)]
    pub bounding_box: BoundingBox,
    /// By how many degrees it is turned clockwise, more than -180 and at most 180.
    pub turn: f32,
}

/// What plugins may learn about one face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SceneFace {
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(value_type = [u32; 4], min_items = 4, max_items = 4)]
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// Apparent age in years.
    #[schema(required)]
    pub age: Option<f32>,
    /// Apparent gender.
    #[schema(required)]
    pub gender: Option<Gender>,
    /// How well the face can be told from others, 0 to 1.
    pub quality: f32,
}

impl SceneFace {
    /// Whether a face with this box and quality is told an age and a gender: at least 48 pixels along its shorter side,
    /// and a quality of at least 0.5. Below them, ages of people at events were noise (children were right in 7 of 19
    /// answers).
    #[must_use]
    pub fn shows_age(bounding_box: &BoundingBox, quality: f32) -> bool {
        const LEAST_SIDE: u32 = 48;
        const LEAST_QUALITY: f32 = 0.5;
        bounding_box.shorter_side() >= LEAST_SIDE && quality >= LEAST_QUALITY
    }
}

/// What the host observed in a photo; mirrors `scene` of the WIT package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scene {
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// Every face found, largest first.
    pub faces: Vec<SceneFace>,
    /// Most probable classes, best first.
    #[schema(required)]
    pub labels: Option<Vec<Label>>,
    /// Cosine similarity with every prompt of the active tagger.
    #[schema(required)]
    pub similarities: Option<Vec<f32>>,
    /// One English sentence.
    #[schema(required)]
    pub caption: Option<String>,
    /// Cosine similarity, in words, of every prompt of the active tagger with what the classifier saw.
    #[serde(default)]
    #[schema(required)]
    pub text_similarities: Option<Vec<f32>>,
    /// What the object detector found, surest first.
    #[serde(default)]
    #[schema(required)]
    pub objects: Option<Vec<SceneObject>>,
    /// The lines of text that were read, largest first. Stored only with `STORE_TEXT=on`.
    #[serde(default)]
    #[schema(required)]
    pub text: Option<Vec<TextLine>>,
    /// Probability that the photo was taken inside a building, 0 to 1.
    #[serde(default)]
    #[schema(required)]
    pub indoor: Option<f32>,
}

/// What a plugin wants to know, or a model set can give, beyond the faces themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Evidence {
    /// Classes of an image classifier.
    pub labels: bool,
    /// Prompt similarities of a text-image model.
    pub similarities: bool,
    /// A caption.
    pub caption: bool,
    /// Age and gender of the faces.
    pub demographics: bool,
    /// The photo's pixels, for a network of the host that the plugin runs.
    pub pixels: bool,
    /// Similarities of the prompts with the classes' names, as sentences.
    pub text_similarities: bool,
    /// Things of an object detector.
    pub objects: bool,
    /// What is written in the photo.
    pub text: bool,
    /// Whether the photo was taken inside a building.
    pub surroundings: bool,
}

impl Evidence {
    /// Every kind by its name, as WIT calls it.
    fn kinds(&mut self) -> [(&'static str, &mut bool); 9] {
        [
            ("labels", &mut self.labels),
            ("similarities", &mut self.similarities),
            ("caption", &mut self.caption),
            ("demographics", &mut self.demographics),
            ("pixels", &mut self.pixels),
            ("text-similarities", &mut self.text_similarities),
            ("objects", &mut self.objects),
            ("text", &mut self.text),
            ("surroundings", &mut self.surroundings),
        ]
    }

    /// What is named and the other side does not name.
    #[must_use]
    pub fn without(mut self, mut other: Self) -> Self {
        for ((_, named), (_, taken)) in self.kinds().into_iter().zip(other.kinds()) {
            *named &= !*taken;
        }
        self
    }

    /// What both sides name.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        self.without(self.without(other))
    }

    /// What either side names.
    #[must_use]
    pub fn union(mut self, mut other: Self) -> Self {
        for ((_, named), (_, added)) in self.kinds().into_iter().zip(other.kinds()) {
            *named |= *added;
        }
        self
    }
}

impl FromStr for Evidence {
    type Err = InvalidValue;

    /// The one kind of evidence with this name.
    fn from_str(name: &str) -> Result<Self, InvalidValue> {
        let mut evidence = Self::default();
        let kind = evidence.kinds().into_iter().find(|(known, _)| *known == name);
        match kind {
            Some((_, named)) => *named = true,
            None => {
                let known = Self::default().kinds().map(|(name, _)| name).join(", ");
                return Err(InvalidValue(format!(
                    "there is no evidence {name:?}; choose of {known}"
                )));
            }
        }
        Ok(evidence)
    }
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Neighbour {
    /// The stored face.
    pub face_id: FaceId,
    /// The cluster it is in.
    pub cluster_id: ClusterId,
    /// Cosine similarity with the candidate.
    pub similarity: f32,
    /// Its quality, 0 to 1.
    pub quality: f32,
    /// It is in the same photo as the candidate.
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
