//! Whether a rewritten graph answers what the published one does.

use std::path::Path;

use image::RgbImage;
use ort::session::Session;
use ort::value::TensorRef;

use super::devices::Place;
use super::loading::environment;
use super::pattern::{COARSEST_CELL, image};
use super::session::SessionFactory;
use super::{InferenceError, gate, tensor};
use crate::models::manifest::{ImageInput, Model};

/// How far an output's values may be apart, for each unit of its largest one. Layers that are folded into others round
/// differently: the networks of the manifest were measured to differ by up to 4e-6.
const TOLERANCE: f32 = 1e-4;

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
pub fn compare(
    library: &Path,
    model: &Model,
    published: &Path,
    rewritten: &Path,
) -> Result<(), InferenceError> {
    let _inside = gate::enter()?;
    let factory = SessionFactory {
        environment: environment(library)?,
        place: Place::Processor,
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
        let session = factory.build(file, true).map_err(|source| InferenceError::Load {
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
    if model
        .rewritten
        .as_ref()
        .is_some_and(|rewritten| rewritten.open_sides)
    {
        let half = (input.size / 2).next_multiple_of(COARSEST_CELL);
        let found = rewritten.answers(&image(input.size, half, 0))?;
        for ((name, values), whole) in found.iter().zip(rows) {
            let (whole, part) = (
                whole as u64 * u64::from(half),
                values.len() as u64 * u64::from(input.size),
            );
            if whole != part {
                return Err(unexpected(format!(
                    "{} values of {name} for half an image",
                    values.len()
                )));
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
        let largest = expected
            .iter()
            .fold(0.0f32, |largest, value| largest.max(value.abs()));
        let mut apart = expected.iter().zip(found).map(|(one, other)| (one - other).abs());
        if let Some(apart) = apart.find(|apart| apart.is_nan() || *apart > TOLERANCE * largest) {
            return Some(format!(
                "values of {name} that are {apart} from those of the published graph"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;
    use crate::inference::graphs::tests::library;
    use crate::models::manifest::{Channels, Manifest};
    use crate::models::rewrite::{Rewritten, rewrite, tests::published};

    /// A network of the manifest whose graph is a small one.
    fn small() -> Model {
        let mut model = Manifest::built_in().unwrap().models.remove(0);
        model.input = Some(ImageInput {
            size: 8,
            channels: Channels::Rgb,
            mean: [127.5; 3],
            std: [128.0; 3],
        });
        model.rewritten = Some(Rewritten {
            file: String::new(),
            sha256: String::new(),
            open_sides: false,
        });
        model
    }

    #[test]
    #[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
    fn a_rewritten_prelu_answers_the_same_and_another_does_not() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let model = small();
        let how = model.rewritten.as_ref().unwrap();
        // Slopes between 0 and 1, below and above: where lines bend upwards, downwards, and not at all.
        for (name, slopes) in [("one", [0.25, -0.5, 1.0]), ("other", [0.25, -0.51, 3.0])] {
            std::fs::write(path(name), published(slopes)).unwrap();
            rewrite(&path(name), &path(&format!("rewritten {name}")), how).unwrap();
            compare(
                library(),
                &model,
                &path(name),
                &path(&format!("rewritten {name}")),
            )
            .unwrap();
        }
        let error = compare(library(), &model, &path("one"), &path("rewritten other")).unwrap_err();
        assert!(matches!(&error, InferenceError::Unexpected { .. }), "{error:?}");
        std::fs::write(path("damaged"), "no graph").unwrap();
        let error = compare(library(), &model, &path("one"), &path("damaged")).unwrap_err();
        assert!(matches!(&error, InferenceError::Load { .. }), "{error:?}");
    }

    #[test]
    fn a_value_that_is_no_number_is_a_difference() {
        let answers = |value: f32| vec![("y".to_owned(), vec![1.0, value])];
        assert_eq!(difference(&answers(0.5), &answers(0.500_09)), None);
        assert!(difference(&answers(0.5), &answers(0.5002)).is_some());
        assert!(difference(&answers(0.5), &answers(f32::NAN)).is_some());
        assert!(difference(&answers(0.5), &[]).is_some());
        assert!(difference(&answers(0.5), &[("y".to_owned(), vec![1.0])]).is_some());
    }
}
