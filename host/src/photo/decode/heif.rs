//! HEIC, HEIF and AVIF (ISO/IEC 23008-12, 23000-22, AVIF 1.1).
//!
//! The boxes are read here, within limits, and memory is proved by them and by the headers of what is coded. Codecs
//! decode one tile at a time, whose pixels go where they belong in the upright picture: turned files take no more memory.

mod av1;
pub(super) mod boxes;
mod codec;
#[cfg(feature = "heic")]
mod hevc;
mod meta;
mod picture;
mod placement;
mod planes;

use std::borrow::Cow;

use image::RgbImage;

use self::boxes::boxes;
use self::codec::Coded;
use self::meta::Meta;
use self::picture::{Layer, Picture};
use self::placement::Placement;
use self::planes::{Cicp, Planes};
use super::{DecodeSettings, PhotoError, colour};

/// Transfer functions of high dynamic range (H.273): PQ and HLG.
const HIGH_RANGE: [u8; 2] = [16, 18];
/// What H.273 has for "not said".
const UNSAID: u8 = 2;

/// Decodes the primary picture, turned and cropped as the file's properties say; what EXIF says of that does not count.
pub(super) fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let meta = open(bytes)?;
    let picture = checked(&meta, settings)?;
    let (width, height) = picture.placement.size;
    let mut photo = RgbImage::new(width, height);
    let cicp = paint(&meta, &picture, &mut photo)?;
    if let Some((alpha, multiplied)) = &picture.alpha {
        lay_on_white(&meta, alpha, *multiplied, &picture.placement, &mut photo)?;
    }
    if let Some(profile) = picture.profile {
        colour::to_srgb(&mut photo, profile);
    } else if !HIGH_RANGE.contains(&cicp.transfer) {
        // The wider range of a high dynamic range picture is not brought into that of sRGB.
        colour::from_primaries(&mut photo, cicp.primaries);
    }
    Ok(photo)
}

/// Width and height in pixels as the header says, after turning.
pub(super) fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    let meta = open(bytes)?;
    Ok(checked(&meta, settings)?.placement.size)
}

/// Reads the boxes of a file.
fn open(bytes: &[u8]) -> Result<Meta<'_>, PhotoError> {
    let mut film = false;
    for found in boxes(bytes) {
        match found {
            Some((kind, body)) if kind == *b"meta" => return Meta::read(bytes, body).ok_or_else(damaged),
            Some((kind, _)) => film |= kind == *b"moov",
            None => break,
        }
    }
    if film {
        Err(kind("an image sequence without a primary picture"))
    } else {
        Err(damaged())
    }
}

/// The primary picture, when it is within limits.
fn checked<'a>(meta: &Meta<'a>, settings: &DecodeSettings) -> Result<Picture<'a>, PhotoError> {
    let picture = Picture::read(meta)?;
    let (width, height) = picture.layer.size;
    settings.check(width, height, 0)?;
    let (width, height) = picture.layer.tile;
    settings.check(width, height, 0)?;
    let (width, height) = picture.placement.size;
    settings.check(width, height, picture.memory())?;
    if picture
        .profile
        .is_some_and(|profile| profile.len() as u64 > settings.max_metadata)
    {
        return Err(super::too_much_metadata(settings));
    }
    Ok(picture)
}

/// Decodes the tiles of a layer one after the other, and hands over each with its left and top.
fn tiles(
    meta: &Meta<'_>,
    layer: &Layer,
    mut take: impl FnMut(Planes, u32, u32) -> Option<()>,
) -> Result<(), PhotoError> {
    let mut place = (0, 0);
    for id in &layer.tiles {
        let item = meta.item(*id).ok_or_else(damaged)?;
        let bytes: Cow<'_, [u8]> = meta.bytes(item).ok_or_else(damaged)?;
        let configuration = picture::configuration(meta, item);
        let planes = codec::decode(item.kind, configuration, layer.tile, &bytes)?;
        take(planes, place.0 * layer.tile.0, place.1 * layer.tile.1).ok_or_else(damaged)?;
        place.0 += 1;
        if place.0 == layer.columns {
            place = (0, place.1 + 1);
        }
    }
    Ok(())
}

/// Paints the colours of a picture, and says what they mean.
fn paint(meta: &Meta<'_>, picture: &Picture<'_>, photo: &mut RgbImage) -> Result<Cicp, PhotoError> {
    let layer = &picture.layer;
    let mut meant = None;
    let pixels = photo.as_chunks_mut::<3>().0;
    tiles(meta, layer, |planes, left, top| {
        let cicp = merge(picture.cicp, planes.cicp);
        meant = Some(cicp);
        let rest = (layer.size.0 - left, layer.size.1 - top);
        planes.convert(rest, cicp, |row, colours| {
            place(
                &picture.placement,
                (left, top + row),
                colours,
                pixels,
                |pixel, colour| *pixel = colour,
            );
        })
    })?;
    meant.ok_or_else(damaged)
}

/// Lays a picture on white by how opaque it is.
fn lay_on_white(
    meta: &Meta<'_>,
    alpha: &Layer,
    multiplied: bool,
    placement: &Placement,
    photo: &mut RgbImage,
) -> Result<(), PhotoError> {
    let pixels = photo.as_chunks_mut::<3>().0;
    tiles(meta, alpha, |planes, left, top| {
        let rest = (alpha.size.0 - left, alpha.size.1 - top);
        planes.opacity(rest, |row, opaque| {
            place(
                placement,
                (left, top + row),
                opaque,
                pixels,
                |pixel: &mut [u8; 3], alpha| {
                    let alpha = u16::from(alpha);
                    for value in pixel {
                        let colour = if multiplied { 255 } else { alpha } * u16::from(*value);
                        // Rounded; at most 255, so `as` loses nothing.
                        *value = ((colour + 255 * (255 - alpha) + 127) / 255).min(255) as u8;
                    }
                },
            );
        })
    })
}

/// Brings a row of coded values to where they belong in the upright picture.
fn place<T: Copy>(
    placement: &Placement,
    (left, row): (u32, u32),
    values: &[T],
    pixels: &mut [[u8; 3]],
    put: impl Fn(&mut [u8; 3], T),
) {
    let right = left.saturating_add(values.len() as u32);
    let Some(line) = placement.line(row, left..right) else {
        return;
    };
    let kept = (line.columns.start - left) as usize..(line.columns.end - left) as usize;
    let mut at = line.start;
    for value in values.get(kept).unwrap_or_default() {
        if let Some(pixel) = usize::try_from(at).ok().and_then(|at| pixels.get_mut(at)) {
            put(pixel, *value);
        }
        at += line.step;
    }
}

/// What the file says counts more than what the coded picture says.
fn merge(file: Option<Cicp>, coded: Cicp) -> Cicp {
    let Some(file) = file else { return coded };
    let said = |file: u8, coded: u8| if file == UNSAID { coded } else { file };
    Cicp {
        primaries: said(file.primaries, coded.primaries),
        transfer: said(file.transfer, coded.transfer),
        matrix: said(file.matrix, coded.matrix),
        full_range: file.full_range,
    }
}

fn damaged() -> PhotoError {
    PhotoError::Damaged(None)
}

/// A photo of a kind that is not decoded; `what` stands after "the photo is".
fn kind(what: impl Into<Cow<'static, str>>) -> PhotoError {
    PhotoError::kind(what)
}
