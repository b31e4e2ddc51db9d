//! The default `tagger` plugin: a vocabulary for the photos of an organisation in Indonesia, and how
//! what the host sees speaks for each of its tags. The vocabulary is `vocabulary.toml`.

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
        let concepts = vocabulary::CONCEPTS.iter().map(|concept| Concept {
            tag: concept.tag.to_owned(),
            prompts: concept
                .prompts
                .iter()
                .map(|prompt| (*prompt).to_owned())
                .collect(),
            evidence: scoring::evidence(concept),
        });
        TaggerDescription {
            info: PluginInfo {
                name: "default-tagger".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
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
