//! GIF: screens, frames, extensions and LZW (CompuServe, GIF89a).

use super::bits::{Bits, cut, noise};
use super::{Answer, Bomb, bomb};

const TRAILER: u8 = 0x3B;

/// The signature, a screen and a palette of two colours.
fn screen(width: u16, height: u16) -> Vec<u8> {
    [
        b"GIF89a",
        &width.to_le_bytes()[..],
        &height.to_le_bytes(),
        &[0x80, 0, 0, 0, 0, 0, 255, 255, 255],
    ]
    .concat()
}

fn blocks(data: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    for part in data.chunks(255) {
        blocks.push(part.len() as u8);
        blocks.extend(part);
    }
    blocks.push(0);
    blocks
}

/// A frame with these LZW data, of codes that begin with three bits.
fn frame((left, top): (u16, u16), (width, height): (u16, u16), data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x2C];
    frame.extend([left, top, width, height].map(u16::to_le_bytes).concat());
    frame.extend([0, 2]);
    frame.extend(blocks(data));
    frame
}

/// LZW of so many pixels of colour 0: each code stands for one pixel more than the one before.
fn run(pixels: u64) -> Vec<u8> {
    const CLEAR: u32 = 4;
    const END: u32 = 5;
    // A code is as wide as the next entry of the table, and at most 12 bits.
    let width = |next: u32| (32 - next.leading_zeros()).clamp(3, 12);
    let mut bits = Bits::default();
    let mut left = pixels;
    let mut next = 0;
    while left > 0 {
        bits.put(CLEAR, width(next));
        bits.put(0, 3);
        left -= 1;
        // The entries after a clear code: 6 is two pixels, 7 three, and so on.
        next = 6;
        while left > 0 && next < 4_096 {
            let length = u64::from(next - 4).min(left);
            let code = if length == 1 { 0 } else { length as u32 + 4 };
            bits.put(code, width(next));
            left -= length;
            next += 1;
        }
    }
    bits.put(END, width(next));
    bits.into_bytes()
}

fn file(width: u16, height: u16, parts: &[Vec<u8>]) -> Vec<u8> {
    [screen(width, height), parts.concat(), vec![TRAILER]].concat()
}

fn plain(width: u16, height: u16) -> Vec<u8> {
    let data = run(u64::from(width) * u64::from(height));
    file(width, height, &[frame((0, 0), (width, height), &data)])
}

fn one_pixel() -> Vec<u8> {
    frame((0, 0), (1, 1), &run(1))
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooManyPixels, TooMuchMemory};
    vec![
        bomb("gif: 65,535 pixels a side", TooManyPixels, || {
            file(65_535, 65_535, &[one_pixel()])
        }),
        bomb("gif: 9,000 x 9,000", TooMuchMemory, || {
            file(9_000, 9_000, &[one_pixel()])
        }),
        bomb("gif: no screen", Described, || file(0, 0, &[one_pixel()])),
        bomb("gif: frame of nothing", Damaged, || {
            file(8, 8, &[frame((0, 0), (0, 0), &run(1))])
        }),
        bomb("gif: no frame", Damaged, || file(8, 8, &[])),
        bomb(
            "gif: frame larger than memory on a screen of one pixel",
            TooManyPixels,
            || file(1, 1, &[frame((0, 0), (65_535, 65_535), &run(10_000))]),
        ),
        bomb("gif: large frame on a screen of one pixel", Described, || {
            file(1, 1, &[frame((0, 0), (7_000, 7_000), &run(49_000_000))])
        }),
        bomb("gif: large frame on a large screen", Described, || {
            file(5_000, 5_000, &[frame((1, 1), (7_000, 7_000), &run(49_000_000))])
        }),
        bomb("gif: the largest", Described, || plain(7_000, 7_000)),
        bomb("gif: the largest, with a frame of one pixel", Described, || {
            file(8_100, 8_100, &[one_pixel()])
        }),
        bomb("gif: frame outside of its screen", Described, || {
            file(8, 8, &[frame((60_000, 60_000), (1, 1), &run(1))])
        }),
        bomb("gif: 100,000 frames", Described, || {
            file(8, 8, &[one_pixel().repeat(100_000)])
        }),
        bomb("gif: 100,000 frames of 65,535 pixels a side", Described, || {
            let large = frame((0, 0), (65_535, 65_535), &run(100));
            file(8, 8, &[one_pixel(), large.repeat(100_000)])
        }),
        bomb("gif: 1,000,000 comments before the frame", Described, || {
            file(8, 8, &[b"\x21\xFE\0".repeat(1_000_000), one_pixel()])
        }),
        bomb("gif: comment of 40 MB", Described, || {
            file(
                8,
                8,
                &[
                    [b"\x21\xFE".to_vec(), blocks(&vec![b'x'; 40_000_000])].concat(),
                    one_pixel(),
                ],
            )
        }),
        bomb("gif: profile of 40 MB", Described, || {
            let extension = [
                b"\x21\xFF\x0BICCRGBG1012".to_vec(),
                blocks(&vec![b'p'; 40_000_000]),
            ]
            .concat();
            file(8, 8, &[extension, one_pixel()])
        }),
        bomb("gif: 100,000 loop extensions", Described, || {
            file(
                8,
                8,
                &[
                    b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\xff\xff\0".repeat(100_000),
                    one_pixel(),
                ],
            )
        }),
        bomb("gif: more pixels than declared", Described, || {
            file(8, 8, &[frame((0, 0), (8, 8), &run(40_000_000))])
        }),
        bomb("gif: fewer pixels than declared", Damaged, || {
            file(4_000, 4_000, &[frame((0, 0), (4_000, 4_000), &run(10))])
        }),
        bomb("gif: noise for data", Damaged, || {
            file(900, 900, &[frame((0, 0), (900, 900), &noise(20_000))])
        }),
        bomb("gif: codes of no bits", Damaged, || {
            let mut bytes = plain(8, 8);
            bytes[19 + 10] = 0;
            bytes
        }),
        bomb("gif: codes of 255 bits", Damaged, || {
            let mut bytes = plain(8, 8);
            bytes[19 + 10] = 255;
            bytes
        }),
        bomb("gif: cut after its screen", Damaged, || screen(8, 8)),
        bomb("gif: cut within its screen", Damaged, || {
            screen(8, 8)[..9].to_vec()
        }),
        bomb("gif: cut at 50 %", Damaged, || cut(plain(2_000, 2_000), 50)),
        bomb("gif: signature only", Damaged, || b"GIF89a".to_vec()),
    ]
}
