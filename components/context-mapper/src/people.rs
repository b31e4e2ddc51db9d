//! People in Indonesian words.

use scenes::{FaceBox, Thing};

use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Gender};
use crate::bindings::exports::ai_worker::plugin::context_mapper::Scene;

/// Apparent ages are off by years: only well below this many is a face called a child's.
const CHILD: f32 = 11.0;
/// From this apparent age on a face is called an old person's.
const ELDERLY: f32 = 66.0;

/// From which quality on a face's gender is told: of poorer ones it is often another.
const CLEAR: f32 = 0.6;
/// The class of the object detector that are figures of people, and the score from which one counts.
const FIGURE: &str = "person";
const LEAST_SCORE: f32 = 0.5;

const NUMBERS: [&str; 10] = [
    "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh",
];

/// The part of the photo from which on a single face is whom the photo is of: one figure more is a passer-by, or the same.
const LARGE: f32 = 0.02;

/// A scene without the faces of animals.
pub(crate) fn without_animals(scene: &Scene) -> Scene {
    let things = scene.objects.iter().flatten().map(|object| Thing {
        name: &object.name,
        score: object.score,
        corners: corners(&object.bounding_box),
    });
    let mut scene_of_people = scene.clone();
    scene_of_people
        .faces
        .retain(|face| !scenes::is_of_an_animal(corners(&face.bounding_box), things.clone()));
    scene_of_people
}

/// Whether the people of a scene pose together.
pub(crate) fn pose(scene: &Scene) -> bool {
    let faces: Vec<FaceBox> = scene
        .faces
        .iter()
        .map(|face| FaceBox::of(corners(&face.bounding_box), face.quality))
        .collect();
    scenes::pose(scene.width, &faces)
}

/// How many people there are, by faces or by figures, whichever are more: who turns away has no face.
pub(crate) fn count(scene: &Scene) -> usize {
    match (scene.faces.as_slice(), figures(scene)) {
        ([face], 2) if share(scene, face) >= LARGE => 1,
        (faces, figures) => faces.len().max(figures),
    }
}

/// Area of a face's box as a part of the photo's.
fn share(scene: &Scene, face: &Face) -> f32 {
    scenes::area(corners(&face.bounding_box)) / (scene.width as f32 * scene.height as f32)
}

fn corners(corners: &BoundingBox) -> [u32; 4] {
    [corners.x1, corners.y1, corners.x2, corners.y2]
}

fn figures(scene: &Scene) -> usize {
    let objects = scene.objects.iter().flatten();
    objects
        .filter(|object| object.name == FIGURE && object.score >= LEAST_SCORE)
        .count()
}

/// The people of a scene: "seorang perempuan", "enam orang", "belasan orang"; nobody is "seseorang". Nobody counts more than
/// ten at a glance, nor more than five who do not pose. Where not everybody has a face, three or more are "beberapa orang".
pub(crate) fn who(scene: &Scene) -> String {
    let people = count(scene);
    let faces = scene.faces.as_slice();
    let noun = if faces.len() == people && faces.iter().all(is_child) {
        "anak"
    } else {
        "orang"
    };
    match (people, faces) {
        (0 | 1, [face]) => one(face).to_owned(),
        (0 | 1, _) => "seseorang".to_owned(),
        (3..=5, _) if faces.len() < people => format!("beberapa {noun}"),
        (6..=10, _) if faces.len() < people || !pose(scene) => format!("beberapa {noun}"),
        (2..=10, _) => format!("{} {noun}", NUMBERS[people - 1]),
        (11..=19, _) => format!("belasan {noun}"),
        (20..=99, _) => format!("puluhan {noun}"),
        _ => format!("ratusan {noun}"),
    }
}

fn is_child(face: &Face) -> bool {
    face.age.is_some_and(|age| age < CHILD)
}

fn one(face: &Face) -> &'static str {
    let elderly = face.age.is_some_and(|age| age >= ELDERLY);
    let gender = face.gender.filter(|_| face.quality >= CLEAR);
    match (gender, is_child(face), elderly) {
        (Some(Gender::Female), true, _) => "seorang anak perempuan",
        (Some(Gender::Male), true, _) => "seorang anak laki-laki",
        (None, true, _) => "seorang anak",
        (Some(Gender::Female), _, true) => "seorang perempuan lanjut usia",
        (Some(Gender::Male), _, true) => "seorang laki-laki lanjut usia",
        (None, _, true) => "seorang lansia",
        (Some(Gender::Female), ..) => "seorang perempuan",
        (Some(Gender::Male), ..) => "seorang laki-laki",
        (None, ..) => "seseorang",
    }
}
