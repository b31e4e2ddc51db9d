//! Boxes of the ISO base media file format (ISO/IEC 14496-12).

/// What a box is.
pub(in crate::photo::decode) type Kind = [u8; 4];

/// Reads numbers, the most significant byte first, from the front of a string of bytes; none behind its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// A number of 0 to 8 bytes.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        let digits = self.take(bytes)?.iter();
        Some(digits.fold(0, |number, digit| number << 8 | u64::from(*digit)))
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.first_chunk()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.take(4)?.first_chunk()?))
    }

    /// The version that many boxes begin with, and their flags.
    pub(super) fn version(&mut self) -> Option<(u8, u32)> {
        let both = self.u32()?;
        Some((both.to_be_bytes()[0], both & 0xff_ffff))
    }

    /// A number of four bytes, or of two where `wide` is false.
    pub(super) fn id(&mut self, wide: bool) -> Option<u32> {
        if wide {
            self.u32()
        } else {
            self.u16().map(u32::from)
        }
    }

    pub(super) fn kind(&mut self) -> Option<Kind> {
        self.take(4)?.first_chunk().copied()
    }
}

/// The boxes that lie one after the other; an empty item, the last, where one is cut off.
pub(in crate::photo::decode) fn boxes(bytes: &[u8]) -> impl Iterator<Item = Option<(Kind, &[u8])>> {
    let mut reader = Reader(bytes);
    std::iter::from_fn(move || {
        if reader.0.is_empty() {
            return None;
        }
        let next = next_box(&mut reader);
        if next.is_none() {
            reader = Reader(&[]);
        }
        Some(next)
    })
}

fn next_box<'a>(reader: &mut Reader<'a>) -> Option<(Kind, &'a [u8])> {
    const SHORT: u64 = 8;
    const LONG: u64 = 16;
    let size = reader.u32()?;
    let kind = reader.kind()?;
    let body = match size {
        // To the end of what it lies in.
        0 => reader.0.len(),
        1 => reader.number(8)?.checked_sub(LONG)?.try_into().ok()?,
        size => u64::from(size).checked_sub(SHORT)?.try_into().ok()?,
    };
    Some((kind, reader.take(body)?))
}
