//! The closest phrase.

use crate::bindings::exports::ai_worker::plugin::context_mapper::{Context, Scene, ScoredTag};
use crate::people::People;
use crate::reading;
use crate::things;
use plugin_data::List;
use plugin_data::phrases::{Entry, Key, Phrases};

/// A need that is less sure than this is not met.
const FLOOR: f32 = 0.25;
/// How sure the words of a caption make a need.
const CAPTION: f32 = 0.8;
/// What each further need is worth: a phrase that says more is closer when all of it is seen.
const FURTHER_NEED: f32 = 0.3;
/// What a matching number of people is worth.
const PEOPLE_COUNT: f32 = 0.1;
/// How sure a phrase is that only counts people.
const PEOPLE_ONLY: f32 = 0.3;
/// The most characters of a reason.
const LONGEST_REASON: usize = 200;
/// How sure a phrase is that a banner says.
const READ: f32 = 0.8;
/// The tag that says more of people than that they are there: that they posed together.
const GROUP: &str = "group photo";
/// Places that say too little to stand after an event.
const VAGUE: [&str; 2] = [INSIDE, "di luar ruangan"];
const INSIDE: &str = "di dalam ruangan";

/// The phrase when nothing was recognised.
const NEUTRAL: &str = "Sebuah foto";

/// What was seen, ready for look-ups.
struct Evidence<'a> {
    scene: &'a Scene,
    tags: &'a [ScoredTag],
    caption: Vec<String>,
    people: People,
}

impl Evidence<'_> {
    fn key(&self, key: Key<'_>) -> f32 {
        match key {
            Key::Tag(GROUP) if !self.people.posed => 0.0,
            Key::Label(name) => {
                let labels = self.scene.labels.as_deref().unwrap_or_default();
                best(
                    labels
                        .iter()
                        .filter(|label| label.name == name)
                        .map(|label| label.score),
                )
            }
            Key::Tag(name) if let Some(score) = things::score(self.scene, name) => score,
            Key::Tag(name) => {
                let tagged = best(
                    self.tags
                        .iter()
                        .filter(|tag| tag.name == name)
                        .map(|tag| tag.score),
                );
                let mut words = name.split(' ');
                let captioned = words.all(|word| self.caption.iter().any(|seen| same_word(seen, word)));
                tagged.max(if captioned { CAPTION } else { 0.0 })
            }
        }
    }

    /// How sure an entry's needs are on average, when all are met.
    fn surety(&self, entry: &Entry<'_>) -> Option<f32> {
        let people = u32::try_from(self.people.least).unwrap_or(u32::MAX);
        if !(entry.least..=entry.most).contains(&people) {
            return None;
        }
        let mut sum = 0.0;
        for need in entry.needs.iter() {
            let surety = best(need.iter().map(|key| self.key(key)));
            if surety < FLOOR {
                return None;
            }
            sum += surety;
        }
        let surety = sum / entry.needs.len() as f32;
        (surety >= entry.sure).then_some(surety)
    }

    /// Which evidence meets an entry's needs, for people.
    fn reason(&self, entry: &Entry<'_>) -> String {
        let surest = entry.needs.iter().filter_map(|need| {
            let keys = need.iter().map(|key| (key, self.key(key)));
            keys.max_by(|a, b| a.1.total_cmp(&b.1))
        });
        let words: Vec<String> = surest
            .map(|(key, sure)| format!("{} {sure:.2}", key.name()))
            .collect();
        words.join(", ").chars().take(LONGEST_REASON).collect()
    }

    /// The closest entry and how sure its needs are; of equally close ones the first.
    fn closest<'e>(&self, entries: List<'e, Entry<'e>>) -> Option<(Entry<'e>, f32)> {
        let mut winner: Option<(Entry<'e>, f32, f32)> = None;
        for entry in entries.iter() {
            let Some(surety) = self.surety(&entry) else {
                continue;
            };
            let further = entry.needs.len() as f32 - 1.0;
            let closeness = surety + further * FURTHER_NEED + if entry.people { PEOPLE_COUNT } else { 0.0 };
            if winner.is_none_or(|(_, _, best)| closeness > best) {
                winner = Some((entry, surety, closeness));
            }
        }
        winner.map(|(entry, surety, _)| (entry, surety))
    }
}

/// The largest score; anything that is not a score from 0 to 1 counts as the nearest one, and a NaN as nothing.
fn best(scores: impl Iterator<Item = f32>) -> f32 {
    scores.fold(0.0, f32::max).min(1.0)
}

/// Whether a word of a caption is the wanted one, in the singular or the plural.
fn same_word(seen: &str, wanted: &str) -> bool {
    seen == wanted
        || seen.strip_suffix('s') == Some(wanted)
        || seen.strip_suffix("es") == Some(wanted)
        || wanted.strip_suffix('s') == Some(seen)
}

/// The context of a scene.
pub(crate) fn context(phrases: &Phrases<'_>, scene: &Scene, tags: &[ScoredTag]) -> Context {
    let caption = scene
        .caption
        .as_deref()
        .unwrap_or_default()
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let evidence = Evidence {
        scene,
        tags,
        caption,
        people: People::of(scene),
    };
    let people = &evidence.people;
    let place = evidence
        .closest(phrases.places)
        .map_or("", |(place, _)| place.text);
    let is_page = people.least == 0
        && scenes::PAGES
            .iter()
            .any(|tag| evidence.key(Key::Tag(tag)) >= FLOOR);
    if let Some(event) = reading::event(scene).filter(|_| !is_page) {
        let place = if VAGUE.contains(&place) { "" } else { place };
        let phrase = if people.posed {
            format!("Foto bersama saat {} {{place}}", in_a_sentence(&event.phrase()))
        } else {
            format!("{} {{place}}", event.phrase())
        };
        return Context {
            phrase: fill(&phrase, people, place),
            confidence: READ,
            reason: Some(format!("text: {}", event.event.text)),
        };
    }
    if let Some((phrase, confidence)) = evidence.closest(phrases.phrases) {
        return Context {
            phrase: fill(phrase.text, people, place),
            confidence,
            reason: Some(evidence.reason(&phrase)),
        };
    }
    let inside = place == INSIDE;
    let (text, confidence) = match (people.least, place) {
        (0, "") => (NEUTRAL, 0.0),
        (0, _) => ("Suasana {place}", FLOOR),
        _ if people.posed => ("Foto bersama {who} {place}", PEOPLE_ONLY),
        _ if people.are_a_pair() => ("{who} berpose {place}", PEOPLE_ONLY),
        _ if people.have_gathered(inside) => ("{who} berkumpul {place}", PEOPLE_ONLY),
        _ => ("{who} {place}", PEOPLE_ONLY),
    };
    Context {
        phrase: fill(text, people, place),
        confidence,
        reason: (confidence > 0.0).then(|| format!("{} people", people.least)),
    }
}

/// An event's name as it stands within a sentence: an abbreviation and the name of a day keep their capitals.
fn in_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    let (first, second) = (letters.next(), letters.clone().next());
    match first {
        Some(first) if second.is_some_and(char::is_lowercase) && !name.starts_with("Jumat ") => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => name.to_owned(),
    }
}

/// Fills the slots, leaves no double blanks, and starts with a capital.
fn fill(text: &str, people: &People, place: &str) -> String {
    let filled = text.replace("{who}", &people.words()).replace("{place}", place);
    let mut phrase = String::with_capacity(filled.len());
    for word in filled.split_whitespace() {
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(word);
    }
    let mut characters = phrase.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => phrase,
    }
}
