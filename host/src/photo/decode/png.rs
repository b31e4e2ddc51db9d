//! The chunks of PNG files (PNG specification, section 5), as far as they tell what reading one costs.

use std::borrow::Cow;
use std::ops::Range;

const START: &[u8] = b"\x89PNG\r\n\x1a\n";
const SIGNATURE: usize = START.len();
const PIXELS: &[u8; 4] = b"IDAT";
/// The most chunks up to the last one with pixels: 64 MiB where a chunk is as short as usual programs make them.
const CHUNKS: usize = 65_536;

/// Whether the file is one, by its first eight bytes.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(START)
}

/// Width and height in the first chunk, whatever else is there.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    /// Length and kind.
    const HEADER: usize = 8;
    let (width, rest) = bytes.get(SIGNATURE + HEADER..)?.split_first_chunk()?;
    Some((
        u32::from_be_bytes(*width),
        u32::from_be_bytes(*rest.first_chunk()?),
    ))
}

/// Whether it is of the kind that Apple's tools make for apps: its chunks say so first, and mean something else.
pub(super) fn is_apple_s(bytes: &[u8]) -> bool {
    Chunks(bytes.get(SIGNATURE..).unwrap_or_default())
        .next()
        .is_some_and(|chunk| chunk.kind == b"CgBI")
}

/// The EXIF block, which may stand before or behind the pixels.
pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    Chunks(bytes.get(SIGNATURE..)?)
        .take(CHUNKS)
        .find(|chunk| chunk.kind == b"eXIf")
        .map(|chunk| chunk.content)
}

/// The file as browsers take it: with an end mark where nothing whole follows its pixels, which programs write that are
/// stopped at the end; and with the first frame of an animation in place of a picture that is not part of it, if the
/// frame covers it. Whether all pixels are there is for the decoder to find out.
pub(super) fn as_shown(bytes: &[u8]) -> Cow<'_, [u8]> {
    const END: &[u8] = b"IEND";
    let mut chunks = Chunks(bytes.get(SIGNATURE..).unwrap_or_default());
    let (mut pixels, mut last) = (0..0, false);
    let (mut animated, mut part) = (false, false);
    for _ in 0..=CHUNKS {
        let start = bytes.len() - chunks.0.len();
        let Some(chunk) = chunks.next() else {
            break;
        };
        last = chunk.kind == PIXELS;
        match chunk.kind {
            b"IDAT" if pixels.is_empty() => pixels = start..bytes.len() - chunks.0.len(),
            b"IDAT" => pixels.end = bytes.len() - chunks.0.len(),
            // Behind the pixels it counts for nothing.
            b"acTL" => animated |= pixels.is_empty() && has_frames(chunk.content),
            b"fcTL" if pixels.is_empty() => part = true,
            b"fcTL" if animated && !part => {
                let frame = first_frame(bytes, &chunk, chunks, &pixels);
                return frame.map_or(Cow::Borrowed(bytes), Cow::Owned);
            }
            b"IEND" => break,
            _ => {}
        }
    }
    if last {
        let mut whole = bytes[..pixels.end].to_vec();
        write(&mut whole, END, &[]);
        Cow::Owned(whole)
    } else {
        Cow::Borrowed(bytes)
    }
}

/// Whether the header of an animation says that there are any frames.
fn has_frames(control: &[u8]) -> bool {
    let frames = control.first_chunk().map(|frames| i32::from_be_bytes(*frames));
    frames.is_some_and(|frames| frames > 0)
}

/// The file with the first frame of an animation in place of its pixels; `None` where it is smaller than the picture, or
/// not as it should be.
fn first_frame(
    bytes: &[u8],
    control: &Chunk<'_>,
    frame: Chunks<'_>,
    pixels: &Range<usize>,
) -> Option<Vec<u8>> {
    const NUMBER: usize = 4;
    let (width, height) = size(bytes)?;
    let covers = [width, height, 0, 0].map(u32::to_be_bytes).concat();
    // Chunks are numbered from zero on.
    let first = [&[0; NUMBER], &covers[..]].concat();
    if !control.content.starts_with(&first) {
        return None;
    }
    let mut shown = bytes[..pixels.start].to_vec();
    let mut number = 0_u32;
    for chunk in frame.take(CHUNKS) {
        match chunk.kind {
            b"fdAT" => {
                let (found, content) = chunk.content.split_first_chunk()?;
                number += 1;
                if u32::from_be_bytes(*found) != number {
                    return None;
                }
                write(&mut shown, PIXELS, content);
            }
            b"fcTL" | b"IEND" => break,
            _ => {}
        }
    }
    if number == 0 {
        return None;
    }
    // With what stands between: EXIF.
    shown.extend(&bytes[pixels.end..]);
    Some(shown)
}

/// Appends a chunk.
fn write(file: &mut Vec<u8>, kind: &[u8], content: &[u8]) {
    let mut checksum = flate2::Crc::new();
    checksum.update(kind);
    checksum.update(content);
    // As long as a chunk of the file at most.
    file.extend((content.len() as u32).to_be_bytes());
    file.extend([kind, content].concat());
    file.extend(checksum.sum().to_be_bytes());
}

/// A chunk: its kind, and what is in it.
struct Chunk<'a> {
    kind: &'a [u8; 4],
    content: &'a [u8],
}

/// The chunks that are there in whole.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let (content, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let (_checksum, rest) = rest.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(Chunk { kind, content })
    }
}

/// Whether there are no more chunks than programs write: each costs the decoder time, also an empty one.
pub(super) fn has_few_chunks(bytes: &[u8]) -> bool {
    /// Length, kind and checksum.
    const AROUND: usize = 12;
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    let mut pixels = false;
    for _ in 0..=CHUNKS {
        let Some((length, after)) = rest.split_first_chunk() else {
            return true;
        };
        // What follows the pixels is not read.
        if pixels && !after.starts_with(PIXELS) {
            return true;
        }
        pixels = after.starts_with(PIXELS);
        let length = u32::from_be_bytes(*length) as usize;
        rest = rest.get(length.saturating_add(AROUND)..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::super::{DecodeSettings, PhotoError, decode};
    use super::*;

    fn file(chunks: &[(&[u8; 4], usize)]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x02\0\0\x03\x04\x08\0\0\0\0crc.".to_vec();
        for (kind, times) in chunks {
            file.extend([&b"\0\0\0\x01"[..], &kind[..], b".crc."].concat().repeat(*times));
        }
        file
    }

    #[test]
    fn chunks_count_up_to_the_last_pixels() {
        assert_eq!(size(&file(&[])), Some((0x102, 0x304)));
        assert!(has_few_chunks(&file(&[(b"tEXt", 5), (b"IDAT", CHUNKS - 6)])));
        assert!(!has_few_chunks(&file(&[(b"tEXt", 5), (b"IDAT", CHUNKS)])));
        assert!(!has_few_chunks(&file(&[(b"tEXt", CHUNKS)])));
        assert!(has_few_chunks(&file(&[(b"IDAT", 5), (b"fdAT", CHUNKS)])));
    }

    #[test]
    fn what_is_cut_off_has_no_size() {
        let whole = file(&[(b"IDAT", 2)]);
        for length in 0..24 {
            assert_eq!(size(&whole[..length]), None);
            assert!(has_few_chunks(&whole[..length]));
        }
    }

    /// A photo of 2 x 1 pixels, and the places of its chunks: signature and header, pixels, end.
    fn photo() -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        let photo = image::RgbImage::from_raw(2, 1, vec![220, 40, 40, 40, 180, 60]).unwrap();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        photo.write_with_encoder(encoder).unwrap();
        let end = bytes.len() - 12;
        (bytes, end)
    }

    fn shown(bytes: &[u8]) -> Vec<u8> {
        let photo = decode(bytes, &DecodeSettings::default()).unwrap();
        [&[photo.width() as u8, photo.height() as u8], &photo.as_raw()[..]].concat()
    }

    #[test]
    fn exif_turns_a_photo_before_and_behind_its_pixels() {
        const HEADER_END: usize = SIGNATURE + 25;
        let block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let mut chunk = (block.len() as u32).to_be_bytes().to_vec();
        chunk.extend([b"eXIf", &block[..]].concat());
        let mut checksum = flate2::Crc::new();
        checksum.update(&chunk[4..]);
        chunk.extend(checksum.sum().to_be_bytes());
        let (photo, end) = photo();
        for place in [HEADER_END, end] {
            let turned = [&photo[..place], &chunk, &photo[place..]].concat();
            assert_eq!(shown(&turned), [1, 2, 220, 40, 40, 40, 180, 60], "{place}");
        }
        // Without an end, too.
        let turned = [&photo[..end], &chunk].concat();
        assert_eq!(shown(&turned), [1, 2, 220, 40, 40, 40, 180, 60]);
    }

    #[test]
    fn a_missing_end_mark_hides_no_pixels() {
        let (whole, end) = photo();
        for length in end..=whole.len() {
            assert_eq!(shown(&whole[..length]), shown(&whole), "{length}");
        }
        let result = decode(&whole[..end - 1], &DecodeSettings::default());
        assert!(matches!(result, Err(PhotoError::Damaged(_))));
        // Half of the pixels.
        let (start, rest) = whole.split_at(SIGNATURE + 25);
        let half = [start, &2u32.to_be_bytes(), &rest[4..10], b"...."].concat();
        assert!(decode(&half, &DecodeSettings::default()).is_err());
    }

    #[test]
    fn apple_s_own_kind_is_called_by_its_name() {
        let (photo, _) = photo();
        let (start, rest) = photo.split_at(SIGNATURE);
        let apple = [start, b"\0\0\0\x04CgBI\x50\0\x20\x02\x2b\xd5\xb3\x7f", rest].concat();
        let cause = decode(&apple, &DecodeSettings::default()).unwrap_err();
        assert!(cause.to_string().contains("CgBI"), "{cause}");
    }
}
