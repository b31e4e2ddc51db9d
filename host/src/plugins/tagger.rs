//! The tagger slot.

use std::sync::Arc;

use super::bindings::{tagger, types};
use super::component::{CompiledPlugin, PluginIdentity};
use super::photo::{PhotoAccess, Pixels};
use super::statistics::Statistics;
use super::{PluginError, Slot};
use crate::domain::{Evidence, Scene, ScoredTag};

/// The most tags a tagger may answer with.
const MAX_TAGS: usize = 1_000;
/// The longest tag, in characters.
const MAX_TAG_CHARS: usize = 64;
/// The most prompts a vocabulary may have.
const MAX_PROMPTS: usize = 20_000;
/// The longest prompt, in characters.
const MAX_PROMPT_CHARS: usize = 1_000;

/// The component in the tagger slot.
pub struct Tagger {
    compiled: CompiledPlugin,
    exports: tagger::GuestIndices,
    identity: PluginIdentity,
    evidence: Evidence,
    prompts: Vec<String>,
}

impl Tagger {
    pub(super) fn new(compiled: CompiledPlugin) -> Result<Self, PluginError> {
        let exports = tagger::GuestIndices::new(compiled.instance_pre())
            .map_err(|error| compiled.load_error(&error))?;
        let description = compiled.call(PhotoAccess::default(), async |mut store, instance| {
            exports
                .load(&mut store, &instance)?
                .call_describe(&mut store)
                .await
        })?;
        let prompts = checked_prompts(description.concepts)?;
        let plugin = Self {
            identity: compiled.identity(description.info)?,
            evidence: description.evidence.into(),
            prompts,
            compiled,
            exports,
        };
        plugin.answer(
            &Scene {
                width: 1,
                height: 1,
                ..Scene::default()
            },
            None,
        )?;
        Ok(plugin)
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    /// What it wants to know about a photo.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// Every prompt of its vocabulary, in the order of [`Scene::similarities`].
    #[must_use]
    pub fn prompts(&self) -> &[String] {
        &self.prompts
    }

    pub(super) fn statistics(&self) -> &Statistics {
        &self.compiled.statistics
    }

    /// The tags of a scene, best first. Blocks. The plugin sees the photo's pixels when it wants them and there are any.
    ///
    /// # Errors
    /// When the plugin fails, declines, takes too long or breaks its contract.
    pub fn tag(&self, scene: &Scene, photo: Option<Arc<dyn Pixels>>) -> Result<Vec<ScoredTag>, PluginError> {
        self.compiled.measured(|| self.answer(scene, photo))
    }

    fn answer(&self, scene: &Scene, photo: Option<Arc<dyn Pixels>>) -> Result<Vec<ScoredTag>, PluginError> {
        let scene = types::Scene::from(scene);
        let access = PhotoAccess {
            asked_for: self.evidence.pixels,
            photo,
        };
        let tags = self
            .compiled
            .call(access, async |mut store, instance| {
                self.exports
                    .load(&mut store, &instance)?
                    .call_tag(&mut store, &scene)
                    .await
            })?
            .map_err(|error| PluginError::declined(Slot::Tagger, error))?;
        let mut tags = checked(tags)?;
        tags.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(tags)
    }
}

/// Every prompt, those of the first concept first.
pub(super) fn checked_prompts(concepts: Vec<tagger::Concept>) -> Result<Vec<String>, PluginError> {
    let invalid = |reason: String| PluginError::InvalidAnswer {
        slot: Slot::Tagger,
        reason,
    };
    let prompts: Vec<String> = concepts.into_iter().flat_map(|concept| concept.prompts).collect();
    if prompts.len() > MAX_PROMPTS {
        return Err(invalid(format!(
            "its vocabulary has {} prompts; the limit is {MAX_PROMPTS}",
            prompts.len()
        )));
    }
    match prompts
        .iter()
        .find(|prompt| prompt.chars().count() > MAX_PROMPT_CHARS)
    {
        Some(long) => Err(invalid(format!(
            "its prompt {:?}… is longer than {MAX_PROMPT_CHARS} characters",
            long.chars().take(40).collect::<String>()
        ))),
        None => Ok(prompts),
    }
}

pub(super) fn checked(tags: Vec<types::ScoredTag>) -> Result<Vec<ScoredTag>, PluginError> {
    let invalid = |reason: String| PluginError::InvalidAnswer {
        slot: Slot::Tagger,
        reason,
    };
    if tags.len() > MAX_TAGS {
        return Err(invalid(format!("{} tags; the limit is {MAX_TAGS}", tags.len())));
    }
    tags.into_iter()
        .map(|tag| {
            let length = tag.name.chars().count();
            if length == 0 || length > MAX_TAG_CHARS {
                return Err(invalid(format!(
                    "a tag of {length} characters; 1 to {MAX_TAG_CHARS} are allowed"
                )));
            }
            if !(0.0..=1.0).contains(&tag.score) {
                return Err(invalid(format!(
                    "tag {:?} has score {}; 0 to 1 are allowed",
                    tag.name, tag.score
                )));
            }
            Ok(tag.into())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, score: f32) -> types::ScoredTag {
        types::ScoredTag {
            name: name.to_owned(),
            score,
        }
    }

    #[test]
    fn tags_outside_the_contract_are_refused() {
        assert!(checked(vec![tag("beach", 0.5)]).is_ok());
        assert!(checked(vec![tag("", 0.5)]).is_err());
        assert!(checked(vec![tag(&"x".repeat(65), 0.5)]).is_err());
        assert!(checked(vec![tag("beach", f32::NAN)]).is_err());
        assert!(checked(vec![tag("beach", -0.1)]).is_err());
        assert!(checked(vec![tag("beach", f32::INFINITY)]).is_err());
        assert!(checked(vec![tag("beach", 0.5); MAX_TAGS + 1]).is_err());
    }
}
