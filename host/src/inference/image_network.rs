//! A network that looks at images, one at a time or together with those that wait for it.

use std::sync::Arc;

use image::RgbImage;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::TensorRef;

use super::batching::{Joined, Queue};
use super::session::Network;
use super::{InferenceError, tensor};
use crate::metrics;
use crate::models::manifest::ImageInput;

/// A network that looks at images of a fixed size, or where its graph allows it and the network is a detector, of others.
pub(super) struct ImageNetwork {
    pub(super) network: Arc<Network>,
    pub(super) input: ImageInput,
    /// Images whose first output is wanted.
    queue: Queue<ort::Error>,
}

impl ImageNetwork {
    /// A network that runs at most `batch` images at a time, where its graph takes any number.
    pub(super) fn new(network: Arc<Network>, input: ImageInput, batch: usize) -> Self {
        Self {
            network,
            input,
            queue: Queue::new(batch),
        }
    }

    /// Runs the network on one image of exactly its input size, or of any where the graph allows it.
    pub(super) fn run<T>(
        &self,
        image: &RgbImage,
        read: impl FnMut(&mut SessionOutputs<'_>) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        if !self.takes_any_size()? {
            self.check_size(image)?;
        }
        self.run_unchecked(image, read)
    }

    /// As [`Self::run`], for a graph that leaves the width alone open: what does not fit, ONNX Runtime refuses.
    pub(super) fn run_unchecked<T>(
        &self,
        image: &RgbImage,
        mut read: impl FnMut(&mut SessionOutputs<'_>) -> Result<T, ort::Error>,
    ) -> Result<T, InferenceError> {
        self.network.run_with_room(|session, room| {
            tensor::write_image(image, &self.input, room);
            read(&mut session.run(inputs(1, image.dimensions(), room)?)?)
        })
    }

    /// Whether its graph leaves height and width open.
    pub(super) fn takes_any_size(&self) -> Result<bool, InferenceError> {
        self.network.has_open_sides()
    }

    /// The first output for an image of exactly its input size, all of whose values are finite.
    pub(super) fn vector(&self, image: &RgbImage) -> Result<Vec<f32>, InferenceError> {
        self.check_size(image)?;
        let values = if self.queue.is_open() && self.network.signature()?.takes_any_number() {
            match self.queue.join(tensor::image_tensor(image, &self.input)) {
                Joined::Answered(answer) => answer.map_err(|source| self.network.failed(source))?,
                Joined::Abandoned => return Err(self.network.unexpected("an image whose run was given up")),
                Joined::Collects(collector) => self.network.run_loaded(|loaded| {
                    collector.run(|count, values| {
                        metrics::inference_images(&self.network.name, count);
                        if count > 1 {
                            // What is too much at once is run one by one, which tells whether the device has failed.
                            return self.first_outputs(&mut loaded.session, count, values);
                        }
                        self.network
                            .attempt(loaded, &mut |session, _| self.first_outputs(session, 1, values))
                    })
                })?,
            }
        } else {
            self.network.run_with_room(|session, room| {
                tensor::write_image(image, &self.input, room);
                self.first_outputs(session, 1, room)
            })?
        };
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.network.unexpected("a value that is not finite"));
        }
        Ok(values)
    }

    /// As [`Self::vector`], of so many values.
    pub(super) fn values(&self, image: &RgbImage, length: usize) -> Result<Vec<f32>, InferenceError> {
        let values = self.vector(image)?;
        if values.len() != length {
            return Err(self
                .network
                .unexpected(format!("{} values instead of {length}", values.len())));
        }
        Ok(values)
    }

    fn check_size(&self, image: &RgbImage) -> Result<(), InferenceError> {
        let size = self.input.size;
        if image.dimensions() != (size, size) {
            return Err(self.network.unexpected(format!(
                "an image of {}x{} instead of {size}x{size}",
                image.width(),
                image.height()
            )));
        }
        Ok(())
    }

    /// The first outputs for so many images, one after the other.
    fn first_outputs(
        &self,
        session: &mut Session,
        count: usize,
        values: &[f32],
    ) -> Result<Vec<f32>, ort::Error> {
        let side = self.input.size;
        let outputs = session.run(inputs(count, (side, side), values)?)?;
        let (shape, outputs) = outputs[0].try_extract_tensor::<f32>()?;
        if count > 1 && shape.first() != Some(&(count as i64)) {
            return Err(ort::Error::new(format!(
                "an output of {shape:?} for {count} images"
            )));
        }
        Ok(outputs.to_vec())
    }
}

/// So many images of a width and a height, whose values follow each other.
fn inputs(
    count: usize,
    (width, height): (u32, u32),
    values: &[f32],
) -> Result<[SessionInputValue<'_>; 1], ort::Error> {
    let images = TensorRef::from_array_view(([count, 3, height as usize, width as usize], values))?;
    Ok(ort::inputs![images])
}
