//! The context mapper slot.

use std::sync::Arc;

use serde_json::{Value, json};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::bindings::{context_mapper, earlier, types};
use super::case::{Answer, Case, Expectation, Unanswered, given};
use super::component::{CompiledPlugin, PluginIdentity};
use super::data::PluginData;
use super::error::PluginError;
use super::guest::Guest;
use super::photo::{PhotoAccess, Pixels};
use super::question::{Later, Question};
use super::slot_plugin::{Recorder, SlotPlugin};
use super::text::{MAX_REASON_CHARS, check_remark, check_words};
use crate::domain::{Evidence, Scene, ScoredTag};
use crate::plain;

/// The longest phrase, in characters.
const MAX_PHRASE_CHARS: usize = 200;

/// What the worker says of a photo whose context mapper failed and may fail: "a photo".
const NEUTRAL_PHRASE: &str = "Sebuah foto";

/// The Indonesian phrase of a photo.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Context {
    /// The phrase.
    pub phrase: String,
    /// 0 (neutral phrase) to 1.
    pub confidence: f32,
    /// Which evidence spoke for the phrase, as the plugin says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The component in the context mapper slot.
pub struct ContextMapper {
    compiled: CompiledPlugin,
    exports: Exports,
    identity: PluginIdentity,
    evidence: Evidence,
}

/// The interface in the version that the component was built for.
enum Exports {
    Current(context_mapper::GuestIndices),
    Earlier(earlier::context_mapper::GuestIndices),
}

impl Exports {
    fn of(compiled: &CompiledPlugin) -> Result<Self, PluginError> {
        let instance = compiled.instance_pre();
        let exports = if compiled.is_earlier() {
            earlier::context_mapper::GuestIndices::new(instance).map(Self::Earlier)
        } else {
            context_mapper::GuestIndices::new(instance).map(Self::Current)
        };
        exports.map_err(|error| compiled.load_error(&error))
    }

    /// Who it is, and what it wants to know about a photo.
    async fn describe(
        &self,
        mut store: Store<Guest>,
        instance: Instance,
    ) -> wasmtime::Result<(types::PluginInfo, Evidence)> {
        Ok(match self {
            Self::Current(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let description = guest.call_describe(&mut store).await?;
                (description.info, description.evidence.into())
            }
            Self::Earlier(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let description = guest.call_describe(&mut store).await?;
                (description.info.into(), description.evidence.into())
            }
        })
    }

    async fn map(
        &self,
        mut store: Store<Guest>,
        instance: Instance,
        scene: &Scene,
        tags: &[ScoredTag],
    ) -> wasmtime::Result<Result<context_mapper::Context, types::PluginError>> {
        match self {
            Self::Current(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let tags: Vec<_> = tags.iter().map(Into::into).collect();
                guest.call_map(&mut store, &scene.into(), &tags).await
            }
            Self::Earlier(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let tags: Vec<_> = tags.iter().map(Into::into).collect();
                let context = guest.call_map(&mut store, &scene.into(), &tags).await?;
                Ok(context.map(Into::into).map_err(Into::into))
            }
        }
    }
}

/// The phrase for a scene; a neutral one when the context mapper fails and `PLUGIN_DEGRADE` names it.
pub struct ContextQuestion<'a> {
    /// What was seen.
    pub scene: &'a Scene,
    /// Its tags, best first.
    pub tags: &'a [ScoredTag],
    /// The photo, for a plugin that wants its pixels.
    pub photo: Option<&'a Arc<dyn Pixels>>,
}

impl Question for ContextQuestion<'_> {
    type Plugin = ContextMapper;
    type Answer = Context;

    fn ask(&self, mapper: &ContextMapper) -> Result<Context, PluginError> {
        mapper.map(self.scene, self.tags, self.photo.cloned())
    }

    fn stand_in(&self) -> Context {
        Context {
            phrase: NEUTRAL_PHRASE.to_owned(),
            confidence: 0.0,
            reason: None,
        }
    }

    fn gist(context: &Context) -> Value {
        json!(context.phrase)
    }

    fn later(&self) -> Option<Later<ContextMapper>> {
        let (scene, tags, photo) = (self.scene.clone(), self.tags.to_vec(), self.photo.cloned());
        Some(Box::new(move |mapper| {
            let context = mapper.map(&scene, &tags, photo).ok()?;
            Some(ContextQuestion::gist(&context))
        }))
    }
}

impl Answer for Context {
    fn as_expectation(&self) -> Expectation {
        Expectation {
            phrase: Some(self.phrase.clone()),
            ..Expectation::default()
        }
    }

    fn mismatches(&self, expect: &Expectation, _tolerance: f32) -> Option<Vec<String>> {
        if expect.phrase.is_none() && expect.contains.is_none() && expect.contains_not.is_none() {
            return None;
        }
        let phrase = &self.phrase;
        let mut mismatches = Vec::new();
        if let Some(expected) = &expect.phrase
            && expected != phrase
        {
            mismatches.push(format!("- {expected}"));
            mismatches.push(format!("+ {phrase}"));
        }
        if let Some(part) = &expect.contains
            && !phrase.contains(part.as_str())
        {
            mismatches.push(format!("{phrase:?} does not contain {part:?}"));
        }
        if let Some(part) = &expect.contains_not
            && phrase.contains(part.as_str())
        {
            mismatches.push(format!("{phrase:?} contains {part:?}"));
        }
        Some(mismatches)
    }

    fn as_json(&self) -> Value {
        json!(self)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("phrase      {}", plain(&self.phrase)),
            format!("confidence  {:.4}", self.confidence),
        ];
        if let Some(reason) = &self.reason {
            lines.push(format!("reason      {}", plain(reason)));
        }
        lines
    }
}

impl SlotPlugin for ContextMapper {
    fn new(compiled: CompiledPlugin) -> Result<Self, PluginError> {
        let exports = Exports::of(&compiled)?;
        let (identity, evidence) = compiled.call(
            "describe",
            PhotoAccess::default(),
            async |store, instance| exports.describe(store, instance).await,
            |(info, evidence)| Ok((compiled.identity(info)?, evidence)),
        )?;
        let plugin = Self {
            identity,
            evidence,
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

    fn compiled(&self) -> &CompiledPlugin {
        &self.compiled
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    fn answer_case(&self, case: &Case) -> Result<Arc<dyn Answer>, Unanswered> {
        let (scene, tags) = (given(&case.scene, "scene")?, case.tags.as_deref());
        Ok(Arc::new(self.map(scene, tags.unwrap_or_default(), None)?))
    }

    fn recorder(&self) -> Result<Recorder, &'static str> {
        Ok(|scene, tags| Case {
            scene: Some(scene),
            tags: Some(tags.into_iter().map(ScoredTag::without_reason).collect()),
            ..Case::default()
        })
    }

    fn data(&self) -> Option<&PluginData> {
        self.compiled.data()
    }

    fn evidence(&self) -> Evidence {
        self.evidence
    }
}

impl ContextMapper {
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
        self.compiled.call(
            "map",
            access,
            async |store, instance| self.exports.map(store, instance, scene, tags).await,
            |context| Ok(checked(context?)?),
        )
    }
}

pub(super) fn checked(context: context_mapper::Context) -> Result<Context, String> {
    check_words("phrase", &context.phrase, MAX_PHRASE_CHARS)?;
    if !(0.0..=1.0).contains(&context.confidence) {
        return Err(format!(
            "a confidence of {}; 0 to 1 are allowed",
            context.confidence
        ));
    }
    check_remark("reason", context.reason.as_deref(), MAX_REASON_CHARS)?;
    Ok(Context {
        phrase: context.phrase,
        confidence: context.confidence,
        reason: context.reason,
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
                reason: None,
            })
        };
        assert!(context("Rapat di dalam ruangan", 1.0).is_ok());
        assert!(context("", 1.0).is_err());
        assert!(context(&"x".repeat(201), 1.0).is_err());
        assert!(context("Rapat", f32::NAN).is_err());
        assert!(context("Rapat", 1.1).is_err());
    }
}
