//! Photos, and what was said about them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scene::{SceneJson, TagJson};
use super::stored::Stored;
use crate::store::error::Cause;
use crate::store::record::{PhotoDescription, PhotoRecord, PluginDigests, StoredContext};

/// A photo's record. The embedded store and Qdrant keep its parts apart.
#[derive(Serialize, Deserialize)]
pub struct PhotoJson {
    file_id: String,
    scene: SceneJson,
    prompts_of: String,
    description: DescriptionJson,
    model_set: String,
    /// Not there when it is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
}

impl Stored for PhotoRecord {
    type Json = PhotoJson;

    fn to_stored(&self) -> PhotoJson {
        PhotoJson {
            file_id: self.file_id.to_stored(),
            scene: self.scene.to_stored(),
            prompts_of: self.prompts_of.clone(),
            description: self.description.to_stored(),
            model_set: self.model_set.clone(),
            source_url: self.source_url.to_stored(),
        }
    }

    fn from_stored(json: PhotoJson) -> Result<Self, Cause> {
        Ok(Self {
            file_id: Stored::from_stored(json.file_id)?,
            scene: Stored::from_stored(json.scene)?,
            prompts_of: json.prompts_of,
            description: Stored::from_stored(json.description)?,
            model_set: json.model_set,
            source_url: Stored::from_stored(json.source_url)?,
        })
    }
}

/// What plugins said about a photo.
#[derive(Serialize, Deserialize)]
pub struct DescriptionJson {
    tags: Vec<TagJson>,
    context: ContextJson,
    plugins: DigestsJson,
}

/// A phrase.
#[derive(Serialize, Deserialize)]
struct ContextJson {
    phrase: String,
    confidence: f32,
}

/// The plugins that made an answer, by the field of the slot. What was stored before a slot came has no field of it.
struct DigestsJson(PluginDigests);

impl Serialize for DigestsJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(slot, digest)| (slot.field(), digest)))
    }
}

impl<'de> Deserialize<'de> for DigestsJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut stored = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(PluginDigests::new(|slot| {
            stored.remove(slot.field()).unwrap_or_default()
        })))
    }
}

impl Stored for PhotoDescription {
    type Json = DescriptionJson;

    fn to_stored(&self) -> DescriptionJson {
        let Self {
            tags,
            context,
            plugins,
        } = self;
        DescriptionJson {
            tags: tags.to_stored(),
            context: ContextJson {
                phrase: context.phrase.clone(),
                confidence: context.confidence,
            },
            plugins: DigestsJson(plugins.clone()),
        }
    }

    fn from_stored(json: DescriptionJson) -> Result<Self, Cause> {
        let DescriptionJson {
            tags,
            context,
            plugins,
        } = json;
        Ok(Self {
            tags: Stored::from_stored(tags)?,
            context: StoredContext {
                phrase: context.phrase,
                confidence: context.confidence,
            },
            plugins: plugins.0,
        })
    }
}
