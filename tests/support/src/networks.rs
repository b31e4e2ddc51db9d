//! Networks that are none.

use ai_worker::domain::{Detection, Embedding, EmbeddingModel, Label, Landmarks, Point, Rect};
use ai_worker::inference::{
    Classified, ClassifyPhotos, DetectFaces, EmbedFaces, Heads, Inference, InferenceError,
};
use ai_worker::photo::ARCFACE_TEMPLATE;
use image::RgbImage;

use crate::photos::{ON, PERSONS, channels};

/// Width and height of what each looks at, in pixels.
const DETECTOR: u32 = 320;
const EMBEDDER: u32 = 112;
const CLASSIFIER: u32 = 64;
/// Width of a vector.
const DIMENSION: usize = 128;

/// Fake networks: they see the people of [`photo_of`](crate::photo_of) by their colours, one face of each, always in the
/// same view, and say of every photo that it shows a groom. Nothing is learned from them about real networks.
#[derive(Clone, Copy, Debug)]
pub struct FakeNetworks;

impl FakeNetworks {
    /// The embedder among them.
    #[must_use]
    pub fn embedding_model() -> EmbeddingModel {
        EmbeddingModel {
            name: "fake".to_owned(),
            dimension: DIMENSION,
            threshold: 0.5,
        }
    }

    /// Inference on them, for two callers at a time.
    #[must_use]
    pub fn inference() -> Inference {
        let heads = Heads {
            labels: Some(Box::new(Self)),
            ..Heads::new(Box::new(Self), Box::new(Self))
        };
        Inference::of(heads, 2)
    }
}

/// Whether a pixel has a person's colour.
fn shows(person: usize, pixel: &image::Rgb<u8>) -> bool {
    pixel.0.map(|channel| channel >= ON) == channels(person)
}

impl DetectFaces for FakeNetworks {
    fn size(&self) -> u32 {
        DETECTOR
    }

    fn least_score(&self) -> f32 {
        0.5
    }

    fn overlap(&self) -> f32 {
        0.4
    }

    fn candidates(&self, image: &RgbImage, _least: f32) -> Result<Vec<Detection>, InferenceError> {
        Ok((0..PERSONS).filter_map(|person| face(image, person)).collect())
    }
}

/// The one face of a person: where the person's colour is. What is smaller than 8 pixels is the edge of another.
fn face(image: &RgbImage, person: usize) -> Option<Detection> {
    let mut found = image
        .enumerate_pixels()
        .filter(|(_, _, pixel)| shows(person, pixel))
        .map(|(x, y, _)| (x as f32, y as f32));
    let (x, y) = found.next()?;
    let first = Rect {
        x1: x,
        y1: y,
        x2: x + 1.0,
        y2: y + 1.0,
    };
    let rect = found.fold(first, |rect, (x, y)| Rect {
        x1: rect.x1.min(x),
        y1: rect.y1.min(y),
        x2: rect.x2.max(x + 1.0),
        y2: rect.y2.max(y + 1.0),
    });
    let (width, height) = (rect.x2 - rect.x1, rect.y2 - rect.y1);
    let landmarks: Landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
        x: rect.x1 + point.x / EMBEDDER as f32 * width,
        y: rect.y1 + point.y / EMBEDDER as f32 * height,
    });
    (width.min(height) >= 8.0).then_some(Detection::new(rect, landmarks, 0.9))
}

impl EmbedFaces for FakeNetworks {
    fn size(&self) -> u32 {
        EMBEDDER
    }

    fn embed(&self, aligned: &RgbImage) -> Result<Embedding, InferenceError> {
        // The person whose colour most of it has; people are as far from each other as can be.
        let has = |person: &usize| aligned.pixels().filter(|pixel| shows(*person, pixel)).count();
        let person = (0..PERSONS).max_by_key(has).unwrap_or_default();
        let mut vector = vec![0.0; DIMENSION];
        vector[person] = 1.0;
        Ok(Embedding::normalised(vector).unwrap())
    }
}

impl ClassifyPhotos for FakeNetworks {
    fn size(&self) -> u32 {
        CLASSIFIER
    }

    fn classify(&self, _: &RgbImage, count: usize) -> Result<Classified, InferenceError> {
        let groom = Label {
            name: "groom".to_owned(),
            score: 0.75,
        };
        Ok(Classified {
            labels: [groom].into_iter().take(count).collect(),
            indoor: None,
        })
    }
}
