//! JPEG files: what their markers (ITU-T T.81, Annex B) say of their size, kind and cost, and their pixels.

use bytes::Bytes;
use image::RgbImage;
use image::metadata::Orientation;
use libjpeg_turbo_rs::{DecodeLimits, Decoder, JpegError, PixelFormat, ScalingFactor};

use super::super::turn::{Area, rounded_up};
use super::{DecodeSettings, PhotoError, exif};

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

/// What the frame header and the first scan say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Frame {
    marker: u8,
    /// Bits a sample.
    precision: u8,
    width: u32,
    height: u32,
    /// Sampling factors of each component, across and down, 1 to 4 each.
    factors: Vec<(u32, u32)>,
    /// Components of the first scan.
    in_scan: usize,
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
                Decoder::new_with_limits(&bytes, limits.clone()).map_err(|error| failure(error, settings))?;
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
        let mut decoder = Decoder::new_with_limits(&self.bytes, self.limits.clone())?;
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

impl Frame {
    fn of(bytes: &[u8]) -> Result<Self, PhotoError> {
        let mut frame = Self::default();
        for segment in Segments(bytes).map_while(|segment| segment) {
            match segment.marker {
                // Frames, but for Huffman tables, extensions and arithmetic conditioning; and JPEG-LS's.
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                    frame = Self::read(segment.marker, segment.content).ok_or(PhotoError::Damaged(None))?;
                }
                START_OF_SCAN => {
                    frame.in_scan = segment.content.first().copied().unwrap_or(0).into();
                    break;
                }
                END_OF_IMAGE => break,
                _ => {}
            }
        }
        frame.kind()?;
        Ok(frame)
    }

    fn read(marker: u8, content: &[u8]) -> Option<Self> {
        let &[
            precision,
            high,
            low,
            wide_high,
            wide_low,
            components,
            ref rest @ ..,
        ] = content
        else {
            return None;
        };
        let factors = rest.chunks_exact(3).take(usize::from(components));
        Some(Self {
            marker,
            precision,
            width: u16::from_be_bytes([wide_high, wide_low]).into(),
            height: u16::from_be_bytes([high, low]).into(),
            factors: factors
                .map(|component| (u32::from(component[1] >> 4), u32::from(component[1] & 15)))
                .collect(),
            in_scan: 0,
        })
    }

    /// Refuses what is a JPEG, but not one that is decoded.
    fn kind(&self) -> Result<(), PhotoError> {
        let kind = |what: &'static str| Err(PhotoError::kind(what));
        match self.marker {
            0xC3 | 0xCB => return kind("a lossless JPEG"),
            0xC5..=0xC7 | 0xCD..=0xCF => return kind("a hierarchical JPEG"),
            0xF7 => return kind("a JPEG-LS picture"),
            0 => return Err(PhotoError::Damaged(None)),
            _ => {}
        }
        if self.precision != 8 {
            let what = format!("a JPEG with {} bits a sample", self.precision);
            return Err(PhotoError::kind(what));
        }
        let Some((luma, chroma)) = self.factors.split_first() else {
            return Err(PhotoError::Damaged(None));
        };
        let within = |factor: u32| (1..=4).contains(&factor);
        if !self
            .factors
            .iter()
            .all(|(across, down)| within(*across) && within(*down))
        {
            return Err(PhotoError::Damaged(None));
        }
        if chroma
            .iter()
            .any(|factors| factors.0 > luma.0 || factors.1 > luma.1)
        {
            return kind("a JPEG whose colour is finer than its brightness");
        }
        Ok(())
    }

    /// Whether the first scan is all there is of the picture.
    fn is_one_scan(&self) -> bool {
        !self.is_progressive() && self.in_scan == self.factors.len()
    }

    fn is_progressive(&self) -> bool {
        matches!(self.marker, 0xC2 | 0xCA)
    }

    /// Samples of all components, whole units counted.
    fn samples(&self) -> u64 {
        let most = |side: fn(&(u32, u32)) -> u32| self.factors.iter().map(side).max().unwrap_or(1).max(1);
        let (across, down) = (most(|factors| factors.0), most(|factors| factors.1));
        let units = u64::from(self.width.div_ceil(8 * across)) * u64::from(self.height.div_ceil(8 * down));
        self.factors
            .iter()
            .map(|(across, down)| units * 64 * u64::from(*across) * u64::from(*down))
            .sum()
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

/// Whether a scan has more than one component, and not all of them.
fn has_shared_scan(bytes: &[u8], components: usize) -> bool {
    Segments(bytes)
        .map_while(|segment| segment)
        .filter(|segment| segment.marker == START_OF_SCAN)
        .filter_map(|segment| segment.content.first().copied())
        .any(|count| (2..components).contains(&usize::from(count)))
}

/// The orientation in the first Exif segment. Later ones belong to other pictures, or to programs that did not find it.
fn orientation(bytes: &[u8]) -> Orientation {
    Segments(bytes)
        .map_while(|segment| segment)
        .take_while(|segment| segment.marker != START_OF_SCAN)
        .find(|segment| segment.marker == APPLICATION_1 && segment.content.starts_with(EXIF))
        .and_then(|segment| exif::orientation(segment.content))
        .unwrap_or(Orientation::NoTransforms)
}

/// Whether the scans that have begun give every coefficient of every component to its last bit. Of a file that is cut
/// off, the last of them alone may then lack something: of most files, the last bit of some details.
fn has_all_scans(bytes: &[u8], frame: &Frame) -> bool {
    const COEFFICIENTS: usize = 64;
    /// Of a coefficient that no scan has given yet.
    const NONE: u8 = u8::MAX;
    let mut missing_bits = vec![(0, [NONE; COEFFICIENTS]); frame.factors.len()];
    let mut seen = 0;
    for segment in Segments(bytes).map_while(|segment| segment) {
        if segment.marker != START_OF_SCAN {
            continue;
        }
        let Some((&count, rest)) = segment.content.split_first() else {
            return false;
        };
        let count = usize::from(count);
        let (Some(components), Some(&[first, last, bits])) = (rest.get(..2 * count), rest.get(2 * count..))
        else {
            return false;
        };
        for component in components.chunks_exact(2).map(|component| component[0]) {
            // They are told by their names, in the order in which scans name them first.
            let place = missing_bits[..seen]
                .iter()
                .position(|(name, _)| *name == component);
            let place = place.unwrap_or(seen);
            seen = seen.max(place + 1);
            let Some((name, coefficients)) = missing_bits.get_mut(place) else {
                return false;
            };
            *name = component;
            let (first, last) = (usize::from(first), usize::from(last));
            if let Some(given) = coefficients.get_mut(first..=last) {
                given.fill(bits & 15);
            }
        }
    }
    missing_bits
        .iter()
        .all(|(_, bits)| bits.iter().all(|bits| *bits == 0))
}

/// Whether the end marker is there, but for zeros after it.
fn ends(bytes: &[u8]) -> bool {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    bytes[..end].ends_with(&[PREFIX, END_OF_IMAGE])
}

fn failure(error: JpegError, settings: &DecodeSettings) -> PhotoError {
    match error {
        JpegError::Unsupported(what) => PhotoError::kind(format!("a JPEG of an unusual kind ({what})")),
        JpegError::LimitExceeded { what, .. } if what.starts_with("scan") => PhotoError::TooManyScans {
            limit: settings.max_scans,
        },
        error @ JpegError::AllocationFailed { .. } => PhotoError::OutOfMemory(error.into()),
        error => PhotoError::Damaged(Some(error.into())),
    }
}

/// A marker, and what follows its length.
struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
}

/// Markers of a file in order, up to and with its end-of-image marker; `None` within where a segment is longer than what is
/// left. Thumbnails inside of metadata do not count.
struct Segments<'a>(&'a [u8]);

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const APPLICATION_1: u8 = 0xE1;
const PREFIX: u8 = 0xFF;
const EXIF: &[u8] = b"Exif\0\0";

impl<'a> Iterator for Segments<'a> {
    type Item = Option<Segment<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        const STUFFING: u8 = 0x00;
        const TEMPORARY: u8 = 0x01;
        const RESTART_0: u8 = 0xD0;
        const START_OF_IMAGE: u8 = 0xD8;

        // Between segments and within entropy-coded data alike, the next marker is the next prefix that
        // is not followed by stuffing; several prefixes count as one.
        loop {
            let rest = std::mem::take(&mut self.0);
            let rest = &rest[rest.iter().position(|byte| *byte == PREFIX)?..];
            let code = rest.iter().position(|byte| *byte != PREFIX)?;
            let (marker, rest) = (rest[code], &rest[code + 1..]);
            match marker {
                STUFFING | TEMPORARY | RESTART_0..=START_OF_IMAGE => self.0 = rest,
                END_OF_IMAGE => return Some(Some(Segment { marker, content: &[] })),
                _ => {
                    // The length counts its own two bytes.
                    let length = rest
                        .first_chunk()
                        .copied()
                        .map(u16::from_be_bytes)
                        .map(usize::from);
                    let Some((length, after)) = length.and_then(|length| Some((length, rest.get(length..)?)))
                    else {
                        return Some(None);
                    };
                    self.0 = after;
                    let content = rest.get(2..length).unwrap_or_default();
                    return Some(Some(Segment { marker, content }));
                }
            }
        }
    }
}

/// Whether what stands before the first scan is no more than any camera or program writes: it is read several times.
fn has_usual_head(bytes: &[u8]) -> bool {
    const SEGMENTS: usize = 10_000;
    /// All but application segments and comments: tables, the frame, filling.
    const OTHER_BYTES: usize = 1 << 20;
    const APPLICATION_0: u8 = 0xE0;
    const APPLICATION_15: u8 = 0xEF;
    const COMMENT: u8 = 0xFE;
    /// Marker and length.
    const HEADER: usize = 4;

    let mut segments = Segments(bytes);
    let (mut count, mut metadata) = (0, 0);
    while let Some(Some(Segment { marker, content })) = segments.next() {
        if marker == START_OF_SCAN {
            break;
        }
        count += 1;
        if matches!(marker, APPLICATION_0..=APPLICATION_15 | COMMENT) {
            metadata += HEADER + content.len();
        }
        let read = bytes.len() - segments.0.len();
        if count > SEGMENTS || read - metadata.min(read) > OTHER_BYTES {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_head_is_as_usual_or_not() {
        let comment = b"\xff\xfe\x00\x04ab";
        let table = [&b"\xff\xdb\xff\xff"[..], &[0; 65_533]].concat();
        let head = |parts: &[u8]| {
            [
                b"\xff\xd8",
                parts,
                b"\xff\xda\x00\x02",
                &[0; 2_000_000],
                b"\xff\xd9",
            ]
            .concat()
        };
        assert!(has_usual_head(&head(&comment.repeat(10_000))));
        assert!(!has_usual_head(&head(&comment.repeat(10_001))));
        assert!(has_usual_head(&head(&table.repeat(15))));
        assert!(!has_usual_head(&head(&table.repeat(17))));
        assert!(!has_usual_head(&head(&[&[0xff; 1 << 20][..], comment].concat())));
        // A large profile.
        let profile = [&b"\xff\xe2\xff\xff"[..], &[0; 65_533]].concat();
        assert!(has_usual_head(&head(&profile.repeat(255))));
    }

    fn frame_of(marker: u8, factors: &[u8], in_scan: u8) -> Vec<u8> {
        let components = factors.len() as u8;
        let mut file = b"\xff\xd8\xff".to_vec();
        file.extend([marker, 0, 8 + 3 * components, 8, 0, 100, 0, 200, components]);
        for factor in factors {
            file.extend([1, *factor, 0]);
        }
        file.extend([0xff, 0xda, 0, 3, in_scan, 0xff, 0xd9]);
        file
    }

    #[test]
    fn samples_are_counted_in_whole_units() {
        let samples = |factors: &[u8]| Frame::of(&frame_of(0xC0, factors, 3)).unwrap().samples();
        // 4:2:0 of 200 x 100 is 13 x 7 units of 16 x 16, with 6 blocks of 64 samples each.
        assert_eq!(samples(&[0x22, 0x11, 0x11]), 13 * 7 * 6 * 64);
        // 4:4:4 is 25 x 13 units of 8 x 8, with 3 blocks.
        assert_eq!(samples(&[0x11, 0x11, 0x11]), 25 * 13 * 3 * 64);
        assert_eq!(samples(&[0x11]), 25 * 13 * 64);
        let strange = frame_of(0xC2, &[0xff, 0x00, 0x11], 1);
        for length in 0..strange.len() {
            let _ = Frame::of(&strange[..length]).map(|frame| frame.samples());
        }
    }

    #[test]
    fn what_is_not_decoded_is_called_by_its_name() {
        let said = |bytes: &[u8]| match Frame::of(bytes) {
            Err(PhotoError::UnsupportedKind(what)) => what.into_owned(),
            other => panic!("{other:?}"),
        };
        let colour = &[0x22, 0x11, 0x11];
        for marker in [0xC3, 0xCB] {
            assert_eq!(said(&frame_of(marker, colour, 3)), "a lossless JPEG");
        }
        for marker in [0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF] {
            assert_eq!(said(&frame_of(marker, colour, 3)), "a hierarchical JPEG");
        }
        assert_eq!(said(&frame_of(0xF7, colour, 3)), "a JPEG-LS picture");
        let mut deep = frame_of(0xC1, colour, 3);
        deep[6] = 12;
        assert_eq!(said(&deep), "a JPEG with 12 bits a sample");
        let finer = frame_of(0xC0, &[0x11, 0x22, 0x22], 3);
        assert_eq!(said(&finer), "a JPEG whose colour is finer than its brightness");
    }

    #[test]
    fn the_first_exif_segment_counts() {
        let exif = |value: u8| {
            let block = [
                b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
                &[value, 0, 0, 0][..],
            ]
            .concat();
            [&b"\xff\xe1"[..], &(block.len() as u16 + 2).to_be_bytes(), &block].concat()
        };
        let none = [&b"\xff\xe1\x00\x10"[..], b"Exif\0\0II*\0\x08\0\0\0"].concat();
        let file = |segments: &[&[u8]]| {
            [b"\xff\xd8", &segments.concat()[..], b"\xff\xda\0\x03\x01\xff\xd9"].concat()
        };
        for (segments, expected) in [
            (vec![&exif(6)[..], &exif(1)], Orientation::Rotate90),
            (vec![&exif(1)[..], &exif(6)], Orientation::NoTransforms),
            (vec![&exif(6)[..], &none], Orientation::Rotate90),
            (vec![&none[..], &exif(6)], Orientation::NoTransforms),
            (vec![b"\xff\xe1\0\x06http", &exif(8)[..]], Orientation::Rotate270),
            (vec![], Orientation::NoTransforms),
        ] {
            assert_eq!(orientation(&file(&segments)), expected, "{segments:?}");
        }
    }

    #[test]
    fn the_end_marker_may_have_zeros_after_it() {
        assert!(ends(b"ab\xff\xd9") && ends(b"ab\xff\xd9\0\0\0"));
        assert!(!ends(b"ab\xff\xd9c") && !ends(b"ab\xff") && !ends(b"\0\0") && !ends(b""));
    }
}
