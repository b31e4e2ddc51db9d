//! AV1 pictures, by a translation of dav1d to Rust.

use re_rav1d::dav1d::{
    Decoder, Error, InloopFilterType, Picture, PixelLayout, PlanarImageComponent, Settings,
};

use super::boxes::Reader;
use super::planes::{Cicp, Planes};
use super::{Coded, UNSAID, damaged, kind};
use crate::photo::PhotoError;

/// What is kept of every block while a picture is decoded, in bytes a pixel.
const BYTES_BESIDE: u64 = 1;
/// Bytes that the decoder takes for a picture of any size.
const FIXED: u64 = 4 << 20;

/// How often the decoder is asked for a picture.
const MAX_ROUNDS: usize = 256;

/// Depth and memory of a picture of a size that the file names, by the box `av1C` (AV1-ISOBMFF 2.3.3).
pub(super) fn head(configuration: &[u8], size: (u32, u32)) -> Result<Coded, PhotoError> {
    let mut reader = Reader(configuration);
    let (Some(0x81), Some(_), Some(flags)) = (reader.u8(), reader.u8(), reader.u8()) else {
        return Err(damaged());
    };
    // Values of two pixels, so that they are whole numbers: without colours, with few, with all.
    let values = match (flags & 0x10 != 0, flags & 8 != 0, flags & 4 != 0) {
        (true, ..) => 2,
        (_, true, true) => 3,
        (_, true, false) => 4,
        _ => 6,
    };
    // The planes are there twice where film grain is laid on them.
    let bytes = if flags & 0x40 != 0 { 2 } else { 1 };
    let pixels = u64::from(size.0).next_multiple_of(128) * u64::from(size.1).next_multiple_of(128);
    Ok(Coded {
        size,
        memory: pixels
            .saturating_mul(values * bytes + BYTES_BESIDE)
            .saturating_add(FIXED),
        cicp: None,
    })
}

/// Decodes a picture or tile, which must have the size that the file names.
pub(super) fn decode(size: (u32, u32), bytes: &[u8]) -> Result<Planes, PhotoError> {
    if bytes.is_empty() {
        return Err(damaged());
    }
    let mut settings = Settings::new();
    // Photos are decoded side by side already.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_inloop_filters(InloopFilterType::all());
    settings.set_frame_size_limit(size.0.saturating_mul(size.1));
    let mut decoder = Decoder::with_settings(&settings).map_err(failure)?;
    let picture = first_picture(&mut decoder, bytes)?;
    if (picture.width(), picture.height()) != size {
        return Err(damaged());
    }
    let colour = match picture.pixel_layout() {
        PixelLayout::I400 => None,
        PixelLayout::I420 => Some((1, 1)),
        PixelLayout::I422 => Some((1, 0)),
        PixelLayout::I444 => Some((0, 0)),
    };
    let depth = u8::try_from(picture.bit_depth()).map_err(|_| damaged())?;
    Ok(Planes {
        size,
        depth,
        colour,
        // Of its other numbers, which files repeat in boxes, the decoder knows not all.
        cicp: Cicp {
            primaries: UNSAID,
            transfer: UNSAID,
            matrix: UNSAID,
            full_range: picture.color_range() as u8 == 1,
        },
        rows: Box::new(move |plane, row, into| copy_row(&picture, plane, row, into)),
    })
}

/// The first picture that a string of bytes gives.
fn first_picture(decoder: &mut Decoder, bytes: &[u8]) -> Result<Picture, PhotoError> {
    let mut sent = decoder.send_data(bytes.to_vec(), None, None, None);
    for _ in 0..MAX_ROUNDS {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(cause) if !cause.is_again() => return Err(failure(cause)),
            // More was to be sent.
            Err(_) if sent.is_err_and(|cause| cause.is_again()) => sent = decoder.send_pending_data(),
            Err(_) => {
                sent.map_err(failure)?;
                return Err(damaged());
            }
        }
    }
    Err(damaged())
}

fn copy_row(picture: &Picture, plane: usize, row: u32, into: &mut Vec<u16>) -> Option<()> {
    let component = PlanarImageComponent::from(plane);
    let stride = picture.stride(component) as usize;
    let samples = picture.plane(component);
    let start = row as usize * stride;
    let row = samples.get(start..start + stride)?;
    into.clear();
    if picture.bit_depth() == 8 {
        into.extend(row.iter().map(|value| u16::from(*value)));
    } else {
        let pairs = row.chunks_exact(2);
        into.extend(pairs.map(|pair| u16::from_ne_bytes([pair[0], pair[1]])));
    }
    Some(())
}

/// What an error of the decoder means for the caller.
fn failure(cause: Error) -> PhotoError {
    match cause {
        Error::NotEnoughMemory => PhotoError::OutOfMemory(cause.into()),
        Error::UnsupportedBitstream => kind("an AVIF picture with features of AV1 that are not supported"),
        _ => PhotoError::Damaged(Some(cause.into())),
    }
}
