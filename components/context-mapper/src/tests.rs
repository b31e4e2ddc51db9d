//! Plain scenes in, phrases out: no host, no model.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Gender, Label, Object, TextLine};
use crate::bindings::exports::ai_worker::plugin::context_mapper::{Context, Scene, ScoredTag};
use crate::people::who;
use crate::{matching, phrases};
use plugin_data::phrases::{Entry, Key, Phrases};

fn phrases() -> Phrases<'static> {
    phrases::read().unwrap()
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

fn figures(count: usize, score: f32) -> Option<Vec<Object>> {
    let bounding_box = face(None, None).bounding_box;
    let person = Object {
        name: "person".to_owned(),
        score,
        bounding_box,
    };
    Some(vec![person; count])
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
        (&[], 1, "Foto seorang perempuan"),
        (&[], 6, "Foto bersama enam orang"),
        (&["indoor"], 0, "Suasana di dalam ruangan"),
        (&["outdoor"], 2, "Dua orang di luar ruangan"),
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
        (&["crowd", "street"], 150, "Ratusan orang di jalan"),
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
        (&["two people"], 2, "Dua orang"),
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
    assert_eq!(context(&aside, &[]).phrase, "Lima orang");
}

#[test]
fn one_person_is_named_no_more_closely_than_seen() {
    let table = [
        (None, None, "Foto seseorang"),
        (Some(30.0), None, "Foto seseorang"),
        (Some(30.0), Some(Gender::Male), "Foto seorang laki-laki"),
        (Some(5.0), Some(Gender::Male), "Foto seorang anak laki-laki"),
        (Some(5.0), None, "Foto seorang anak"),
        (Some(14.0), Some(Gender::Female), "Foto seorang perempuan"),
        (
            Some(80.0),
            Some(Gender::Female),
            "Foto seorang perempuan lanjut usia",
        ),
        (Some(f32::NAN), Some(Gender::Female), "Foto seorang perempuan"),
    ];
    for (age, gender, expected) in table {
        assert_eq!(context(&scene(vec![face(age, gender)]), &[]).phrase, expected);
    }
    let children = row(&face(Some(6.0), None), 3);
    assert_eq!(context(&scene(children), &[]).phrase, "Foto bersama tiga anak");
    let mut blurred = face(Some(30.0), Some(Gender::Male));
    blurred.quality = 0.4;
    assert_eq!(context(&scene(vec![blurred]), &[]).phrase, "Foto seseorang");
}

#[test]
fn who_turns_away_is_counted_by_the_figure() {
    let table = [
        (1, 5, "Beberapa orang"),
        (1, 14, "Belasan orang"),
        (3, 2, "Tiga orang"),
        (0, 1, "Seseorang"),
        (0, 2, "Dua orang"),
    ];
    for (faces, seen, expected) in table {
        let mut scene = scene(adults(faces));
        for face in &mut scene.faces {
            face.quality = 0.1;
        }
        scene.objects = figures(seen, 0.8);
        assert_eq!(who(&scene), expected.to_lowercase());
        scene.objects = figures(seen, 0.3);
        assert_ne!(context(&scene, &[]).phrase, "Belasan orang");
    }
}

#[test]
fn a_large_face_alone_is_a_portrait_whoever_passes_by() {
    let mut portrait = scene(vec![face(Some(35.0), Some(Gender::Male))]);
    portrait.faces[0].bounding_box.y2 = 300;
    portrait.objects = figures(2, 0.8);
    assert_eq!(who(&portrait), "seorang laki-laki");
    portrait.objects = figures(3, 0.8);
    assert_eq!(who(&portrait), "beberapa orang");
}

#[test]
fn a_cat_has_no_portrait() {
    let mut cat = scene(vec![face(Some(35.0), Some(Gender::Male))]);
    cat.objects = Some(vec![Object {
        name: "cat".to_owned(),
        score: 0.9,
        bounding_box: cat.faces[0].bounding_box,
    }]);
    assert_eq!(context(&cat, &tags(&["cat", "animal"])).phrase, "Seekor kucing");
}

#[test]
fn more_than_five_are_counted_only_where_they_pose() {
    assert_eq!(who(&scene(adults(8))), "delapan orang");
    let mut busy = adults(8);
    for face in &mut busy {
        face.quality = 0.1;
        face.bounding_box.x1 -= 250;
        face.bounding_box.x2 -= 250;
    }
    assert_eq!(who(&scene(busy)), "beberapa orang");
}

#[test]
fn what_is_written_on_a_page_is_no_event() {
    let mut page = scene(Vec::new());
    page.text = read(&["PELATIHAN KADER"]);
    assert_eq!(context(&page, &tags(&["screenshot"])).phrase, "Tangkapan layar");
    assert_eq!(context(&page, &[]).phrase, "Pelatihan kader");
    page.faces = adults(4);
    assert_eq!(context(&page, &tags(&["document"])).phrase, "Pelatihan kader");
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
        let (mut tags, mut labels) = (Vec::new(), Vec::new());
        for key in first {
            match key {
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
