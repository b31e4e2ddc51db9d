//! People in Indonesian words.

use scenes::FaceBox;

use crate::bindings::ai_worker::plugin::types::{Face, Gender};
use crate::bindings::exports::ai_worker::plugin::context_mapper::Scene;

/// Apparent ages are off by years: only well below this many is a face called a child's.
const CHILD: f32 = 11.0;
/// From this apparent age on a face is called an old person's.
const ELDERLY: f32 = 66.0;

const NUMBERS: [&str; 10] = [
    "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh",
];

/// Whether the people of a scene pose together.
pub(crate) fn pose(scene: &Scene) -> bool {
    let faces: Vec<FaceBox> = scene
        .faces
        .iter()
        .map(|face| FaceBox {
            left: face.bounding_box.x1,
            right: face.bounding_box.x2,
            height: face.bounding_box.y2.saturating_sub(face.bounding_box.y1),
            quality: face.quality,
        })
        .collect();
    scenes::pose(scene.width, &faces)
}

/// The people of a scene: "seorang perempuan", "enam orang", "belasan orang"; nobody is "seseorang". Nobody counts more than
/// ten at a glance.
pub(crate) fn who(scene: &Scene) -> String {
    match scene.faces.as_slice() {
        [] => "seseorang".to_owned(),
        [face] => one(face).to_owned(),
        faces => {
            let noun = if faces.iter().all(is_child) {
                "anak"
            } else {
                "orang"
            };
            match NUMBERS.get(faces.len() - 1) {
                Some(number) => format!("{number} {noun}"),
                None if faces.len() < 20 => format!("belasan {noun}"),
                None if faces.len() < 100 => format!("puluhan {noun}"),
                None => format!("ratusan {noun}"),
            }
        }
    }
}

fn is_child(face: &Face) -> bool {
    face.age.is_some_and(|age| age < CHILD)
}

fn one(face: &Face) -> &'static str {
    let elderly = face.age.is_some_and(|age| age >= ELDERLY);
    match (face.gender, is_child(face), elderly) {
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
