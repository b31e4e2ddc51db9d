//! The tagger slot.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::bindings::{earlier, tagger, types};
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
use crate::table::{self, Side};

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
    exports: Exports,
    identity: PluginIdentity,
    evidence: Evidence,
    tags: Vec<KnownTag>,
    prompts: Vec<String>,
}

/// A tag of a vocabulary, and what can give it.
struct KnownTag {
    name: String,
    /// Any kind is enough; none is needed when it names none.
    evidence: Evidence,
}

/// The interface in the version that the component was built for.
enum Exports {
    Current(tagger::GuestIndices),
    Earlier(earlier::tagger::GuestIndices),
}

/// What a tagger says of itself.
struct Described {
    info: types::PluginInfo,
    evidence: Evidence,
    concepts: Vec<tagger::Concept>,
}

impl Exports {
    fn of(compiled: &CompiledPlugin) -> Result<Self, PluginError> {
        let instance = compiled.instance_pre();
        let exports = if compiled.is_earlier() {
            earlier::tagger::GuestIndices::new(instance).map(Self::Earlier)
        } else {
            tagger::GuestIndices::new(instance).map(Self::Current)
        };
        exports.map_err(|error| compiled.load_error(&error))
    }

    async fn describe(&self, mut store: Store<Guest>, instance: Instance) -> wasmtime::Result<Described> {
        Ok(match self {
            Self::Current(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let tagger::TaggerDescription {
                    info,
                    evidence,
                    concepts,
                } = guest.call_describe(&mut store).await?;
                Described {
                    info,
                    evidence: evidence.into(),
                    concepts,
                }
            }
            Self::Earlier(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let earlier::tagger::TaggerDescription {
                    info,
                    evidence,
                    concepts,
                } = guest.call_describe(&mut store).await?;
                Described {
                    info: info.into(),
                    evidence: evidence.into(),
                    concepts: concepts.into_iter().map(Into::into).collect(),
                }
            }
        })
    }

    async fn tag(
        &self,
        mut store: Store<Guest>,
        instance: Instance,
        scene: &Scene,
    ) -> wasmtime::Result<Result<Vec<types::ScoredTag>, types::PluginError>> {
        match self {
            Self::Current(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                guest.call_tag(&mut store, &scene.into()).await
            }
            Self::Earlier(exports) => {
                let guest = exports.load(&mut store, &instance)?;
                let tags = guest.call_tag(&mut store, &scene.into()).await?;
                Ok(tags
                    .map(|tags| tags.into_iter().map(Into::into).collect())
                    .map_err(Into::into))
            }
        }
    }
}

/// Which tags a scene has, best first; there are none when the tagger fails and `PLUGIN_DEGRADE` names it.
pub struct TagQuestion<'a> {
    /// What was seen.
    pub scene: &'a Scene,
    /// The photo, for a plugin that wants its pixels.
    pub photo: Option<&'a Arc<dyn Pixels>>,
    /// Tags with a lower score are dropped, 0 to 1.
    pub threshold: f32,
}

impl Question for TagQuestion<'_> {
    type Plugin = Tagger;
    type Answer = Vec<ScoredTag>;

    fn ask(&self, tagger: &Tagger) -> Result<Vec<ScoredTag>, PluginError> {
        tagger.tag_at_least(self.scene, self.photo.cloned(), self.threshold)
    }

    fn stand_in(&self) -> Vec<ScoredTag> {
        Vec::new()
    }

    fn gist(tags: &Vec<ScoredTag>) -> Value {
        let mut names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        names.sort_unstable();
        json!(names)
    }

    fn later(&self) -> Option<Later<Tagger>> {
        let (scene, photo, threshold) = (self.scene.clone(), self.photo.cloned(), self.threshold);
        Some(Box::new(move |tagger| {
            let question = TagQuestion {
                scene: &scene,
                photo: photo.as_ref(),
                threshold,
            };
            question.ask(tagger).ok().map(|tags| TagQuestion::gist(&tags))
        }))
    }
}

impl Answer for Vec<ScoredTag> {
    fn as_expectation(&self) -> Expectation {
        Expectation {
            tags: Some(self.clone()),
            ..Expectation::default()
        }
    }

    fn mismatches(&self, expect: &Expectation, tolerance: f32) -> Option<Vec<String>> {
        if expect.tags.is_none()
            && expect.has.is_empty()
            && expect.has_not.is_empty()
            && expect.at_least.is_empty()
        {
            return None;
        }
        let score = |name: &str| self.iter().find(|tag| tag.name == name).map(|tag| tag.score);
        let mut mismatches = Vec::new();
        if let Some(expected) = &expect.tags {
            for tag in expected {
                match score(&tag.name) {
                    None => mismatches.push(format!("- {} {:.4}", tag.name, tag.score)),
                    Some(found) if (found - tag.score).abs() > tolerance => {
                        mismatches.push(format!("~ {} {found:.4}, expected {:.4}", tag.name, tag.score));
                    }
                    Some(_) => {}
                }
            }
            for tag in self {
                if !expected.iter().any(|known| known.name == tag.name) {
                    mismatches.push(format!("+ {} {:.4}", tag.name, tag.score));
                }
            }
        }
        for name in &expect.has {
            if score(name).is_none() {
                mismatches.push(format!("- {name}"));
            }
        }
        for name in &expect.has_not {
            if let Some(found) = score(name) {
                mismatches.push(format!("+ {name} {found:.4}"));
            }
        }
        for (name, least) in &expect.at_least {
            match score(name) {
                None => mismatches.push(format!("- {name}, expected at least {least:.4}")),
                Some(found) if found < *least => {
                    mismatches.push(format!("~ {name} {found:.4}, expected at least {least:.4}"));
                }
                Some(_) => {}
            }
        }
        Some(mismatches)
    }

    fn as_json(&self) -> Value {
        json!({ "tags": self })
    }

    fn lines(&self) -> Vec<String> {
        if self.is_empty() {
            return vec!["no tags".to_owned()];
        }
        let rows: Vec<_> = self
            .iter()
            .map(|tag| {
                let reason = tag.reason.clone().unwrap_or_default();
                [tag.name.clone(), format!("{:.4}", tag.score), reason]
            })
            .collect();
        let heads = [
            ("TAG", Side::Left),
            ("SCORE", Side::Right),
            ("REASON", Side::Left),
        ];
        table::lines(heads, &rows)
    }
}

impl SlotPlugin for Tagger {
    fn new(compiled: CompiledPlugin) -> Result<Self, PluginError> {
        let exports = Exports::of(&compiled)?;
        let known = |concept: &tagger::Concept| KnownTag {
            name: concept.tag.clone(),
            evidence: concept.evidence.into(),
        };
        let (identity, evidence, tags, prompts) = compiled.call(
            "describe",
            PhotoAccess::default(),
            async |store, instance| exports.describe(store, instance).await,
            |description| {
                let tags: Vec<KnownTag> = description.concepts.iter().map(known).collect();
                for tag in &tags {
                    check_remark("tag in its vocabulary", Some(&tag.name), MAX_TAG_CHARS)?;
                }
                let identity = compiled.identity(description.info)?;
                let prompts = checked_prompts(description.concepts)?;
                Ok((identity, description.evidence, tags, prompts))
            },
        )?;
        let plugin = Self {
            identity,
            evidence,
            tags,
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

    fn compiled(&self) -> &CompiledPlugin {
        &self.compiled
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    fn answer_case(&self, case: &Case) -> Result<Arc<dyn Answer>, Unanswered> {
        Ok(Arc::new(self.tag(given(&case.scene, "scene")?, None)?))
    }

    fn recorder(&self) -> Result<Recorder, &'static str> {
        Ok(|scene, _| Case {
            scene: Some(scene),
            ..Case::default()
        })
    }

    fn data(&self) -> Option<&PluginData> {
        self.compiled.data()
    }

    fn evidence(&self) -> Evidence {
        self.evidence
    }

    fn tags_out_of_reach(&self, available: Evidence) -> Vec<String> {
        Self::tags_out_of_reach(self, available)
    }
}

impl Tagger {
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

    /// The tags of its vocabulary that nothing can give when only this evidence is to be had.
    #[must_use]
    pub fn tags_out_of_reach(&self, available: Evidence) -> Vec<String> {
        let none = Evidence::default();
        let lost = |tag: &&KnownTag| tag.evidence != none && tag.evidence.intersection(available) == none;
        self.tags
            .iter()
            .filter(lost)
            .map(|tag| tag.name.clone())
            .collect()
    }

    /// Every prompt of its vocabulary, in the order of [`Scene::similarities`].
    #[must_use]
    pub fn prompts(&self) -> &[String] {
        &self.prompts
    }

    /// The tags of a scene, best first. Blocks. The plugin sees the photo's pixels when it wants them and there are any.
    ///
    /// # Errors
    /// When the plugin fails, declines, takes too long or breaks its contract.
    pub fn tag(&self, scene: &Scene, photo: Option<Arc<dyn Pixels>>) -> Result<Vec<ScoredTag>, PluginError> {
        self.compiled.measured(|| self.answer(scene, photo))
    }

    /// The tags of a scene that score at least `threshold` (`TAG_THRESHOLD`, 0 to 1), best first. Blocks.
    ///
    /// # Errors
    /// As [`Self::tag`].
    pub fn tag_at_least(
        &self,
        scene: &Scene,
        photo: Option<Arc<dyn Pixels>>,
        threshold: f32,
    ) -> Result<Vec<ScoredTag>, PluginError> {
        let mut tags = self.tag(scene, photo)?;
        tags.retain(|tag| tag.score >= threshold);
        Ok(tags)
    }

    fn answer(&self, scene: &Scene, photo: Option<Arc<dyn Pixels>>) -> Result<Vec<ScoredTag>, PluginError> {
        let access = PhotoAccess {
            asked_for: self.evidence.pixels,
            photo,
        };
        let mut tags = self.compiled.call(
            "tag",
            access,
            async |store, instance| self.exports.tag(store, instance, scene).await,
            |tags| Ok(checked(tags?)?),
        )?;
        tags.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(tags)
    }
}

/// Every prompt, those of the first concept first.
pub(super) fn checked_prompts(concepts: Vec<tagger::Concept>) -> Result<Vec<String>, String> {
    let prompts: Vec<String> = concepts.into_iter().flat_map(|concept| concept.prompts).collect();
    if prompts.len() > MAX_PROMPTS {
        return Err(format!(
            "its vocabulary has {} prompts; the limit is {MAX_PROMPTS}",
            prompts.len()
        ));
    }
    match prompts
        .iter()
        .find(|prompt| prompt.chars().count() > MAX_PROMPT_CHARS)
    {
        Some(long) => Err(format!(
            "its prompt {:?}… is longer than {MAX_PROMPT_CHARS} characters",
            long.chars().take(40).collect::<String>()
        )),
        None => Ok(prompts),
    }
}

pub(super) fn checked(tags: Vec<types::ScoredTag>) -> Result<Vec<ScoredTag>, String> {
    if tags.len() > MAX_TAGS {
        return Err(format!("{} tags; the limit is {MAX_TAGS}", tags.len()));
    }
    let mut names = HashSet::new();
    if let Some(twice) = tags.iter().find(|tag| !names.insert(tag.name.trim())) {
        return Err(format!("the tag {:?} twice", twice.name));
    }
    tags.into_iter()
        .map(|tag| {
            check_words("tag", &tag.name, MAX_TAG_CHARS)?;
            if !(0.0..=1.0).contains(&tag.score) {
                return Err(format!(
                    "tag {:?} has score {}; 0 to 1 are allowed",
                    tag.name, tag.score
                ));
            }
            check_remark("reason", tag.reason.as_deref(), MAX_REASON_CHARS)?;
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
            reason: None,
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
        let many = |count: usize| (0..count).map(|number| tag(&number.to_string(), 0.5)).collect();
        assert!(checked(many(MAX_TAGS)).is_ok());
        assert!(checked(many(MAX_TAGS + 1)).is_err());
        assert!(checked(vec![tag("beach", 0.5), tag("sea", 0.5), tag("beach", 0.4)]).is_err());
        assert!(checked(vec![tag("beach", 0.5), tag("beach ", 0.4)]).is_err());
    }
}
