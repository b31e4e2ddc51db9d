//! Resized and cropped copies of a photo. Pixels are averaged over the area they cover
//! (a triangle filter widened by the scale), as `PIL.Image.resize(..., BILINEAR)` does, or for the networks that were
//! trained so by a cubic filter widened by the scale, as `PIL.Image.resize(..., BICUBIC)` does.

use std::borrow::Cow;

use fast_image_resize::images::{CroppedImageMut, Image, ImageRef};
use fast_image_resize::{Filter, FilterType, PixelType, ResizeAlg, ResizeOptions};
use image::{Rgb, RgbImage};
use libjpeg_turbo_rs::{PixelFormat, Subsampling};

use super::{PhotoError, reduce};
use crate::domain::Rect;

/// The sides of what a detector looks at are multiples of this, the cells of its coarsest grid.
const COARSEST_CELL: u32 = 32;

/// A photo made to fit a square, without the part of the square that it leaves empty.
#[derive(Clone, Debug)]
pub struct Letterboxed {
    /// The photo, and black to the right of it or below, up to the next multiple of 32 pixels.
    pub image: RgbImage,
    /// Pixels of the image for each pixel of the photo; divide by it to get back to the photo.
    pub scale: f32,
}

/// Scales a photo up or down so that its longer side is `size` pixels, at the top left of a black image whose sides are
/// multiples of 32, or `size`: a detector need not look at more of a square than has something in it. The shorter side
/// of the photo is rounded to whole pixels, at least one.
///
/// # Errors
/// When the photo or the image has no pixels.
pub fn letterbox(photo: &RgbImage, size: u32) -> Result<Letterboxed, PhotoError> {
    let whole = Rect {
        x1: 0.0,
        y1: 0.0,
        x2: photo.width() as f32,
        y2: photo.height() as f32,
    };
    letterbox_part(photo, &whole, size)
}

/// As [`letterbox`], with a part of a photo in the place of the whole: `scale` is of the photo's pixels, and the part's
/// upper left corner is the image's.
///
/// # Errors
/// When the part is not within the photo, or it or the image has no pixels.
pub fn letterbox_part(photo: &RgbImage, part: &Rect, size: u32) -> Result<Letterboxed, PhotoError> {
    let (width, height) = (f64::from(part.x2 - part.x1), f64::from(part.y2 - part.y1));
    let longer = width.max(height);
    let scale = f64::from(size) / longer;
    // `as` is right: the rounded side lies between 0 and `size`.
    // Multiplied first, so that a half is one and rounds up.
    let scaled = |side: f64| ((side * f64::from(size) / longer).round() as u32).clamp(1, size.max(1));
    let seen = CropBox {
        left: part.x1.into(),
        top: part.y1.into(),
        width,
        height,
    };
    let scaled = (scaled(width), scaled(height));
    let room = |side: u32| side.next_multiple_of(COARSEST_CELL).min(size);
    let canvas = (room(scaled.0), room(scaled.1));
    let image = resample(photo, FilterType::Bilinear, seen, scaled, canvas)?;
    Ok(Letterboxed {
        image,
        scale: scale as f32,
    })
}

/// The square of a photo whose corner is at `left` and `top` and whose sides are `side` pixels, as `size` x `size` pixels;
/// black where it reaches beyond the photo's right or lower edge.
///
/// # Errors
/// When the corner is not within the photo, the side is not above 0, or the square has no pixels.
pub fn zoom(photo: &RgbImage, left: f32, top: f32, side: f32, size: u32) -> Result<RgbImage, PhotoError> {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    if !(left >= 0.0 && top >= 0.0 && left < width && top < height && side > 0.0 && side.is_finite()) {
        return Err(PhotoError::Geometry(
            "the square does not begin in the photo or has no area",
        ));
    }
    let seen = (side.min(width - left), side.min(height - top));
    // `as` is right: neither is above `size`.
    let scaled = |seen: f32| ((seen / side * size as f32).round() as u32).clamp(1, size.max(1));
    let part = CropBox {
        left: left.into(),
        top: top.into(),
        width: seen.0.into(),
        height: seen.1.into(),
    };
    let scaled = (scaled(seen.0), scaled(seen.1));
    resample(photo, FilterType::Bilinear, part, scaled, (size, size))
}

/// A whole photo in the upper left corner of a square of `size` x `size`, resized so that its longer side fills it; the rest
/// of the square has the given colour.
///
/// # Errors
/// When the photo or the square has no pixels.
pub fn in_corner(photo: &RgbImage, size: u32, around: Rgb<u8>) -> Result<RgbImage, PhotoError> {
    let longer = photo.width().max(photo.height());
    // `as` is right: neither is above `size`.
    let scaled = |side: u32| {
        let scaled = f64::from(size) * f64::from(side) / f64::from(longer.max(1));
        (scaled.round_ties_even() as u32).max(1)
    };
    let whole = CropBox {
        left: 0.0,
        top: 0.0,
        width: f64::from(photo.width()),
        height: f64::from(photo.height()),
    };
    let shown = (scaled(photo.width()), scaled(photo.height()));
    let resized = resample(photo, FilterType::Bilinear, whole, shown, shown)?;
    let mut square = RgbImage::from_pixel(size, size, around);
    image::imageops::replace(&mut square, &resized, 0, 0);
    Ok(square)
}

/// A whole photo with at most `longest` pixels along its longer side; as it is when it has no more.
///
/// # Errors
/// When the photo has no pixels, or `longest` is 0.
pub fn fit(photo: &RgbImage, longest: u32) -> Result<Cow<'_, RgbImage>, PhotoError> {
    let longer = photo.width().max(photo.height());
    if longer <= longest {
        return Ok(Cow::Borrowed(photo));
    }
    // `as` is right: neither is above `longest`.
    let scaled = |side: u32| {
        let scaled = f64::from(longest) * f64::from(side) / f64::from(longer);
        (scaled.round() as u32).max(1)
    };
    let size = (scaled(photo.width()), scaled(photo.height()));
    let whole = CropBox {
        left: 0.0,
        top: 0.0,
        width: f64::from(photo.width()),
        height: f64::from(photo.height()),
    };
    resample(photo, FilterType::Bilinear, whole, size, size).map(Cow::Owned)
}

/// The middle of a photo as a square of `size` x `size`: `fraction` (above 0, at most 1) of the shorter
/// side, at least one pixel, from the exact middle, also between two pixels; as
/// `PIL.Image.resize(..., BILINEAR, box=...)`.
///
/// # Errors
/// When the fraction is out of its range, or the photo or the square has no pixels.
pub fn centre_crop(photo: &RgbImage, fraction: f32, size: u32) -> Result<RgbImage, PhotoError> {
    if !(fraction > 0.0 && fraction <= 1.0) {
        return Err(PhotoError::Geometry("the part to keep is not between 0 and 1"));
    }
    let (width, height) = (f64::from(photo.width()), f64::from(photo.height()));
    // Of a part far smaller than a pixel, the resizer finds none.
    let shorter = width.min(height);
    let side = (shorter * f64::from(fraction)).max(1.0).min(shorter);
    let middle = CropBox {
        left: (width - side) / 2.0,
        top: (height - side) / 2.0,
        width: side,
        height: side,
    };
    resample(photo, FilterType::Bilinear, middle, (size, size), (size, size))
}

/// A photo made so small that its shorter side is `size` pixels, and the middle of that, `size` x `size`: as
/// torchvision's `Resize(size, BICUBIC)` and `CenterCrop(size)`, with which CLIP's networks are used. Only the middle
/// is computed.
///
/// # Errors
/// When the photo or the square has no pixels.
pub fn shorter_side_crop(photo: &RgbImage, size: u32) -> Result<RgbImage, PhotoError> {
    let (width, height) = photo.dimensions();
    if photo.is_empty() {
        return Err(PhotoError::Geometry("the photo has no pixels"));
    }
    let shorter = u64::from(width.min(height));
    // The longer side is cut off to whole pixels, so that the two sides may be scaled a little differently.
    let part = |side: u32| {
        let resized = u64::from(size) * u64::from(side) / shorter;
        let margin = (resized - u64::from(size)) as f64 / 2.0;
        // Multiplied first: the whole of a side is then exactly that side, and never reaches beyond the photo's edge.
        let scaled = |pixels: f64| pixels * f64::from(side) / resized as f64;
        // Python rounds halves to the even number.
        (scaled(margin.round_ties_even()), scaled(f64::from(size)))
    };
    let ((left, width), (top, height)) = (part(width), part(height));
    let middle = CropBox {
        left,
        top,
        width,
        height,
    };
    resample(photo, bicubic()?, middle, (size, size), (size, size))
}

/// A whole photo as a square of `size` x `size`, whatever its shape, as BLIP's network is used:
/// `PIL.Image.resize((size, size), BICUBIC)`.
///
/// # Errors
/// When the photo or the square has no pixels.
pub fn stretch(photo: &RgbImage, size: u32) -> Result<RgbImage, PhotoError> {
    let whole = CropBox {
        left: 0.0,
        top: 0.0,
        width: f64::from(photo.width()),
        height: f64::from(photo.height()),
    };
    resample(photo, bicubic()?, whole, (size, size), (size, size))
}

/// A face as a square of `size` x `size`, with `margin` times its longer side left around it on each
/// side (0.3 gives a square 1.6 times as wide as the face). The square is moved, and where that is not
/// enough shrunk, to stay inside the photo.
///
/// # Errors
/// When an edge or the margin is not finite, the margin is negative, or the photo or the square has
/// no pixels.
pub fn square_crop(photo: &RgbImage, face: &Rect, margin: f32, size: u32) -> Result<RgbImage, PhotoError> {
    let square = square_around(face, margin, photo.dimensions())?;
    resample(photo, FilterType::Bilinear, square, (size, size), (size, size))
}

/// A JPEG of an image; `quality` is 1 (worst) to 100. Colours have half the pixels along each side (4:2:0), as cameras
/// write them.
///
/// # Errors
/// When the image has no pixels or a side above 65,500.
pub fn encode_jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, PhotoError> {
    if image.is_empty() {
        return Err(PhotoError::Geometry("the picture has no pixels"));
    }
    let (width, height) = (image.width() as usize, image.height() as usize);
    libjpeg_turbo_rs::compress(
        image.as_raw(),
        width,
        height,
        PixelFormat::Rgb,
        quality,
        Subsampling::S420,
    )
    .map_err(PhotoError::internal)
}

/// The cubic filter of PIL: that of Keys (1981) with a = -1/2, which is also called Catmull-Rom.
///
/// Not fast_image_resize's own, of which version 6.1 leaves out weights of zero at the ends of a row of weights. This
/// filter has one in its middle, at a distance of 1: where a pixel of the result lies exactly on one of the photo, its row
/// then begins after that of the pixel to its right, and the library reads outside of its memory.
fn bicubic() -> Result<FilterType, PhotoError> {
    let weight = |distance: f64| {
        let x = distance.abs();
        let weight = if x < 1.0 {
            (1.5 * x - 2.5) * x * x + 1.0
        } else if x < 2.0 {
            ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0
        } else {
            return 0.0;
        };
        // Too little to change a pixel.
        if weight == 0.0 { f64::MIN_POSITIVE } else { weight }
    };
    let filter = Filter::new("bicubic", weight, 2.0).map_err(PhotoError::internal)?;
    Ok(FilterType::Custom(filter))
}

/// A part of a photo, in pixels; its edges may lie between two pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CropBox {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// The square that [`square_crop`] cuts out of a photo of `(width, height)`; never outside of it.
fn square_around(face: &Rect, margin: f32, (width, height): (u32, u32)) -> Result<CropBox, PhotoError> {
    let edges = [face.x1, face.y1, face.x2, face.y2];
    if !edges.iter().all(|edge| edge.is_finite()) {
        return Err(PhotoError::Geometry("its rectangle is not finite"));
    }
    if !(margin.is_finite() && margin >= 0.0) {
        return Err(PhotoError::Geometry("the margin is negative or not finite"));
    }
    let [x1, y1, x2, y2] = edges.map(f64::from);
    let (width, height) = (f64::from(width), f64::from(height));
    let longer = (x2 - x1).max(y2 - y1).max(1.0);
    let side = (longer * (1.0 + 2.0 * f64::from(margin))).min(width).min(height);
    let place = |low: f64, high: f64, room: f64| ((low + high - side) / 2.0).clamp(0.0, room - side);
    Ok(CropBox {
        left: place(x1, x2, width),
        top: place(y1, y2, height),
        width: side,
        height: side,
    })
}

/// Draws a part of a photo, resized to a width and a height, at the top left of a black image of another width and
/// height. Reads the photo's own buffer and writes the image's own: nothing is copied.
fn resample(
    photo: &RgbImage,
    filter: FilterType,
    part: CropBox,
    (width, height): (u32, u32),
    (canvas_width, canvas_height): (u32, u32),
) -> Result<RgbImage, PhotoError> {
    if photo.is_empty() || canvas_width == 0 || canvas_height == 0 {
        return Err(PhotoError::Geometry("the photo or the result has no pixels"));
    }
    let source = ImageRef::new(photo.width(), photo.height(), photo.as_raw(), PixelType::U8x3)
        .map_err(PhotoError::internal)?;
    let mut canvas = RgbImage::new(canvas_width, canvas_height);
    let mut target = Image::from_slice_u8(canvas_width, canvas_height, &mut canvas, PixelType::U8x3)
        .map_err(PhotoError::internal)?;
    let mut corner = CroppedImageMut::new(&mut target, 0, 0, width, height).map_err(PhotoError::internal)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(part.left, part.top, part.width, part.height);
    reduce::resize(&source, &mut corner, &options)?;
    Ok(canvas)
}

#[cfg(test)]
mod tests;
