//! The photo's pixels as guests may ask for them.

use wasmtime::component::Resource;
use wasmtime_wasi_nn::Tensor;
use wasmtime_wasi_nn::wit::TensorType;

use super::bindings::{log, photo};
use super::guest::Guest;
use super::photo::View;
use crate::models::manifest::{Channels, ImageInput};

/// The largest square a guest may ask for, in pixels a side.
const MAX_SIDE: u32 = 1_024;

impl photo::Host for Guest {
    fn pixels(&mut self, view: photo::View) -> wasmtime::Result<Result<Resource<Tensor>, photo::PhotoError>> {
        if !self.photo.asked_for {
            return Ok(Err(photo::PhotoError::NotAskedFor));
        }
        let Some(pixels) = self.photo.photo.clone() else {
            return Ok(Err(photo::PhotoError::NotAvailable));
        };
        let view = match checked(view) {
            Ok(view) => view,
            Err(reason) => return Ok(Err(photo::PhotoError::InvalidView(reason))),
        };
        let values = match self.clock.host(|| pixels.tensor(&view)) {
            Ok(values) => values,
            Err(error) => {
                let causes = crate::report(error.as_ref());
                self.log.write(
                    log::Level::Error,
                    &format!("a view of the photo could not be made: {causes}"),
                );
                return Ok(Err(photo::PhotoError::Other(
                    "the host failed to make it".to_owned(),
                )));
            }
        };
        let side = view.input.size;
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::new(vec![1, 3, side, side], TensorType::Fp32, data);
        Ok(Ok(self.push_tensor(tensor)?))
    }
}

pub(super) fn checked(view: photo::View) -> Result<View, String> {
    let photo::View {
        fraction,
        size,
        channels,
        mean,
        deviation,
    } = view;
    if !(fraction > 0.0 && fraction <= 1.0) {
        return Err(format!(
            "fraction is {fraction}; above 0 and at most 1 is allowed"
        ));
    }
    if !(1..=MAX_SIDE).contains(&size) {
        return Err(format!("size is {size}; 1 to {MAX_SIDE} is allowed"));
    }
    let (mean, std): ([f32; 3], [f32; 3]) = (mean.into(), deviation.into());
    if !mean.iter().all(|value| value.is_finite()) {
        return Err("mean must be finite".to_owned());
    }
    if !std.iter().all(|value| value.is_normal()) {
        return Err("deviation must be finite and not 0".to_owned());
    }
    let channels = match channels {
        photo::Channels::Rgb => Channels::Rgb,
        photo::Channels::Bgr => Channels::Bgr,
    };
    Ok(View {
        fraction,
        input: ImageInput {
            size,
            channels,
            mean,
            std,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_outside_their_ranges_are_refused() {
        let view = photo::View {
            fraction: 0.93,
            size: 260,
            channels: photo::Channels::Rgb,
            mean: (127.0, 127.0, 127.0),
            deviation: (128.0, 128.0, 128.0),
        };
        assert!(checked(view).is_ok());
        for wrong in [
            photo::View {
                fraction: 0.0,
                ..view
            },
            photo::View {
                fraction: f32::NAN,
                ..view
            },
            photo::View { size: 0, ..view },
            photo::View {
                size: u32::MAX,
                ..view
            },
            photo::View {
                mean: (f32::NAN, 0.0, 0.0),
                ..view
            },
            photo::View {
                deviation: (1.0, 0.0, 1.0),
                ..view
            },
        ] {
            assert!(checked(wrong).is_err(), "{wrong:?}");
        }
    }
}
