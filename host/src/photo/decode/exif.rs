//! How a picture must be turned, as an EXIF block says (EXIF 2.32, section 4.6.4; TIFF 6.0, section 2).

use image::metadata::Orientation;

use super::tiff::{Directory, File};

/// What stands before a block in JPEG files, and in some WebP and PNG files, too.
const PREFIX: &[u8] = b"Exif\0\0";
/// The tag.
pub(super) const ORIENTATION: u16 = 0x0112;

/// The orientation in the first directory of an EXIF block, with or without the prefix that it has in JPEG files;
/// `None` where there is none, or none of the eight that are defined.
///
/// The value counts as BYTE, SHORT or LONG, though only SHORT is right: programs write all three.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let file = File::new(exif.strip_prefix(PREFIX).unwrap_or(exif))?;
    let directory = file.first()?;
    of(&file, &directory)
}

/// The orientation in this directory.
pub(super) fn of(file: &File<'_>, directory: &Directory) -> Option<Orientation> {
    let value = file.number(directory, ORIENTATION)?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    /// A block with a width and an orientation of this type.
    fn block(big_endian: bool, kind: u16, value: u32) -> Vec<u8> {
        let short = |value: u16| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let long = |value: u32| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let mut block = if big_endian { b"MM" } else { b"II" }.to_vec();
        block.extend(short(42));
        block.extend(long(8));
        block.extend(short(2));
        block.extend([&short(0x0100)[..], &short(4), &long(1), &long(640)].concat());
        block.extend([&short(ORIENTATION)[..], &short(kind), &long(1)].concat());
        match kind {
            3 => block.extend([short(u16::try_from(value).unwrap()), short(0)].concat()),
            4 => block.extend(long(value)),
            _ => block.extend([u8::try_from(value).unwrap(), 0, 0, 0]),
        }
        block.extend(long(0));
        block
    }

    #[test]
    fn an_orientation_of_any_width_counts_in_both_orders_with_and_without_the_prefix() {
        for big_endian in [false, true] {
            for kind in [1, 3, 4] {
                for value in 1..=8 {
                    let block = block(big_endian, kind, value);
                    let expected = Orientation::from_exif(value.try_into().unwrap());
                    assert!(expected.is_some());
                    assert_eq!(orientation(&block), expected);
                    assert_eq!(orientation(&[PREFIX, &block].concat()), expected);
                }
            }
        }
    }

    #[test]
    fn what_is_no_orientation_turns_nothing() {
        for value in [0, 9, 256 + 6, 65_536 + 6, u32::MAX] {
            assert_eq!(orientation(&block(true, 4, value)), None, "{value}");
        }
        // ASCII.
        assert_eq!(orientation(&block(true, 2, 6)), None);
        let whole = block(false, 3, 6);
        for length in 0..whole.len() - 6 {
            assert_eq!(orientation(&whole[..length]), None, "{length}");
        }
        assert_eq!(orientation(b"Exif\0\0"), None);
        assert_eq!(orientation(b"II\x2A\0\xff\xff\xff\xff"), None);
    }
}
