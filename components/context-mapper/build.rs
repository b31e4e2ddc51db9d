//! Makes the region that holds the phrases of `phrases.toml`, and refuses phrases that could not work as written.

use std::error::Error;

use plugin_data::{Kind, author};

/// The size of the region in bytes: what today's phrases take, several times over, so that others fit.
const SIZE: usize = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    author::build(Kind::Phrases, "phrases.toml", SIZE)
}
