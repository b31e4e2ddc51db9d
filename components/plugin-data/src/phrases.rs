//! The tables of a context mapper's phrases.

use serde::{Deserialize, Serialize};

use crate::{Kind, List, Region};

/// A context mapper's phrases.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Phrases<'a> {
    /// The version that a plugin with these phrases calls itself; its own when there is none.
    pub version: Option<&'a str>,
    /// What takes the place of `{place}`.
    #[serde(borrow)]
    pub places: List<'a, Entry<'a>>,
    /// The phrases.
    pub phrases: List<'a, Entry<'a>>,
}

impl Phrases<'static> {
    /// Reads what a region holds.
    ///
    /// # Errors
    /// When it holds no phrases that this version of the crate can read; the text is for the plugin's author.
    pub fn read<const SIZE: usize>(region: &'static Region<SIZE>) -> Result<Self, String> {
        let tables = region.tables(Kind::Phrases).map_err(|error| error.to_string())?;
        postcard::from_bytes(tables).map_err(|error| format!("its phrases are damaged: {error}"))
    }
}

/// A phrase or a place and what speaks for it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// The words, with slots in braces.
    pub text: &'a str,
    /// What must be seen: each need by one of its alternatives.
    #[serde(borrow)]
    pub needs: List<'a, Need<'a>>,
    /// How sure its needs must be on average, 0 to 1.
    pub sure: f32,
    /// It says something about the number of people.
    pub people: bool,
    /// The fewest people that it fits.
    pub least: u32,
    /// The most people that it fits.
    pub most: u32,
}

/// Alternatives, of which the surest counts.
pub type Need<'a> = List<'a, Key<'a>>;

/// How a tag begins that is none, but a class of the object detector: a thing that is large enough to be what the photo is of.
pub const LARGE_THING: &str = "object:";
/// The same for several of one class, of any size.
pub const SEVERAL_THINGS: &str = "objects:";

/// One alternative of a need.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Key<'a> {
    /// A tag, or its words in the caption; or things, by a class behind [`LARGE_THING`] or [`SEVERAL_THINGS`].
    Tag(&'a str),
    /// A class of the image classifier.
    Label(&'a str),
}

impl<'a> Key<'a> {
    /// The tag or the class.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Tag(name) | Self::Label(name) => name,
        }
    }
}
