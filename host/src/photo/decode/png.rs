//! The chunks of PNG files (PNG specification, section 5), as far as they tell what reading one costs.

const SIGNATURE: usize = 8;
/// The most chunks up to the last one with pixels: 64 MiB where a chunk is as short as usual programs make them.
const CHUNKS: usize = 65_536;

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

/// Whether there are no more chunks than programs write: each costs the decoder time, also an empty one.
pub(super) fn has_few_chunks(bytes: &[u8]) -> bool {
    /// Length, kind and checksum.
    const AROUND: usize = 12;
    const PIXELS: &[u8; 4] = b"IDAT";
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
}
