//! The vocabulary as tables, which `build.rs` writes from `vocabulary.toml`.

/// A tag and what speaks for it.
pub(crate) struct Concept {
    /// What the caller sees.
    pub(crate) tag: &'static str,
    /// Sentences for a text-image model.
    pub(crate) prompts: &'static [&'static str],
    /// Classifier labels.
    pub(crate) labels: Weights,
    /// Rules about faces.
    pub(crate) faces: &'static [FaceRule],
    /// Classes of the object detector and how surely each of them means the tag, above 0 to 1.
    pub(crate) objects: &'static [(&'static str, f32)],
    /// Rules about things.
    pub(crate) things: &'static [ThingRule],
    /// Rules about what was read.
    pub(crate) lines: &'static [LineRule],
    /// Where it is, when it is always there.
    pub(crate) place: Option<Place>,
    /// Its labels are of what people wear or do, and so count in full where people are.
    pub(crate) at_people: bool,
}

/// What must be true of the lines of text and the people of a photo.
pub(crate) struct LineRule {
    /// How many lines were read.
    pub(crate) count: Span,
    /// The widest line that is not too low, as a part of the photo's width.
    pub(crate) width: Span,
    /// How many people there are, by faces or figures.
    pub(crate) people: Span,
    /// What the rule is worth where it holds, 0 to 1.
    pub(crate) score: f32,
}

/// What must be true of the things and the people of a photo.
pub(crate) struct ThingRule {
    /// The class of the object detector.
    pub(crate) name: &'static str,
    /// The score from which one counts.
    pub(crate) least: f32,
    /// How many there are.
    pub(crate) count: Span,
    /// How many people there are, by faces or figures.
    pub(crate) people: Span,
    /// What the rule is worth where it holds, 0 to 1.
    pub(crate) score: f32,
}

/// Inside a building or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Inside,
    Outside,
}

impl Place {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Inside, Self::Outside];

    /// The tag that says it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Inside => "indoor",
            Self::Outside => "outdoor",
        }
    }
}

/// Places in [`LABELS`] and how surely each of them means the tag, above 0 to 1.
pub(crate) type Weights = &'static [(usize, f32)];

/// What must be true of the faces of a photo.
///
/// The rule holds when the number of all faces lies in `total` and the number of those which fit
/// `share`, `relative` and `age` lies in `count`.
pub(crate) struct FaceRule {
    /// How many people there are, by faces or figures.
    pub(crate) people: Span,
    /// How many faces the photo has.
    pub(crate) total: Span,
    /// How many of them fit.
    pub(crate) count: Span,
    /// Area of the face's box as a part of the photo's, 0 to 1.
    pub(crate) share: Span,
    /// Area of the face's box as a part of the largest face's, 0 to 1.
    pub(crate) relative: Span,
    /// Apparent age in years; a face of unknown age does not fit.
    pub(crate) age: Option<Span>,
    /// Holds only of people who pose together.
    pub(crate) posed: bool,
    /// What the rule is worth where it holds, 0 to 1.
    pub(crate) score: f32,
    /// Labels that speak for the tag where the rule holds.
    pub(crate) labels: Weights,
}

/// Numbers from `lowest` to `highest`, both included.
pub(crate) struct Span {
    /// The lowest number.
    pub(crate) lowest: f32,
    /// The highest number.
    pub(crate) highest: f32,
}

impl Span {
    /// Whether a number lies in the span. What is not a number does not.
    pub(crate) fn contains(&self, value: f32) -> bool {
        self.lowest <= value && value <= self.highest
    }
}

include!(concat!(env!("OUT_DIR"), "/vocabulary.rs"));
