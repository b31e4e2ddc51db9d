//! What the default tagger and the default context mapper both know of scenes: the lexicon of events as banners in Indonesia
//! name them (`events.toml`), how its words are found in what a network read, whether people pose, and which faces are an animal's. Of what is written in
//! a photo, nothing that is not in the lexicon ever leaves it.

mod animals;
mod matching;
mod posing;
mod subject;
mod things;

pub use animals::is_of_an_animal;
use matching::{Match, Text};
pub use posing::{FaceBox, pose};
pub use subject::is_of_one;
pub use things::{LEAST_SCORE, Thing, area, figures, sit};

/// Tags of pages: what is written on these names no event in front of which somebody stands.
pub const PAGES: [&str; 2] = ["document", "screenshot"];

/// An event and what it is called.
#[derive(Debug)]
pub struct Event {
    /// How it stands on banners: capital letters and digits without anything between them.
    words: &'static [&'static str],
    /// What a person would call it, with a capital first letter and no full stop.
    pub text: &'static str,
    /// Tags and how surely the words mean each, 0 to 1.
    pub tags: &'static [(&'static str, f32)],
    /// Whether the text may go on with a group of people.
    takes_detail: bool,
}

/// A group of people whom an event is about.
struct Detail {
    words: &'static [&'static str],
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/events.rs"));

/// An event that was read.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The event.
    pub event: &'static Event,
    /// The group of people that it is about, when that was read, too.
    pub detail: Option<&'static str>,
}

impl Found {
    /// What the event is called, with the group of people.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self.detail {
            Some(detail) => format!("{} {detail}", self.event.text),
            None => self.event.text.to_owned(),
        }
    }
}

/// Whether some event means a tag.
#[must_use]
pub fn can_give(tag: &str) -> bool {
    EVENTS
        .iter()
        .any(|event| event.tags.iter().any(|(name, _)| *name == tag))
}

/// A line of text that was read.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What was read.
    pub text: &'a str,
    /// Left edge in pixels.
    pub left: u32,
    /// Top edge in pixels.
    pub top: u32,
    /// Bottom edge in pixels.
    pub bottom: u32,
}

/// Lines as a person reads them: row by row, each from the left. Lines are in one row when the middle of one is within the
/// other's height.
fn in_reading_order(mut lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let middle = |line: &Line<'_>| u64::from(line.top) + u64::from(line.bottom);
    lines.sort_by_key(middle);
    let mut ordered: Vec<Line<'_>> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some(first) = rest.first() {
        let row = rest
            .iter()
            .take_while(|line| middle(line) <= 2 * u64::from(first.bottom));
        let (row, after) = rest.split_at(row.count().max(1));
        let start = ordered.len();
        ordered.extend_from_slice(row);
        ordered[start..].sort_by_key(|line| line.left);
        rest = after;
    }
    ordered
}

/// The events that lines of text name, the one with most letters first; the lines come in any order.
#[must_use]
pub fn events(lines: Vec<Line<'_>>) -> Vec<Found> {
    if lines.is_empty() {
        return Vec::new();
    }
    let text = Text::new(in_reading_order(lines).iter().map(|line| line.text));
    let best = |event: &'static Event| {
        let found = event.words.iter().filter_map(|word| text.find(word));
        let found = found.max_by_key(|found| found.letters)?;
        Some((event, found))
    };
    let mut matches: Vec<(&Event, Match)> = EVENTS.iter().filter_map(best).collect();
    // The sort keeps the file's order among events of equal length.
    matches.sort_by_key(|(_, found)| std::cmp::Reverse(found.letters));
    // Only right after the event: elsewhere it may be a letterhead.
    let detail = |end: usize| {
        let words = DETAILS
            .iter()
            .flat_map(|detail| detail.words.iter().map(|word| (*word, detail.text)));
        let there = words.filter(|(word, _)| text.goes_on_with(end, word));
        there.max_by_key(|(word, _)| word.len()).map(|(_, text)| text)
    };
    let found = matches.into_iter().map(|(event, found)| Found {
        event,
        detail: if event.takes_detail {
            detail(found.end)
        } else {
            None
        },
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrase of lines below one another.
    fn phrase(lines: &[&'static str]) -> Option<String> {
        let line = |(number, text): (u32, &&'static str)| Line {
            text,
            left: 10,
            top: 50 * number,
            bottom: 50 * number + 40,
        };
        events((0..).zip(lines).map(line).collect())
            .first()
            .map(Found::phrase)
    }

    #[test]
    fn the_lexicon_is_large() {
        assert!(EVENTS.len() >= 150, "{}", EVENTS.len());
    }

    #[test]
    fn banners_are_understood_with_the_errors_that_readers_make() {
        assert_eq!(
            phrase(&["LATIHAN DASAR KEPEMlMPINAN"]).as_deref(),
            Some("Latihan dasar kepemimpinan")
        );
        assert_eq!(
            phrase(&["LATIHANDASAR", "KEPEMIMPINAN"]).as_deref(),
            Some("Latihan dasar kepemimpinan")
        );
        assert_eq!(phrase(&["D0NOR DARAH"]).as_deref(), Some("Donor darah"));
        assert_eq!(
            phrase(&["Pelantikan", "Pengurus OSIS 2026"]).as_deref(),
            Some("Pelantikan pengurus OSIS")
        );
    }

    #[test]
    fn lines_side_by_side_are_one_row() {
        let line = |text, left, top| Line {
            text,
            left,
            top,
            bottom: top + 40,
        };
        let lines = vec![
            line("POSYANDU DESA", 300, 150),
            line("KADER", 600, 98),
            line("PELATIHAN", 250, 100),
        ];
        let texts: Vec<&str> = in_reading_order(lines.clone())
            .iter()
            .map(|line| line.text)
            .collect();
        assert_eq!(texts, ["PELATIHAN", "KADER", "POSYANDU DESA"]);
        let found = events(lines);
        assert_eq!(
            found.first().map(Found::phrase).as_deref(),
            Some("Pelatihan kader posyandu")
        );
    }

    #[test]
    fn other_words_are_no_events() {
        assert_eq!(phrase(&[]), None);
        assert_eq!(phrase(&["SMK NEGERI 4", "Jl. Merdeka No. 10"]), None);
        // Parts of other words.
        assert_eq!(phrase(&["HUTAN LINDUNG"]), None);
        assert_eq!(phrase(&["DARAPATI"]), None);
    }
}
