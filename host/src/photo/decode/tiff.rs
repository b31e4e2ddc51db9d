//! The first directory of TIFF files (TIFF 6.0, section 2), as far as it tells what reading it costs.

/// What the decoder makes of each value of a tag, in bytes.
const VALUE_BYTES: u64 = 32;

/// Bytes that the values of the tags take that the decoder reads for every picture; 0 where there is no directory.
///
/// It reads them before limits can be set. Long runs of bytes (profiles, metadata of programs) are not among them.
pub(super) fn tag_bytes(bytes: &[u8]) -> u64 {
    const ENTRY: usize = 12;
    const JPEG_TABLES: u16 = 347;
    /// Types of one byte a value: BYTE, ASCII, SBYTE, UNDEFINED.
    const BYTES: [u16; 4] = [1, 2, 6, 7];

    let Some(file) = File::new(bytes) else { return 0 };
    let Some((start, entries)) = file.directory() else {
        return 0;
    };
    (0..entries)
        .map_while(|entry| {
            let place = start + entry * ENTRY;
            Some((file.short(place)?, file.short(place + 2)?, file.long(place + 4)?))
        })
        .filter(|(tag, kind, _)| *tag == JPEG_TABLES || !BYTES.contains(kind))
        .map(|(_, _, count)| VALUE_BYTES * u64::from(count))
        .sum()
}

/// A file in its order of bytes.
struct File<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> File<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.get(..2)? {
            b"MM" => true,
            b"II" => false,
            _ => return None,
        };
        Some(Self { bytes, big_endian })
    }

    /// Where the entries of the first directory begin, and their number.
    fn directory(&self) -> Option<(usize, usize)> {
        let place = usize::try_from(self.long(4)?).ok()?;
        let entries = self.short(place)?;
        Some((place + 2, usize::from(entries)))
    }

    fn short(&self, place: usize) -> Option<u16> {
        let bytes = *self.bytes.get(place..)?.first_chunk()?;
        Some(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn long(&self, place: usize) -> Option<u32> {
        let bytes = *self.bytes.get(place..)?.first_chunk()?;
        Some(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_tags_are_counted_in_both_orders() {
        let entry = |tag: u16, kind: u16, count: u32| {
            [
                &tag.to_be_bytes()[..],
                &kind.to_be_bytes(),
                &count.to_be_bytes(),
                &[0; 4],
            ]
            .concat()
        };
        // Two widths, a million offsets, a profile of a million bytes, tables of 500.
        let entries = [
            entry(256, 4, 1),
            entry(257, 3, 1),
            entry(273, 4, 1_000_000),
            entry(347, 7, 500),
            entry(34_675, 7, 1_000_000),
        ];
        let big = [b"MM\0\x2A\0\0\0\x08\0\x05", &entries.concat()[..]].concat();
        assert_eq!(tag_bytes(&big), VALUE_BYTES * 1_000_502);

        let mut little = b"II\x2A\0\x08\0\0\0\x01\0".to_vec();
        little.extend([17, 1, 4, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(tag_bytes(&little), VALUE_BYTES * 7);
    }

    #[test]
    fn what_is_no_directory_has_no_values() {
        for bytes in [
            &b""[..],
            b"II",
            b"II\x2A\0\xff\xff\xff\xff",
            b"II\x2A\0\x08\0\0\0",
            b"II\x2A\0\x08\0\0\0\xff\xff\x11",
            b"GIF89a..........",
        ] {
            assert_eq!(tag_bytes(bytes), 0, "{bytes:?}");
        }
    }
}
