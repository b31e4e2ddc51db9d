//! Pictures made smaller by a whole number: each pixel is the mean of a square of pixels.

use std::cell::RefCell;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, IntoImageViewMut, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::PhotoError;
use super::turn::{Area, rounded_up};

/// The pixels of an area, each the mean of `factor` by `factor` of the picture's, and the area that they show: the
/// wanted one, as far as it lies in the picture and is whole squares; it is moved, and where that is not enough shrunk,
/// to be so.
///
/// # Errors
/// When the picture is smaller than a square.
pub(super) fn part(picture: &RgbImage, wanted: Area, factor: u32) -> Result<(Area, RgbImage), PhotoError> {
    let (left, width) = squares(wanted.left, wanted.width, picture.width(), factor);
    let (top, height) = squares(wanted.top, wanted.height, picture.height(), factor);
    let area = Area {
        left: left.into(),
        top: top.into(),
        width: width.into(),
        height: height.into(),
    };
    if factor == 1 {
        let cut = image::imageops::crop_imm(picture, left, top, width, height).to_image();
        return Ok((area, cut));
    }
    let source = ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_raw(),
        PixelType::U8x3,
    )
    .map_err(PhotoError::internal)?;
    let mut reduced = RgbImage::new(width / factor, height / factor);
    let size = reduced.dimensions();
    let mut target =
        Image::from_slice_u8(size.0, size.1, &mut reduced, PixelType::U8x3).map_err(PhotoError::internal)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Box))
        .crop(left.into(), top.into(), width.into(), height.into());
    resize(&source, &mut target, &options)?;
    Ok((area, reduced))
}

/// Resizes a picture. The room for what lies between its two passes, rows and columns, belongs to the thread and is used
/// again: the system clears each page of memory that it gives. A thread that blocks ends when nothing has blocked for ten
/// seconds (tokio's default), and its room goes back with it.
pub(super) fn resize(
    source: &ImageRef<'_>,
    target: &mut impl IntoImageViewMut,
    options: &ResizeOptions,
) -> Result<(), PhotoError> {
    thread_local! {
        static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
    }
    RESIZER
        .with_borrow_mut(|resizer| resizer.resize(source, target, options))
        .map_err(PhotoError::internal)
}

/// Where whole squares of `factor` pixels begin, and how many pixels they take, that show as much of the wanted
/// pixels as a side of `side` pixels allows; at least one square where the side has one.
fn squares(wanted: i64, length: i64, side: u32, factor: u32) -> (u32, u32) {
    let (side, factor) = (i64::from(side), i64::from(factor));
    let low = wanted.clamp(0, side);
    let high = (wanted + length).clamp(low, side);
    let most = side / factor * factor;
    let width = rounded_up((high - low).max(1), factor).min(most);
    // It lies within the side, which is 32 bits.
    (low.min(side - width) as u32, width as u32)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_pixel_is_the_mean_of_its_square(
            width in 8u32..60, height in 8u32..60, factor in 1u32..8,
            left in -10i64..70, top in -10i64..70, wide in 1i64..80, high in 1i64..80, seed in any::<u64>(),
        ) {
            let mut random = fastrand::Rng::with_seed(seed);
            let picture = RgbImage::from_fn(width, height, |_, _| Rgb([random.u8(..), random.u8(..), random.u8(..)]));
            let wanted = Area { left, top, width: wide, height: high };
            let (area, reduced) = part(&picture, wanted, factor).unwrap();
            prop_assert!(area.left >= 0 && area.left + area.width <= i64::from(width));
            prop_assert!(area.top >= 0 && area.top + area.height <= i64::from(height));
            prop_assert_eq!(i64::from(reduced.width() * factor), area.width);
            prop_assert_eq!(i64::from(reduced.height() * factor), area.height);
            for (x, y, pixel) in reduced.enumerate_pixels() {
                let (x, y) = (area.left as u32 + x * factor, area.top as u32 + y * factor);
                for channel in 0..3 {
                    let sum: u32 = (0..factor * factor)
                        .map(|at| u32::from(picture.get_pixel(x + at % factor, y + at / factor)[channel]))
                        .sum();
                    let mean = f64::from(sum) / f64::from(factor * factor);
                    prop_assert!((f64::from(pixel[channel]) - mean).abs() <= 1.0);
                }
            }
        }

        #[test]
        fn what_is_wanted_is_shown_but_for_less_than_a_square_at_the_far_edge(
            wanted in -100i64..200, length in 1i64..200, side in 8u32..150, factor in 1u32..8,
        ) {
            let (start, taken) = squares(wanted, length, side, factor);
            prop_assert!(start + taken <= side && taken % factor == 0 && taken > 0);
            let low = wanted.clamp(0, side.into());
            let high = (wanted + length).clamp(low, side.into());
            prop_assert!(i64::from(start) <= low.max(0) || high == low);
            prop_assert!(i64::from(start + taken) > high - i64::from(factor));
        }
    }
}
