//! PNG files (W3C PNG, third edition).

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{Bomb, named};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const RGBA: u8 = 6;

/// So many zero bytes, compressed.
fn zeros(count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    fill(&mut encoder, count);
    encoder.finish().unwrap()
}

/// So many zero bytes as a gzip file.
pub(super) fn gzip_of_zeros(count: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    fill(&mut encoder, count);
    encoder.finish().unwrap()
}

fn fill(encoder: &mut impl std::io::Write, count: usize) {
    let block = [0; 65_536];
    let mut left = count;
    while left > 0 {
        let part = left.min(block.len());
        encoder.write_all(&block[..part]).unwrap();
        left -= part;
    }
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(content);
    let length = u32::try_from(content.len()).unwrap();
    [&length.to_be_bytes(), kind, content, &crc.sum().to_be_bytes()[..]].concat()
}

fn header(width: u32, height: u32, depth: u8, colour: u8, interlaced: bool) -> Vec<u8> {
    let mut content = [width.to_be_bytes(), height.to_be_bytes()].concat();
    content.extend([depth, colour, 0, 0, u8::from(interlaced)]);
    chunk(b"IHDR", &content)
}

/// A file of these chunks and this compressed data.
fn file(header: Vec<u8>, before: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    [
        SIGNATURE,
        &header,
        &before.concat(),
        &chunk(b"IDAT", data),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

fn tiny(before: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    file(header(1, 1, 8, RGB, false), before, data)
}

pub(super) fn bombs() -> Vec<Bomb> {
    let little = zeros(4);
    let mut bombs = Vec::new();
    // Headers that promise, with nothing behind them.
    for (width, height, depth, colour) in [
        (40_000, 40_000, 8, RGB),
        (65_535, 65_535, 16, RGBA),
        (0x7fff_ffff, 1, 1, GREY),
        (1, 0x7fff_ffff, 1, GREY),
        (0x7fff_ffff, 0x7fff_ffff, 16, RGBA),
        (0xffff_ffff, 0xffff_ffff, 8, RGB),
        (0, 0, 8, RGB),
        (0, 100, 8, RGB),
        (30_000, 30_000, 8, RGB),
        (30_001, 1, 8, RGB),
        (20_000, 5_000, 16, RGBA),
        (10_000, 10_000, 8, RGBA),
        (9_999, 9_999, 8, RGB),
        (8_000, 8_000, 8, RGB),
        (100, 100, 7, RGB),
        (100, 100, 8, 5),
    ] {
        for interlaced in [false, true] {
            bombs.push(named(
                format!("header-{width}x{height}-{depth}-{colour}-{interlaced}.png"),
                file(header(width, height, depth, colour, interlaced), &[], &little),
            ));
        }
    }
    // Large pictures of one colour that are complete, and small as files.
    let palette = chunk(b"PLTE", &[10, 20, 30]);
    for (name, width, height, depth, colour, row, before) in [
        ("rgb", 7_900, 7_900, 8, RGB, 3 * 7_900, vec![]),
        ("transparent", 6_900, 6_900, 8, RGBA, 4 * 6_900, vec![]),
        ("grey-16", 6_300, 6_300, 16, GREY, 2 * 6_300, vec![]),
        ("grey-1", 6_900, 6_900, 1, GREY, 863, vec![]),
        ("palette", 5_700, 5_700, 8, PALETTE, 5_700, vec![palette]),
        ("wide", 30_000, 2_000, 8, RGB, 90_000, vec![]),
        ("rgba-16", 3_500, 3_500, 16, RGBA, 8 * 3_500, vec![]),
    ] {
        let data = zeros(height as usize * (row + 1));
        bombs.push(named(
            format!("complete-{name}.png"),
            file(header(width, height, depth, colour, false), &before, &data),
        ));
    }
    // More data than pixels, and metadata that unpacks.
    let many = zeros(100 << 20);
    let text = |kind: &[u8; 4], head: &[u8]| chunk(kind, &[head, &many].concat());
    bombs.extend([
        named("data-without-end.png", tiny(&[], &many)),
        named("text.png", tiny(&[text(b"zTXt", b"a\0\0")], &little)),
        named(
            "international-text.png",
            tiny(&[text(b"iTXt", b"a\0\x01\0\0\0")], &little),
        ),
        named("profile.png", tiny(&[text(b"iCCP", b"a\0\0")], &little)),
        named(
            "many-texts.png",
            tiny(&vec![chunk(b"tEXt", b"a\0b"); 200_000], &little),
        ),
        named(
            "large-text.png",
            tiny(&[chunk(b"tEXt", &vec![b'a'; 8 << 20])], &little),
        ),
        named(
            "large-exif.png",
            tiny(&[chunk(b"eXIf", &vec![b'M'; 8 << 20])], &little),
        ),
        named(
            "palette-too-long.png",
            tiny(&[chunk(b"PLTE", &vec![7; 1 << 20])], &little),
        ),
        named("animation.png", tiny(&[chunk(b"acTL", &[0xff; 8])], &little)),
        named(
            "large-frame.png",
            tiny(
                &[
                    chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
                    chunk(b"fcTL", &[0xff; 26]),
                ],
                &little,
            ),
        ),
        named(
            "two-headers.png",
            tiny(&[header(60_000, 60_000, 8, RGB, false)], &little),
        ),
        named("no-deflate.png", tiny(&[], &[0x78, 0x9c, 0xff, 0xff, 0xff, 0xff])),
        named(
            "chunk-longer-than-file.png",
            [
                SIGNATURE,
                &header(1, 1, 8, RGB, false),
                b"\x7f\xff\xff\xffIDATabc",
            ]
            .concat(),
        ),
        named(
            "wrong-checksum.png",
            [
                SIGNATURE,
                &header(1, 1, 8, RGB, false)[..24],
                b"\0",
                &chunk(b"IEND", b""),
            ]
            .concat(),
        ),
        named("signature.png", SIGNATURE.to_vec()),
    ]);
    bombs
}
