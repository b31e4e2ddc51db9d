//! The marker structure of JPEG files (ITU-T T.81, Annex B), as far as it tells whether one is whole.

/// Whether a JPEG goes on to its own end-of-image marker; thumbnails inside of its metadata and whatever
/// follows the marker do not count.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    const STUFFING: u8 = 0x00;
    const TEMPORARY: u8 = 0x01;
    const RESTART_0: u8 = 0xD0;
    const START_OF_IMAGE: u8 = 0xD8;
    const END_OF_IMAGE: u8 = 0xD9;
    const PREFIX: u8 = 0xFF;

    let mut rest = bytes;
    // Between segments and within entropy-coded data alike, the next marker is the next prefix that
    // is not followed by stuffing; several prefixes count as one.
    while let Some(prefix) = rest.iter().position(|byte| *byte == PREFIX) {
        rest = &rest[prefix..];
        let Some(code) = rest.iter().position(|byte| *byte != PREFIX) else {
            return false;
        };
        let marker = rest[code];
        rest = &rest[code + 1..];
        match marker {
            END_OF_IMAGE => return true,
            STUFFING | TEMPORARY | RESTART_0..=START_OF_IMAGE => {}
            _ => {
                // The length counts its own two bytes.
                let Some(length) = rest.first_chunk().copied().map(u16::from_be_bytes) else {
                    return false;
                };
                let Some(after) = rest.get(usize::from(length)..) else {
                    return false;
                };
                rest = after;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
