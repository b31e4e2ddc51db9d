//! JPEG: sizes, scans, markers and metadata (ITU-T T.81).

use super::bits::{cut, noise};
use super::{Answer, Bomb, bomb};

const BASELINE: u8 = 0xC0;
const PROGRESSIVE: u8 = 0xC2;
const START: &[u8] = b"\xff\xd8";
const END: &[u8] = b"\xff\xd9";
/// Sampling factors of components without and with subsampling.
const FULL: [u8; 3] = [0x11; 3];

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

fn frame(marker: u8, precision: u8, (width, height): (u16, u16), factors: &[u8]) -> Vec<u8> {
    let mut content = vec![precision];
    content.extend(height.to_be_bytes());
    content.extend(width.to_be_bytes());
    content.push(factors.len() as u8);
    for (id, factor) in (1..=255).zip(factors) {
        content.extend([id, *factor, 0]);
    }
    segment(marker, &content)
}

/// One quantisation table of ones, one Huffman table for DC whose only code is a difference of zero, and one for AC:
/// 0 is a run of up to 32,767 blocks without coefficients, 10 the end of a block.
fn tables() -> Vec<u8> {
    let ones = segment(0xDB, &[&[0][..], &[1; 64]].concat());
    let dc = [&[0, 1][..], &[0; 15], &[0]].concat();
    let ac = [&[0x10, 1, 1][..], &[0; 14], &[0xE0, 0]].concat();
    [ones, segment(0xC4, &dc), segment(0xC4, &ac)].concat()
}

/// The head of a scan of these components.
fn scan(components: &[u8], (first, last): (u8, u8), (high, low): (u8, u8)) -> Vec<u8> {
    let mut content = vec![components.len() as u8];
    for component in components {
        content.extend([*component, 0]);
    }
    content.extend([first, last, high << 4 | low]);
    segment(0xDA, &content)
}

/// Repeats a few bits until so many are there; a byte of ones is stuffed.
fn coded(bits: &[u8], repeated: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut byte = (0_u8, 0);
    let all = bits.iter().cycle().take(bits.len() * repeated).copied();
    let padding = (8 - bits.len() * repeated % 8) % 8;
    for bit in all.chain(std::iter::repeat_n(1, padding)) {
        byte = (byte.0 << 1 | bit, byte.1 + 1);
        if byte.1 == 8 {
            bytes.push(byte.0);
            if byte.0 == 0xff {
                bytes.push(0);
            }
            byte = (0, 0);
        }
    }
    bytes
}

fn blocks((width, height): (u16, u16)) -> usize {
    usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8)
}

/// Grey or not, all zero: three bits a block.
fn baseline(size: (u16, u16), more: &[u8], factors: &[u8]) -> Vec<u8> {
    let components: Vec<u8> = (1..=255).take(factors.len()).collect();
    let data = coded(&[0, 1, 0], blocks(size) * factors.len());
    [
        START,
        more,
        &tables(),
        &frame(BASELINE, 8, size, factors),
        &scan(&components, (0, 63), (0, 0)),
        &data,
        END,
    ]
    .concat()
}

/// A progressive picture of this many scans: one of DC, then those of one AC coefficient of a component, each with these
/// data.
fn with_scans(size: (u16, u16), factors: &[u8], scans: usize, data: &[u8]) -> Vec<u8> {
    let components: Vec<u8> = (1..=255).take(factors.len()).collect();
    let mut file = [START, &tables(), &frame(PROGRESSIVE, 8, size, factors)].concat();
    file.extend(scan(&components, (0, 0), (0, 0)));
    file.extend(coded(&[0], blocks(size) * factors.len()));
    for number in 1..scans {
        let component = components[number % components.len()];
        let coefficient = (number % 63 + 1) as u8;
        file.extend(scan(&[component], (coefficient, coefficient), (0, 0)));
        file.extend(data);
    }
    file.extend(END);
    file
}

/// The scans take a few bytes for the whole picture.
fn progressive(size: (u16, u16), factors: &[u8], scans: usize) -> Vec<u8> {
    let mut run = [1; 15];
    run[0] = 0;
    let data = coded(&run, blocks(size).div_ceil(32_767));
    with_scans(size, factors, scans, &data)
}

/// In grey; the scans take two bits for each block.
fn written_out(size: (u16, u16), scans: usize) -> Vec<u8> {
    with_scans(size, &[0x11], scans, &coded(&[1, 0], blocks(size)))
}

/// Grey, coded in a way that is not decoded here.
fn other_process(marker: u8, selection: (u8, u8)) -> Vec<u8> {
    [
        START,
        &tables(),
        &frame(marker, 8, (16, 16), &[0x11]),
        &scan(&[1], selection, (0, 0)),
        &[0; 9],
        END,
    ]
    .concat()
}

/// Sequential, with scans of single components.
fn single_scans(size: (u16, u16), scans: usize, data: &[u8]) -> Vec<u8> {
    let mut file = [START, &tables(), &frame(BASELINE, 8, size, &FULL)].concat();
    for number in 0..scans {
        file.extend(scan(&[(number % 3) as u8 + 1], (0, 63), (0, 0)));
        file.extend(data);
    }
    file.extend(END);
    file
}

fn grey(more: &[u8]) -> Vec<u8> {
    baseline((16, 16), more, &[0x11])
}

fn exif(content: &[u8]) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0", content].concat())
}

/// EXIF of one entry, whose next directory is the first one again.
fn exif_entry(tag: u16, kind: u16, count: u32, value: u32, next: u32) -> Vec<u8> {
    let mut content = b"MM\0\x2A\0\0\0\x08\0\x01".to_vec();
    content.extend(tag.to_be_bytes());
    content.extend(kind.to_be_bytes());
    content.extend([count, value, next].map(u32::to_be_bytes).concat());
    exif(&content)
}

/// A real photo's worth of data.
fn rough() -> Vec<u8> {
    let mut file = Vec::new();
    let photo = image::RgbImage::from_raw(300, 200, noise(180_000)).unwrap();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 90)
        .encode_image(&photo)
        .unwrap();
    file
}

/// Says another size than it has.
fn resized(width: u16, height: u16) -> Vec<u8> {
    let mut file = rough();
    let place = file
        .windows(2)
        .position(|window| window == [0xff, BASELINE])
        .unwrap();
    file[place + 5..place + 7].copy_from_slice(&height.to_be_bytes());
    file[place + 7..place + 9].copy_from_slice(&width.to_be_bytes());
    file
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, NotAnImage, TooLarge};
    let mut bombs = sizes();
    bombs.extend(structure());
    bombs.extend([
        bomb("jpeg: 60 EXIF segments", Described, || {
            grey(&exif(&[b'M'; 65_000]).repeat(60))
        }),
        bomb("jpeg: EXIF whose directory is its own next", Described, || {
            grey(&exif_entry(0x0112, 3, 1, 1 << 16, 8))
        }),
        bomb("jpeg: EXIF with 2^32 values", Described, || {
            grey(&exif_entry(0x0112, 3, u32::MAX, 8, 0))
        }),
        bomb("jpeg: EXIF far away", Described, || {
            grey(&exif(b"MM\0\x2A\xff\xff\xff\xff\0\x01"))
        }),
        bomb("jpeg: EXIF of 65,535 entries", Described, || {
            grey(&exif(&[b"MM\0\x2A\0\0\0\x08\xff\xff", &[1; 60_000][..]].concat()))
        }),
        bomb("jpeg: orientation 65,535", Described, || {
            grey(&exif_entry(0x0112, 3, 1, u32::MAX, 0))
        }),
        bomb("jpeg: 255 parts of a profile", Described, || {
            let parts = (1..=255).map(|part| {
                segment(
                    0xE2,
                    &[b"ICC_PROFILE\0", &[part, 255][..], &vec![b'p'; 65_000]].concat(),
                )
            });
            // In colour, so that it is asked for.
            baseline((16, 16), &parts.collect::<Vec<_>>().concat(), &FULL)
        }),
        bomb("jpeg: 700 first parts of a profile", Described, || {
            let part = segment(
                0xE2,
                &[b"ICC_PROFILE\0\x01\x01", &vec![b'p'; 65_000][..]].concat(),
            );
            baseline((16, 16), &part.repeat(700), &FULL)
        }),
        bomb("jpeg: 5,000,000 comments", Damaged, || {
            grey(&segment(0xFE, b"").repeat(5_000_000))
        }),
        bomb("jpeg: 20 MB of filling", Damaged, || {
            grey(&vec![0xff; 20_000_000])
        }),
        bomb("jpeg: 100,000 Huffman tables", Damaged, || {
            grey(&tables().repeat(100_000))
        }),
        bomb("jpeg: larger than allowed", TooLarge, || {
            grey(&segment(0xFE, &[0; 65_000]).repeat(810))
        }),
        bomb("jpeg: start only", Damaged, || {
            START.to_vec().into_iter().chain([0xff]).collect()
        }),
        bomb("jpeg: start and zeros", Damaged, || {
            [b"\xff\xd8\xff", &[0; 100_000][..]].concat()
        }),
        bomb("jpeg: start and end", Damaged, || [START, END].concat()),
        bomb("jpeg: 1,000,000 starts", Damaged, || START.repeat(1_000_000)),
        bomb("jpeg: cut at 10 %", Damaged, || cut(rough(), 10)),
        bomb("jpeg: cut at 50 %", Damaged, || cut(rough(), 50)),
        bomb("jpeg: cut at 99 %", Damaged, || cut(rough(), 99)),
        bomb("jpeg: noise after its head", Damaged, || {
            let mut file = cut(rough(), 10);
            file.extend(noise(50_000));
            file
        }),
        bomb("jpeg: arithmetic coding", Described, || {
            other_process(0xC9, (0, 63))
        }),
        bomb("jpeg: lossless", NotAnImage, || other_process(0xC3, (1, 0))),
    ]);
    bombs
}

fn sizes() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooLarge, TooManyPixels, TooMuchMemory};
    vec![
        bomb("jpeg: 65,535 pixels a side", TooManyPixels, || {
            resized(65_535, 65_535)
        }),
        bomb("jpeg: 30,001 wide", TooManyPixels, || resized(30_001, 8)),
        bomb("jpeg: 10,001 x 10,001", TooManyPixels, || resized(10_001, 10_001)),
        bomb("jpeg: progressive of 8,000 x 8,000", TooMuchMemory, || {
            progressive((8_000, 8_000), &FULL, 2)
        }),
        bomb("jpeg: no width", Damaged, || resized(0, 200)),
        bomb("jpeg: no height", Damaged, || resized(300, 0)),
        bomb("jpeg: 300 x 200 that says 8,000 x 8,000", Damaged, || {
            resized(8_000, 8_000)
        }),
        bomb("jpeg: 300 x 200 that says 1 x 1", Described, || resized(1, 1)),
        bomb("jpeg: the largest, grey", Described, || {
            baseline((7_088, 7_088), &[], &[0x11])
        }),
        bomb("jpeg: the largest, in colour", Described, || {
            baseline((8_160, 8_160), &[], &FULL)
        }),
        bomb("jpeg: 30 scans over 50 megapixels of grey", Described, || {
            progressive((7_088, 7_088), &[0x11], 30)
        }),
        bomb("jpeg: the largest, progressive", Described, || {
            progressive((4_720, 4_720), &FULL, 10)
        }),
        bomb("jpeg: 90 scans over 22 megapixels", TooLarge, || {
            progressive((4_720, 4_720), &FULL, 90)
        }),
        bomb("jpeg: 90 scans over 50 megapixels of grey", TooLarge, || {
            progressive((7_088, 7_088), &[0x11], 90)
        }),
        bomb("jpeg: 5,000 scans over 22 megapixels", TooLarge, || {
            progressive((4_720, 4_720), &FULL, 5_000)
        }),
        bomb(
            "jpeg: 30 scans over 50 megapixels, written out",
            Described,
            || written_out((7_088, 7_088), 30),
        ),
        bomb("jpeg: 90 scans over 50 megapixels, written out", TooLarge, || {
            written_out((7_088, 7_088), 90)
        }),
        bomb("jpeg: 300 scans of 16 megapixels each", TooLarge, || {
            let size = (4_000, 4_000);
            single_scans(size, 300, &coded(&[0, 1, 0], blocks(size)))
        }),
        bomb("jpeg: 45 MB of Huffman tables", Damaged, || {
            grey(&tables().repeat(390_000))
        }),
        bomb("jpeg: 45 MB of comments", Damaged, || {
            grey(&segment(0xFE, b"").repeat(11_000_000))
        }),
        bomb("jpeg: 45 MB of filling", Damaged, || {
            grey(&vec![0xff; 45_000_000])
        }),
        bomb("jpeg: 100,000 scans", TooLarge, || {
            progressive((16, 16), &FULL, 100_000)
        }),
        bomb("jpeg: a scan for each component", Described, || {
            let size = (4_720, 4_720);
            single_scans(size, 3, &coded(&[0, 1, 0], blocks(size)))
        }),
        bomb("jpeg: 1,000 empty scans over 22 megapixels", TooLarge, || {
            single_scans((4_720, 4_720), 1_000, &[])
        }),
        bomb("jpeg: 300 scans of a component each", TooLarge, || {
            let size = (1_000, 1_000);
            single_scans(size, 300, &coded(&[0, 1, 0], blocks(size)))
        }),
    ]
}

/// Frames, tables and scans that cannot be, or of which there are too many.
fn structure() -> Vec<Bomb> {
    use Answer::{Damaged, Described, NotAnImage};
    let small = (16, 16);
    let data = move || coded(&[0, 1, 0], blocks(small));
    let whole = move |parts: &[Vec<u8>]| [START, &parts.concat(), END].concat();
    vec![
        bomb("jpeg: no frame", Damaged, move || {
            whole(&[tables(), scan(&[1], (0, 63), (0, 0)), data()])
        }),
        bomb("jpeg: no scan", Damaged, move || {
            whole(&[tables(), frame(BASELINE, 8, small, &[0x11])])
        }),
        bomb("jpeg: no tables", Damaged, move || {
            whole(&[
                frame(BASELINE, 8, small, &[0x11]),
                scan(&[1], (0, 63), (0, 0)),
                data(),
            ])
        }),
        bomb("jpeg: two frames", Damaged, move || {
            let frame = frame(BASELINE, 8, small, &[0x11]);
            whole(&[
                tables(),
                frame.clone(),
                frame,
                scan(&[1], (0, 63), (0, 0)),
                data(),
            ])
        }),
        bomb("jpeg: a larger frame behind the scan", Described, move || {
            let large = frame(BASELINE, 8, (60_000, 60_000), &[0x11]);
            whole(&[
                tables(),
                frame(BASELINE, 8, small, &[0x11]),
                scan(&[1], (0, 63), (0, 0)),
                data(),
                large,
            ])
        }),
        bomb("jpeg: 255 components", Damaged, move || {
            whole(&[
                tables(),
                frame(BASELINE, 8, small, &[0x11; 255]),
                scan(&[1], (0, 63), (0, 0)),
                data(),
            ])
        }),
        bomb("jpeg: sampling of zero", Damaged, move || {
            baseline(small, &[], &[0x00, 0x11, 0x11])
        }),
        bomb("jpeg: sampling of fifteen", Damaged, move || {
            baseline(small, &[], &[0xff, 0x11, 0x11])
        }),
        bomb("jpeg: twelve bits", NotAnImage, move || {
            whole(&[
                tables(),
                frame(BASELINE, 12, small, &[0x11]),
                scan(&[1], (0, 63), (0, 0)),
                data(),
            ])
        }),
        bomb(
            "jpeg: a scan of a component that is not there",
            Damaged,
            move || {
                whole(&[
                    tables(),
                    frame(BASELINE, 8, small, &[0x11]),
                    scan(&[7], (0, 63), (0, 0)),
                    data(),
                ])
            },
        ),
        bomb("jpeg: a Huffman table with too many codes", Damaged, move || {
            let table = segment(0xC4, &[&[0][..], &[255; 16], &[0; 4_080]].concat());
            whole(&[
                table,
                tables(),
                frame(BASELINE, 8, small, &[0x11]),
                scan(&[1], (0, 63), (0, 0)),
                data(),
            ])
        }),
        bomb("jpeg: a segment longer than the file", Damaged, || {
            b"\xff\xd8\xff\xe0\xff\xff\xff\xd9".to_vec()
        }),
        bomb("jpeg: 10 MB of restarts", Damaged, move || {
            let all: Vec<u8> = (0..8).flat_map(|number| [0xff, 0xD0 + number]).collect();
            let restarts = all.repeat(625_000);
            let every = segment(0xDD, &[0, 1]);
            whole(&[
                every,
                tables(),
                frame(BASELINE, 8, small, &[0x11]),
                scan(&[1], (0, 63), (0, 0)),
                restarts,
            ])
        }),
        bomb(
            "jpeg: 50 megapixels, a restart each block, and no data",
            Damaged,
            move || {
                let every = segment(0xDD, &[0, 1]);
                let size = (7_088, 7_088);
                whole(&[
                    every,
                    tables(),
                    frame(BASELINE, 8, size, &[0x11]),
                    scan(&[1], (0, 63), (0, 0)),
                ])
            },
        ),
    ]
}
