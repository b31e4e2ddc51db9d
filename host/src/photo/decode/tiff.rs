//! TIFF files (TIFF 6.0; BigTIFF), as far as their directories tell what is in them and what reading it costs.

mod jpeg;
mod kinds;
mod mended;
mod overlay;
mod palette;
mod picture;
mod pictures;

pub(super) use picture::{decode, dimensions};
pub(super) use pictures::embedded_jpeg;

/// What the decoder makes of each value of a tag, in bytes.
const VALUE_BYTES: u64 = 32;
/// Types of values.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const DIRECTORY: u16 = 13;
const LONG_8: u16 = 16;
const DIRECTORY_8: u16 = 18;

/// Whether the file is one, by its first four bytes.
pub(super) fn is_tiff(bytes: &[u8]) -> bool {
    [b"II\x2A\0", b"MM\0\x2A", b"II\x2B\0", b"MM\0\x2B"]
        .iter()
        .any(|head| bytes.starts_with(&head[..]))
}

/// A file in its order of bytes.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    /// Places and counts of 8 bytes (BigTIFF) instead of 4.
    big: bool,
}

/// A list of tags, as it lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Directory {
    /// Where it is in the file.
    place: usize,
    /// Where the entries begin.
    start: usize,
    entries: usize,
}

/// A tag, and where its values are.
struct Entry {
    /// Where the entry is in the file.
    place: usize,
    tag: u16,
    kind: u16,
    count: u64,
    /// Of the first value in the file, whether it is in the entry or elsewhere.
    values: usize,
}

impl<'a> File<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        const BIG: u16 = 43;
        let big_endian = match bytes.get(..2)? {
            b"MM" => true,
            b"II" => false,
            _ => return None,
        };
        let mut file = Self {
            bytes,
            big_endian,
            big: false,
        };
        file.big = file.short(2)? == BIG;
        Some(file)
    }

    /// The first directory.
    pub(super) fn first(&self) -> Option<Directory> {
        let place = if self.big {
            self.long_8(8)?
        } else {
            u64::from(self.long(4)?)
        };
        self.directory(place)
    }

    /// The directory at this place.
    fn directory(&self, place: u64) -> Option<Directory> {
        let place = usize::try_from(place).ok()?;
        let (entries, header) = if self.big {
            (usize::try_from(self.long_8(place)?).ok()?, 8)
        } else {
            (usize::from(self.short(place)?), 2)
        };
        let start = place.checked_add(header)?;
        // No more in large files than small ones can have.
        let entries = entries.min(usize::from(u16::MAX));
        Some(Directory {
            place,
            start,
            entries,
        })
    }

    /// The entries that are there in whole, at most as many as the directory says.
    fn entries(&self, directory: &Directory) -> impl Iterator<Item = Entry> {
        let length = self.entry_bytes();
        let start = directory.start;
        (0..directory.entries).map_while(move |entry| self.entry(start.checked_add(entry * length)?))
    }

    fn entry(&self, place: usize) -> Option<Entry> {
        let (tag, kind) = (self.short(place)?, self.short(place + 2)?);
        let (count, within, room) = if self.big {
            (self.long_8(place + 4)?, place + 12, 8)
        } else {
            (u64::from(self.long(place + 4)?), place + 8, 4)
        };
        let fits = count.checked_mul(size(kind)).is_some_and(|bytes| bytes <= room);
        let values = if fits {
            within
        } else if self.big {
            usize::try_from(self.long_8(within)?).ok()?
        } else {
            usize::try_from(self.long(within)?).ok()?
        };
        Some(Entry {
            place,
            tag,
            kind,
            count,
            values,
        })
    }

    /// The first value of a tag that is a whole number.
    pub(super) fn number(&self, directory: &Directory, tag: u16) -> Option<u64> {
        self.value(&self.find(directory, tag)?, 0)
    }

    /// One of a tag's values.
    fn value(&self, entry: &Entry, index: usize) -> Option<u64> {
        let size = usize::try_from(size(entry.kind)).ok()?;
        let place = entry.values.checked_add(index.checked_mul(size)?)?;
        match entry.kind {
            BYTE => self.bytes.get(place).copied().map(u64::from),
            SHORT => self.short(place).map(u64::from),
            LONG | DIRECTORY => self.long(place).map(u64::from),
            LONG_8 | DIRECTORY_8 => self.long_8(place),
            _ => None,
        }
    }

    /// The first value of a tag as a number of 32 bits.
    fn number_32(&self, directory: &Directory, tag: u16) -> Option<u32> {
        self.number(directory, tag)?.try_into().ok()
    }

    /// The entry of a tag.
    fn find(&self, directory: &Directory, tag: u16) -> Option<Entry> {
        self.entries(directory)
            .find(|entry| entry.tag == tag && entry.count > 0)
    }

    /// The bytes of a tag whose values are bytes.
    fn bytes_of(&self, directory: &Directory, tag: u16) -> Option<&'a [u8]> {
        let entry = self.find(directory, tag).filter(|entry| size(entry.kind) == 1)?;
        let end = entry.values.checked_add(usize::try_from(entry.count).ok()?)?;
        self.bytes.get(entry.values..end)
    }

    /// What must stand in the header so that a directory is the first one: place and bytes.
    fn first_is(&self, directory: &Directory) -> (usize, Vec<u8>) {
        let place = directory.place;
        // A place in a small file fits, as it was read from there.
        let short = u32::try_from(place).unwrap_or(u32::MAX);
        match (self.big, self.big_endian) {
            (false, false) => (4, short.to_le_bytes().to_vec()),
            (false, true) => (4, short.to_be_bytes().to_vec()),
            (true, false) => (8, (place as u64).to_le_bytes().to_vec()),
            (true, true) => (8, (place as u64).to_be_bytes().to_vec()),
        }
    }

    /// What must stand behind a directory so that it is the last one: place and bytes.
    fn last_is(&self, directory: &Directory) -> (usize, Vec<u8>) {
        let end = directory
            .start
            .saturating_add(directory.entries.saturating_mul(self.entry_bytes()));
        (end, vec![0; if self.big { 8 } else { 4 }])
    }

    fn short_bytes(&self, value: u16) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    /// The directory after this one.
    fn next(&self, directory: &Directory) -> Option<Directory> {
        let end = directory
            .start
            .checked_add(directory.entries.checked_mul(self.entry_bytes())?)?;
        let place = if self.big {
            self.long_8(end)?
        } else {
            u64::from(self.long(end)?)
        };
        if place == 0 { None } else { self.directory(place) }
    }

    fn entry_bytes(&self) -> usize {
        if self.big { 20 } else { 12 }
    }

    /// Bytes that the values of the tags take that the decoder reads for every picture.
    ///
    /// It reads them before limits can be set. Long runs of bytes (profiles, metadata of programs) are not among them.
    fn tag_bytes(&self, directory: &Directory) -> u64 {
        /// Size, samples, compression, and where the pixels are.
        const READ: [u16; 20] = [
            256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347,
            530,
        ];
        /// Types of one byte a value: BYTE, ASCII, SBYTE, UNDEFINED.
        const BYTES: [u16; 4] = [BYTE, 2, 6, 7];
        self.entries(directory)
            .filter(|entry| READ.contains(&entry.tag) || !BYTES.contains(&entry.kind))
            .map(|entry| entry.count.saturating_mul(VALUE_BYTES))
            .fold(0, u64::saturating_add)
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

    fn long_8(&self, place: usize) -> Option<u64> {
        let bytes = *self.bytes.get(place..)?.first_chunk()?;
        Some(if self.big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }
}

/// Bytes of a value of this type (TIFF 6.0, section 2, and BigTIFF); 1 of an unknown one.
const fn size(kind: u16) -> u64 {
    match kind {
        SHORT | 8 => 2,
        LONG | DIRECTORY | 9 | 11 => 4,
        LONG_8 | DIRECTORY_8 | 5 | 10 | 12 | 17 => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag_bytes(bytes: &[u8]) -> u64 {
        File::new(bytes)
            .and_then(|file| Some(file.tag_bytes(&file.first()?)))
            .unwrap_or(0)
    }

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
    fn a_size_of_many_bytes_is_counted() {
        // Width as UNDEFINED, 2^24 times; a profile as long.
        let mut file = b"II\x2A\0\x08\0\0\0\x02\0".to_vec();
        file.extend([0, 1, 7, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        file.extend([0x73, 0x87, 7, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(tag_bytes(&file), VALUE_BYTES << 24);
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
