//! What the plugins of all slots have in common.

use super::component::{CompiledPlugin, PluginIdentity};
use super::data::PluginData;
use super::error::PluginError;
use crate::domain::Evidence;

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
