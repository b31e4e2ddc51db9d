//! What browsers make of BMP files that say little of their transparency.

use std::borrow::Cow;

use image::DynamicImage;

/// Where the header begins, with its own size, and how its pixels are compressed. In headers of OS/2 the latter means
/// other things.
const HEADER: usize = 14;
const COMPRESSION: usize = 30;

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
    matches!(long(bytes, HEADER), Some(40 | 52 | 56 | 108 | 124))
        && matches!(long(bytes, COMPRESSION), Some(4 | 5))
}

/// The file with a header that decoders know, in place of the second ones of OS/2 and of Windows CE's.
pub(super) fn as_known(bytes: &[u8]) -> Cow<'_, [u8]> {
    /// Sizes of headers: of OS/2 in short, of Windows, of Windows with masks, of OS/2. The first fields are the same.
    const OS2_SHORT: usize = 16;
    const WINDOWS: usize = 40;
    const MASKED: usize = 56;
    const OS2: usize = 64;
    const MASKS: u32 = 3;
    const ALPHA_MASKS: u32 = 6;
    if !bytes.starts_with(b"BM") {
        return Cow::Borrowed(bytes);
    }
    let known = match (long(bytes, HEADER), long(bytes, COMPRESSION)) {
        (Some(16), _) => resized(bytes, OS2_SHORT, WINDOWS),
        (Some(64), _) => resized(bytes, OS2, WINDOWS),
        (Some(40), Some(ALPHA_MASKS)) => Some(bytes.to_vec()).and_then(|mut known| {
            // What followed the header is a part of this one.
            put(&mut known, HEADER, MASKED as u32)?;
            put(&mut known, COMPRESSION, MASKS)?;
            Some(known)
        }),
        _ => None,
    };
    known.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// The file with a longer or shorter header, whose added fields are zero.
fn resized(bytes: &[u8], from: usize, to: usize) -> Option<Vec<u8>> {
    const PIXELS: usize = 10;
    let mut known = bytes.get(..HEADER + from.min(to))?.to_vec();
    known.resize(HEADER + to, 0);
    known.extend(bytes.get(HEADER + from..)?);
    let start = (long(bytes, PIXELS)? as usize)
        .checked_add(to)?
        .checked_sub(from)?;
    put(&mut known, PIXELS, start.try_into().ok()?)?;
    put(&mut known, HEADER, to.try_into().ok()?)?;
    Some(known)
}

fn long(bytes: &[u8], place: usize) -> Option<u32> {
    bytes
        .get(place..)?
        .first_chunk()
        .map(|value| u32::from_le_bytes(*value))
}

fn put(bytes: &mut [u8], place: usize, value: u32) -> Option<()> {
    bytes
        .get_mut(place..place + 4)?
        .copy_from_slice(&value.to_le_bytes());
    Some(())
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
