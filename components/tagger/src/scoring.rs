//! The score of every tag.

use crate::bindings::exports::ai_worker::plugin::tagger::{Evidence, PluginError, Scene, ScoredTag};
use crate::faces::Faces;
use crate::labels::Probabilities;
use crate::objects;
use crate::surroundings::place;
use crate::text::{self, events};
use crate::vocabulary::{self, Concept, FaceRule, Place, Vocabulary};
use scenes::Found;

/// What scores lower is not worth handing over; the host's own threshold is far above.
const LEAST_SCORE: f32 = 0.05;

/// The most tags a photo gets.
const MOST_TAGS: usize = 40;

/// How much less the labels of a place count that is outside when the photo was taken inside, or the other way round: a
/// classifier that knows no better takes a tent for a church and an office for a library.
const OUT_OF_PLACE: f32 = 0.4;
/// How much less labels count beside people, who hide what is behind them, unless they are of what people wear or do: of
/// those that score below 0.5 then, 15 of 39 are right, and without people 45 of 56. A row of people in uniforms is taken for
/// a stage or a restaurant. From `CROWDED` people on, labels count less still.
const BESIDE_PEOPLE: f32 = 0.6;
const CROWDED: usize = 4;
const BEHIND_A_CROWD: f32 = 0.4;

/// What is left that a photo could be of which was taken outside and shows nobody, and how many times larger the odds of it
/// are then.
const LEFT_OUTSIDE: [&str; 3] = ["building", "nature", "street"];
const ODDS_OUTSIDE: f32 = 3.0;
/// No more than so sure of it makes that one, so that what the labels say outright stays surer.
const MOST_BY_ODDS: f32 = 0.3;

/// How surely labels must mean a page.
const PAGE: f32 = 0.25;

/// The tags of one photo, best first; equally good ones in the vocabulary's order.
///
/// A tag's score is the highest of what witnesses say, each in its own sense: the classifier (a sum of weighted
/// probabilities), the faces (the worth of a rule that holds), the object detector (a weighted score), what was read (how
/// surely an event's word means the tag), whether the photo was taken inside, and the text-image model (the best cosine
/// similarity among the tag's prompts). The cosines of such models run from about 0.1 for a sentence that has nothing to
/// do with the photo to 0.35 for one that fits, so the host's default threshold of 0.25 is right for them as well.
///
/// # Errors
/// When the host gives similarities, but not one for each prompt, or there is no vocabulary.
pub(crate) fn tag(scene: &Scene) -> Result<Vec<ScoredTag>, PluginError> {
    let vocabulary = vocabulary::read().map_err(PluginError::Failed)?;
    let seen = Seen::of(scene, &vocabulary);
    let similarities = similarities(scene, &vocabulary)?;
    let mut tags: Vec<ScoredTag> = vocabulary
        .concepts
        .iter()
        .zip(similarities)
        .map(|(concept, similarity)| {
            let (score, witness) = seen.best_witness(&concept, similarity);
            ScoredTag {
                name: concept.tag.to_owned(),
                score,
                reason: Some(witness.words(score)),
            }
        })
        .filter(|tag| tag.score >= LEAST_SCORE)
        .collect();
    tags.sort_by(|a, b| b.score.total_cmp(&a.score));
    tags.truncate(MOST_TAGS);
    Ok(tags)
}

/// Who speaks for a tag.
#[derive(Clone, Copy)]
enum Witness<'a> {
    Labels,
    Faces,
    Object(&'a str, f32),
    Things(&'a str),
    Lines,
    Text(&'static str),
    Surroundings,
    Prompts,
}

impl Witness<'_> {
    /// For people who want to know why a tag has its score.
    fn words(self, score: f32) -> String {
        match self {
            Self::Labels => format!("labels {score:.2}"),
            Self::Faces => format!("faces {score:.2}"),
            Self::Object(name, seen) => format!("object {name} {seen:.2}"),
            Self::Things(name) => format!("objects: {name}"),
            Self::Lines => "lines of text".to_owned(),
            Self::Text(event) => format!("text: {event}"),
            Self::Surroundings => format!("surroundings {score:.2}"),
            Self::Prompts => format!("prompts {score:.2}"),
        }
    }
}

/// A photo as the witnesses see it.
struct Seen<'a> {
    scene: &'a Scene,
    faces: Faces,
    probabilities: Probabilities,
    events: Vec<Found>,
    place: Option<(Place, f32)>,
    people: usize,
}

impl<'a> Seen<'a> {
    fn of(scene: &'a Scene, vocabulary: &Vocabulary<'_>) -> Self {
        let faces = Faces::of(scene);
        let people = if faces.are_of_one() {
            1
        } else {
            objects::people(scene, faces.count())
        };
        let probabilities = Probabilities::of(scene, vocabulary.labels);
        let page = |concept: Concept<'_>| {
            scenes::PAGES.contains(&concept.tag) && probabilities.evidence(concept.labels) >= PAGE
        };
        let is_page = people == 0 && vocabulary.concepts.iter().any(page);
        Self {
            scene,
            place: place(scene, people, &probabilities, vocabulary.placeless),
            people,
            faces,
            probabilities,
            events: if is_page { Vec::new() } else { events(scene) },
        }
    }

    /// How much of what the labels say for a tag counts, 0 to 1.
    fn share_of_labels(&self, concept: &Concept<'_>) -> f32 {
        let is_told =
            self.scene.indoor.is_some() && Place::ALL.iter().any(|place| place.tag() == concept.tag);
        let is_out_of_place = match (concept.place, self.place) {
            (Some(of_tag), Some((of_photo, _))) => of_tag != of_photo,
            _ => false,
        };
        if is_told {
            0.0
        } else if is_out_of_place {
            OUT_OF_PLACE
        } else if concept.at_people || self.people == 0 {
            1.0
        } else if self.people < CROWDED {
            BESIDE_PEOPLE
        } else {
            BEHIND_A_CROWD
        }
    }

    /// What the labels say for a tag once it counts what else the photo could be of.
    fn by_what_is_left(&self, concept: &Concept<'_>, labels: f32) -> f32 {
        let is_outside = matches!(self.place, Some((Place::Outside, _)));
        if is_outside && self.people == 0 && LEFT_OUTSIDE.contains(&concept.tag) {
            let odds = ODDS_OUTSIDE * labels;
            labels.max((odds / (1.0 - labels + odds)).min(MOST_BY_ODDS))
        } else {
            labels
        }
    }

    /// Who says most for a tag, and how much, 0 to 1.
    fn best_witness<'c>(&self, concept: &Concept<'c>, similarity: f32) -> (f32, Witness<'c>) {
        let surroundings = self.place.filter(|(place, _)| place.tag() == concept.tag);
        let labels = self.probabilities.evidence(concept.labels) * self.share_of_labels(concept);
        let labels = self.by_what_is_left(concept, labels);
        let faces = concept
            .faces
            .iter()
            .filter(|rule| self.faces.satisfy(rule, self.people))
            .map(|rule| rule.score.max(self.probabilities.evidence(rule.labels)))
            .fold(0.0, f32::max);
        let (object, thing) = objects::evidence(self.scene, concept.objects);
        let read = self.events.iter().flat_map(|found| {
            let event = found.event;
            let tags = event.tags.iter().filter(|(tag, _)| *tag == concept.tag);
            tags.map(move |(_, score)| (*score, Witness::Text(event.text)))
        });
        let rule = objects::rules(self.scene, self.people, concept.things);
        let lines = text::worth(self.scene, self.people, concept.lines);
        let mut best = (labels, Witness::Labels);
        let others = [
            Some((faces, Witness::Faces)),
            thing.map(|(name, seen)| (object, Witness::Object(name, seen))),
            rule.map(|(score, name)| (score, Witness::Things(name))),
            lines.map(|score| (score, Witness::Lines)),
            surroundings.map(|(_, sure)| (sure, Witness::Surroundings)),
            Some((similarity, Witness::Prompts)),
        ];
        for other in others.into_iter().flatten().chain(read) {
            if other.0 > best.0 {
                best = other;
            }
        }
        best
    }
}

/// The kinds of evidence that can give a tag; none when faces alone can.
pub(crate) fn evidence(concept: &Concept<'_>) -> Evidence {
    let by_faces = |rule: &FaceRule<'_>| rule.labels.is_empty();
    if concept
        .faces
        .iter()
        .filter(by_faces)
        .any(|rule| rule.age.is_none())
    {
        return Evidence::empty();
    }
    let is_place = Place::ALL.iter().any(|place| place.tag() == concept.tag);
    let labelled = !concept.labels.is_empty() || concept.faces.iter().any(|rule| !rule.labels.is_empty());
    let of_things = !concept.objects.is_empty() || !concept.things.is_empty();
    let written = !concept.lines.is_empty() || scenes::can_give(concept.tag);
    let kinds = [
        (true, Evidence::SIMILARITIES),
        (labelled, Evidence::LABELS),
        (of_things, Evidence::OBJECTS),
        (written, Evidence::TEXT),
        (is_place, Evidence::SURROUNDINGS),
        (
            concept.faces.iter().any(|rule| rule.age.is_some()),
            Evidence::DEMOGRAPHICS,
        ),
    ];
    let able = kinds.into_iter().filter(|(able, _)| *able).map(|(_, kind)| kind);
    able.fold(Evidence::empty(), |all, kind| all | kind)
}

/// What the text-image model says about each tag, 0 to 1; 0 without such a model.
fn similarities(scene: &Scene, vocabulary: &Vocabulary<'_>) -> Result<Vec<f32>, PluginError> {
    let Some(values) = &scene.similarities else {
        return Ok(vec![0.0; vocabulary.concepts.len()]);
    };
    let prompts: usize = vocabulary
        .concepts
        .iter()
        .map(|concept| concept.prompts.len())
        .sum();
    if values.len() != prompts {
        return Err(PluginError::Failed(format!(
            "the scene has {} similarities, but the vocabulary has {prompts} prompts",
            values.len()
        )));
    }
    let mut rest = values.iter();
    let best = |concept: Concept<'_>| {
        rest.by_ref()
            .take(concept.prompts.len())
            .copied()
            .map(unit)
            .fold(0.0, f32::max)
    };
    Ok(vocabulary.concepts.iter().map(best).collect())
}

/// A number as evidence: from 0 to 1, and nothing when it is not a number.
pub(crate) fn unit(value: f32) -> f32 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests;
