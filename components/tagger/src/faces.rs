//! What the faces say.

use scenes::{FaceBox, Thing};

use crate::bindings::ai_worker::plugin::types::{BoundingBox, Face, Scene};
use crate::vocabulary::FaceRule;

/// The detector's score from which a face counts. Below it a detector takes patterns for faces.
const LEAST_CONFIDENCE: f32 = 0.5;

/// The faces of a photo, measured.
pub(crate) struct Faces {
    all: Vec<Measured>,
    /// The photo is of one person, whoever else is in it.
    of_one: bool,
    /// They pose together.
    posed: bool,
}

struct Measured {
    share: f32,
    relative: f32,
    age: Option<f32>,
}

impl Faces {
    /// Measures the faces of a photo that are certain enough.
    pub(crate) fn of(scene: &Scene) -> Self {
        let mut certain: Vec<&Face> = scene
            .faces
            .iter()
            .filter(|face| face.confidence >= LEAST_CONFIDENCE && !is_of_an_animal(scene, face))
            .collect();
        let places: Vec<[u32; 4]> = certain.iter().map(|face| corners(&face.bounding_box)).collect();
        let of_one = scenes::is_of_one(&places, &scenes::figures(things(scene), scenes::LEAST_SCORE));
        if of_one {
            certain.truncate(1);
        }
        let area = |face: &Face| scenes::area(corners(&face.bounding_box));
        let largest = certain.iter().map(|face| area(face)).fold(0.0, f32::max);
        let photo = scene.width as f32 * scene.height as f32;
        // A box or a photo without an area makes a quotient that is not a number, which fits no rule.
        let measure = |face: &&Face| Measured {
            share: area(face) / photo,
            relative: area(face) / largest,
            age: face.age,
        };
        let face_box = |face: &&Face| FaceBox::of(corners(&face.bounding_box), face.quality);
        let boxes: Vec<FaceBox> = certain.iter().map(face_box).collect();
        Self {
            all: certain.iter().map(measure).collect(),
            of_one,
            posed: !scenes::sit(things(scene)) && scenes::pose(scene.width, &boxes),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// Whether the photo is of one person, whoever else is in it.
    pub(crate) fn are_of_one(&self) -> bool {
        self.of_one
    }

    /// Whether a rule holds where there are so many people, by faces or figures.
    pub(crate) fn satisfy(&self, rule: &FaceRule<'_>, people: usize) -> bool {
        let fits = |face: &&Measured| {
            rule.share.contains(face.share)
                && rule.relative.contains(face.relative)
                && rule
                    .age
                    .as_ref()
                    .is_none_or(|span| face.age.is_some_and(|age| span.contains(age)))
        };
        let fitting = self.all.iter().filter(fits).count();
        // Exact: nobody has 16 million faces.
        rule.people.contains(people as f32)
            && rule.total.contains(self.all.len() as f32)
            && rule.count.contains(fitting as f32)
            && (self.posed || !rule.posed)
    }
}

fn is_of_an_animal(scene: &Scene, face: &Face) -> bool {
    scenes::is_of_an_animal(corners(&face.bounding_box), things(scene))
}

/// What the object detector sees.
fn things(scene: &Scene) -> impl Iterator<Item = Thing<'_>> + Clone {
    scene.objects.iter().flatten().map(|object| Thing {
        name: &object.name,
        score: object.score,
        corners: corners(&object.bounding_box),
    })
}

fn corners(corners: &BoundingBox) -> [u32; 4] {
    [corners.x1, corners.y1, corners.x2, corners.y2]
}
