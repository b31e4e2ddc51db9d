//! What browsers make of BMP files that say little of their transparency.

use std::borrow::Cow;

use image::DynamicImage;

/// The size of its header is the first field of it.
const HEADER: std::ops::Range<usize> = 14..18;

/// Makes a picture opaque that is transparent everywhere: what programs write that leave the alpha channel empty.
pub(super) fn show_invisible(picture: &mut DynamicImage) {
    let DynamicImage::ImageRgba8(picture) = picture else {
        return;
    };
    if picture.pixels().all(|pixel| pixel[3] == 0) {
        picture.pixels_mut().for_each(|pixel| pixel[3] = u8::MAX);
    }
}

/// Whether its pixels are a JPEG or PNG file.
pub(super) fn holds_another(bytes: &[u8]) -> bool {
    /// In headers of version 3 and later; those of OS/2 mean other things.
    const COMPRESSION: usize = 30;
    let header = bytes.get(HEADER).unwrap_or_default();
    let compression = bytes.get(COMPRESSION..).and_then(|rest| rest.first_chunk());
    matches!(header, [40 | 52 | 56 | 108 | 124, 0, 0, 0])
        && matches!(compression.map(|value| u32::from_le_bytes(*value)), Some(4 | 5))
}

/// The file with a header that decoders know in place of the second one of OS/2, which begins with the same fields.
pub(super) fn as_known(bytes: &[u8]) -> Cow<'_, [u8]> {
    const OS2: [u8; 4] = [64, 0, 0, 0];
    const WINDOWS: u8 = 40;
    const ADDED: usize = 24;
    const PIXELS: std::ops::Range<usize> = 10..14;
    let known = || {
        bytes.get(HEADER).filter(|size| **size == OS2)?;
        let start = u32::from_le_bytes(*bytes.get(PIXELS)?.first_chunk()?);
        let start = start.checked_sub(ADDED as u32)?;
        let end = HEADER.start + usize::from(WINDOWS);
        let (head, added) = bytes.split_at_checked(end)?;
        let mut known = [head, added.get(ADDED..)?].concat();
        known[HEADER.start] = WINDOWS;
        known[PIXELS].copy_from_slice(&start.to_le_bytes());
        Some(known)
    };
    if bytes.starts_with(b"BM") {
        known().map_or(Cow::Borrowed(bytes), Cow::Owned)
    } else {
        Cow::Borrowed(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::super::{DecodeSettings, decode};

    /// A file with a header of version 5, two pixels, and these alpha values.
    fn file(alpha: [u8; 2]) -> Vec<u8> {
        const HEADER: u32 = 124;
        const BIT_FIELDS: u32 = 3;
        let mut file = b"BM".to_vec();
        for value in [14 + HEADER + 8, 0, 14 + HEADER, HEADER, 2, 1] {
            file.extend(value.to_le_bytes());
        }
        file.extend([1, 0, 32, 0]);
        for value in [
            BIT_FIELDS,
            8,
            2835,
            2835,
            0,
            0,
            0xFF_0000,
            0xFF00,
            0xFF,
            0xFF00_0000,
        ] {
            file.extend(value.to_le_bytes());
        }
        file.resize(14 + HEADER as usize, 0);
        file.extend([40, 60, 200, alpha[0], 40, 180, 60, alpha[1]]);
        file
    }

    #[test]
    fn an_alpha_channel_of_zeros_hides_nothing() {
        let shown = |alpha| {
            decode(&file(alpha), &DecodeSettings::default())
                .unwrap()
                .into_raw()
        };
        assert_eq!(shown([0, 0]), [200, 60, 40, 60, 180, 40]);
        assert_eq!(shown([255, 255]), [200, 60, 40, 60, 180, 40]);
        assert_eq!(shown([255, 0]), [200, 60, 40, 255, 255, 255]);
    }
}
