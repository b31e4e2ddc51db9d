//! The marker structure of JPEG files (ITU-T T.81, Annex B), as far as it tells whether one is whole and what it costs.

use super::PhotoError;

/// A marker, and what follows its length.
struct Segment<'a> {
    marker: u8,
    content: &'a [u8],
}

/// Markers of a file in order, up to and with its end-of-image marker; `None` within where a segment is longer than
/// what is left. Thumbnails inside of metadata do not count.
struct Segments<'a>(&'a [u8]);

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

impl<'a> Iterator for Segments<'a> {
    type Item = Option<Segment<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        const STUFFING: u8 = 0x00;
        const TEMPORARY: u8 = 0x01;
        const RESTART_0: u8 = 0xD0;
        const START_OF_IMAGE: u8 = 0xD8;
        const PREFIX: u8 = 0xFF;

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

/// Checks that a JPEG goes on to its own end-of-image marker (what follows the marker does not count), and has at most
/// so many scans when it is progressive, at most one for each component when it is sequential.
///
/// # Errors
/// [`PhotoError::Damaged`] or [`PhotoError::TooManyScans`].
pub(super) fn check_scans(bytes: &[u8], limit: usize) -> Result<(), PhotoError> {
    const COMPONENTS: usize = 4;
    let mut limit = limit;
    let mut scans = 0;
    let mut complete = false;
    for segment in Segments(bytes).map_while(|segment| segment) {
        match segment.marker {
            0xC0 | 0xC1 => limit = COMPONENTS,
            START_OF_SCAN => scans += 1,
            END_OF_IMAGE => complete = true,
            _ => {}
        }
    }
    if !complete {
        Err(PhotoError::Damaged(None))
    } else if scans > limit {
        Err(PhotoError::TooManyScans { limit })
    } else {
        Ok(())
    }
}

/// Bytes of the coefficients that must be kept until the last scan: 2 for each sample of each component of a frame that
/// is progressive, or sequential in several scans; 0 of others.
pub(super) fn coefficient_bytes(bytes: &[u8]) -> u64 {
    let mut samples = 0;
    let mut components = 0;
    let mut progressive = false;
    for segment in Segments(bytes).map_while(|segment| segment) {
        match segment.marker {
            // Frames, but for Huffman tables, extensions and arithmetic conditioning.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                progressive = matches!(segment.marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
                (samples, components) = frame(segment.content);
            }
            START_OF_SCAN => {
                let in_scan = segment.content.first().copied().unwrap_or(0);
                return if progressive || in_scan < components {
                    2 * samples
                } else {
                    0
                };
            }
            _ => {}
        }
    }
    0
}

/// Samples of all components of a frame, whole units counted, and the number of components.
fn frame(content: &[u8]) -> (u64, u8) {
    let &[_, high, low, wide_high, wide_low, components, ref rest @ ..] = content else {
        return (0, 0);
    };
    let height = u64::from(u16::from_be_bytes([high, low]));
    let width = u64::from(u16::from_be_bytes([wide_high, wide_low]));
    // Sampling factors, across and down, 1 to 4 each.
    let factors: Vec<(u64, u64)> = rest
        .chunks_exact(3)
        .take(usize::from(components))
        .map(|component| (u64::from(component[1] >> 4), u64::from(component[1] & 15)))
        .collect();
    let across = factors
        .iter()
        .map(|(across, _)| *across)
        .max()
        .unwrap_or(1)
        .max(1);
    let down = factors.iter().map(|(_, down)| *down).max().unwrap_or(1).max(1);
    let units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
    let samples = factors
        .iter()
        .map(|(across, down)| units * 64 * across * down)
        .sum();
    (samples, components)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_complete(bytes: &[u8]) -> bool {
        !matches!(check_scans(bytes, usize::MAX), Err(PhotoError::Damaged(_)))
    }

    fn has_few_scans(bytes: &[u8], limit: usize) -> bool {
        !matches!(check_scans(bytes, limit), Err(PhotoError::TooManyScans { .. }))
    }

    /// A frame of markers around `scan`; not a picture, but the structure of one.
    fn file(scan: &[u8], end: &[u8]) -> Vec<u8> {
        // Metadata that holds an end-of-image marker, as thumbnails do.
        let metadata = b"\xff\xe1\x00\x08\xff\xd8\xff\xd9ab";
        let scan_header = b"\xff\xda\x00\x02";
        [b"\xff\xd8", &metadata[..], scan_header, scan, end].concat()
    }

    #[test]
    fn the_end_marker_makes_a_file_whole() {
        for scan in [
            &b""[..],
            b"abc",
            b"ab\xff\x00\xd9cd",
            b"ab\xff\xd0cd\xff\xd7ef",
            b"ab\xff\xff\xff",
            b"ab\xff\xda\x00\x03xcd",
        ] {
            assert!(is_complete(&file(scan, b"\xff\xd9")), "{scan:?}");
            assert!(is_complete(&file(scan, b"\xff\xd9 trailing \xff")), "{scan:?}");
            assert!(!is_complete(&file(scan, b"")), "{scan:?}");
            assert!(!is_complete(&file(scan, b"\xff")), "{scan:?}");
        }
    }

    #[test]
    fn a_thumbnail_s_end_is_not_the_photo_s() {
        let whole = file(b"", b"");
        for length in 0..whole.len() {
            assert!(!is_complete(&whole[..length]), "{length}");
        }
    }

    #[test]
    fn a_segment_longer_than_the_file_is_not_whole() {
        assert!(!is_complete(b"\xff\xd8\xff\xe0\xff\xff\xff\xd9"));
        assert!(!is_complete(b"\xff\xd8\xff\xe0\x00"));
        assert!(is_complete(b"\xff\xd8\xff\xe0\x00\x00\xff\xd9"));
    }

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

    #[test]
    fn scans_are_counted() {
        let scans = |marker: u8, count: usize| {
            let frame = [0xff, marker, 0, 2];
            [
                b"\xff\xd8",
                &frame[..],
                &b"\xff\xda\x00\x02abc".repeat(count),
                b"\xff\xd9",
            ]
            .concat()
        };
        assert!(has_few_scans(&scans(0xC2, 32), 32));
        assert!(!has_few_scans(&scans(0xC2, 33), 32));
        assert!(has_few_scans(&scans(0xC0, 4), 32));
        assert!(!has_few_scans(&scans(0xC0, 5), 32));
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
    fn coefficients_are_kept_between_scans_only() {
        // 4:2:0 of 200 x 100 is 13 x 7 units of 16 x 16, with 6 blocks of 64 samples each.
        assert_eq!(
            coefficient_bytes(&frame_of(0xC2, &[0x22, 0x11, 0x11], 3)),
            2 * 13 * 7 * 6 * 64
        );
        // 4:4:4 is 25 x 13 units of 8 x 8, with 3 blocks.
        assert_eq!(
            coefficient_bytes(&frame_of(0xC2, &[0x11, 0x11, 0x11], 1)),
            2 * 25 * 13 * 3 * 64
        );
        assert_eq!(coefficient_bytes(&frame_of(0xC0, &[0x22, 0x11, 0x11], 3)), 0);
        assert!(coefficient_bytes(&frame_of(0xC0, &[0x22, 0x11, 0x11], 1)) > 0);
        assert_eq!(coefficient_bytes(&frame_of(0xC0, &[0x11], 1)), 0);
        let strange = frame_of(0xC2, &[0xff, 0x00, 0x11], 1);
        for length in 0..strange.len() {
            coefficient_bytes(&strange[..length]);
        }
    }
}
