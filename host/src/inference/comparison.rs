//! Whether a rewritten graph answers what the published one does.

use std::path::Path;

use image::{Rgb, RgbImage};
use ort::session::Session;
use ort::value::TensorRef;

use super::device::Device;
use super::loading::environment;
use super::session::SessionFactory;
use super::{InferenceError, tensor};
use crate::models::manifest::{ImageInput, Model};

/// How far an output's values may be apart, for each unit of its largest one. Layers that are folded into others round
/// differently: the networks of the manifest were measured to differ by up to 4e-6.
const TOLERANCE: f32 = 1e-4;

/// Where the grids of a detector end, a side is a multiple of this many pixels.
const COARSEST_CELL: u32 = 32;

/// One network in one session.
struct Graph<'a> {
    session: Session,
    name: &'a str,
    input: ImageInput,
}

/// Runs a network as published and as rewritten on the same images, and holds the answers against each other. Where the
/// rewritten one takes other shapes than squares, it has to answer on one of half the height, too, with half as much.
///
/// # Errors
/// When the library or one of the graphs cannot be used, or the answers are not the same.
pub fn compare(library: &Path, model: &Model, published: &Path, rewritten: &Path) -> Result<(), InferenceError> {
    let factory = SessionFactory {
        environment: environment(library)?,
        device: Device::Cpu,
        threads: 1,
    };
    let unexpected = |what: String| InferenceError::Unexpected {
        model: model.name.clone(),
        what,
    };
    let input = model
        .input
        .ok_or_else(|| unexpected("no images, and only networks that do are compared".to_owned()))?;
    let load = |file: &Path| {
        let session = factory.build(file).map_err(|source| InferenceError::Load {
            model: model.name.clone(),
            file: file.to_owned(),
            source,
        })?;
        let name = &model.name;
        Ok::<_, InferenceError>(Graph { session, name, input })
    };
    let (mut published, mut rewritten) = (load(published)?, load(rewritten)?);
    let mut rows = Vec::new();
    for seed in 0..3 {
        let image = image(input.size, input.size, seed);
        let (expected, found) = (published.answers(&image)?, rewritten.answers(&image)?);
        if let Some(what) = difference(&expected, &found) {
            return Err(unexpected(what));
        }
        rows = found.iter().map(|(_, values)| values.len()).collect();
    }
    if model.rewritten.as_ref().is_some_and(|rewritten| rewritten.open_sides) {
        let half = (input.size / 2).next_multiple_of(COARSEST_CELL);
        let found = rewritten.answers(&image(input.size, half, 0))?;
        for ((name, values), whole) in found.iter().zip(rows) {
            let (whole, part) = (whole as u64 * u64::from(half), values.len() as u64 * u64::from(input.size));
            if whole != part {
                return Err(unexpected(format!("{} values of {name} for half an image", values.len())));
            }
        }
    }
    Ok(())
}

impl Graph<'_> {
    /// All outputs for an image, by their names.
    fn answers(&mut self, image: &RgbImage) -> Result<Vec<(String, Vec<f32>)>, InferenceError> {
        let values = tensor::image_tensor(image, &self.input);
        let shape = [1, 3, image.height() as usize, image.width() as usize];
        let mut run = || {
            let images = TensorRef::from_array_view((shape, &values[..]))?;
            let outputs = self.session.run(ort::inputs![images])?;
            let outputs = outputs.iter();
            outputs
                .map(|(name, value)| Ok((name.to_owned(), value.try_extract_tensor::<f32>()?.1.to_vec())))
                .collect::<Result<Vec<_>, ort::Error>>()
        };
        run().map_err(|source| InferenceError::Run {
            model: self.name.to_owned(),
            source,
        })
    }
}

/// What is different, when something is.
fn difference(expected: &[(String, Vec<f32>)], found: &[(String, Vec<f32>)]) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!("{} outputs instead of {}", found.len(), expected.len()));
    }
    for ((name, expected), (found_name, found)) in expected.iter().zip(found) {
        if name != found_name || expected.len() != found.len() {
            return Some(format!(
                "{} values of {found_name} instead of {} of {name}",
                found.len(),
                expected.len()
            ));
        }
        let largest = expected.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let apart = expected.iter().zip(found).map(|(one, other)| (one - other).abs());
        // A NaN is not within the tolerance.
        if let Some(apart) = apart.into_iter().find(|apart| !(*apart <= TOLERANCE * largest)) {
            return Some(format!("values of {name} that are {apart} from those of the published graph"));
        }
    }
    None
}

/// An image that has smooth parts and noise, always the same for the same seed.
fn image(width: u32, height: u32, seed: u32) -> RgbImage {
    let mut state = 0x9e37_79b9 ^ seed;
    RgbImage::from_fn(width, height, |x, y| {
        // Marsaglia's xorshift of 32 bits.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [noise, ..] = state.to_le_bytes();
        // `as` is right: a ramp within a byte.
        let ramp = |place: u32, side: u32| (place * 255 / side) as u8;
        Rgb([ramp(x, width), ramp(y, height) / 2 + noise / 4, noise / (1 + seed as u8)])
    })
}
