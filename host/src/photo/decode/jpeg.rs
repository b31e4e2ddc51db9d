//! JPEG files: what their markers say of their size and cost, and their pixels.

mod markers;

use bytes::Bytes;
use image::RgbImage;
use image::metadata::Orientation;
use libjpeg_turbo_rs::{DecodeLimits, Decoder, JpegError, PixelFormat, ScalingFactor};

use self::markers::{
    END_OF_IMAGE, Frame, PREFIX, ends, has_all_scans, has_shared_scan, has_usual_head, orientation,
};
use super::super::turn::{Area, rounded_up};
use super::{DecodeSettings, PhotoError};

/// A file whose markers were read, and found to be of a kind that is decoded and within the limits.
#[derive(Clone, Debug)]
pub(super) struct File {
    bytes: Bytes,
    frame: Frame,
    /// How the picture must be turned, as the first Exif segment says.
    pub(super) orientation: Orientation,
    /// The colour profile of a picture in RGB.
    pub(super) profile: Option<Vec<u8>>,
    limits: DecodeLimits,
}

/// Pixels of the photo along each side that one pixel of a reduced picture shows, at most.
pub(super) const MAX_REDUCTION: u32 = 8;

impl File {
    /// Reads the markers up to the first scan.
    ///
    /// # Errors
    /// [`PhotoError::UnsupportedKind`] for lossless, hierarchical and JPEG-LS files, for samples of other than 8 bits
    /// and for colour that is finer than brightness; [`PhotoError::Damaged`] where there is no frame, or a head that no
    /// program writes; those of [`DecodeSettings::check`].
    pub(super) fn open(bytes: &Bytes, settings: &DecodeSettings) -> Result<Self, PhotoError> {
        let frame = proved(bytes, settings)?;
        let limits = DecodeLimits {
            max_width: settings.max_side as usize,
            max_height: settings.max_side as usize,
            max_pixels: settings.max_pixels,
            max_scans: settings.max_scans,
            // Foreseen in `memory`, which knows of reduced pictures and of parts.
            max_memory: None,
        };
        // The decoder looks for the end of the last scan, which may be whole without the end marker.
        let bytes: Bytes = if frame.is_one_scan() || ends(bytes) || !has_all_scans(bytes, &frame) {
            bytes.clone()
        } else {
            [&bytes[..], &[PREFIX, END_OF_IMAGE]].concat().into()
        };
        let profile = if frame.factors.len() == 3 {
            let decoder =
                Decoder::new_with_limits(&bytes, limits).map_err(|error| failure(error, settings))?;
            decoder
                .icc_profile()
                .ok()
                .flatten()
                .filter(|profile| profile.len() as u64 <= settings.max_metadata)
        } else {
            None
        };
        Ok(Self {
            orientation: orientation(&bytes),
            bytes,
            profile,
            frame,
            limits,
        })
    }

    /// Width and height in pixels, before the picture is turned.
    pub(super) fn dimensions(&self) -> (u32, u32) {
        (self.frame.width, self.frame.height)
    }

    /// The area that is decoded for `wanted`: the same, moved outwards to whole pixels of the reduced picture and to
    /// the columns at which decoding can begin. Its right and lower edges may reach beyond the picture, by less than
    /// `reduction`.
    pub(super) fn decodable(&self, wanted: Area, reduction: u32) -> Area {
        const BLOCK: i64 = 8;
        let reduction = i64::from(reduction);
        let across = self.frame.factors.iter().map(|(across, _)| *across).max();
        let column = BLOCK * i64::from(across.unwrap_or(1));
        let end = |side: u32| rounded_up(side.into(), reduction);
        let left = wanted.left.clamp(0, i64::from(self.frame.width) - 1) / column * column;
        let top = wanted.top.clamp(0, i64::from(self.frame.height) - 1) / reduction * reduction;
        let right = rounded_up(wanted.left + wanted.width, reduction);
        let bottom = rounded_up(wanted.top + wanted.height, reduction);
        Area {
            left,
            top,
            width: right.clamp(left + reduction, end(self.frame.width)) - left,
            height: bottom.clamp(top + reduction, end(self.frame.height)) - top,
        }
    }

    /// Bytes that are in use at a time while an area is decoded, the file and the pixels included.
    ///
    /// The decoder keeps planes of samples, of the area's rows where one scan holds all components, else of the whole
    /// picture; the coefficients of a progressive file, 2 bytes each, at full size; and the pixels, twice where rows are
    /// cut out. Measured on pictures of 45 megapixels, in parts and as a whole, at each reduction.
    pub(super) fn memory(&self, area: Area, reduction: u32) -> u64 {
        let frame = &self.frame;
        let square = u64::from(reduction) * u64::from(reduction);
        let (width, height) = (area.width.max(0) as u64, area.height.max(0) as u64);
        let cut = height < u64::from(frame.height);
        let samples = frame.samples();
        let planes = if cut && frame.is_one_scan() {
            samples * height / u64::from(frame.height).max(1)
        } else {
            samples
        };
        let coefficients = if frame.is_progressive() { 2 * samples } else { 0 };
        let pixels = 3 * width * height * if cut { 2 } else { 1 };
        self.bytes.len() as u64 + coefficients + (planes + pixels) / square
    }

    /// The pixels of an area that [`Self::decodable`] gave, before they are turned, each the mean of `reduction` by
    /// `reduction` (1, 2, 4 or 8) as the inverse DCT of fewer coefficients makes it.
    ///
    /// # Errors
    /// [`PhotoError::Damaged`], [`PhotoError::UnsupportedKind`], [`PhotoError::TooManyScans`] or
    /// [`PhotoError::TooMuchMemory`].
    pub(super) fn decode(
        &self,
        area: Area,
        reduction: u32,
        settings: &DecodeSettings,
    ) -> Result<RgbImage, PhotoError> {
        self.decode_area(area, reduction)
            .map_err(|error| failure(error, settings))
    }

    fn decode_area(&self, area: Area, reduction: u32) -> Result<RgbImage, JpegError> {
        let mut decoder = Decoder::new_with_limits(&self.bytes, self.limits)?;
        decoder.set_output_format(PixelFormat::Rgb);
        decoder.set_scale(ScalingFactor::try_new(1, reduction)?);
        // `as` is right: the area lies within the picture, but for less than a pixel of the reduced one.
        let reduced = |side: i64| (side / i64::from(reduction)) as usize;
        let [left, top, width, height] = [area.left, area.top, area.width, area.height].map(reduced);
        if (width, height) != (decoder.output_width(), decoder.output_height()) {
            decoder.set_crop_region(left, top, width, height);
        }
        let decoded = decoder.decode_image()?;
        let size = (decoded.width, decoded.height);
        let fitting = u32::try_from(width).ok().zip(u32::try_from(height).ok());
        fitting
            .filter(|_| size == (width, height))
            .and_then(|(width, height)| RgbImage::from_raw(width, height, decoded.data))
            .ok_or_else(|| JpegError::CorruptData(format!("{size:?} pixels instead of {width} x {height}")))
    }
}

/// Width and height in pixels of a file that is of a kind that is decoded, before it is turned.
///
/// # Errors
/// Those of [`File::open`].
pub(super) fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    let frame = proved(bytes, settings)?;
    Ok((frame.width, frame.height))
}

/// What the markers say, of a file that is of a kind that is decoded.
fn proved(bytes: &[u8], settings: &DecodeSettings) -> Result<Frame, PhotoError> {
    if !has_usual_head(bytes) {
        return Err(PhotoError::Damaged(None));
    }
    let frame = Frame::of(bytes)?;
    settings.check_pixels(frame.width, frame.height)?;
    if !frame.is_progressive() && !frame.is_one_scan() && has_shared_scan(bytes, frame.factors.len()) {
        return Err(PhotoError::kind(
            "a JPEG of several scans, one of them with two colours",
        ));
    }
    Ok(frame)
}

fn failure(error: JpegError, settings: &DecodeSettings) -> PhotoError {
    match error {
        JpegError::Unsupported(what) => PhotoError::kind(format!("a JPEG of an unusual type ({what})")),
        JpegError::LimitExceeded { what, .. } if what.starts_with("scan") => PhotoError::TooManyScans {
            limit: settings.max_scans,
        },
        error @ JpegError::AllocationFailed { .. } => PhotoError::OutOfMemory(error.into()),
        error => PhotoError::Damaged(Some(error.into())),
    }
}
