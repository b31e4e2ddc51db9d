//! People in Indonesian words.

use scenes::{FaceBox, LEAST_SCORE, Thing};

use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Gender};
use crate::bindings::exports::ai_worker::plugin::context_mapper::Scene;

/// Apparent ages are off by years: only well below this many is a face called a child's.
const CHILD: f32 = 11.0;
/// From this apparent age on a face is called an old person's.
const ELDERLY: f32 = 66.0;

/// From which quality, and which apparent age, on a face's gender is told: of poorer and younger ones it is often another.
const CLEAR: f32 = 0.6;
const GROWN: f32 = 16.0;
/// From which quality on two people look into the camera who stand side by side, up to so many heights of a face apart, and
/// from which on wherever they stand: of 16 pairs these find the nine who pose, and no other
/// (`models/evaluation/scenes.json`, halves `tune` and `tune2`).
const LOOKING: f32 = 0.7;
const SIDE_BY_SIDE: f32 = 3.0;
const SURELY_LOOKING: f32 = 0.8;
/// The least area of the smaller of two faces that pose, as a part of the larger one's.
const AS_NEAR: f32 = 0.5;

/// The score from which there may be a figure of a person.
const PERHAPS: f32 = 0.3;
/// So few figures are sure only from a higher score on: a thing, or a person seen twice, is one of three more easily than one
/// of ten.
const FEW: usize = 3;
const SURE: f32 = 0.6;
/// Figures that all are smaller than this part of the photo, and without a face, are not whom it is of.
const LEAST_PART: f32 = 0.01;

/// From so many on people who do not pose are not counted: of 19 photos in which 11 to 19 were seen, nine showed 20 or more
/// (the same halves).
const MANY: usize = 11;
/// So many there may be where one is seen, and there are several, or where a few are seen, and there are more than a few.
const PERHAPS_SEVERAL: usize = 4;
const MOST_OF_TWO: usize = 3;
const CERTAINLY_SEVERAL: usize = 8;
const SEVERAL: usize = 3;
const PERHAPS_MORE: usize = 12;

const NUMBERS: [&str; 5] = ["satu", "dua", "tiga", "empat", "lima"];

/// The people of a scene.
pub(crate) struct People {
    /// Their faces, largest first.
    faces: Vec<Face>,
    /// How many there are at least, by faces or by figures, whichever are more: who turns away has no face.
    pub(crate) least: usize,
    /// How many there may be.
    most: usize,
    /// They pose together, and there are three at least.
    pub(crate) posed: bool,
}

impl People {
    /// The people of a scene: without faces of animals, and of one person alone where the photo is of one.
    pub(crate) fn of(scene: &Scene) -> Self {
        let things = scene.objects.iter().flatten().map(|object| Thing {
            name: &object.name,
            score: object.score,
            corners: corners(&object.bounding_box),
        });
        let is_person = |face: &&Face| !scenes::is_of_an_animal(corners(&face.bounding_box), things.clone());
        let mut faces: Vec<Face> = scene.faces.iter().filter(is_person).copied().collect();
        let figures = |least: f32| scenes::figures(things.clone(), least);
        let places: Vec<[u32; 4]> = faces.iter().map(|face| corners(&face.bounding_box)).collect();
        let mut seen = figures(LEAST_SCORE);
        let photo = scene.width as f32 * scene.height as f32;
        if faces.is_empty()
            && seen.len() <= FEW
            && seen
                .iter()
                .all(|figure| scenes::area(*figure) < LEAST_PART * photo)
        {
            seen.clear();
        }
        if scenes::is_of_one(&places, &seen) {
            faces.truncate(1);
            return Self {
                faces,
                least: 1,
                most: 1,
                posed: false,
            };
        }
        let boxes: Vec<FaceBox> = faces
            .iter()
            .map(|face| FaceBox::of(corners(&face.bounding_box), face.quality))
            .collect();
        let figures_seen = match seen.len() {
            few @ 1..=FEW => figures(SURE).len().max(usize::from(few > 1)),
            many => many,
        };
        let most = faces.len().max(figures(PERHAPS).len()).max(figures_seen);
        let least = match faces.len().max(figures_seen) {
            1 | 2 if most >= CERTAINLY_SEVERAL => SEVERAL,
            least => least,
        };
        Self {
            least,
            most,
            posed: !scenes::sit(things) && scenes::pose(scene.width, &boxes),
            faces,
        }
    }

    /// Whether two people look into the camera from about equally far away.
    pub(crate) fn are_a_pair(&self) -> bool {
        match self.faces.as_slice() {
            [first, second] if self.least == 2 && self.most <= MOST_OF_TWO => {
                let area = |face: &Face| scenes::area(corners(&face.bounding_box));
                let quality = first.quality.min(second.quality);
                let look =
                    quality >= LOOKING && apart(first, second) <= SIDE_BY_SIDE || quality >= SURELY_LOOKING;
                look && area(second) >= AS_NEAR * area(first)
            }
            _ => false,
        }
    }

    /// Whether so many are there, or so many in a room, that they have gathered.
    pub(crate) fn have_gathered(&self, inside: bool) -> bool {
        self.least >= MANY
            || self.least >= SEVERAL && self.most >= PERHAPS_MORE
            || inside && self.least >= NUMBERS.len()
    }

    /// "seorang perempuan", "dua orang", "belasan orang"; one without a face is "seseorang". Who is hidden is missed, so that
    /// three or more are counted only where they pose, and then up to five, or by tens.
    pub(crate) fn words(&self) -> String {
        let noun = if self.faces.len() == self.least && self.faces.iter().all(is_child) {
            "anak"
        } else {
            "orang"
        };
        let counted = self.posed && self.faces.len() == self.least && self.most <= self.least + 1;
        match (self.least, self.faces.as_slice()) {
            (0 | 1, _) if self.most >= PERHAPS_SEVERAL => format!("beberapa {noun}"),
            (0 | 1, [face]) => one(face).to_owned(),
            (0 | 1, _) => "seseorang".to_owned(),
            (2, _) if self.most <= MOST_OF_TWO => format!("dua {noun}"),
            (3..=5, _) if counted => format!("{} {noun}", NUMBERS[self.least - 1]),
            (6..=10, _) if self.posed => format!("sejumlah {noun}"),
            (3..=10, _) if self.posed || self.most < PERHAPS_MORE => format!("beberapa {noun}"),
            (2..=10, _) => format!("sejumlah {noun}"),
            (11..=17, _) if self.posed => format!("belasan {noun}"),
            (18..=22, _) if self.posed => format!("sekitar dua puluh {noun}"),
            (11..=19, _) => format!("banyak {noun}"),
            (20..=99, _) => format!("puluhan {noun}"),
            _ => format!("ratusan {noun}"),
        }
    }
}

fn corners(corners: &BoundingBox) -> [u32; 4] {
    [corners.x1, corners.y1, corners.x2, corners.y2]
}

/// How many heights of a face are between the middles of two.
fn apart(first: &Face, second: &Face) -> f32 {
    let place = |face: &Face| {
        let [left, top, right, bottom] = corners(&face.bounding_box).map(|edge| edge as f32);
        (
            f32::midpoint(left, right),
            f32::midpoint(top, bottom),
            bottom - top,
        )
    };
    let ((x, y, height), (other_x, other_y, other_height)) = (place(first), place(second));
    (other_x - x).hypot(other_y - y) / f32::midpoint(height, other_height)
}

fn is_child(face: &Face) -> bool {
    face.age.is_some_and(|age| age < CHILD)
}

fn one(face: &Face) -> &'static str {
    let grown = face.age.is_none_or(|age| age >= GROWN);
    let elderly = face.age.is_some_and(|age| age >= ELDERLY);
    match (face.gender.filter(|_| grown && face.quality >= CLEAR), elderly) {
        _ if is_child(face) => "seorang anak",
        (Some(Gender::Female), true) => "seorang perempuan lanjut usia",
        (Some(Gender::Male), true) => "seorang laki-laki lanjut usia",
        (None, true) => "seorang lansia",
        (Some(Gender::Female), false) => "seorang perempuan",
        (Some(Gender::Male), false) => "seorang laki-laki",
        (None, false) => "seseorang",
    }
}
