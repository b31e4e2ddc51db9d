//! Plain scenes in, tags out: no host, no model.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Label, Object, TextLine};

fn scene(labels: &[(&str, f32)], faces: Vec<Face>) -> Scene {
    let label = |&(name, score): &(&str, f32)| Label {
        name: name.to_owned(),
        score,
    };
    Scene {
        width: 1000,
        height: 1000,
        faces,
        labels: Some(labels.iter().map(label).collect()),
        similarities: None,
        caption: None,
        text_similarities: None,
        objects: None,
        text: None,
        indoor: None,
    }
}

/// A square face with sides of `side` pixels, thus a share of (side / 1000)^2, in the middle of the photo.
fn face(side: u32, age: Option<f32>) -> Face {
    Face {
        bounding_box: BoundingBox {
            x1: 500 - side / 2,
            y1: 0,
            x2: 500 + side / 2,
            y2: side,
        },
        confidence: 0.9,
        age,
        gender: None,
        quality: 0.5,
    }
}

/// The tags at or above the host's default threshold, best first.
fn shown(scene: &Scene) -> Vec<String> {
    let tags = tag(scene).unwrap();
    tags.into_iter()
        .filter(|tag| tag.score >= 0.25)
        .map(|tag| tag.name)
        .collect()
}

fn vocabulary() -> Vocabulary<'static> {
    vocabulary::read().unwrap()
}

fn prompts() -> usize {
    vocabulary()
        .concepts
        .iter()
        .map(|concept| concept.prompts.len())
        .sum()
}

#[test]
fn the_vocabulary_is_large_and_every_tag_can_be_found() {
    let concepts = vocabulary().concepts;
    assert!(concepts.len() >= 60);
    let tags: BTreeSet<&str> = concepts.iter().map(|concept| concept.tag).collect();
    assert_eq!(tags.len(), concepts.len());
    for concept in concepts.iter() {
        assert!((1..=3).contains(&concept.prompts.len()), "{}", concept.tag);
    }
}

#[test]
fn tags_say_what_can_give_them() {
    let needs = |tag: &str| {
        let mut concepts = vocabulary().concepts.iter();
        evidence(&concepts.find(|concept| concept.tag == tag).unwrap())
    };
    assert_eq!(needs("group photo"), Evidence::empty());
    assert_eq!(needs("waterfall"), Evidence::SIMILARITIES);
    assert!(needs("children").contains(Evidence::DEMOGRAPHICS));
    assert!(needs("car").contains(Evidence::LABELS | Evidence::OBJECTS));
    assert!(needs("training").contains(Evidence::TEXT));
    assert!(needs("indoor").contains(Evidence::SURROUNDINGS));
}

#[test]
fn nothing_seen_means_no_tag() {
    assert!(shown(&scene(&[], vec![])).is_empty());
    let blind = Scene {
        labels: None,
        ..scene(&[], vec![])
    };
    assert_eq!(tag(&blind).unwrap(), []);
}

#[test]
fn labels_add_up() {
    let tabbies = scene(&[("tabby", 0.2), ("tiger cat", 0.2)], vec![]);
    assert_eq!(shown(&tabbies), ["cat", "animal"]);
    assert!((tag(&tabbies).unwrap()[0].score - 0.38).abs() < 1e-6);
    assert!(shown(&scene(&[("tabby", 0.2)], vec![])).is_empty());
}

#[test]
fn a_label_the_vocabulary_does_not_know_says_nothing() {
    assert!(shown(&scene(&[("no such label", 1.0)], vec![])).is_empty());
}

#[test]
fn a_graduation_is_told_by_its_clothes() {
    let tags = shown(&scene(&[("academic gown", 0.5), ("mortarboard", 0.3)], vec![]));
    assert_eq!(tags, ["graduation", "ceremony"]);
}

#[test]
fn one_large_face_is_a_portrait_and_a_small_one_is_not() {
    assert_eq!(shown(&scene(&[], vec![face(400, None)])), ["people", "portrait"]);
    assert_eq!(shown(&scene(&[], vec![face(50, None)])), ["people"]);
}

#[test]
fn uncertain_faces_do_not_count() {
    let mut second = face(300, None);
    second.confidence = 0.3;
    assert_eq!(
        shown(&scene(&[], vec![face(400, None), second])),
        ["people", "portrait"]
    );
}

#[test]
fn a_group_stands_side_by_side() {
    let row: Vec<Face> = (0..5)
        .map(|index| {
            let mut face = face(90, None);
            face.bounding_box.x1 = 255 + 100 * index;
            face.bounding_box.x2 = face.bounding_box.x1 + 90;
            face
        })
        .collect();
    assert_eq!(shown(&scene(&[], row)), ["people", "group photo"]);
    let passers_by = vec![face(400, None), face(40, None), face(40, None)];
    assert_eq!(shown(&scene(&[], passers_by)), ["people"]);
    assert_eq!(
        shown(&scene(&[], vec![face(30, None); 2])),
        ["people", "two people"]
    );
}

#[test]
fn a_dozen_faces_are_a_crowd() {
    assert!(!shown(&scene(&[], vec![face(60, None); 11])).contains(&"crowd".to_owned()));
    assert!(shown(&scene(&[], vec![face(60, None); 12])).contains(&"crowd".to_owned()));
}

#[test]
fn ages_speak_for_children_and_the_elderly() {
    assert!(
        shown(&scene(&[], vec![face(90, Some(8.0)), face(90, Some(35.0))])).contains(&"children".to_owned())
    );
    assert!(shown(&scene(&[], vec![face(90, Some(70.0))])).contains(&"elderly".to_owned()));
    let unknown = shown(&scene(&[], vec![face(90, None), face(90, Some(f32::NAN))]));
    assert_eq!(unknown, ["people", "two people"]);
}

#[test]
fn a_desk_means_a_meeting_only_with_people_around_it() {
    let desk = [("desk", 0.8)];
    assert!(!shown(&scene(&desk, vec![])).contains(&"meeting".to_owned()));
    assert!(shown(&scene(&desk, vec![face(60, None); 4])).contains(&"meeting".to_owned()));
}

fn figures(count: usize) -> Option<Vec<Object>> {
    let person = Object {
        name: "person".to_owned(),
        score: 0.8,
        bounding_box: BoundingBox {
            x1: 0,
            y1: 0,
            x2: 100,
            y2: 300,
        },
    };
    Some(vec![person; count])
}

#[test]
fn people_hide_what_labels_are_about_unless_they_wear_it() {
    let faint = [("restaurant", 0.6), ("suit", 0.5)];
    let alone = shown(&scene(&faint, vec![]));
    assert!(alone.contains(&"restaurant".to_owned()) && alone.contains(&"formal wear".to_owned()));
    let peopled = Scene {
        objects: figures(4),
        ..scene(&faint, vec![])
    };
    assert_eq!(shown(&peopled), ["people", "formal wear"]);
}

#[test]
fn what_is_left_outside_needs_less() {
    let seen = |labels: &[(&str, f32)], indoor: f32| Scene {
        indoor: Some(indoor),
        ..scene(labels, vec![])
    };
    let faint = [("bell cote", 0.14)];
    assert_eq!(shown(&seen(&faint, 0.02)), ["outdoor", "building"]);
    assert_eq!(shown(&seen(&faint, 0.98)), ["indoor"]);
    assert!(shown(&seen(&faint, 0.5)).is_empty());
    let mut with_people = seen(&faint, 0.02);
    with_people.objects = figures(1);
    assert_eq!(shown(&with_people), ["outdoor", "people"]);
    // What the labels say outright stays surer.
    let church = tag(&seen(&[("church", 0.35)], 0.02)).unwrap();
    let score = |name: &str| church.iter().find(|tag| tag.name == name).map(|tag| tag.score);
    assert!(score("church") > score("building"));
}

#[test]
fn a_photo_of_one_person_is_a_portrait_whoever_passes_by() {
    let thing = |name: &str, x1: u32, x2: u32, y2: u32| Object {
        name: name.to_owned(),
        score: 0.8,
        bounding_box: BoundingBox { x1, y1: 0, x2, y2 },
    };
    let mut photo = scene(&[], vec![face(200, None), face(60, None)]);
    photo.objects = Some(vec![
        thing("person", 200, 800, 1000),
        thing("person", 850, 950, 300),
    ]);
    assert_eq!(shown(&photo), ["people", "portrait"]);
    photo.objects = Some(vec![
        thing("person", 200, 800, 1000),
        thing("person", 0, 400, 1000),
    ]);
    assert_eq!(shown(&photo), ["people"]);
}

#[test]
fn who_sits_on_chairs_does_not_pose() {
    let at = |x1: u32| BoundingBox {
        x1,
        y1: 400,
        x2: x1 + 80,
        y2: 480,
    };
    let in_row = |x1: u32| Face {
        bounding_box: at(x1),
        ..face(80, None)
    };
    let mut group = scene(&[], [300, 420, 540, 660].map(in_row).to_vec());
    assert!(shown(&group).contains(&"group photo".to_owned()));
    let chair = |x1: u32| Object {
        name: "chair".to_owned(),
        score: 0.6,
        bounding_box: at(x1),
    };
    group.objects = Some([100, 400, 700].map(chair).to_vec());
    assert!(!shown(&group).contains(&"group photo".to_owned()));
}

#[test]
fn two_faces_among_more_figures_are_not_two_people() {
    let mut meeting = scene(&[], vec![face(30, None); 2]);
    assert!(shown(&meeting).contains(&"two people".to_owned()));
    meeting.objects = figures(3);
    assert!(!shown(&meeting).contains(&"two people".to_owned()));
}

#[test]
fn a_close_up_says_nothing_of_the_place() {
    let seen = |labels: &[(&str, f32)], faces: usize| Scene {
        indoor: Some(0.02),
        ..scene(labels, vec![face(300, None); faces])
    };
    let is_told = |scene: &Scene| shown(scene).contains(&"outdoor".to_owned());
    assert!(is_told(&seen(&[], 1)));
    assert!(!is_told(&seen(&[("abaya", 0.2), ("kimono", 0.2)], 1)));
    assert!(!is_told(&seen(&[("plate", 0.4)], 0)));
    // A crowd in uniforms stands somewhere.
    assert!(is_told(&seen(&[("military uniform", 0.5)], 8)));
}

#[test]
fn what_is_written_on_a_page_is_no_event() {
    let line = TextLine {
        text: "PELATIHAN KADER".to_owned(),
        score: 0.9,
        bounding_box: BoundingBox {
            x1: 100,
            y1: 100,
            x2: 400,
            y2: 140,
        },
        turn: 0.0,
    };
    let mut page = Scene {
        text: Some(vec![line]),
        ..scene(&[("web site", 0.6)], vec![])
    };
    assert_eq!(shown(&page), ["screenshot"]);
    page.objects = figures(1);
    assert!(shown(&page).contains(&"training".to_owned()));
}

#[test]
fn a_banner_is_wide() {
    let with_lines = |count: usize, width: u32, height: u32| {
        let line = TextLine {
            text: "KEGIATAN".to_owned(),
            score: 0.9,
            bounding_box: BoundingBox {
                x1: 100,
                y1: 100,
                x2: 100 + width,
                y2: 100 + height,
            },
            turn: 0.0,
        };
        let scene = Scene {
            text: Some(vec![line; count]),
            objects: figures(4),
            ..scene(&[], vec![])
        };
        shown(&scene).contains(&"banner".to_owned())
    };
    assert!(with_lines(1, 300, 60));
    assert!(with_lines(3, 150, 40));
    // A name plate, many of them, and a photographer's name along the edge.
    assert!(!with_lines(1, 150, 60));
    assert!(!with_lines(6, 60, 40));
    assert!(!with_lines(1, 300, 20));
}

#[test]
fn the_best_prompt_of_a_tag_counts() {
    let mut similarities = vec![0.1; prompts()];
    let before = vocabulary()
        .concepts
        .iter()
        .take_while(|concept| concept.tag != "wedding");
    let first: usize = before.map(|concept| concept.prompts.len()).sum();
    similarities[first + 1] = 0.31;
    let scene = Scene {
        similarities: Some(similarities),
        ..scene(&[], vec![])
    };
    assert_eq!(shown(&scene), ["wedding"]);
    assert_eq!(tag(&scene).unwrap()[0].score, 0.31);
}

#[test]
fn similarities_must_match_the_prompts() {
    let scene = Scene {
        similarities: Some(vec![0.3; 7]),
        ..scene(&[], vec![])
    };
    assert!(matches!(tag(&scene), Err(PluginError::Failed(_))));
}

/// Any number at all, odd ones too.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![3 => 0f32..1.0, 1 => any::<f32>()]
}

fn any_face() -> impl Strategy<Value = Face> {
    (
        any::<[u32; 4]>(),
        number(),
        option::of(prop_oneof![0f32..120.0, any::<f32>()]),
    )
        .prop_map(|([x1, y1, x2, y2], confidence, age)| Face {
            bounding_box: BoundingBox { x1, y1, x2, y2 },
            confidence,
            age,
            gender: None,
            quality: 0.5,
        })
}

fn any_label() -> impl Strategy<Value = Label> {
    (
        prop::sample::select(vocabulary().labels.iter().collect::<Vec<_>>()),
        number(),
    )
        .prop_map(|(name, score)| Label {
            name: name.to_owned(),
            score,
        })
}

fn any_object() -> impl Strategy<Value = Object> {
    let name = prop::sample::select(&["person", "car", "cake", "no such thing"][..]);
    (name, number(), any::<[u32; 4]>()).prop_map(|(name, score, [x1, y1, x2, y2])| Object {
        name: name.to_owned(),
        score,
        bounding_box: BoundingBox { x1, y1, x2, y2 },
    })
}

fn any_line() -> impl Strategy<Value = TextLine> {
    let text = prop_oneof![".{0,40}", Just("WISUDA SARJANA".to_owned())];
    (text, number(), any::<[u32; 4]>(), number()).prop_map(|(text, score, [x1, y1, x2, y2], turn)| TextLine {
        text,
        score,
        bounding_box: BoundingBox { x1, y1, x2, y2 },
        turn,
    })
}

proptest! {
    #[test]
    fn whatever_is_seen_scores_are_from_0_to_1_and_best_first(
        width in any::<u32>(), height in any::<u32>(), faces in vec(any_face(), 0..30),
        labels in option::of(vec(any_label(), 0..200)),
        similarities in option::of(vec(number(), prompts())), indoor in option::of(number()),
        objects in option::of(vec(any_object(), 0..20)), text in option::of(vec(any_line(), 0..20)),
    ) {
        let tags = tag(&Scene { width, height, faces, labels, similarities, caption: None, text_similarities: None, objects, text, indoor }).unwrap();
        prop_assert!(tags.len() <= MOST_TAGS);
        prop_assert!(tags.iter().all(|tag| (LEAST_SCORE..=1.0).contains(&tag.score)));
        prop_assert!(tags.is_sorted_by(|a, b| a.score >= b.score));
        let names: BTreeSet<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        prop_assert_eq!(names.len(), tags.len());
    }
}
