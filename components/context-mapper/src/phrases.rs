//! The phrases. They lie in a region of the component's memory whose contents `ai-worker plugin pack` replaces.

use plugin_data::Region;
use plugin_data::phrases::Phrases;

/// `phrases.toml` as tables, which `build.rs` makes.
static REGION: Region<{ include_bytes!(concat!(env!("OUT_DIR"), "/data.bin")).len() }> =
    Region(*include_bytes!(concat!(env!("OUT_DIR"), "/data.bin")));

/// Reads the phrases.
///
/// # Errors
/// When the region holds none, which `plugin pack` does not bring about.
pub(crate) fn read() -> Result<Phrases<'static>, String> {
    Phrases::read(&REGION)
}
