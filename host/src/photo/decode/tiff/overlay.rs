//! A file with a few of its bytes replaced, as far as a reader sees it.

use std::io::{BufReader, Cursor, Read, Result, Seek, SeekFrom};

/// Bytes, and what stands in their place.
pub(super) struct Overlay<'a> {
    file: Cursor<&'a [u8]>,
    patches: Vec<(usize, Vec<u8>)>,
}

impl<'a> Overlay<'a> {
    /// The file with these bytes from these places on.
    pub(super) fn new(bytes: &'a [u8], patches: Vec<(usize, Vec<u8>)>) -> BufReader<Self> {
        BufReader::new(Self {
            file: Cursor::new(bytes),
            patches,
        })
    }
}

impl Read for Overlay<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let start = usize::try_from(self.file.position()).unwrap_or(usize::MAX);
        let length = self.file.read(buffer)?;
        for (place, patch) in &self.patches {
            for (byte, value) in (*place..).zip(patch) {
                let seen = byte.checked_sub(start).filter(|index| *index < length);
                if let Some(seen) = seen.and_then(|index| buffer.get_mut(index)) {
                    *seen = *value;
                }
            }
        }
        Ok(length)
    }
}

impl Seek for Overlay<'_> {
    fn seek(&mut self, place: SeekFrom) -> Result<u64> {
        self.file.seek(place)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn patches_are_seen_from_every_side() {
        let bytes = *b"0123456789";
        let expected = b"01ab4567xy";
        for start in 0..10 {
            for length in 1..10 {
                let mut overlay = Overlay::new(&bytes, vec![(2, b"ab".to_vec()), (8, b"xyz".to_vec())]);
                overlay.seek(SeekFrom::Start(start as u64)).unwrap();
                let mut buffer = vec![0; length];
                let read = overlay.get_mut().read(&mut buffer).unwrap();
                assert_eq!(read, length.min(10 - start));
                assert_eq!(&buffer[..read], &expected[start..start + read]);
            }
        }
    }
}
