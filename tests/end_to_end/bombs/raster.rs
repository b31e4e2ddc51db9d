//! GIF (89a), BMP and TIFF (6.0) files.

use super::{Bomb, named};

/// A GIF with a screen, and frames of these sizes with little or no data.
fn gif_of(screen: (u16, u16), frames: &[(u16, u16, u8, &[u8])]) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(screen.0.to_le_bytes());
    file.extend(screen.1.to_le_bytes());
    // A global table of two colours.
    file.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    for (width, height, code_size, data) in frames {
        file.push(b',');
        file.extend([0; 4]);
        file.extend(width.to_le_bytes());
        file.extend(height.to_le_bytes());
        file.extend([0, *code_size]);
        for block in data.chunks(255) {
            file.push(block.len() as u8);
            file.extend(block);
        }
        file.push(0);
    }
    file.push(b';');
    file
}

pub(super) fn gif() -> Vec<Bomb> {
    // Clear, one pixel, end.
    let dot: &[u8] = &[0x44, 0x01];
    let mut endless = gif_of((1, 1), &[]);
    endless.pop();
    let comments = [&endless[..], &b"!\xfe\x01a\x00".repeat(200_000), b";"].concat();
    let blocks = [&endless[..], b",\0\0\0\0\x01\0\x01\0\0\x02", &[0xff; 1 << 20]].concat();
    vec![
        named("large-screen.gif", gif_of((65_535, 65_535), &[(1, 1, 2, dot)])),
        named("large-frame.gif", gif_of((1, 1), &[(65_535, 65_535, 2, dot)])),
        named(
            "both-large.gif",
            gif_of((65_535, 65_535), &[(65_535, 65_535, 2, dot)]),
        ),
        named(
            "within-limits.gif",
            gif_of((5_000, 4_900), &[(5_000, 4_900, 2, dot)]),
        ),
        named(
            "frame-within-limits.gif",
            gif_of((1, 1), &[(5_000, 9_000, 2, dot)]),
        ),
        named("no-size.gif", gif_of((0, 0), &[(0, 0, 2, dot)])),
        named("no-frame.gif", gif_of((10, 10), &[])),
        named("code-size-0.gif", gif_of((10, 10), &[(10, 10, 0, dot)])),
        named("code-size-12.gif", gif_of((10, 10), &[(10, 10, 12, dot)])),
        named("code-size-255.gif", gif_of((10, 10), &[(10, 10, 255, dot)])),
        named("many-frames.gif", gif_of((1, 1), &vec![(1, 1, 2, dot); 100_000])),
        named(
            "long-frame.gif",
            gif_of((1, 1), &[(1, 1, 2, vec![0; 4 << 20].as_slice())]),
        ),
        named("comments.gif", comments),
        named("blocks.gif", blocks),
    ]
}

/// A BMP with this header; `compression` is 0 for none, 1 for runs of bytes, 3 for bit masks.
fn bmp_of(width: i32, height: i32, bits: u16, compression: u32, colours: u32, data: &[u8]) -> Vec<u8> {
    let mut file = b"BM\xff\xff\xff\x7f\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(compression.to_le_bytes());
    file.extend([0; 12]);
    file.extend(colours.to_le_bytes());
    file.extend([0; 4]);
    file.extend(data);
    file
}

pub(super) fn bmp() -> Vec<Bomb> {
    [
        ("largest", i32::MAX, i32::MAX, 24, 0, 0),
        ("lowest", i32::MAX, i32::MIN, 24, 0, 0),
        ("negative", -5, 5, 24, 0, 0),
        ("no-size", 0, 0, 24, 0, 0),
        ("wide", 60_000, 1, 24, 0, 0),
        ("tall", 1, 60_000, 24, 0, 0),
        ("square", 30_000, 30_000, 32, 0, 0),
        ("runs", 30_000, 3_000, 8, 1, 256),
        ("runs-within-limits", 5_000, 4_900, 8, 1, 2),
        ("within-limits", 7_900, 7_900, 24, 0, 0),
        ("no-bits", 10, 10, 0, 0, 0),
        ("bits-65535", 10, 10, 65_535, 0, 0),
        ("colours", 10, 10, 8, 0, u32::MAX),
        ("masks", 10, 10, 32, 3, 0),
        ("compression", 10, 10, 24, 77, 0),
    ]
    .into_iter()
    .map(|(name, width, height, bits, compression, colours)| {
        // Ends of lines and of the picture, which runs of bytes may consist of.
        let bytes = bmp_of(width, height, bits, compression, colours, &[0, 0].repeat(50_000));
        named(format!("{name}.bmp"), bytes)
    })
    .collect()
}

/// An entry of a TIFF's directory: tag, type (3 short, 4 long, 7 bytes), count, value or offset.
type Entry = (u16, u16, u32, u32);

/// A TIFF with one directory, which names the next one, and data from offset 1,000 on.
fn tiff_of(entries: &[Entry], next: u32, data: &[u8]) -> Vec<u8> {
    let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(next.to_le_bytes());
    file.resize(1_000, 0);
    file.extend(data);
    file
}

/// The entries of a picture of 8-bit RGB in one strip at offset 1,000.
fn picture(width: u32, height: u32, compression: u32, length: u32) -> Vec<Entry> {
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, 1, 1_000),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, length),
    ]
}

/// `entries`, one of them replaced.
fn with(mut entries: Vec<Entry>, other: Entry) -> Vec<Entry> {
    entries.retain(|entry| entry.0 != other.0);
    entries.push(other);
    entries.sort_unstable();
    entries
}

pub(super) fn tiff() -> Vec<Bomb> {
    const NONE: u32 = 1;
    const LZW: u32 = 5;
    const DEFLATE: u32 = 8;
    const PACK_BITS: u32 = 32_773;

    let small = || picture(10, 10, NONE, 100);
    let simple = |entries: &[Entry]| tiff_of(entries, 0, &[7; 1_000]);
    let deflated = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &vec![0; 40 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    let length = deflated.len() as u32;
    vec![
        named("largest.tiff", simple(&picture(u32::MAX, u32::MAX, NONE, 100))),
        named("square.tiff", simple(&picture(65_535, 65_535, LZW, 100))),
        named("no-size.tiff", simple(&picture(0, 0, NONE, 0))),
        named(
            "within-limits.tiff",
            simple(&picture(5_700, 5_700, PACK_BITS, 1_000)),
        ),
        named(
            "unpacks.tiff",
            tiff_of(&picture(5_700, 5_700, DEFLATE, length), 0, &deflated),
        ),
        named(
            "unpacks-too-much.tiff",
            tiff_of(&picture(1, 1, DEFLATE, length), 0, &deflated),
        ),
        named("length.tiff", simple(&with(small(), (279, 4, 1, u32::MAX)))),
        named("offset.tiff", simple(&with(small(), (273, 4, 1, u32::MAX)))),
        named("many-strips.tiff", simple(&with(small(), (273, 4, u32::MAX, 8)))),
        named("rows.tiff", simple(&with(small(), (278, 4, 1, 0)))),
        named("bits.tiff", simple(&with(small(), (258, 3, 1, 65_535)))),
        named("samples.tiff", simple(&with(small(), (277, 3, 1, 65_535)))),
        named("bits-of-each.tiff", simple(&with(small(), (258, 3, u32::MAX, 8)))),
        named("compression.tiff", simple(&with(small(), (259, 3, 1, 9_999)))),
        named("predictor.tiff", simple(&with(small(), (317, 3, 1, 99)))),
        named("profile.tiff", simple(&with(small(), (34_675, 7, u32::MAX, 8)))),
        named("note.tiff", simple(&with(small(), (270, 2, 0x7fff_ffff, 8)))),
        named(
            "tiles.tiff",
            simple(&with(with(small(), (322, 4, 1, u32::MAX)), (323, 4, 1, u32::MAX))),
        ),
        named("loop.tiff", tiff_of(&small(), 8, &[7; 1_000])),
        named("no-directory.tiff", b"II\x2a\0\xff\xff\xff\xff".to_vec()),
        named(
            "big.tiff",
            b"II\x2b\0\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec(),
        ),
        named("thousands-of-entries.tiff", simple(&vec![(270, 4, 1, 8); 80])),
    ]
}
