//! BMP: headers, palettes and run lengths.

use super::bits::cut;
use super::{Answer, Bomb, bomb};

const PLAIN: u32 = 0;
const RUNS_8: u32 = 1;
const RUNS_4: u32 = 2;
const MASKS: u32 = 3;

/// A file with a header of 40 bytes and a palette of two colours.
fn file((width, height): (i32, i32), bits: u16, compression: u32, colours: u32, data: &[u8]) -> Vec<u8> {
    const START: u32 = 14 + 40 + 8;
    let mut bytes = b"BM".to_vec();
    bytes.extend((START + data.len() as u32).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(START.to_le_bytes());
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend([width, height].map(i32::to_le_bytes).concat());
    bytes.extend([1, bits].map(u16::to_le_bytes).concat());
    bytes.extend([compression, 0, 0, 0, colours, 0].map(u32::to_le_bytes).concat());
    bytes.extend([0, 0, 0, 0, 255, 255, 255, 0]);
    bytes.extend(data);
    bytes
}

/// Run lengths of 255 pixels, row by row.
fn runs(width: usize, height: usize) -> Vec<u8> {
    let mut row = [255, 0].repeat(width / 255);
    row.extend([(width % 255) as u8, 0, 0, 0]);
    [row.repeat(height), vec![0, 1]].concat()
}

fn small(width: i32, height: i32) -> Vec<u8> {
    file((width, height), 24, PLAIN, 0, &[0; 192])
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, NotAnImage, TooManyPixels, TooMuchMemory};
    vec![
        bomb("bmp: 65,535 pixels a side", TooManyPixels, || {
            small(65_535, 65_535)
        }),
        bomb("bmp: 2^31-1 pixels a side", Damaged, || small(i32::MAX, i32::MAX)),
        bomb("bmp: height of -2^31", Damaged, || small(8, i32::MIN)),
        bomb("bmp: width of -8", Damaged, || small(-8, 8)),
        bomb("bmp: no width", NotAnImage, || small(0, 8)),
        bomb("bmp: no height", NotAnImage, || small(8, 0)),
        bomb("bmp: 10,000 x 10,000", TooMuchMemory, || small(10_000, 10_000)),
        bomb("bmp: 8,000 x 8,000 without pixels", Damaged, || {
            small(8_000, 8_000)
        }),
        bomb("bmp: the largest, one bit", Described, || {
            file((8_000, 8_000), 1, PLAIN, 2, &vec![0; 8_000_000])
        }),
        bomb("bmp: the largest, run lengths", Described, || {
            file((8_000, 8_000), 8, RUNS_8, 2, &runs(8_000, 8_000))
        }),
        bomb("bmp: the largest, upside down", Described, || {
            file((4_000, -4_000), 24, PLAIN, 0, &vec![0; 48_000_000])
        }),
        bomb("bmp: run lengths that end at once", Described, || {
            file((8_000, 8_000), 8, RUNS_8, 2, &[0, 1])
        }),
        bomb("bmp: run lengths that leave the picture", Damaged, || {
            file(
                (8, 8),
                8,
                RUNS_8,
                2,
                &[&[0, 2, 255, 255].repeat(100_000)[..], &[0, 1]].concat(),
            )
        }),
        bomb("bmp: run lengths of nothing", Damaged, || {
            file((8, 8), 4, RUNS_4, 2, &[0, 255].repeat(10))
        }),
        bomb("bmp: no bits", Damaged, || file((8, 8), 0, PLAIN, 0, &[0; 192])),
        bomb("bmp: 33 bits", Damaged, || file((8, 8), 33, PLAIN, 0, &[0; 192])),
        bomb("bmp: palette of 2^32-1", Damaged, || {
            file((8, 8), 8, PLAIN, u32::MAX, &[0; 192])
        }),
        bomb("bmp: masks of nothing", Damaged, || {
            file((8, 8), 32, MASKS, 0, &[0; 400])
        }),
        bomb("bmp: a JPEG inside", NotAnImage, || {
            file((8, 8), 0, 4, 0, &[0; 192])
        }),
        bomb("bmp: header of 2^32-1 bytes", NotAnImage, || {
            let mut bytes = small(8, 8);
            bytes[14..18].copy_from_slice(&[255; 4]);
            bytes
        }),
        bomb("bmp: pixels behind the end", Damaged, || {
            let mut bytes = small(8, 8);
            bytes[10..14].copy_from_slice(&[255; 4]);
            bytes
        }),
        bomb("bmp: signature only", Damaged, || b"BM".to_vec()),
        bomb("bmp: cut at 50 %", Damaged, || cut(small(8, 8), 50)),
    ]
}
