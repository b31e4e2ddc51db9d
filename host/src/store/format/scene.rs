//! What was seen in a photo.

use serde::{Deserialize, Serialize};

use super::stored::Stored;
use crate::domain::{Gender, Label, Scene, SceneFace, SceneObject, ScoredTag, TextLine};
use crate::store::error::Cause;

/// A scene. What is optional is there as `null`, and may be missing where an earlier worker did not know of it.
#[derive(Serialize, Deserialize)]
pub struct SceneJson {
    width: u32,
    height: u32,
    faces: Vec<SceneFaceJson>,
    labels: Option<Vec<LabelJson>>,
    similarities: Option<Vec<f32>>,
    caption: Option<String>,
    #[serde(default)]
    text_similarities: Option<Vec<f32>>,
    #[serde(default)]
    objects: Option<Vec<SceneObjectJson>>,
    #[serde(default)]
    text: Option<Vec<TextLineJson>>,
    #[serde(default)]
    indoor: Option<f32>,
}

impl Stored for Scene {
    type Json = SceneJson;

    fn to_stored(&self) -> SceneJson {
        SceneJson {
            width: self.width,
            height: self.height,
            faces: self.faces.to_stored(),
            labels: self.labels.to_stored(),
            similarities: self.similarities.clone(),
            caption: self.caption.clone(),
            text_similarities: self.text_similarities.clone(),
            objects: self.objects.to_stored(),
            text: self.text.to_stored(),
            indoor: self.indoor,
        }
    }

    fn from_stored(json: SceneJson) -> Result<Self, Cause> {
        Ok(Self {
            width: json.width,
            height: json.height,
            faces: Stored::from_stored(json.faces)?,
            labels: Stored::from_stored(json.labels)?,
            similarities: json.similarities,
            caption: json.caption,
            text_similarities: json.text_similarities,
            objects: Stored::from_stored(json.objects)?,
            text: Stored::from_stored(json.text)?,
            indoor: json.indoor,
        })
    }
}

/// What plugins may learn about a face.
#[derive(Serialize, Deserialize)]
pub struct SceneFaceJson {
    bounding_box: [u32; 4],
    confidence: f32,
    age: Option<f32>,
    gender: Option<GenderJson>,
    quality: f32,
}

impl Stored for SceneFace {
    type Json = SceneFaceJson;

    fn to_stored(&self) -> SceneFaceJson {
        SceneFaceJson {
            bounding_box: self.bounding_box.to_stored(),
            confidence: self.confidence,
            age: self.age,
            gender: self.gender.to_stored(),
            quality: self.quality,
        }
    }

    fn from_stored(json: SceneFaceJson) -> Result<Self, Cause> {
        Ok(Self {
            bounding_box: Stored::from_stored(json.bounding_box)?,
            confidence: json.confidence,
            age: json.age,
            gender: Stored::from_stored(json.gender)?,
            quality: json.quality,
        })
    }
}

words! {
    /// A gender.
    pub Gender as GenderJson {
        Female = "female",
        Male = "male",
    }
}

/// A class of the image classifier.
#[derive(Serialize, Deserialize)]
pub struct LabelJson {
    name: String,
    score: f32,
}

impl Stored for Label {
    type Json = LabelJson;

    fn to_stored(&self) -> LabelJson {
        LabelJson {
            name: self.name.clone(),
            score: self.score,
        }
    }

    fn from_stored(LabelJson { name, score }: LabelJson) -> Result<Self, Cause> {
        Ok(Self { name, score })
    }
}

/// Something that the object detector found.
#[derive(Serialize, Deserialize)]
pub struct SceneObjectJson {
    name: String,
    score: f32,
    bounding_box: [u32; 4],
}

impl Stored for SceneObject {
    type Json = SceneObjectJson;

    fn to_stored(&self) -> SceneObjectJson {
        SceneObjectJson {
            name: self.name.clone(),
            score: self.score,
            bounding_box: self.bounding_box.to_stored(),
        }
    }

    fn from_stored(json: SceneObjectJson) -> Result<Self, Cause> {
        Ok(Self {
            name: json.name,
            score: json.score,
            bounding_box: Stored::from_stored(json.bounding_box)?,
        })
    }
}

/// A line of text that was read.
#[derive(Serialize, Deserialize)]
pub struct TextLineJson {
    text: String,
    score: f32,
    bounding_box: [u32; 4],
    turn: f32,
}

impl Stored for TextLine {
    type Json = TextLineJson;

    fn to_stored(&self) -> TextLineJson {
        TextLineJson {
            text: self.text.clone(),
            score: self.score,
            bounding_box: self.bounding_box.to_stored(),
            turn: self.turn,
        }
    }

    fn from_stored(json: TextLineJson) -> Result<Self, Cause> {
        Ok(Self {
            text: json.text,
            score: json.score,
            bounding_box: Stored::from_stored(json.bounding_box)?,
            turn: json.turn,
        })
    }
}

/// A tag. Its reason is not stored.
#[derive(Serialize, Deserialize)]
pub struct TagJson {
    name: String,
    score: f32,
}

impl Stored for ScoredTag {
    type Json = TagJson;

    fn to_stored(&self) -> TagJson {
        TagJson {
            name: self.name.clone(),
            score: self.score,
        }
    }

    fn from_stored(TagJson { name, score }: TagJson) -> Result<Self, Cause> {
        Ok(Self {
            name,
            score,
            reason: None,
        })
    }
}
