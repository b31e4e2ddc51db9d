//! The vocabulary. It lies in a region of the component's memory whose contents `ai-worker plugin pack` replaces.

use plugin_data::Region;
pub(crate) use plugin_data::vocabulary::{
    Concept, FaceRule, Labels, LineRule, Place, ThingRule, Vocabulary, Weights,
};

/// `vocabulary.toml` as tables, which `build.rs` makes.
static REGION: Region<{ include_bytes!(concat!(env!("OUT_DIR"), "/data.bin")).len() }> =
    Region(*include_bytes!(concat!(env!("OUT_DIR"), "/data.bin")));

/// Reads the vocabulary.
///
/// # Errors
/// When the region holds none, which `plugin pack` does not bring about.
pub(crate) fn read() -> Result<Vocabulary<'static>, String> {
    Vocabulary::read(&REGION)
}
