//! Pixels to tensors.

use image::RgbImage;

use crate::models::manifest::{Channels, ImageInput};

/// The values of a `[1, 3, height, width]` tensor in row-major order: each is `(pixel - mean) / std` of its channel,
/// in the channel order of `input`.
///
/// Every network of the host gets its image in this way. Whoever normalises the same pixels by the same `input` gets
/// the same values, to the last bit. The image may have any size; `input.size` is not looked at.
#[must_use]
pub fn image_tensor(image: &RgbImage, input: &ImageInput) -> Vec<f32> {
    let mut tensor = Vec::new();
    write_image(image, input, &mut tensor);
    tensor
}

/// As [`image_tensor`], in the place of what `tensor` held.
pub(super) fn write_image(image: &RgbImage, input: &ImageInput, tensor: &mut Vec<f32>) {
    let sources = match input.channels {
        Channels::Rgb => [0, 1, 2],
        Channels::Bgr => [2, 1, 0],
    };
    // A byte has 256 values, so that every division is done once.
    let tables: [[f32; 256]; 3] = std::array::from_fn(|channel| {
        std::array::from_fn(|value| (value as f32 - input.mean[channel]) / input.std[channel])
    });
    let pixels = image.as_raw();
    let count = pixels.len() / 3;
    // All of them are written below.
    tensor.resize(3 * count, 0.0);
    for (channel, plane) in tensor.chunks_exact_mut(count.max(1)).enumerate() {
        let (source, table) = (sources[channel], &tables[channel]);
        for (value, pixel) in plane.iter_mut().zip(pixels.chunks_exact(3)) {
            *value = table[usize::from(pixel[source])];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn channels_are_ordered_and_normalised() {
        let mut image = RgbImage::new(2, 1);
        image.put_pixel(0, 0, Rgb([10, 20, 30]));
        image.put_pixel(1, 0, Rgb([40, 50, 60]));
        let mut input = ImageInput {
            size: 2,
            channels: Channels::Rgb,
            mean: [10.0, 0.0, 0.0],
            std: [1.0, 2.0, 10.0],
        };
        assert_eq!(image_tensor(&image, &input), [0.0, 30.0, 10.0, 25.0, 3.0, 6.0]);
        input.channels = Channels::Bgr;
        assert_eq!(image_tensor(&image, &input), [20.0, 50.0, 10.0, 25.0, 1.0, 4.0]);
        // Where another one was before, of more values.
        let mut used = vec![7.0; 100];
        write_image(&image, &input, &mut used);
        assert_eq!(used, [20.0, 50.0, 10.0, 25.0, 1.0, 4.0]);
    }
}
