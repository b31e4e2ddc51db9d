//! Version 1.0.0 of the WIT package, which components that were built for it keep speaking: its taggers and context
//! mappers know fewer fields. Nothing else of it differs from today's version, and Wasmtime takes an interface of one
//! minor version for that of another as long as their types are the same.

use crate::domain;

wasmtime::component::bindgen!({
    path: "../wit/1.0.0",
    inline: "
        package ai-worker:host;
        world slots {
            export ai-worker:plugin/tagger@1.0.0;
            export ai-worker:plugin/context-mapper@1.0.0;
        }
    ",
    world: "ai-worker:host/slots",
    exports: { default: async },
});

pub(in crate::plugins) use self::ai_worker::plugin::types;
pub(in crate::plugins) use exports::ai_worker::plugin::{context_mapper, tagger};

impl From<types::Evidence> for domain::Evidence {
    fn from(value: types::Evidence) -> Self {
        Self {
            labels: value.contains(types::Evidence::LABELS),
            similarities: value.contains(types::Evidence::SIMILARITIES),
            caption: value.contains(types::Evidence::CAPTION),
            demographics: value.contains(types::Evidence::DEMOGRAPHICS),
            pixels: value.contains(types::Evidence::PIXELS),
            text_similarities: value.contains(types::Evidence::TEXT_SIMILARITIES),
            ..Self::default()
        }
    }
}

impl From<&domain::SceneFace> for types::Face {
    fn from(value: &domain::SceneFace) -> Self {
        let domain::BoundingBox { x1, y1, x2, y2 } = value.bounding_box;
        Self {
            bounding_box: types::BoundingBox { x1, y1, x2, y2 },
            confidence: value.confidence,
            age: value.age,
            gender: value.gender.map(|gender| match gender {
                domain::Gender::Female => types::Gender::Female,
                domain::Gender::Male => types::Gender::Male,
            }),
            quality: value.quality,
        }
    }
}

impl From<&domain::Scene> for types::Scene {
    fn from(value: &domain::Scene) -> Self {
        let label = |label: &domain::Label| types::Label {
            name: label.name.clone(),
            score: label.score,
        };
        Self {
            width: value.width,
            height: value.height,
            faces: value.faces.iter().map(types::Face::from).collect(),
            labels: value
                .labels
                .as_ref()
                .map(|labels| labels.iter().map(label).collect()),
            similarities: value.similarities.clone(),
            caption: value.caption.clone(),
            text_similarities: value.text_similarities.clone(),
        }
    }
}

impl From<&domain::ScoredTag> for types::ScoredTag {
    fn from(value: &domain::ScoredTag) -> Self {
        Self {
            name: value.name.clone(),
            score: value.score,
        }
    }
}

impl From<types::ScoredTag> for super::types::ScoredTag {
    fn from(value: types::ScoredTag) -> Self {
        Self {
            name: value.name,
            score: value.score,
            reason: None,
        }
    }
}

impl From<types::PluginInfo> for super::types::PluginInfo {
    fn from(value: types::PluginInfo) -> Self {
        Self {
            name: value.name,
            version: value.version,
        }
    }
}

impl From<types::PluginError> for super::types::PluginError {
    fn from(value: types::PluginError) -> Self {
        match value {
            types::PluginError::Unsupported(reason) => Self::Unsupported(reason),
            types::PluginError::Failed(reason) => Self::Failed(reason),
            types::PluginError::Other(reason) => Self::Other(reason),
        }
    }
}

impl From<tagger::Concept> for super::tagger::Concept {
    fn from(value: tagger::Concept) -> Self {
        Self {
            tag: value.tag,
            prompts: value.prompts,
            evidence: super::types::Evidence::empty(),
        }
    }
}

impl From<context_mapper::Context> for super::context_mapper::Context {
    fn from(value: context_mapper::Context) -> Self {
        Self {
            phrase: value.phrase,
            confidence: value.confidence,
            reason: None,
        }
    }
}
