//! The brands of files made of boxes (ISO/IEC 14496-12), as far as they tell photos from films.

/// HEVC and AV1 pictures and sequences, and files that any codec may be in (ISO/IEC 23008-12, AVIF 1.1).
const PHOTOS: [&[u8; 4]; 11] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avif", b"avis", b"mif1", b"mif2", b"msf1",
];

/// Whether a file says of itself that it is HEIC, HEIF or AVIF.
pub(super) fn is_heif(bytes: &[u8]) -> bool {
    const HEADER: usize = 8;
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    if !rest.starts_with(b"ftyp") {
        return false;
    }
    let length = u32::from_be_bytes(*length) as usize;
    // The major brand, a version, and all that it is compatible with.
    bytes
        .get(HEADER..length.min(bytes.len()))
        .unwrap_or_default()
        .chunks_exact(4)
        .enumerate()
        .any(|(place, brand)| place != 1 && PHOTOS.iter().any(|photo| photo[..] == *brand))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_told_by_any_of_their_brands() {
        assert!(is_heif(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic....."));
        assert!(is_heif(b"\0\0\0\x18ftypmiaf\0\0\0\0xxxxavif"));
        assert!(!is_heif(b"\0\0\0\x18ftypisom\0\0\0\0iso2avc1heic"));
        assert!(!is_heif(b"\0\0\0\x18ftypisomheiciso2avc1"));
        assert!(!is_heif(b"\0\0\0\x02ftypheic"));
        assert!(!is_heif(b"\0\0\0\x18ftyp"));
        assert!(!is_heif(b"ftypheic"));
        assert!(!is_heif(b""));
    }
}
