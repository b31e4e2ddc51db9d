//! The tables of a tagger's vocabulary.

use serde::{Deserialize, Serialize};

use crate::{Kind, List, Region};

/// A tagger's vocabulary.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Vocabulary<'a> {
    /// The version that a plugin with this vocabulary calls itself; its own when there is none.
    pub version: Option<&'a str>,
    /// Labels of the classifier in alphabetical order, so that they can be looked up by bisection.
    #[serde(borrow)]
    pub labels: Labels<'a>,
    /// Labels of things that say nothing about where they are.
    pub placeless: Weights<'a>,
    /// The tags.
    pub concepts: List<'a, Concept<'a>>,
}

impl Vocabulary<'static> {
    /// Reads what a region holds.
    ///
    /// # Errors
    /// When it holds no vocabulary that this version of the crate can read; the text is for the plugin's author.
    pub fn read<const SIZE: usize>(region: &'static Region<SIZE>) -> Result<Self, String> {
        let tables = region
            .tables(Kind::Vocabulary)
            .map_err(|error| error.to_string())?;
        postcard::from_bytes(tables).map_err(|error| format!("its vocabulary is damaged: {error}"))
    }
}

/// Names in alphabetical order.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Labels<'a> {
    /// The names, one after another, as bytes: a plugin compares them and shows none, so it need not check that they are text.
    text: &'a [u8],
    /// Where each ends, in two bytes, the lower first.
    ends: &'a [u8],
}

impl<'a> Labels<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.ends.len() / 2
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.ends.is_empty()
    }

    /// The name at a place; none beyond the last.
    #[must_use]
    pub fn get(self, place: usize) -> Option<&'a [u8]> {
        let end = |place: usize| {
            let bytes = self.ends.get(2 * place..2 * place + 2)?;
            Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
        };
        let start = if place == 0 { 0 } else { end(place - 1)? };
        self.text.get(start..end(place)?)
    }

    /// The place of a name.
    #[must_use]
    pub fn place(self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle)?.cmp(name.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// All names.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map_while(move |place| std::str::from_utf8(self.get(place)?).ok())
    }

    /// The text and the ends of names; none when they are longer than can be written.
    #[cfg(feature = "author")]
    pub(crate) fn written<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<(String, Vec<u8>)> {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for name in names {
            text.push_str(name);
            ends.extend(u16::try_from(text.len()).ok()?.to_le_bytes());
        }
        Some((text, ends))
    }

    #[cfg(feature = "author")]
    pub(crate) fn of((text, ends): &'a (String, Vec<u8>)) -> Self {
        Self {
            text: text.as_bytes(),
            ends,
        }
    }
}

/// Places in [`Labels`] and how surely each of them means the tag, above 0 to 1.
pub type Weights<'a> = List<'a, (u16, f32)>;

/// A tag and what speaks for it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Concept<'a> {
    /// What the caller sees.
    pub tag: &'a str,
    /// Sentences for a text-image model.
    #[serde(borrow)]
    pub prompts: List<'a, &'a str>,
    /// Classifier labels.
    pub labels: Weights<'a>,
    /// Rules about faces.
    pub faces: List<'a, FaceRule<'a>>,
    /// Classes of the object detector and how surely each of them means the tag, above 0 to 1.
    pub objects: List<'a, (&'a str, f32)>,
    /// Rules about things.
    pub things: List<'a, ThingRule<'a>>,
    /// Rules about what was read.
    pub lines: List<'a, LineRule>,
    /// Where it is, when it is always there.
    pub place: Option<Place>,
    /// Its labels are of what people wear or do, and so count in full where people are.
    pub at_people: bool,
}

/// What must be true of the lines of text and the people of a photo.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LineRule {
    /// How many lines were read.
    pub count: Span,
    /// The widest line that is not too low, as a part of the photo's width.
    pub width: Span,
    /// How many people there are, by faces or figures.
    pub people: Span,
    /// What the rule is worth where it holds, 0 to 1.
    pub score: f32,
}

/// What must be true of the things and the people of a photo.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ThingRule<'a> {
    /// The class of the object detector.
    pub name: &'a str,
    /// The score from which one counts.
    pub least: f32,
    /// How many there are.
    pub count: Span,
    /// How many people there are, by faces or figures.
    pub people: Span,
    /// What the rule is worth where it holds, 0 to 1.
    pub score: f32,
}

/// Inside a building or not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In a building.
    Inside,
    /// In the open.
    Outside,
}

impl Place {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Inside, Self::Outside];

    /// The tag that says it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Inside => "indoor",
            Self::Outside => "outdoor",
        }
    }
}

/// What must be true of the faces of a photo.
///
/// The rule holds when the number of all faces lies in `total` and the number of those which fit
/// `share`, `relative` and `age` lies in `count`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FaceRule<'a> {
    /// How many people there are, by faces or figures.
    pub people: Span,
    /// How many faces the photo has.
    pub total: Span,
    /// How many of them fit.
    pub count: Span,
    /// Area of the face's box as a part of the photo's, 0 to 1.
    pub share: Span,
    /// Area of the face's box as a part of the largest face's, 0 to 1.
    pub relative: Span,
    /// Apparent age in years; a face of unknown age does not fit.
    pub age: Option<Span>,
    /// Holds only of people who pose together.
    pub posed: bool,
    /// What the rule is worth where it holds, 0 to 1.
    pub score: f32,
    /// Labels that speak for the tag where the rule holds.
    #[serde(borrow)]
    pub labels: Weights<'a>,
}

/// Numbers from `lowest` to `highest`, both included.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The lowest number.
    pub lowest: f32,
    /// The highest number.
    pub highest: f32,
}

impl Span {
    /// Whether a number lies in the span. What is not a number does not.
    #[must_use]
    pub fn contains(&self, value: f32) -> bool {
        self.lowest <= value && value <= self.highest
    }
}
