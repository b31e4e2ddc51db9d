//! JPEG XL (ISO/IEC 18181), by jxl-oxide.

use std::borrow::Cow;

use image::{RgbImage, RgbaImage};
use jxl_bitstream::Bitstream;
use jxl_oxide::image::ImageHeader;
use jxl_oxide::{
    AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, JxlThreadPool, PixelFormat, RenderingIntent,
};
use jxl_oxide_common::Bundle;

use super::heif::boxes::boxes;
use super::{DecodeSettings, PhotoError, colour, on_white};

/// A bare codestream.
const BARE: &[u8] = b"\xff\x0a";
/// Boxes, of which this is the first.
const BOXED: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";
/// Bytes of the codestream that are fed at a time, until the header is there.
const STEP: usize = 4_096;
/// The most memory that decoding takes for a pixel, in bytes: three channels of 32 bits, coded and rendered, and the
/// bytes that are made of them.
const BYTES_PER_PIXEL: u64 = 40;
/// The same for every channel beside colours.
const BYTES_PER_EXTRA: u64 = 12;

/// Whether a file is JPEG XL.
pub(super) fn is_jxl(bytes: &[u8]) -> bool {
    bytes.starts_with(BARE) || bytes.starts_with(BOXED)
}

/// Width and height in pixels as the header says, after turning.
pub(super) fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    let stream = codestream(bytes)?;
    let (image, _) = open(&stream, settings)?;
    Ok((image.width(), image.height()))
}

/// Decodes the first frame, turned as the header says.
pub(super) fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let stream = codestream(bytes)?;
    let (mut image, mut rest) = open(&stream, settings)?;
    while image.num_loaded_keyframes() == 0 && !rest.is_empty() {
        let used = image.feed_bytes(rest).map_err(failure)?;
        if used == 0 {
            break;
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    if image.num_loaded_keyframes() == 0 {
        return Err(PhotoError::Damaged(None));
    }
    let own_profile = image.original_icc().map(<[u8]>::to_vec);
    if own_profile.is_none() || image.image_header().metadata.xyb_encoded {
        image.request_color_encoding(EnumColourEncoding::srgb(RenderingIntent::Relative));
    }
    let rendered = image.render_frame(0).map_err(failure)?;
    let mut stream = rendered.stream();
    let (width, height, channels) = (stream.width(), stream.height(), stream.channels() as usize);
    let mut values = vec![0u8; width as usize * height as usize * channels];
    stream.write_to_buffer(&mut values);
    drop(rendered);
    let misfit = || PhotoError::internal("a JPEG XL buffer did not fit its size");
    let mut photo = match channels {
        1 => {
            let grey = image::GrayImage::from_raw(width, height, values).ok_or_else(misfit)?;
            image::DynamicImage::ImageLuma8(grey).into_rgb8()
        }
        2 => {
            let grey = image::GrayAlphaImage::from_raw(width, height, values).ok_or_else(misfit)?;
            on_white(image::DynamicImage::ImageLumaA8(grey).into_rgba8())?
        }
        3 => RgbImage::from_raw(width, height, values).ok_or_else(misfit)?,
        _ => on_white(RgbaImage::from_raw(width, height, values).ok_or_else(misfit)?)?,
    };
    if let Some(profile) = own_profile.filter(|_| !image.image_header().metadata.xyb_encoded) {
        colour::to_srgb(&mut photo, &profile);
    }
    Ok(photo)
}

/// Reads the header, and checks the limits against it. Gives what is to be fed yet, too.
fn open<'a>(stream: &'a [u8], settings: &DecodeSettings) -> Result<(JxlImage, &'a [u8]), PhotoError> {
    check_header(stream, settings)?;
    let memory = usize::try_from(settings.max_memory).unwrap_or(usize::MAX);
    let builder = JxlImage::builder()
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(memory));
    let mut waiting = builder.build_uninit();
    let mut rest = stream;
    let mut step = STEP;
    let image = loop {
        let next = rest.get(..step).unwrap_or(rest);
        let used = waiting.feed_bytes(next).map_err(failure)?;
        if used == 0 && next.len() == rest.len() {
            return Err(PhotoError::Damaged(None));
        }
        if used == 0 {
            step *= 2;
        }
        rest = rest.get(used..).unwrap_or_default();
        match waiting.try_init().map_err(failure)? {
            InitializeResult::NeedMoreData(more) => waiting = more,
            InitializeResult::Initialized(image) => break image,
        }
    };
    if matches!(image.pixel_format(), PixelFormat::Cmyk | PixelFormat::Cmyka) {
        return Err(PhotoError::kind("a JPEG XL in CMYK"));
    }
    Ok((image, rest))
}

/// Holds the limits against the header: the decoder unpacks a profile before it can be asked for a size.
fn check_header(stream: &[u8], settings: &DecodeSettings) -> Result<(), PhotoError> {
    let mut bits = Bitstream::new(stream);
    let damaged = |cause: jxl_bitstream::Error| PhotoError::Damaged(Some(cause.into()));
    let header = ImageHeader::parse(&mut bits, ()).map_err(damaged)?;
    let (width, height) = (header.width_with_orientation(), header.height_with_orientation());
    let extra = header.metadata.ec_info.len() as u64;
    let pixels = u64::from(width) * u64::from(height);
    let memory = pixels.saturating_mul(BYTES_PER_PIXEL + BYTES_PER_EXTRA * extra);
    settings.check(width, height, memory)?;
    if header.metadata.preview.is_some() {
        return Err(PhotoError::kind("a JPEG XL that contains a preview"));
    }
    if header.metadata.colour_encoding.want_icc() {
        let packed = bits.read_u64().map_err(damaged)?;
        if packed > settings.max_metadata {
            return Err(super::too_much_metadata(settings));
        }
    }
    Ok(())
}

/// The codestream, out of its boxes when there are any. What else lies in those is left alone.
fn codestream(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PhotoError> {
    if bytes.starts_with(BARE) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut parts = Vec::new();
    for found in boxes(bytes) {
        match found {
            Some((kind, body)) if kind == *b"jxlc" => return Ok(Cow::Borrowed(body)),
            // A number in order before each part.
            Some((kind, body)) if kind == *b"jxlp" => {
                parts.extend_from_slice(body.get(4..).unwrap_or_default())
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(Cow::Owned(parts))
}

/// What an error of the decoder means for the caller.
fn failure(cause: Box<dyn std::error::Error + Send + Sync>) -> PhotoError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&*cause);
    while let Some(this) = source {
        if this.is::<jxl_grid::OutOfMemory>() {
            return PhotoError::OutOfMemory(cause);
        }
        source = this.source();
    }
    PhotoError::Damaged(Some(cause))
}
