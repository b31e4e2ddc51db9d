//! What the object detector sees, as both the tags and the phrase need it.

/// The class of people.
pub(crate) const PERSON: &str = "person";
const CHAIR: &str = "chair";
/// The score from which a figure of a person, or another thing, counts.
pub const LEAST_SCORE: f32 = 0.5;
/// Who sits on so many chairs listens, and does not pose.
const CHAIRS: usize = 3;

/// Something in a photo: its class of the object detector, its score, and its box in pixels (left, top, right, bottom).
#[derive(Clone, Copy, Debug)]
pub struct Thing<'a> {
    /// The class.
    pub name: &'a str,
    /// 0 to 1.
    pub score: f32,
    /// Left, top, right and bottom edge in pixels.
    pub corners: [u32; 4],
}

/// The figures of people with at least this score, by the edges of their boxes (left, top, right, bottom).
#[must_use]
pub fn figures<'a>(things: impl Iterator<Item = Thing<'a>>, least_score: f32) -> Vec<[u32; 4]> {
    let figures = things.filter(|thing| thing.name == PERSON && thing.score >= least_score);
    figures.map(|thing| thing.corners).collect()
}

/// Whether so many chairs are seen that people sit on them.
#[must_use]
pub fn sit<'a>(things: impl Iterator<Item = Thing<'a>>) -> bool {
    let chairs = things.filter(|thing| thing.name == CHAIR && thing.score >= LEAST_SCORE);
    chairs.count() >= CHAIRS
}

/// The area of a box by its edges (left, top, right, bottom) in pixels; 0 of one that is turned inside out.
#[must_use]
pub fn area([left, top, right, bottom]: [u32; 4]) -> f32 {
    right.saturating_sub(left) as f32 * bottom.saturating_sub(top) as f32
}

/// The part of a box's area that lies within another, by their edges; not a number of a box without an area.
pub(crate) fn part_within(inner: [u32; 4], outer: [u32; 4]) -> f32 {
    let common = [
        inner[0].max(outer[0]),
        inner[1].max(outer[1]),
        inner[2].min(outer[2]),
        inner[3].min(outer[3]),
    ];
    area(common) / area(inner)
}
