//! The default `context-mapper` plugin: what a photo shows, in one Indonesian phrase. The phrases are in
//! `phrases.toml`, or are what was packed in its place; the one whose needs are best met wins.

mod bindings;
mod matching;
mod people;
mod phrases;
mod reading;
#[cfg(test)]
mod tests;
mod things;

use bindings::exports::ai_worker::plugin::context_mapper::{
    Context, ContextDescription, Evidence, Guest, PluginError, PluginInfo, Scene, ScoredTag,
};

struct ContextMapper;

impl Guest for ContextMapper {
    fn describe() -> ContextDescription {
        // Without phrases there is nothing to describe; the first photo then says why.
        let version = phrases::read().unwrap_or_default().version;
        ContextDescription {
            info: PluginInfo {
                name: "default-context-mapper".to_owned(),
                version: version.unwrap_or(env!("CARGO_PKG_VERSION")).to_owned(),
            },
            evidence: Evidence::LABELS
                | Evidence::CAPTION
                | Evidence::DEMOGRAPHICS
                | Evidence::OBJECTS
                | Evidence::TEXT,
        }
    }

    fn map(scene: Scene, tags: Vec<ScoredTag>) -> Result<Context, PluginError> {
        let phrases = phrases::read().map_err(PluginError::Failed)?;
        Ok(matching::context(&phrases, &scene, &tags))
    }
}
