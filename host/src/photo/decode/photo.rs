//! A photo of which no more is decoded than is looked at.

use bytes::Bytes;
use image::RgbImage;

use super::super::part::Part;
use super::super::reduce;
use super::super::turn::{Area, Turn};
use super::colour::ToSrgb;
use super::{DecodeSettings, PhotoError, Source, jpeg, overview, read};
use crate::domain::Rect;

/// How many pixels of a photo are looked at: at least so many along its longer and its shorter side, as far as it has
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Pixels along the longer side.
    pub longer: u32,
    /// Pixels along the shorter side.
    pub shorter: u32,
}

impl Look {
    /// All pixels.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            longer: u32::MAX,
            shorter: u32::MAX,
        }
    }

    /// The largest of 1, 2, 4 and 8 by which a picture of this size may be reduced.
    pub(super) fn reduction(self, (width, height): (u32, u32)) -> u32 {
        let (longer, shorter) = (width.max(height), width.min(height));
        let mut reduction = jpeg::MAX_REDUCTION;
        while reduction > 1 && (longer / reduction < self.longer || shorter / reduction < self.shorter) {
            reduction /= 2;
        }
        reduction
    }
}

/// A photo, decoded as far as it is looked at: an overview of all of it, and parts with more pixels when they are asked
/// for.
pub struct Photo {
    source: Option<Source>,
    turn: Turn,
    colours: Option<ToSrgb>,
    /// Width and height in pixels before it is turned.
    stored: (u32, u32),
    settings: DecodeSettings,
    overview: Part,
}

impl Photo {
    /// Decodes the overview. JPEG is decoded with as few coefficients as that needs, other formats as a whole.
    ///
    /// # Errors
    /// Those of [`decode`](super::decode).
    pub fn read(bytes: Bytes, settings: &DecodeSettings, look: Look) -> Result<Self, PhotoError> {
        if bytes.is_empty() {
            return Err(PhotoError::EmptyBody);
        }
        let stored = read(&bytes, settings, look)?;
        let size = stored.size;
        let whole = Area {
            left: 0,
            top: 0,
            width: size.0.into(),
            height: size.1.into(),
        };
        let (turn, colours) = (
            Turn::new(stored.orientation),
            stored.profile.as_deref().and_then(ToSrgb::new),
        );
        let reduction = match &stored.source {
            Source::Jpeg(_) => look.reduction(size),
            Source::Pixels(_) => overview(size, stored.orientation, look, settings.max_memory).0,
        };
        let (source, area, pixels) = match stored.source {
            Source::Pixels(pixels) if reduction == 1 => (None, whole, pixels),
            source => {
                let (area, pixels) = pixels(&source, whole, reduction, settings)?;
                (Some(source), area, pixels)
            }
        };
        let overview = upright(pixels, area, reduction, turn, size, colours.as_ref());
        Ok(Self {
            source,
            turn,
            colours,
            stored: size,
            settings: *settings,
            overview,
        })
    }

    /// Width and height of the whole, upright photo in pixels.
    #[must_use]
    pub fn dimensions(&self) -> (u32, u32) {
        self.turn.size(self.stored)
    }

    /// All of the photo, with as many pixels as the look that it was read for asks.
    #[must_use]
    pub fn overview(&self) -> &Part {
        &self.overview
    }

    /// The overview, without what parts are decoded from.
    #[must_use]
    pub fn into_overview(self) -> Part {
        self.overview
    }

    /// A part with more pixels than the overview: at most `scale` of the photo's for each of its own along a side, or one,
    /// but for what would take more memory than allowed. It shows at least `rect`, as far as that lies in
    /// the photo. None when the overview has as many.
    ///
    /// # Errors
    /// Those of [`decode`](super::decode).
    pub fn closer(&self, rect: &Rect, scale: f32) -> Result<Option<Part>, PhotoError> {
        let Some(source) = &self.source else {
            return Ok(None);
        };
        let (width, height) = self.dimensions();
        // `as` saturates, and what is not a number is 0; the source keeps the area within the photo.
        let wanted = Area {
            left: rect.x1.max(0.0).floor() as i64,
            top: rect.y1.max(0.0).floor() as i64,
            width: (rect.x2.min(width as f32).ceil() - rect.x1.max(0.0).floor()).max(1.0) as i64,
            height: (rect.y2.min(height as f32).ceil() - rect.y1.max(0.0).floor()).max(1.0) as i64,
        };
        let wanted = self.turn.stored(wanted, self.stored);
        // The largest power of two that is not above it. `as` saturates.
        let mut reduction = 1 << (scale as u32).clamp(1, jpeg::MAX_REDUCTION).ilog2();
        while reduction < self.overview.reduction() {
            match pixels(source, wanted, reduction, &self.settings) {
                Err(PhotoError::TooMuchMemory { .. }) => reduction *= 2,
                decoded => {
                    let (area, pixels) = decoded?;
                    let colours = self.colours.as_ref();
                    let part = upright(pixels, area, reduction, self.turn, self.stored, colours);
                    return Ok(Some(part));
                }
            }
        }
        Ok(None)
    }
}

/// The pixels of an area as it is stored, or of a slightly larger one, which is told.
fn pixels(
    source: &Source,
    area: Area,
    reduction: u32,
    settings: &DecodeSettings,
) -> Result<(Area, RgbImage), PhotoError> {
    match source {
        Source::Jpeg(file) => {
            let area = file.decodable(area, reduction);
            // It is turned afterwards, into a second buffer.
            let turned = 2 * 3 * (area.width * area.height).unsigned_abs() / u64::from(reduction * reduction);
            settings.check_memory(file.memory(area, reduction).max(turned))?;
            Ok((area, file.decode(area, reduction, settings)?))
        }
        Source::Pixels(all) => reduce::part(all, area, reduction),
    }
}

/// Brings decoded pixels into sRGB and turns them.
fn upright(
    mut pixels: RgbImage,
    area: Area,
    reduction: u32,
    turn: Turn,
    stored: (u32, u32),
    colours: Option<&ToSrgb>,
) -> Part {
    if let Some(colours) = colours {
        colours.apply(&mut pixels);
    }
    Part::new(turn.apply(pixels), turn.upright(area, stored), reduction)
}
