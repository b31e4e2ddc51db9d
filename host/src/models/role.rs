//! What the networks of a set are for.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer as _;

/// The role of a network.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds faces and their landmarks.
    FaceDetector,
    /// Turns an aligned face into a vector.
    FaceEmbedder,
    /// Estimates the age of a face.
    Age,
    /// Classifies the gender of a face.
    Gender,
    /// Names what a photo shows.
    LabelClassifier,
    /// Turns an English sentence into a vector.
    TextEncoder,
    /// Estimates the age and classifies the gender of a face, both at once.
    AgeGender,
    /// Turns a photo into a vector that prompts are compared with.
    ImageEncoder,
    /// Turns a prompt into a vector that photos are compared with.
    PromptEncoder,
    /// Looks at a photo for the network that writes its caption.
    CaptionEncoder,
    /// Writes a caption, token by token.
    CaptionDecoder,
    /// Finds things.
    ObjectDetector,
    /// Finds where something is written.
    TextDetector,
    /// Reads one line.
    TextRecognizer,
}

impl Role {
    /// Its name, as in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FaceDetector => "face-detector",
            Self::FaceEmbedder => "face-embedder",
            Self::Age => "age",
            Self::Gender => "gender",
            Self::LabelClassifier => "label-classifier",
            Self::TextEncoder => "text-encoder",
            Self::AgeGender => "age-gender",
            Self::ImageEncoder => "image-encoder",
            Self::PromptEncoder => "prompt-encoder",
            Self::CaptionEncoder => "caption-encoder",
            Self::CaptionDecoder => "caption-decoder",
            Self::ObjectDetector => "object-detector",
            Self::TextDetector => "text-detector",
            Self::TextRecognizer => "text-recognizer",
        }
    }

    /// Whether a worker starts without a set's network for it: sets of earlier versions had none, and their models
    /// directories go on.
    #[must_use]
    pub fn is_dispensable(self) -> bool {
        matches!(
            self,
            Self::ObjectDetector | Self::TextDetector | Self::TextRecognizer
        )
    }
}

impl FromStr for Role {
    type Err = serde::de::value::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::deserialize(name.into_deserializer())
    }
}
