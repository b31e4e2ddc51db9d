//! What was seen in a photo, and which kinds of evidence there are.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BoundingBox, Gender, InvalidValue};

/// One class of the image classifier and its probability, 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Lower-case English class name.
    pub name: String,
    /// Probability, 0 to 1.
    pub score: f32,
}

/// One tag and its score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredTag {
    /// The tag as the caller sees it.
    pub name: String,
    /// 0 to 1.
    pub score: f32,
    /// The tagger's reason: which evidence led to the tag; at most 200 characters. It is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneObject {
    /// Lower-case English class name.
    pub name: String,
    /// The detector's score, 0 to 1.
    pub score: f32,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    pub bounding_box: BoundingBox,
}

/// One line of text that was read in a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// What was read, 1 to 200 characters.
    pub text: String,
    /// Mean probability of its characters, 0 to 1.
    pub score: f32,
    /// The upright rectangle around it: `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are
    /// exclusive.
    pub bounding_box: BoundingBox,
    /// By how many degrees it is turned clockwise, more than -180 and at most 180.
    pub turn: f32,
}

/// What plugins may learn about one face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneFace {
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// Apparent age in years.
    pub age: Option<f32>,
    /// Apparent gender.
    pub gender: Option<Gender>,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Width of the upright photo in pixels.
    pub width: u32,
    /// Height of the upright photo in pixels.
    pub height: u32,
    /// Every face found, largest first.
    pub faces: Vec<SceneFace>,
    /// Most probable classes, best first.
    pub labels: Option<Vec<Label>>,
    /// Cosine similarity with every prompt of the active tagger.
    pub similarities: Option<Vec<f32>>,
    /// One English sentence.
    pub caption: Option<String>,
    /// Cosine similarity between every prompt of the active tagger and the classifier's result, compared as text.
    #[serde(default)]
    pub text_similarities: Option<Vec<f32>>,
    /// The objects that were detected, highest score first.
    #[serde(default)]
    pub objects: Option<Vec<SceneObject>>,
    /// The lines of text that were read, largest first. Stored only with `STORE_TEXT=on`.
    #[serde(default)]
    pub text: Option<Vec<TextLine>>,
    /// Probability that the photo was taken inside a building, 0 to 1.
    #[serde(default)]
    pub indoor: Option<f32>,
}

/// Evidence that a plugin wants, or that a model set can give, besides the faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Objects of an object detector.
    pub objects: bool,
    /// Text that is visible in the photo.
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

    /// The names of the kinds.
    #[must_use]
    pub fn names(mut self) -> Vec<&'static str> {
        let named = self.kinds().into_iter().filter(|(_, named)| **named);
        named.map(|(name, _)| name).collect()
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
                    "there is no evidence named {name:?}; choose from {known}"
                )));
            }
        }
        Ok(evidence)
    }
}
