//! PNG: sizes, chunks, and what is compressed in them (PNG specification, third edition).

use flate2::Crc;

use super::bits::{cut, noise, zlib, zlib_run};
use super::{Answer, Bomb, bomb};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const RGBA: u8 = 6;

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(content);
    let length = (content.len() as u32).to_be_bytes();
    [&length, &kind[..], content, &crc.sum().to_be_bytes()].concat()
}

fn header(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
    let content = [&width[..], &height, &[depth, colour, 0, 0, interlaced]].concat();
    chunk(b"IHDR", &content)
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [SIGNATURE.to_vec(), chunks.concat(), chunk(b"IEND", b"")].concat()
}

/// Eight by eight grey pixels, with more chunks before the pixels.
fn small(more: Vec<Vec<u8>>) -> Vec<u8> {
    let pixels = chunk(b"IDAT", &zlib(&[0; 72]));
    file(&[header(8, 8, 8, GREY, 0), more.concat(), pixels])
}

/// One colour, whatever the size.
fn plain(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let channels = match colour {
        GREY | PALETTE => 1,
        RGB => 3,
        _ => 4,
    };
    let row = 1 + (u64::from(width) * channels * u64::from(depth)).div_ceil(8);
    let palette = if colour == PALETTE {
        chunk(b"PLTE", &[9; 768])
    } else {
        Vec::new()
    };
    let pixels = chunk(b"IDAT", &zlib_run(0, row * u64::from(height)));
    file(&[header(width, height, depth, colour, 0), palette, pixels])
}

/// One colour in seven passes.
fn interlaced(side: u32, depth: u8, colour: u8) -> Vec<u8> {
    let channels = if colour == RGB { 3 } else { 1 };
    // Adam7: where each pass begins and how far its pixels are apart, across and down.
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let bytes = passes
        .iter()
        .map(|(x, y, across, down)| {
            let (width, height) = ((side - x).div_ceil(*across), (side - y).div_ceil(*down));
            u64::from(height) * (1 + u64::from(width * channels * u32::from(depth)).div_ceil(8))
        })
        .sum();
    file(&[
        header(side, side, depth, colour, 1),
        chunk(b"IDAT", &zlib_run(0, bytes)),
    ])
}

/// A header and nothing that fits it.
fn claims(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    file(&[
        header(width, height, depth, colour, 0),
        chunk(b"IDAT", &zlib(&[0; 72])),
    ])
}

/// A photo-like file of some size.
fn rough() -> Vec<u8> {
    let mut rows = noise(400 * 1_201);
    rows.iter_mut().step_by(1_201).for_each(|filter| *filter = 0);
    file(&[header(400, 400, 8, RGB, 0), chunk(b"IDAT", &zlib(&rows))])
}

/// Flips a byte at this place from the start of the first chunk of a kind.
fn broken(mut bytes: Vec<u8>, kind: &[u8; 4], offset: usize) -> Vec<u8> {
    let place = bytes.windows(4).position(|window| window == kind).unwrap();
    bytes[place + offset] ^= 0x55;
    bytes
}

fn profile(length: u64) -> Vec<u8> {
    chunk(b"iCCP", &[b"p\0\0".to_vec(), zlib_run(0, length)].concat())
}

fn packed_text(kind: &[u8; 4], keyword: &[u8], length: u64) -> Vec<u8> {
    let head: &[u8] = if kind == b"iTXt" { b"\0\x01\0\0\0" } else { b"\0\0" };
    chunk(kind, &[keyword, head, &zlib_run(b'x', length)].concat())
}

fn frame_control(sequence: u32, width: u32, height: u32) -> Vec<u8> {
    let numbers = [sequence, width, height, 0, 0].map(u32::to_be_bytes).concat();
    chunk(b"fcTL", &[&numbers[..], &[0, 1, 0, 10, 0, 0]].concat())
}

/// An animation of this many frames of 8 x 8 pixels.
fn animated(declared: u32, frames: u32) -> Vec<u8> {
    let pixels = zlib(&[0; 72]);
    let mut chunks = vec![
        header(8, 8, 8, GREY, 0),
        chunk(b"acTL", &[declared.to_be_bytes(), [0; 4]].concat()),
        frame_control(0, 8, 8),
        chunk(b"IDAT", &pixels),
    ];
    for frame in 1..frames {
        let sequence = 2 * frame - 1;
        chunks.push(frame_control(sequence, 8, 8));
        chunks.push(chunk(
            b"fdAT",
            &[&(sequence + 1).to_be_bytes()[..], &pixels].concat(),
        ));
    }
    file(&chunks)
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooLarge};
    const GIB: u64 = 1 << 30;
    let mut bombs = sizes();
    bombs.extend([
        bomb("png: profile of 180 MiB", Described, || {
            small(vec![profile(180 << 20)])
        }),
        bomb("png: profile of 1 GiB", Described, || small(vec![profile(GIB)])),
        bomb("png: zTXt of 1 GiB", TooLarge, || {
            small(vec![packed_text(b"zTXt", b"Comment", GIB)])
        }),
        bomb("png: zTXt of 500 MiB that looks like IPTC", Described, || {
            small(vec![packed_text(b"zTXt", b"Raw profile type iptc", GIB / 2)])
        }),
        bomb("png: iTXt of 500 MiB", Described, || {
            small(vec![packed_text(b"iTXt", b"XML:com.adobe.xmp", GIB / 2)])
        }),
        bomb("png: 1,000 zTXt of 1 MiB", Described, || {
            small(vec![packed_text(b"zTXt", b"Comment", 1 << 20).repeat(1_000)])
        }),
        bomb("png: 200,000 tEXt", Damaged, || {
            small(vec![chunk(b"tEXt", b"a\0b").repeat(200_000)])
        }),
        bomb("png: 60,000 tEXt", Described, || {
            small(vec![chunk(b"tEXt", b"a\0b").repeat(60_000)])
        }),
        bomb("png: 60,000 empty IDAT", Described, || {
            small(vec![chunk(b"IDAT", b"").repeat(60_000)])
        }),
        bomb("png: tEXt of 40 MB", TooLarge, || {
            small(vec![chunk(
                b"tEXt",
                &[b"a\0".to_vec(), vec![b'x'; 40_000_000]].concat(),
            )])
        }),
        bomb("png: 1,000,000 unknown chunks", Damaged, || {
            small(vec![chunk(b"juNk", b"").repeat(1_000_000)])
        }),
        bomb("png: unknown chunk of 40 MB", Described, || {
            small(vec![chunk(b"juNk", &vec![0; 40_000_000])])
        }),
        bomb("png: EXIF of 8 MB", Described, || {
            small(vec![chunk(b"eXIf", &vec![b'I'; 8_000_000])])
        }),
        bomb("png: two headers", Damaged, || {
            small(vec![header(9, 9, 8, GREY, 0)])
        }),
        bomb("png: palette of 3,000 bytes", Damaged, || {
            small(vec![chunk(b"PLTE", &[0; 3_000])])
        }),
        bomb("png: pixels inflate to 1 GiB", Described, || {
            file(&[header(8, 8, 8, GREY, 0), chunk(b"IDAT", &zlib_run(0, GIB))])
        }),
        bomb("png: too few pixels", Damaged, || claims(1_000, 1_000, 8, RGB)),
        bomb("png: too few pixels for a large size", Damaged, || {
            claims(8_191, 8_191, 8, RGB)
        }),
        bomb("png: 1,000,000 empty IDAT", Damaged, || {
            small(vec![chunk(b"IDAT", b"").repeat(1_000_000)])
        }),
        bomb("png: an IDAT for each byte", Described, || {
            let pixels = zlib(&[0; 100]);
            let chunks = pixels.iter().map(|byte| chunk(b"IDAT", &[*byte]));
            let mut parts = vec![header(9, 10, 8, GREY, 0)];
            parts.extend(chunks);
            file(&parts)
        }),
        bomb("png: chunk of 4 GiB", Damaged, || {
            let mut bytes = [SIGNATURE.to_vec(), header(8, 8, 8, GREY, 0)].concat();
            bytes.extend(b"\xff\xff\xff\xffIDAT and no more");
            bytes
        }),
        bomb("png: no pixels", Damaged, || file(&[header(8, 8, 8, GREY, 0)])),
        bomb("png: no end", Described, || {
            let whole = small(Vec::new());
            whole[..whole.len() - 12].to_vec()
        }),
        bomb("png: signature only", Damaged, || SIGNATURE.to_vec()),
        bomb("png: cut within its header", Damaged, || rough()[..20].to_vec()),
        bomb("png: cut after its header", Damaged, || rough()[..33].to_vec()),
        bomb("png: cut at 10 %", Damaged, || cut(rough(), 10)),
        bomb("png: cut at 50 %", Damaged, || cut(rough(), 50)),
        bomb("png: cut at 99 %", Damaged, || cut(rough(), 99)),
        bomb("png: wrong checksum of its header", Damaged, || {
            broken(rough(), b"IHDR", 17)
        }),
        bomb("png: wrong checksum of its pixels", Damaged, || {
            broken(rough(), b"IDAT", 5_000)
        }),
        bomb(
            "png: animation of 2^31 frames that are not there",
            Described,
            || animated(1 << 31, 1),
        ),
        bomb("png: animation of 50,000 frames", Described, || {
            animated(50_000, 50_000)
        }),
        bomb("png: frame larger than the picture", Damaged, || {
            let pixels = chunk(b"IDAT", &zlib(&[0; 72]));
            let control = chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
            file(&[
                header(8, 8, 8, GREY, 0),
                control,
                frame_control(0, 60_000, 60_000),
                pixels,
            ])
        }),
    ]);
    bombs
}

/// Sizes: impossible, too large, and as large as may be.
fn sizes() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooManyPixels, TooMuchMemory};
    vec![
        bomb("png: 2^31-1 pixels a side", TooManyPixels, || {
            claims(0x7fff_ffff, 0x7fff_ffff, 8, RGB)
        }),
        bomb("png: 2^32-1 pixels a side", TooManyPixels, || {
            claims(u32::MAX, u32::MAX, 8, RGB)
        }),
        bomb("png: one row of 30,001", TooManyPixels, || {
            plain(30_001, 1, 8, RGB)
        }),
        bomb("png: one column of 30,001", TooManyPixels, || {
            plain(1, 30_001, 8, RGB)
        }),
        bomb("png: 30,000 x 30,000 in one bit", TooManyPixels, || {
            plain(30_000, 30_000, 1, GREY)
        }),
        bomb("png: 10,000 x 10,000", TooMuchMemory, || {
            claims(10_000, 10_000, 8, RGB)
        }),
        bomb("png: 10,000 x 10,000 of 16 bits", TooMuchMemory, || {
            claims(10_000, 10_000, 16, RGBA)
        }),
        bomb("png: no width", Damaged, || claims(0, 8, 8, GREY)),
        bomb("png: no height", Damaged, || claims(8, 0, 8, GREY)),
        bomb("png: three bits", Damaged, || claims(8, 8, 3, GREY)),
        bomb("png: colour type five", Damaged, || claims(8, 8, 8, 5)),
        bomb("png: palette of 16 bits", Damaged, || claims(8, 8, 16, PALETTE)),
        bomb("png: palette that is not there", Damaged, || {
            claims(8, 8, 8, PALETTE)
        }),
        bomb("png: third way of interlacing", Damaged, || {
            file(&[header(8, 8, 8, GREY, 2)])
        }),
        bomb("png: the largest, RGB", Described, || plain(8_191, 8_191, 8, RGB)),
        bomb("png: the longest, RGB", Described, || {
            plain(30_000, 2_236, 8, RGB)
        }),
        bomb("png: the largest, RGBA", Described, || {
            plain(7_090, 7_090, 8, RGBA)
        }),
        bomb("png: the largest, grey", Described, || {
            plain(7_090, 7_090, 8, GREY)
        }),
        bomb("png: the largest, one bit", Described, || {
            plain(7_090, 7_090, 1, GREY)
        }),
        bomb("png: the largest, palette", Described, || {
            plain(8_191, 8_191, 8, PALETTE)
        }),
        bomb("png: the largest, RGB of 16 bits", Described, || {
            plain(4_728, 4_728, 16, RGB)
        }),
        bomb("png: the largest, RGBA of 16 bits", Described, || {
            plain(4_095, 4_095, 16, RGBA)
        }),
        bomb("png: the largest, interlaced", Described, || {
            interlaced(8_191, 8, RGB)
        }),
        bomb("png: the largest, interlaced, one bit", Described, || {
            interlaced(7_090, 1, GREY)
        }),
        bomb("png: just too large, RGB", TooMuchMemory, || {
            plain(8_193, 8_193, 8, RGB)
        }),
    ]
}
