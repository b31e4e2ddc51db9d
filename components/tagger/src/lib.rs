//! The default `tagger` plugin: a vocabulary for the photos of an organisation in Indonesia, and how
//! what the host sees speaks for each of its tags. The vocabulary is `vocabulary.toml`, or what was packed in its place.

mod bindings;
mod faces;
mod labels;
mod objects;
mod scoring;
mod surroundings;
mod text;
mod vocabulary;

use bindings::exports::ai_worker::plugin::tagger::{
    Concept, Evidence, Guest, PluginError, PluginInfo, Scene, ScoredTag, TaggerDescription,
};

struct Tagger;

impl Guest for Tagger {
    fn describe() -> TaggerDescription {
        // Without a vocabulary there is nothing to describe; the first photo then says why.
        let vocabulary = vocabulary::read().unwrap_or_default();
        let concepts = vocabulary.concepts.iter().map(|concept| Concept {
            tag: concept.tag.to_owned(),
            prompts: concept.prompts.iter().map(str::to_owned).collect(),
            evidence: scoring::evidence(&concept),
        });
        TaggerDescription {
            info: PluginInfo {
                name: "default-tagger".to_owned(),
                version: vocabulary.version.unwrap_or(env!("CARGO_PKG_VERSION")).to_owned(),
            },
            evidence: Evidence::LABELS
                | Evidence::SIMILARITIES
                | Evidence::DEMOGRAPHICS
                | Evidence::OBJECTS
                | Evidence::TEXT
                | Evidence::SURROUNDINGS,
            concepts: concepts.collect(),
        }
    }

    fn tag(scene: Scene) -> Result<Vec<ScoredTag>, PluginError> {
        scoring::tag(&scene)
    }
}
