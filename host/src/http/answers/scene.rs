//! What was seen in a photo.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::each;
use crate::domain;

sent! {
    /// Apparent gender, as a classifier sees it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
    #[serde(rename_all = "lowercase")]
    domain::Gender as Gender {
        /// Looks female to the classifier.
        Female,
        /// Looks male to the classifier.
        Male,
    }
}

/// One class of the image classifier and its probability, 0 to 1.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Label {
    /// Lower-case English class name.
    name: String,
    /// Probability, 0 to 1.
    score: f32,
}

impl From<domain::Label> for Label {
    fn from(label: domain::Label) -> Self {
        Self {
            name: label.name,
            score: label.score,
        }
    }
}

/// One tag and its score.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScoredTag {
    /// The tag as the caller sees it.
    name: String,
    /// 0 to 1.
    score: f32,
    /// The tagger's reason: which evidence led to the tag; at most 200 characters. It is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
}

impl From<domain::ScoredTag> for ScoredTag {
    fn from(tag: domain::ScoredTag) -> Self {
        Self {
            name: tag.name,
            score: tag.score,
            reason: tag.reason,
        }
    }
}

/// One thing the object detector found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SceneObject {
    /// Lower-case English class name.
    name: String,
    /// The detector's score, 0 to 1.
    score: f32,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
}

impl From<domain::SceneObject> for SceneObject {
    fn from(object: domain::SceneObject) -> Self {
        Self {
            name: object.name,
            score: object.score,
            bounding_box: object.bounding_box.into(),
        }
    }
}

/// One line of text that was read in a photo.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TextLine {
    /// What was read, 1 to 200 characters.
    text: String,
    /// Mean probability of its characters, 0 to 1.
    score: f32,
    /// The upright rectangle around it: `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are
    /// exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// By how many degrees it is turned clockwise, more than -180 and at most 180.
    turn: f32,
}

impl From<domain::TextLine> for TextLine {
    fn from(line: domain::TextLine) -> Self {
        Self {
            text: line.text,
            score: line.score,
            bounding_box: line.bounding_box.into(),
            turn: line.turn,
        }
    }
}

/// What plugins may learn about one face.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SceneFace {
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// Apparent age in years.
    #[schema(required)]
    age: Option<f32>,
    /// Apparent gender.
    #[schema(required)]
    gender: Option<Gender>,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
}

impl From<domain::SceneFace> for SceneFace {
    fn from(face: domain::SceneFace) -> Self {
        Self {
            bounding_box: face.bounding_box.into(),
            confidence: face.confidence,
            age: face.age,
            gender: face.gender.map(Into::into),
            quality: face.quality,
        }
    }
}

/// What the host observed in a photo; mirrors `scene` of the WIT package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scene {
    /// Width of the upright photo in pixels.
    width: u32,
    /// Height of the upright photo in pixels.
    height: u32,
    /// Every face found, largest first.
    faces: Vec<SceneFace>,
    /// Most probable classes, best first.
    #[schema(required)]
    labels: Option<Vec<Label>>,
    /// Cosine similarity with every prompt of the active tagger.
    #[schema(required)]
    similarities: Option<Vec<f32>>,
    /// One English sentence.
    #[schema(required)]
    caption: Option<String>,
    /// Cosine similarity between every prompt of the active tagger and the classifier's result, compared as text.
    #[schema(required)]
    text_similarities: Option<Vec<f32>>,
    /// The objects that were detected, highest score first.
    #[schema(required)]
    objects: Option<Vec<SceneObject>>,
    /// The lines of text that were read, largest first. Stored only with `STORE_TEXT=on`.
    #[schema(required)]
    text: Option<Vec<TextLine>>,
    /// Probability that the photo was taken inside a building, 0 to 1.
    #[schema(required)]
    indoor: Option<f32>,
}

impl From<domain::Scene> for Scene {
    fn from(scene: domain::Scene) -> Self {
        Self {
            width: scene.width,
            height: scene.height,
            faces: each(scene.faces),
            labels: scene.labels.map(each),
            similarities: scene.similarities,
            caption: scene.caption,
            text_similarities: scene.text_similarities,
            objects: scene.objects.map(each),
            text: scene.text.map(each),
            indoor: scene.indoor,
        }
    }
}

/// Evidence that a plugin wants, or that a model set can give, besides the faces.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Evidence {
    /// Classes of an image classifier.
    labels: bool,
    /// Prompt similarities of a text-image model.
    similarities: bool,
    /// A caption.
    caption: bool,
    /// Age and gender of the faces.
    demographics: bool,
    /// The photo's pixels, for a network of the host that the plugin runs.
    pixels: bool,
    /// Similarities of the prompts with the classes' names, as sentences.
    text_similarities: bool,
    /// Objects of an object detector.
    objects: bool,
    /// Text that is visible in the photo.
    text: bool,
    /// Whether the photo was taken inside a building.
    surroundings: bool,
}

impl From<domain::Evidence> for Evidence {
    fn from(evidence: domain::Evidence) -> Self {
        // All of it, so that the compiler asks for a further kind.
        let domain::Evidence {
            labels,
            similarities,
            caption,
            demographics,
            pixels,
            text_similarities,
            objects,
            text,
            surroundings,
        } = evidence;
        Self {
            labels,
            similarities,
            caption,
            demographics,
            pixels,
            text_similarities,
            objects,
            text,
            surroundings,
        }
    }
}
