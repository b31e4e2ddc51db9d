//! WebP: sizes, chunks, animations, and the codes of lossless pictures (RFC 9649).

use super::bits::{Bits, cut, noise};
use super::{Answer, Bomb, bomb};

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_le_bytes();
    let padding: &[u8] = if content.len().is_multiple_of(2) {
        b""
    } else {
        b"\0"
    };
    [kind, &length[..], content, padding].concat()
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat())
}

/// The chunk of a file with features: 0x02 an animation, 0x08 EXIF, 0x10 transparency, 0x20 a profile.
fn features(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    chunk(b"VP8X", &[&[flags, 0, 0, 0], &width[..3], &height[..3]].concat())
}

/// The start of a lossless picture, up to its transforms.
fn lossless_head(width: u32, height: u32) -> Bits {
    let mut bits = Bits::default();
    bits.put(0x2F, 8);
    bits.put(width - 1, 14);
    bits.put(height - 1, 14);
    // No transparency, version 0.
    bits.put(0, 1 + 3);
    bits
}

/// A code of one symbol, which takes no bits.
fn single(bits: &mut Bits, symbol: u32) {
    bits.put(1, 1);
    bits.put(0, 1);
    bits.put(1, 1);
    bits.put(symbol, 8);
}

/// A lossless picture of one colour: 20 bytes, whatever its size.
fn lossless(width: u32, height: u32) -> Vec<u8> {
    transformed(width, height, &[])
}

/// Transforms in every order, each with its own picture.
fn transformed(width: u32, height: u32, kinds: &[u32]) -> Vec<u8> {
    let mut bits = lossless_head(width, height);
    for kind in kinds {
        bits.put(1, 1);
        bits.put(*kind, 2);
        match kind {
            // Blocks of 4 x 4, so that the picture of the transform is large.
            0 | 1 => bits.put(0, 3),
            // No picture.
            2 => continue,
            // A palette of 256.
            _ => bits.put(255, 8),
        }
        bits.put(0, 1);
        (0..5).for_each(|_| single(&mut bits, 0));
    }
    // No more transforms.
    bits.put(0, 1);
    // No colour cache, one group of codes.
    bits.put(0, 2);
    (0..5).for_each(|_| single(&mut bits, 0));
    chunk(b"VP8L", &[bits.into_bytes(), vec![0; 16]].concat())
}

/// A code in which so many symbols of an alphabet have the same length, `1 << length`.
fn full(bits: &mut Bits, length: u32, limited: bool) {
    // The order in which the lengths of the code for lengths are written.
    const ORDER: [u32; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let place = ORDER.iter().position(|other| *other == length).unwrap() as u32;
    bits.put(0, 1);
    bits.put(place + 1 - 4, 4);
    for other in &ORDER[..=place as usize] {
        bits.put(u32::from(*other == length), 3);
    }
    if limited {
        // How many symbols are there, in as many bits as the number has.
        bits.put(1, 1);
        bits.put((length - 2) / 2, 3);
        bits.put((1 << length) - 2, length);
    } else {
        bits.put(0, 1);
    }
}

/// A picture of 4 x 4 pixels with 65,536 groups of codes, of which it uses the last.
fn many_groups() -> Vec<u8> {
    let mut bits = lossless_head(4, 4);
    // No transform.
    bits.put(0, 1);
    // A colour cache of 1,024, which makes the alphabet of green larger.
    bits.put(1, 1);
    bits.put(10, 4);
    // One block, of 512 x 512, has the group 65,535: its green and red are 255.
    bits.put(1, 1);
    bits.put(7, 3);
    bits.put(0, 1);
    for symbol in [255, 255, 0, 0, 0] {
        single(&mut bits, symbol);
    }
    for _ in 0..65_536 {
        full(&mut bits, 10, true);
        (0..3).for_each(|_| full(&mut bits, 8, false));
        single(&mut bits, 0);
    }
    chunk(b"VP8L", &[bits.into_bytes(), vec![0; 1_000]].concat())
}

/// A lossy picture's header, and some data.
fn lossy(width: u16, height: u16, data: &[u8]) -> Vec<u8> {
    // A key frame that is shown, whose first partition is the first half.
    let tag = 1 << 4 | (data.len() as u32 / 2) << 5;
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    chunk(
        b"VP8 ",
        &[&tag.to_le_bytes()[..3], b"\x9d\x01\x2a", &size, data].concat(),
    )
}

fn animation_frame(left: u32, width: u32, height: u32, picture: &[u8]) -> Vec<u8> {
    let numbers = [left / 2, 0, width - 1, height - 1, 100];
    let mut content: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes()[..3].to_vec())
        .collect();
    content.push(0);
    content.extend(picture);
    chunk(b"ANMF", &content)
}

fn animated(width: u32, height: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    file(&[
        features(0x02, width, height),
        chunk(b"ANIM", &[0; 6]),
        frames.concat(),
    ])
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooManyPixels, TooMuchMemory};
    vec![
        bomb("webp: 16,383 pixels a side, lossless", TooManyPixels, || {
            file(&[lossless(16_383, 16_383)])
        }),
        bomb("webp: 16,383 pixels a side, lossy", TooManyPixels, || {
            file(&[lossy(16_383, 16_383, &[0; 100])])
        }),
        bomb("webp: 2^24 pixels a side", Damaged, || {
            file(&[features(0, 1 << 24, 1 << 8), lossless(8, 8)])
        }),
        bomb("webp: 2^48 pixels", Damaged, || {
            file(&[features(0, 1 << 24, 1 << 24), lossless(8, 8)])
        }),
        bomb("webp: the largest, lossless", Described, || {
            file(&[lossless(5_360, 5_360)])
        }),
        bomb("webp: just too large, lossless", TooMuchMemory, || {
            file(&[lossless(5_365, 5_365)])
        }),
        bomb("webp: every transform of a large picture", Described, || {
            file(&[transformed(5_000, 5_000, &[0, 1, 2])])
        }),
        bomb("webp: a palette of a large picture", Described, || {
            file(&[transformed(5_000, 5_000, &[3])])
        }),
        bomb("webp: a transform twice", Damaged, || {
            file(&[transformed(64, 64, &[0, 0])])
        }),
        bomb(
            "webp: 65,536 groups of codes for 16 pixels",
            TooMuchMemory,
            || file(&[many_groups()]),
        ),
        bomb("webp: lossy without data", Damaged, || {
            file(&[lossy(5_000, 5_000, &[])])
        }),
        bomb("webp: lossy of zeros", Damaged, || {
            file(&[lossy(5_000, 5_000, &[0; 400])])
        }),
        bomb("webp: lossy of ones", Damaged, || {
            file(&[lossy(5_000, 5_000, &[255; 400])])
        }),
        bomb("webp: lossy of noise", Described, || {
            file(&[lossy(2_000, 2_000, &noise(200_000))])
        }),
        bomb("webp: lossy of no width", Damaged, || {
            file(&[lossy(0, 8, &[0; 100])])
        }),
        bomb("webp: canvas and picture of two sizes", Damaged, || {
            file(&[features(0, 100, 100), lossless(5_000, 5_000)])
        }),
        bomb("webp: animation of 100,000 frames", Described, || {
            animated(8, 8, &[animation_frame(0, 8, 8, &lossless(8, 8)).repeat(100_000)])
        }),
        bomb("webp: animation on the largest canvas", Described, || {
            animated(
                4_200,
                4_200,
                &[animation_frame(0, 4_200, 4_200, &lossless(4_200, 4_200))],
            )
        }),
        bomb("webp: animation on a canvas too large", TooMuchMemory, || {
            animated(
                5_000,
                5_000,
                &[animation_frame(0, 5_000, 5_000, &lossless(5_000, 5_000))],
            )
        }),
        bomb("webp: frame larger than its canvas", Damaged, || {
            animated(
                8,
                8,
                &[animation_frame(0, 16_384, 16_384, &lossless(16_384, 16_384))],
            )
        }),
        bomb("webp: transparency of 2^48 pixels", Damaged, || {
            // Compressed; a predictor for blocks of 4 x 4, whose picture is of one symbol.
            let mut bits = Bits::default();
            for (value, count) in [(1, 8), (1, 1), (0, 2), (0, 3), (0, 1)] {
                bits.put(value, count);
            }
            (0..5).for_each(|_| single(&mut bits, 0));
            let transparency = chunk(b"ALPH", &[bits.into_bytes(), vec![0; 16]].concat());
            let picture = [transparency, lossy(8, 8, &[0; 100])].concat();
            animated(8, 8, &[animation_frame(0, 1 << 24, 1 << 24, &picture)])
        }),
        bomb("webp: 10,000 large pictures after the first", Described, || {
            let others = transformed(16_383, 16_383, &[0, 1]).repeat(10_000);
            file(&[lossless(8, 8), others])
        }),
        bomb("webp: frame outside of its canvas", Damaged, || {
            animated(8, 8, &[animation_frame(1 << 20, 8, 8, &lossless(8, 8))])
        }),
        bomb("webp: frame whose picture is larger", Damaged, || {
            animated(8, 8, &[animation_frame(0, 8, 8, &lossless(16_384, 16_384))])
        }),
        bomb("webp: animation without frames", Damaged, || animated(8, 8, &[])),
        bomb("webp: profile of 40 MB", Described, || {
            file(&[
                features(0x20, 8, 8),
                chunk(b"ICCP", &vec![b'p'; 40_000_000]),
                lossless(8, 8),
            ])
        }),
        bomb("webp: EXIF of 40 MB", Described, || {
            file(&[
                features(0x08, 8, 8),
                lossless(8, 8),
                chunk(b"EXIF", &vec![b'M'; 40_000_000]),
            ])
        }),
        bomb("webp: 1,000,000 unknown chunks", Described, || {
            file(&[
                features(0, 8, 8),
                chunk(b"juNk", b"").repeat(1_000_000),
                lossless(8, 8),
            ])
        }),
        bomb("webp: no picture", Damaged, || file(&[features(0, 8, 8)])),
        bomb("webp: nothing", Damaged, || file(&[])),
        bomb("webp: chunk of 4 GiB", Described, || {
            let mut bytes = file(&[lossless(8, 8)]);
            bytes[16..20].copy_from_slice(&[255; 4]);
            bytes
        }),
        bomb("webp: cut within its header", Damaged, || {
            file(&[lossless(800, 800)])[..22].to_vec()
        }),
        bomb("webp: cut at 50 %", Damaged, || {
            cut(file(&[transformed(800, 800, &[0, 1])]), 50)
        }),
        bomb("webp: wrong signature of the picture", Damaged, || {
            let mut bytes = file(&[lossless(8, 8)]);
            bytes[20] = 0x2E;
            bytes
        }),
    ]
}
