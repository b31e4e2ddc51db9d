//! Makes the region that holds the vocabulary of `vocabulary.toml`, and refuses one that could not work as written.

use std::error::Error;

use plugin_data::{Kind, author};

/// The size of the region in bytes: what today's vocabulary takes, several times over, so that others fit.
const SIZE: usize = 256 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    author::build(Kind::Vocabulary, "vocabulary.toml", SIZE)
}
