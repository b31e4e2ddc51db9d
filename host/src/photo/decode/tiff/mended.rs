//! A file as the decoder must see it to decode the picture of one of its directories.

use std::io::BufReader;

use super::overlay::Overlay;
use super::pictures::{HEIGHT, PHOTOMETRIC, STRIP_BYTES, STRIP_OFFSETS};
use super::{Directory, Entry, File};

const ROWS_PER_STRIP: u16 = 278;
const TILE_WIDTH: u16 = 322;
pub(super) const TILE_OFFSETS: u16 = 324;
pub(super) const TILE_BYTES: u16 = 325;
pub(super) const EXTRA_SAMPLES: u16 = 338;
/// What extra samples are: anything, alpha by which colours are multiplied already, or alpha by which they are not.
const UNSPECIFIED: u64 = 0;
pub(super) const ASSOCIATED: u64 = 1;
pub(super) const UNASSOCIATED: u64 = 2;
/// Grey.
const BLACK_IS_ZERO: u64 = 1;

/// The file with this directory as its first and only one, and with what the decoder takes for an error written as it
/// is usual: more rows in a strip than the picture has, and tiles in the tags of strips. Samples that are anything count
/// as alpha, since the decoder mixes up colours that it takes out of differences.
pub(super) fn mended<'a>(file: &File<'a>, directory: &Directory) -> BufReader<Overlay<'a>> {
    Overlay::new(file.bytes, patches(file, directory))
}

/// The same, with indices in place of the colours that a palette gives them.
pub(super) fn with_indices<'a>(file: &File<'a>, directory: &Directory) -> BufReader<Overlay<'a>> {
    let mut patches = patches(file, directory);
    let photometric = file.find(directory, PHOTOMETRIC);
    patches.extend(photometric.and_then(|entry| value(file, &entry, BLACK_IS_ZERO)));
    Overlay::new(file.bytes, patches)
}

/// Whether a picture is of tiles, though their places are listed as those of strips (old versions of libtiff).
pub(super) fn has_tiles_as_strips(file: &File<'_>, directory: &Directory) -> bool {
    file.find(directory, TILE_WIDTH).is_some() && file.find(directory, TILE_OFFSETS).is_none()
}

fn patches(file: &File<'_>, directory: &Directory) -> Vec<(usize, Vec<u8>)> {
    let mut patches = vec![file.first_is(directory), file.last_is(directory)];
    let height = file.number(directory, HEIGHT).unwrap_or(0);
    let rows = file.find(directory, ROWS_PER_STRIP);
    patches.extend(rows.and_then(|entry| {
        let more = file.value(&entry, 0)? > height;
        more.then(|| value(file, &entry, height))?
    }));
    let extra = file.find(directory, EXTRA_SAMPLES);
    patches.extend(extra.and_then(|entry| {
        let anything = file.value(&entry, 0)? == UNSPECIFIED;
        anything.then(|| value(file, &entry, UNASSOCIATED))?
    }));
    if has_tiles_as_strips(file, directory) {
        for (tag, instead) in [(STRIP_OFFSETS, TILE_OFFSETS), (STRIP_BYTES, TILE_BYTES)] {
            let entry = file.find(directory, tag);
            patches.extend(entry.map(|entry| (entry.place, file.short_bytes(instead))));
        }
    }
    patches
}

/// A whole number in place of a tag's first value, where that is in the entry: elsewhere, it may be another tag's.
fn value(file: &File<'_>, entry: &Entry, value: u64) -> Option<(usize, Vec<u8>)> {
    if !(entry.place..entry.place + file.entry_bytes()).contains(&entry.values) {
        return None;
    }
    let mut bytes = value.to_le_bytes()[..super::size(entry.kind) as usize].to_vec();
    if file.big_endian {
        bytes.reverse();
    }
    Some((entry.values, bytes))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::io::Read as _;

    use super::*;

    fn seen(file: &[u8]) -> Vec<u8> {
        let file = File::new(file).unwrap();
        let mut seen = Vec::new();
        mended(&file, &file.first().unwrap())
            .read_to_end(&mut seen)
            .unwrap();
        seen
    }

    /// A height of 64, and rows in a strip as said.
    fn file(rows: [u8; 8], more: &[u8]) -> Vec<u8> {
        let mut file = b"II\x2A\0\x08\0\0\0\x02\0\x01\x01\x04\0\x01\0\0\0\x40\0\0\0\x16\x01\x04\0".to_vec();
        file.extend(rows);
        file.extend(more);
        file
    }

    #[test]
    fn more_rows_than_there_are_become_all() {
        let all = [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        let expected = file([1, 0, 0, 0, 64, 0, 0, 0], &[0, 0, 0, 0]);
        // The directory is the last one, too.
        assert_eq!(seen(&file(all, &[9, 9, 9, 9])), expected);
        let few = file([1, 0, 0, 0, 16, 0, 0, 0], &[0; 4]);
        assert_eq!(seen(&few), few);
    }

    #[test]
    fn values_elsewhere_stay_as_they_are() {
        // Two values at 10, which are the entry of the height.
        let within = file([2, 0, 0, 0, 10, 0, 0, 0], &[0; 4]);
        assert_eq!(seen(&within), within);
    }
}
