//! The markers of JPEG files (ITU-T T.81, Annex B), as far as they tell size, kind, cost, and whether a file is whole.

use image::metadata::Orientation;

use super::super::{PhotoError, exif};

/// What the frame header and the first scan say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    marker: u8,
    /// Bits a sample.
    precision: u8,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Sampling factors of each component, across and down, 1 to 4 each.
    pub(super) factors: Vec<(u32, u32)>,
    /// Components of the first scan.
    pub(super) in_scan: usize,
}

/// A marker, and what follows its length.
struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
}

/// Markers of a file in order, up to and with its end-of-image marker; `None` within where a segment is longer than what is
/// left. Thumbnails inside of metadata do not count.
struct Segments<'a>(&'a [u8]);

pub(super) const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const APPLICATION_1: u8 = 0xE1;
pub(super) const PREFIX: u8 = 0xFF;
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
pub(super) fn has_usual_head(bytes: &[u8]) -> bool {
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

impl Frame {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, PhotoError> {
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
            let what = format!("a JPEG with {} bits per sample", self.precision);
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
    pub(super) fn is_one_scan(&self) -> bool {
        !self.is_progressive() && self.in_scan == self.factors.len()
    }

    pub(super) fn is_progressive(&self) -> bool {
        matches!(self.marker, 0xC2 | 0xCA)
    }

    /// Samples of all components, whole units counted.
    pub(super) fn samples(&self) -> u64 {
        let most = |side: fn(&(u32, u32)) -> u32| self.factors.iter().map(side).max().unwrap_or(1).max(1);
        let (across, down) = (most(|factors| factors.0), most(|factors| factors.1));
        let units = u64::from(self.width.div_ceil(8 * across)) * u64::from(self.height.div_ceil(8 * down));
        self.factors
            .iter()
            .map(|(across, down)| units * 64 * u64::from(*across) * u64::from(*down))
            .sum()
    }
}

/// Whether a scan has more than one component, and not all of them.
pub(super) fn has_shared_scan(bytes: &[u8], components: usize) -> bool {
    Segments(bytes)
        .map_while(|segment| segment)
        .filter(|segment| segment.marker == START_OF_SCAN)
        .filter_map(|segment| segment.content.first().copied())
        .any(|count| (2..components).contains(&usize::from(count)))
}

/// The orientation in the first Exif segment. Later ones belong to other pictures, or to programs that did not find it.
pub(super) fn orientation(bytes: &[u8]) -> Orientation {
    Segments(bytes)
        .map_while(|segment| segment)
        .take_while(|segment| segment.marker != START_OF_SCAN)
        .find(|segment| segment.marker == APPLICATION_1 && segment.content.starts_with(EXIF))
        .and_then(|segment| exif::orientation(segment.content))
        .unwrap_or(Orientation::NoTransforms)
}

/// Whether the scans that have begun give every coefficient of every component to its last bit. Of a file that is cut
/// off, the last of them alone may then lack something: of most files, the last bit of some details.
pub(super) fn has_all_scans(bytes: &[u8], frame: &Frame) -> bool {
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
pub(super) fn ends(bytes: &[u8]) -> bool {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    bytes[..end].ends_with(&[PREFIX, END_OF_IMAGE])
}

#[cfg(test)]
mod tests;
