//! What the plugin of a slot is asked on behalf of a photo.

use serde_json::Value;

use super::error::PluginError;

/// A question to the plugin of a slot.
pub trait Question {
    /// The slot's plugin.
    type Plugin;
    /// What it answers.
    type Answer;

    /// Asks it. Blocks.
    ///
    /// # Errors
    /// When the plugin fails, declines, takes too long or breaks its contract.
    fn ask(&self, plugin: &Self::Plugin) -> Result<Self::Answer, PluginError>;

    /// What stands in for the answer of a plugin that failed and may fail.
    fn stand_in(&self) -> Self::Answer;

    /// What of an answer is compared with that of a candidate.
    fn gist(answer: &Self::Answer) -> Value;

    /// The same question for a candidate that is asked later; none when candidates are not asked.
    fn later(&self) -> Option<Later<Self::Plugin>>;
}

/// A question that is asked later: the gist of the answer, none when there is no answer.
pub(super) type Later<Plugin> = Box<dyn FnOnce(&Plugin) -> Option<Value> + Send>;
