//! The context mapper slot.

use std::sync::Arc;

use super::bindings::{context_mapper, types};
use super::component::{CompiledPlugin, PluginIdentity};
use super::photo::{PhotoAccess, Pixels};
use super::statistics::Statistics;
use super::{PluginError, Slot};
use crate::domain::{Evidence, Scene, ScoredTag};

/// The longest phrase, in characters.
const MAX_PHRASE_CHARS: usize = 200;

/// The Indonesian phrase of a photo.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Context {
    /// The phrase.
    pub phrase: String,
    /// 0 (neutral phrase) to 1.
    pub confidence: f32,
}

/// The component in the context mapper slot.
pub struct ContextMapper {
    compiled: CompiledPlugin,
    exports: context_mapper::GuestIndices,
    identity: PluginIdentity,
    evidence: Evidence,
}

impl ContextMapper {
    pub(super) fn new(compiled: CompiledPlugin) -> Result<Self, PluginError> {
        let exports = context_mapper::GuestIndices::new(compiled.instance_pre())
            .map_err(|error| compiled.load_error(&error))?;
        let description = compiled.call(PhotoAccess::default(), async |mut store, instance| {
            exports
                .load(&mut store, &instance)?
                .call_describe(&mut store)
                .await
        })?;
        let plugin = Self {
            identity: compiled.identity(description.info)?,
            evidence: description.evidence.into(),
            compiled,
            exports,
        };
        plugin.answer(
            &Scene {
                width: 1,
                height: 1,
                ..Scene::default()
            },
            &[],
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

    pub(super) fn statistics(&self) -> &Statistics {
        &self.compiled.statistics
    }

    /// The phrase for a scene with these tags, best first. Blocks. The plugin sees the photo's pixels when it wants
    /// them and there are any.
    ///
    /// # Errors
    /// When the plugin fails, declines, takes too long or breaks its contract.
    pub fn map(
        &self,
        scene: &Scene,
        tags: &[ScoredTag],
        photo: Option<Arc<dyn Pixels>>,
    ) -> Result<Context, PluginError> {
        self.compiled.measured(|| self.answer(scene, tags, photo))
    }

    fn answer(
        &self,
        scene: &Scene,
        tags: &[ScoredTag],
        photo: Option<Arc<dyn Pixels>>,
    ) -> Result<Context, PluginError> {
        let access = PhotoAccess {
            asked_for: self.evidence.pixels,
            photo,
        };
        let scene = types::Scene::from(scene);
        let tags: Vec<_> = tags.iter().map(types::ScoredTag::from).collect();
        let context = self
            .compiled
            .call(access, async |mut store, instance| {
                self.exports
                    .load(&mut store, &instance)?
                    .call_map(&mut store, &scene, &tags)
                    .await
            })?
            .map_err(|error| PluginError::declined(Slot::ContextMapper, error))?;
        checked(context)
    }
}

pub(super) fn checked(context: context_mapper::Context) -> Result<Context, PluginError> {
    let invalid = |reason: String| PluginError::InvalidAnswer {
        slot: Slot::ContextMapper,
        reason,
    };
    let length = context.phrase.chars().count();
    if length == 0 || length > MAX_PHRASE_CHARS {
        return Err(invalid(format!(
            "a phrase of {length} characters; 1 to {MAX_PHRASE_CHARS} are allowed"
        )));
    }
    if !(0.0..=1.0).contains(&context.confidence) {
        return Err(invalid(format!(
            "a confidence of {}; 0 to 1 are allowed",
            context.confidence
        )));
    }
    Ok(Context {
        phrase: context.phrase,
        confidence: context.confidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_outside_the_contract_are_refused() {
        let context = |phrase: &str, confidence| {
            checked(context_mapper::Context {
                phrase: phrase.to_owned(),
                confidence,
            })
        };
        assert!(context("Rapat di dalam ruangan", 1.0).is_ok());
        assert!(context("", 1.0).is_err());
        assert!(context(&"x".repeat(201), 1.0).is_err());
        assert!(context("Rapat", f32::NAN).is_err());
        assert!(context("Rapat", 1.1).is_err());
    }
}
