//! Which of the pictures in a TIFF file is the photo. RAW files are TIFF, too.

use std::ops::Range;

use image::metadata::Orientation;

use super::{Directory, File, jpeg};
use crate::photo::decode::exif;

/// Directories that are looked at, at most; cameras write ten.
const DIRECTORIES: usize = 64;
/// Of a RAW file, the longer side of the smallest embedded picture that is taken for the photo, in pixels: what networks
/// look at. A smaller one is a thumbnail, unless it is at least half as long as the RAW picture itself.
const LEAST_SIDE: u64 = 640;

/// Tags (TIFF 6.0; TIFF technical note 1; DNG 1.6).
pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
pub(super) const COMPRESSION: u16 = 259;
pub(super) const PHOTOMETRIC: u16 = 262;
pub(super) const STRIP_OFFSETS: u16 = 273;
pub(super) const STRIP_BYTES: u16 = 279;
pub(super) const JPEG_TABLES: u16 = 347;
const NEW_SUBFILE_TYPE: u16 = 254;
const SUBFILE_TYPE: u16 = 255;
const SUB_DIRECTORIES: u16 = 330;
const JPEG_FILE: u16 = 513;
const JPEG_FILE_BYTES: u16 = 514;
const DNG_VERSION: u16 = 50_706;

/// Compressions: as in whole JPEG files, and in parts of such.
pub(super) const OLD_JPEG: u64 = 6;
pub(super) const JPEG: u64 = 7;

/// What the photo in a file is.
pub(super) enum Photo {
    /// The picture of a directory.
    Directory(Directory),
    /// A JPEG file within.
    Jpeg(Range<usize>),
    /// A RAW file of no picture but a thumbnail.
    OnlyRaw,
}

/// A JPEG file within another file.
pub(in crate::photo::decode) struct EmbeddedJpeg {
    /// Where its bytes are.
    pub(in crate::photo::decode) range: Range<usize>,
    /// How it must be turned; `None` where it says so itself, or nobody does.
    pub(in crate::photo::decode) orientation: Option<Orientation>,
}

/// The JPEG file that is the photo of a TIFF or RAW file; `None` where the photo is no JPEG file.
pub(in crate::photo::decode) fn embedded_jpeg(bytes: &[u8]) -> Option<EmbeddedJpeg> {
    let file = File::new(bytes).filter(|_| super::is_tiff(bytes))?;
    let Photo::Jpeg(range) = photo(&file)? else {
        return None;
    };
    let orientation = if jpeg::has_orientation(bytes.get(range.clone())?) {
        None
    } else {
        exif::of(&file, &file.first()?)
    };
    Some(EmbeddedJpeg { range, orientation })
}

/// The photo in a file: the first picture that is not a reduced one; of a RAW file, the largest one that is embedded.
pub(super) fn photo(file: &File<'_>) -> Option<Photo> {
    let all = directories(file);
    let first = *all.first()?;
    if is_raw(file, &all) {
        return Some(embedded(file, &all));
    }
    let full = all.iter().find(|directory| !is_reduced(file, directory));
    let directory = *full.unwrap_or(&first);
    let old = file.number(&directory, COMPRESSION) == Some(OLD_JPEG);
    let within = old.then(|| jpeg_file(file, &directory)).flatten();
    Some(within.map_or(Photo::Directory(directory), |(range, _)| Photo::Jpeg(range)))
}

/// All directories, each with those below it.
fn directories(file: &File<'_>) -> Vec<Directory> {
    let mut all = Vec::new();
    let mut next = file.first();
    while let Some(directory) = next.filter(|_| all.len() < DIRECTORIES) {
        all.push(directory);
        if let Some(entry) = file.find(&directory, SUB_DIRECTORIES) {
            let below = (0..DIRECTORIES - all.len())
                .take_while(|index| (*index as u64) < entry.count)
                .map_while(|index| file.directory(file.value(&entry, index)?));
            all.extend(below);
        }
        next = file.next(&directory);
    }
    all
}

/// Whether it is a smaller version of another picture, or a mask of one.
fn is_reduced(file: &File<'_>, directory: &Directory) -> bool {
    const REDUCED_OR_MASK: u64 = 1 | 4;
    const REDUCED: u64 = 2;
    match file.number(directory, NEW_SUBFILE_TYPE) {
        Some(kind) => kind & REDUCED_OR_MASK != 0,
        None => file.number(directory, SUBFILE_TYPE) == Some(REDUCED),
    }
}

/// Whether samples are as a sensor gave them (DNG 1.6, chapter 4).
fn is_sensor_s(file: &File<'_>, directory: &Directory) -> bool {
    const COLOUR_FILTERS: u64 = 32_803;
    const LINEAR: u64 = 34_892;
    /// Nikon's, Sony's, Pentax's and Samsung's.
    const CAMERAS: [u64; 4] = [34_713, 32_767, 65_535, 32_770];
    let photometric = file.number(directory, PHOTOMETRIC);
    let compression = file.number(directory, COMPRESSION);
    matches!(photometric, Some(COLOUR_FILTERS | LINEAR))
        || compression.is_some_and(|compression| CAMERAS.contains(&compression))
}

fn is_raw(file: &File<'_>, all: &[Directory]) -> bool {
    /// What stands behind the header of Canon's files, and of Phase One's.
    const CAMERAS: [&[u8]; 3] = [b"CR", b"IIII", b"MMMM"];
    let behind = file.bytes.get(8..).unwrap_or_default();
    CAMERAS.iter().any(|camera| behind.starts_with(camera))
        || all
            .iter()
            .any(|directory| file.find(directory, DNG_VERSION).is_some() || is_sensor_s(file, directory))
}

/// The largest picture of a RAW file that is not the sensor's, if it is no thumbnail.
fn embedded(file: &File<'_>, all: &[Directory]) -> Photo {
    let longest = all
        .iter()
        .filter(|directory| is_sensor_s(file, directory))
        .filter_map(|directory| size(file, directory))
        .map(|(width, height)| width.max(height))
        .max()
        .unwrap_or(u64::MAX);
    all.iter()
        .filter(|directory| !is_sensor_s(file, directory))
        .filter_map(|directory| {
            if let Some((range, size)) = jpeg_file(file, directory) {
                return Some((Photo::Jpeg(range), size));
            }
            let compression = file.number(directory, COMPRESSION);
            // Lossless JPEG is in none of these.
            let usual =
                !matches!(compression, Some(OLD_JPEG)) && file.number(directory, PHOTOMETRIC).is_some();
            usual.then(|| Some((Photo::Directory(*directory), size(file, directory)?)))?
        })
        .filter(|(_, (width, height))| {
            let side = *width.max(height);
            side >= LEAST_SIDE || side >= longest / 2
        })
        .max_by_key(|(_, (width, height))| width.saturating_mul(*height))
        .map_or(Photo::OnlyRaw, |(photo, _)| photo)
}

fn size(file: &File<'_>, directory: &Directory) -> Option<(u64, u64)> {
    let width = u64::from(file.number_32(directory, WIDTH)?);
    let height = u64::from(file.number_32(directory, HEIGHT)?);
    Some((width, height))
}

/// The JPEG file that a directory's picture is, whole, and its size.
fn jpeg_file(file: &File<'_>, directory: &Directory) -> Option<(Range<usize>, (u64, u64))> {
    let range = |start: u16, bytes: u16| {
        let start = usize::try_from(file.number(directory, start)?).ok()?;
        let length = usize::try_from(file.number(directory, bytes)?).ok()?;
        Some(start..start.checked_add(length)?)
    };
    let single = || {
        let is_jpeg = matches!(file.number(directory, COMPRESSION), Some(OLD_JPEG));
        let strips = file.find(directory, STRIP_OFFSETS)?;
        (is_jpeg && strips.count == 1).then(|| range(STRIP_OFFSETS, STRIP_BYTES))?
    };
    [range(JPEG_FILE, JPEG_FILE_BYTES), single()]
        .into_iter()
        .flatten()
        .find_map(|range| Some((range.clone(), jpeg::size(file.bytes.get(range)?)?)))
}
