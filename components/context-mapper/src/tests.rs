//! Plain scenes in, phrases out: no host, no model.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod people;

use proptest::prelude::*;

use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Gender, Label, Object, TextLine};
use crate::bindings::exports::ai_worker::plugin::context_mapper::{Context, Scene, ScoredTag};
use crate::people::People;
use crate::{matching, phrases};
use plugin_data::phrases::{Entry, Key, LARGE_THING, Phrases, SEVERAL_THINGS};

fn phrases() -> Phrases<'static> {
    phrases::read().unwrap()
}

fn who(scene: &Scene) -> String {
    People::of(scene).words()
}

fn context(scene: &Scene, tags: &[ScoredTag]) -> Context {
    matching::context(&phrases(), scene, tags)
}

fn face(age: Option<f32>, gender: Option<Gender>) -> Face {
    let bounding_box = BoundingBox {
        x1: 295,
        y1: 10,
        x2: 345,
        y2: 60,
    };
    Face {
        bounding_box,
        confidence: 0.9,
        age,
        gender,
        quality: 0.8,
    }
}

/// So many of the same face in a row in the middle of the photo, as people pose.
fn row(face: &Face, count: usize) -> Vec<Face> {
    let in_row = |index: usize| {
        let mut face = *face;
        let middle = 320.0 + 4.0 * (index as f32 - (count - 1) as f32 / 2.0);
        face.bounding_box.x1 = (middle as u32).saturating_sub(25);
        face.bounding_box.x2 = middle as u32 + 25;
        face
    };
    (0..count).map(in_row).collect()
}

fn adults(count: usize) -> Vec<Face> {
    row(&face(Some(35.0), Some(Gender::Female)), count)
}

fn object(name: &str, score: f32, [x1, y1, x2, y2]: [u32; 4]) -> Object {
    Object {
        name: name.to_owned(),
        score,
        bounding_box: BoundingBox { x1, y1, x2, y2 },
    }
}

/// So many people side by side.
fn figures(count: usize, score: f32) -> Option<Vec<Object>> {
    let side_by_side = |index: usize| {
        let left = 20 + 40 * index as u32;
        object("person", score, [left, 100, left + 35, 300])
    };
    Some((0..count).map(side_by_side).collect())
}

fn scene(faces: Vec<Face>) -> Scene {
    Scene {
        width: 640,
        height: 480,
        faces,
        labels: None,
        similarities: None,
        caption: None,
        text_similarities: None,
        objects: None,
        text: None,
        indoor: None,
    }
}

fn tags(names: &[&str]) -> Vec<ScoredTag> {
    names
        .iter()
        .map(|name| ScoredTag {
            name: (*name).to_owned(),
            score: 0.7,
            reason: None,
        })
        .collect()
}

#[test]
fn tags_and_people_choose_the_phrase() {
    let table: &[(&[&str], usize, &str)] = &[
        (&[], 0, "Sebuah foto"),
        (&[], 1, "Seorang perempuan"),
        (&[], 6, "Foto bersama sejumlah orang"),
        (&["indoor"], 0, "Suasana di dalam ruangan"),
        (&["outdoor"], 2, "Dua orang berpose di luar ruangan"),
        (&["meeting", "indoor"], 0, "Rapat di dalam ruangan"),
        (&["meeting", "indoor"], 5, "Rapat yang dihadiri lima orang"),
        (&["meeting", "office"], 0, "Rapat di kantor"),
        (&["group photo", "restaurant"], 6, "Makan bersama di restoran"),
        (&["group photo", "mosque"], 12, "Foto bersama di depan masjid"),
        (&["group photo"], 12, "Foto bersama belasan orang"),
        (
            &["group photo", "outdoor"],
            25,
            "Foto bersama puluhan orang di luar ruangan",
        ),
        (&["crowd", "street"], 150, "Ratusan orang berkumpul di jalan"),
        (&["portrait"], 1, "Potret seorang perempuan"),
        (
            &["portrait", "formal wear"],
            1,
            "Potret seorang perempuan berpakaian resmi",
        ),
        (&["formal wear"], 1, "Seorang perempuan berpakaian resmi"),
        (&["wedding"], 0, "Pesta pernikahan"),
        (&["wedding", "outdoor"], 2, "Foto pengantin di luar ruangan"),
        (&["wedding", "group photo"], 8, "Foto bersama di pesta pernikahan"),
        (&["wedding", "couple"], 2, "Pasangan pengantin"),
        (&["wedding", "mosque"], 0, "Akad nikah di masjid"),
        (&["graduation", "portrait"], 1, "Seorang wisudawan berpose"),
        (&["graduation", "group photo"], 9, "Foto bersama saat wisuda"),
        (&["prayer", "mosque"], 0, "Salat berjemaah di masjid"),
        (&["food", "indoor"], 0, "Hidangan di meja"),
        (&["food", "drink"], 0, "Makanan dan minuman"),
        (&["beach", "nature", "outdoor"], 0, "Pemandangan pantai"),
        (&["beach", "sunset"], 0, "Matahari terbenam di pantai"),
        (&["beach", "outdoor"], 3, "Liburan tiga orang di pantai"),
        (&["cat", "animal"], 0, "Seekor kucing"),
        (&["document"], 0, "Dokumen"),
        (&["football", "stadium"], 0, "Pertandingan sepak bola di stadion"),
        (&["ceremony", "outdoor"], 0, "Upacara di luar ruangan"),
        (&["flag ceremony", "ceremony"], 0, "Upacara bendera"),
        (&["speech", "stage"], 1, "Seseorang berpidato di atas panggung"),
        (&["classroom", "children"], 0, "Anak-anak di ruang kelas"),
        (&["children", "outdoor"], 4, "Anak-anak di luar ruangan"),
        (&["two people"], 2, "Dua orang berpose"),
        (
            &["group photo", "banner"],
            15,
            "Foto bersama belasan orang dengan spanduk",
        ),
        (&["uniform", "indoor"], 2, "Dua orang berseragam di dalam ruangan"),
        (&["traditional dress"], 1, "Seorang perempuan berpakaian adat"),
        (&["motorcycle", "vehicle"], 0, "Sepeda motor"),
        (&["boat", "harbour"], 0, "Kapal di pelabuhan"),
        (&["rice field", "outdoor"], 0, "Hamparan sawah"),
    ];
    for (names, faces, expected) in table {
        let found = context(&scene(adults(*faces)), &tags(names)).phrase;
        assert_eq!(found, *expected, "{names:?}, {faces} faces");
    }
}

/// Lines of text as they were read, from top to bottom.
fn read(lines: &[&str]) -> Option<Vec<TextLine>> {
    let line = |(index, text): (usize, &&str)| TextLine {
        text: (*text).to_owned(),
        score: 0.95,
        bounding_box: BoundingBox {
            x1: 100,
            y1: 10 + 50 * index as u32,
            x2: 500,
            y2: 50 + 50 * index as u32,
        },
        turn: 0.0,
    };
    Some(lines.iter().enumerate().map(line).collect())
}

#[test]
fn a_banner_says_what_the_event_is() {
    let table: &[(&[&str], &[&str], &str)] = &[
        (
            &["PELANTIKAN", "PENGURUS OSIS"],
            &["group photo", "indoor"],
            "Pelantikan pengurus OSIS",
        ),
        (&["D0NOR DARAH"], &["office"], "Donor darah di kantor"),
        // Nothing of what was read is said but what the lexicon has.
        (&["TOKO MAKMUR JAYA"], &["street"], "Suasana jalan"),
    ];
    for (lines, names, expected) in table {
        let scene = Scene {
            text: read(lines),
            ..scene(Vec::new())
        };
        assert_eq!(context(&scene, &tags(names)).phrase, *expected);
    }
}

#[test]
fn only_who_poses_is_in_a_group_photo() {
    let mut faces = adults(5);
    for (index, face) in faces.iter_mut().enumerate() {
        face.quality = 0.2;
        face.bounding_box.x1 = 20 + 120 * index as u32;
        face.bounding_box.x2 = face.bounding_box.x1 + 40;
    }
    let aside = scene(faces);
    assert_eq!(
        context(&aside, &tags(&["group photo", "classroom"])).phrase,
        "Kegiatan belajar di ruang kelas"
    );
    assert_eq!(context(&aside, &[]).phrase, "Beberapa orang");
}

#[test]
fn an_event_stands_within_a_sentence_where_people_pose() {
    let phrase = |lines: &[&str]| {
        let scene = Scene {
            text: read(lines),
            ..scene(adults(4))
        };
        context(&scene, &[]).phrase
    };
    assert_eq!(phrase(&["WISUDA"]), "Foto bersama saat wisuda");
    assert_eq!(phrase(&["JUMAT BERKAH"]), "Foto bersama saat Jumat berkah");
    assert_eq!(
        phrase(&["TNI MANUNGGAL MEMBANGUN DESA"]),
        "Foto bersama saat TNI Manunggal Membangun Desa"
    );
}

#[test]
fn things_name_what_nobody_is_in() {
    let chairs = |count: u32, score| {
        let chair = |index: u32| object("chair", score, [100 * index, 300, 100 * index + 80, 400]);
        (0..count).map(chair).collect::<Vec<_>>()
    };
    let table: [(Vec<Object>, &str); 4] = [
        (chairs(4, 0.7), "Ruangan dengan deretan kursi"),
        (chairs(2, 0.7), "Suasana di dalam ruangan"),
        (chairs(4, 0.4), "Suasana di dalam ruangan"),
        // Too small to be what the photo is of.
        (
            vec![object("bench", 0.9, [10, 10, 60, 60])],
            "Suasana di dalam ruangan",
        ),
    ];
    for (objects, expected) in table {
        let scene = Scene {
            objects: Some(objects),
            ..scene(Vec::new())
        };
        assert_eq!(context(&scene, &tags(&["indoor"])).phrase, expected);
    }
}

#[test]
fn what_is_written_on_a_page_is_no_event() {
    let mut page = scene(Vec::new());
    page.text = read(&["PELATIHAN KADER"]);
    assert_eq!(context(&page, &tags(&["screenshot"])).phrase, "Tangkapan layar");
    assert_eq!(context(&page, &[]).phrase, "Pelatihan kader");
    page.faces = adults(4);
    assert_eq!(
        context(&page, &tags(&["document"])).phrase,
        "Foto bersama saat pelatihan kader"
    );
}

#[test]
fn a_phrase_that_says_much_needs_much() {
    let faint = |names: &[&str]| -> Vec<ScoredTag> {
        let mut faint = tags(names);
        for tag in &mut faint {
            tag.score = 0.3;
        }
        faint
    };
    let people = scene(adults(4));
    assert_eq!(
        context(&people, &faint(&["meeting"])).phrase,
        "Foto bersama empat orang"
    );
    assert_eq!(
        context(&scene(Vec::new()), &faint(&["food"])).phrase,
        "Sebuah foto"
    );
}

#[test]
fn a_caption_speaks_as_tags_do() {
    let mut scene = scene(Vec::new());
    scene.caption = Some("A cat sleeping on two books.".to_owned());
    assert_eq!(context(&scene, &[]).phrase, "Seekor kucing");
    scene.caption = Some("people at a Meeting in an office".to_owned());
    assert_eq!(context(&scene, &[]).phrase, "Rapat di kantor");
    scene.caption = Some("a category error".to_owned());
    assert_eq!(context(&scene, &[]).confidence, 0.0);
}

#[test]
fn labels_speak_for_what_has_no_tag() {
    let mut scene = scene(Vec::new());
    scene.labels = Some(vec![Label {
        name: "espresso".to_owned(),
        score: 0.87,
    }]);
    assert_eq!(
        context(&scene, &tags(&["drink"])).phrase,
        "Secangkir kopi di atas meja"
    );
}

#[test]
fn there_are_enough_phrases_and_each_can_be_reached() {
    let all = phrases().phrases;
    assert!(all.len() >= 80, "{}", all.len());
    for Entry {
        text, needs, least, ..
    } in all.iter()
    {
        let least = least as usize;
        let first: Vec<Key<'_>> = needs.iter().filter_map(|need| need.iter().next()).collect();
        // Three at least can pose.
        let poses = first.iter().any(|key| matches!(key, Key::Tag("group photo")));
        let mut scene = scene(row(&face(None, None), if poses { 3.max(least) } else { least }));
        let (mut tags, mut labels, mut objects) = (Vec::new(), Vec::new(), Vec::new());
        for key in first {
            let thing = |class: &str| object(class, 0.9, [0, 0, 600, 400]);
            match key {
                Key::Tag(name) if let Some(class) = name.strip_prefix(LARGE_THING) => {
                    objects.push(thing(class))
                }
                Key::Tag(name) if let Some(class) = name.strip_prefix(SEVERAL_THINGS) => {
                    objects.extend(vec![thing(class); 3]);
                }
                Key::Tag(name) => tags.push(ScoredTag {
                    name: name.to_owned(),
                    score: 0.9,
                    reason: None,
                }),
                Key::Label(name) => labels.push(Label {
                    name: name.to_owned(),
                    score: 0.9,
                }),
            }
        }
        scene.labels = Some(labels);
        scene.objects = Some(objects);
        let with_people = text.replace("{who}", &who(&scene)).to_lowercase();
        let start = with_people.split(" {").next().unwrap_or_default();
        let found = context(&scene, &tags).phrase;
        assert!(found.to_lowercase().starts_with(start), "{text:?} gave {found:?}");
    }
}

/// The first alternative of a phrase's first need.
fn first_key(phrase: usize) -> Key<'static> {
    let mut phrases = phrases().phrases.iter();
    phrases
        .nth(phrase)
        .unwrap()
        .needs
        .iter()
        .next()
        .unwrap()
        .iter()
        .next()
        .unwrap()
}

proptest! {
    #[test]
    fn every_scene_gets_a_presentable_phrase(
        faces in 0usize..300,
        age in proptest::option::of(any::<f32>()),
        chosen in proptest::collection::vec((0..phrases().phrases.len(), any::<f32>()), 0..12),
        caption in proptest::option::of(".{0,80}"),
    ) {
        let mut scene = scene(row(&face(age, None), faces));
        scene.caption = caption;
        let tags: Vec<ScoredTag> = chosen
            .into_iter()
            .filter_map(|(index, score)| match first_key(index) {
                Key::Tag(name) => Some(ScoredTag { name: name.to_owned(), score, reason: None }),
                Key::Label(_) => None,
            })
            .collect();
        let found = context(&scene, &tags);
        prop_assert!((0.0..=1.0).contains(&found.confidence));
        prop_assert!((1..=200).contains(&found.phrase.chars().count()));
        let has_slot = found.phrase.contains(['{', '}']);
        prop_assert!(!has_slot && !found.phrase.contains("  "));
        prop_assert!(!found.phrase.ends_with('.') && found.phrase.trim() == found.phrase);
        prop_assert!(found.phrase.chars().next().is_some_and(char::is_uppercase));
    }
}
