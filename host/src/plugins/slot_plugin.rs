//! What the plugins of all slots have in common.

use std::sync::Arc;

use super::case::{Answer, Case, Unanswered};
use super::component::{CompiledPlugin, PluginIdentity};
use super::data::PluginData;
use super::error::PluginError;
use crate::domain::{Evidence, Scene, ScoredTag};

/// Makes a case of what was seen in a photo and of the photo's tags.
pub(crate) type Recorder = fn(Scene, Vec<ScoredTag>) -> Case;

/// The plugin of a slot.
pub(super) trait SlotPlugin {
    /// Reads what a compiled component says of itself, and calls it once.
    fn new(compiled: CompiledPlugin) -> Result<Self, PluginError>
    where
        Self: Sized;

    /// The component.
    fn compiled(&self) -> &CompiledPlugin;

    /// Who it is.
    fn identity(&self) -> &PluginIdentity;

    /// Asks it what a golden case asks, whatever the case expects. Blocks.
    fn answer_case(&self, case: &Case) -> Result<Arc<dyn Answer>, Unanswered>;

    /// How a photo becomes a case for it, or why none does.
    fn recorder(&self) -> Result<Recorder, &'static str>;

    /// Which data it carries apart from its code; none for most plugins.
    fn data(&self) -> Option<&PluginData> {
        None
    }

    /// What it wants to know about a photo.
    fn evidence(&self) -> Evidence {
        Evidence::default()
    }

    /// Tags that nothing can give when only this evidence is to be had.
    fn tags_out_of_reach(&self, _available: Evidence) -> Vec<String> {
        Vec::new()
    }
}
