//! What the active plugins make of one stored photo now.

use std::sync::Arc;

use super::Replay;
use super::descriptions::{Candidate as _, MapperCandidate, TaggerCandidate};
use super::evidence::lacking;
use crate::domain::{Evidence, ScoredTag};
use crate::pipeline::stored_context;
use crate::plugins::{Context, PluginError, PluginIdentities, PluginSet};
use crate::store::PhotoRecord;

/// Answers about a stored scene.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The tags at or above the threshold, best first, with reasons.
    pub tags: Vec<ScoredTag>,
    /// The phrase for these tags.
    pub context: Context,
    /// Who answered.
    pub plugins: PluginIdentities,
    /// What the tagger and the context mapper want to know, the model set can tell, and the scene does not say.
    pub lacking: Evidence,
    /// Whether tags, scores and phrase are the same as the stored ones.
    pub same_as_stored: bool,
}

impl Replay {
    /// Has the active tagger and context mapper answer about a stored photo. Nothing is stored. Blocks.
    ///
    /// # Errors
    /// When a plugin fails.
    pub fn reading(&self, photo: &PhotoRecord, active: &Arc<PluginSet>) -> Result<Reading, PluginError> {
        let threshold = self.settings.tag_threshold;
        let (tagger, mapper) = (&active.tagger, &active.context_mapper);
        let (scene, had) =
            TaggerCandidate::new(Arc::clone(tagger), Arc::clone(active), threshold).scene(photo);
        let available = self.settings.available;
        let for_tags = lacking(tagger.evidence(), available, had, &scene);
        let (whole, had) = MapperCandidate(Arc::clone(mapper)).scene(photo);
        let for_phrase = lacking(mapper.evidence(), available, had, &whole);
        let tags = tagger.tag_at_least(&scene, None, threshold)?;
        let context = mapper.map(&whole, &tags, None)?;
        let stored = &photo.description;
        let named: Vec<ScoredTag> = tags.iter().cloned().map(ScoredTag::without_reason).collect();
        Ok(Reading {
            same_as_stored: named == stored.tags && stored_context(&context) == stored.context,
            tags,
            context,
            plugins: active.identities(),
            lacking: for_tags.union(for_phrase),
        })
    }
}
