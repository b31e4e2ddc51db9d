//! TIFF: directories, strips, tiles and what is compressed in them (TIFF 6.0).

use super::bits::{cut, noise, zlib_run};
use super::{Answer, Bomb, bomb};

const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;

const NONE: u32 = 1;
const LZW: u32 = 5;
const JPEG: u32 = 7;
const DEFLATE: u32 = 8;
const PACK_BITS: u32 = 32_773;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const SAMPLES: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTES: u16 = 279;
const PLANAR: u16 = 284;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTES: u16 = 325;
const SUB_DIRECTORIES: u16 = 330;
const JPEG_FILE: u16 = 513;
const JPEG_FILE_BYTES: u16 = 514;
const PROFILE: u16 = 34_675;
const DNG_VERSION: u16 = 50_706;

/// Where the data lie: behind the header.
const DATA: u32 = 8;

type Tag = (u16, u16, u32, u32);

/// A file of these data and one directory.
fn file(data: &[u8], mut tags: Vec<Tag>, next: Option<u32>) -> Vec<u8> {
    let directory = DATA + data.len() as u32;
    let mut bytes = [b"II\x2A\0", &directory.to_le_bytes()[..], data].concat();
    tags.sort_by_key(|tag| tag.0);
    bytes.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        bytes.extend([tag, kind].map(u16::to_le_bytes).concat());
        bytes.extend([count, value].map(u32::to_le_bytes).concat());
    }
    bytes.extend(next.unwrap_or(0).to_le_bytes());
    bytes
}

/// Tags of a grey picture in one strip.
fn grey(width: u32, height: u32, compression: u32, bytes: u32) -> Vec<Tag> {
    vec![
        (WIDTH, LONG, 1, width),
        (HEIGHT, LONG, 1, height),
        (BITS, SHORT, 1, 8),
        (COMPRESSION, SHORT, 1, compression),
        (PHOTOMETRIC, SHORT, 1, 1),
        (STRIP_OFFSETS, LONG, 1, DATA),
        (SAMPLES, SHORT, 1, 1),
        (ROWS_PER_STRIP, LONG, 1, height),
        (STRIP_BYTES, LONG, 1, bytes),
    ]
}

/// Tags with some in the place of, or besides, others.
fn with(mut tags: Vec<Tag>, other: &[Tag]) -> Vec<Tag> {
    for tag in other {
        tags.retain(|old| old.0 != tag.0);
        tags.push(*tag);
    }
    tags
}

fn picture(width: u32, height: u32, compression: u32, data: &[u8], other: &[Tag]) -> Vec<u8> {
    let tags = with(grey(width, height, compression, data.len() as u32), other);
    file(data, tags, None)
}

/// Eight by eight pixels.
fn small(other: &[Tag]) -> Vec<u8> {
    picture(8, 8, NONE, &[0; 64], other)
}

/// So many bytes of zeros, 128 at a time.
fn pack_bits(bytes: usize) -> Vec<u8> {
    [0x81, 0].repeat(bytes.div_ceil(128))
}

/// As if it were tiled.
fn tiled(width: u32, height: u32, tile: (u32, u32), count: u32) -> Vec<u8> {
    // Numbers for offsets and sizes lie in the data, all zero.
    let data = vec![0; 4 * count as usize];
    let mut tags = grey(width, height, NONE, 0);
    tags.retain(|tag| ![STRIP_OFFSETS, STRIP_BYTES, ROWS_PER_STRIP].contains(&tag.0));
    tags.extend([
        (TILE_WIDTH, LONG, 1, tile.0),
        (TILE_HEIGHT, LONG, 1, tile.1),
        (TILE_OFFSETS, LONG, count, DATA),
        (TILE_BYTES, LONG, count, DATA),
    ]);
    file(&data, tags, None)
}

/// A strip a row, all of which are the same bytes.
fn strips(width: u32, height: u32, declared: u32) -> Vec<u8> {
    let row = vec![0; width as usize];
    let offsets = DATA.to_le_bytes().repeat(height as usize);
    let sizes = width.to_le_bytes().repeat(height as usize);
    let data = [&row[..], &offsets, &sizes].concat();
    let offsets_at = DATA + width;
    let sizes_at = offsets_at + 4 * height;
    let other = [
        (ROWS_PER_STRIP, LONG, 1, 1),
        (STRIP_OFFSETS, LONG, declared, offsets_at),
        (STRIP_BYTES, LONG, declared, sizes_at),
    ];
    picture(width, height, NONE, &data, &other)
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Described, TooLarge, TooManyPixels, TooMuchMemory};
    let mut bombs = tags();
    bombs.extend(within());
    bombs.extend([
        bomb("tiff: 2^32-1 pixels a side", TooManyPixels, || {
            picture(u32::MAX, u32::MAX, NONE, &[0; 64], &[])
        }),
        bomb("tiff: 30,001 wide", TooManyPixels, || {
            picture(30_001, 1, NONE, &[0; 30_001], &[])
        }),
        bomb("tiff: 10,000 x 10,000", TooMuchMemory, || {
            picture(10_000, 10_000, NONE, &[0; 64], &[])
        }),
        bomb("tiff: no width", Damaged, || picture(0, 8, NONE, &[0; 64], &[])),
        bomb("tiff: no height", Damaged, || picture(8, 0, NONE, &[0; 64], &[])),
        bomb("tiff: the largest, grey, deflated", Described, || {
            picture(7_000, 7_000, DEFLATE, &zlib_run(0, 49_000_000), &[])
        }),
        bomb("tiff: the largest, grey, turned on its side", Described, || {
            picture(
                5_700,
                5_700,
                DEFLATE,
                &zlib_run(0, 5_700 * 5_700),
                &[(ORIENTATION, SHORT, 1, 6)],
            )
        }),
        bomb("tiff: the largest, RGB, deflated", Described, || {
            let other = [(PHOTOMETRIC, SHORT, 1, 2), (SAMPLES, SHORT, 1, 3)];
            picture(5_700, 5_700, DEFLATE, &zlib_run(0, 3 * 5_700 * 5_700), &other)
        }),
        bomb("tiff: the largest, grey, packed", Described, || {
            picture(7_000, 7_000, PACK_BITS, &pack_bits(49_000_000), &[])
        }),
        bomb("tiff: strip that inflates to 1 GiB", Described, || {
            picture(8, 8, DEFLATE, &zlib_run(0, 1 << 30), &[])
        }),
        bomb("tiff: strip that unpacks to 1 GiB", Described, || {
            picture(8, 8, PACK_BITS, &pack_bits(1 << 30), &[])
        }),
        bomb("tiff: LZW of noise", Damaged, || {
            picture(3_000, 3_000, LZW, &noise(50_000), &[])
        }),
        bomb("tiff: JPEG that is none", Damaged, || {
            picture(3_000, 3_000, JPEG, &noise(50_000), &[])
        }),
        bomb("tiff: strip of too few bytes", Damaged, || {
            picture(7_000, 7_000, NONE, &[0; 64], &[])
        }),
        bomb("tiff: inflates to too few bytes", Damaged, || {
            picture(7_000, 7_000, DEFLATE, &zlib_run(0, 64), &[])
        }),
        bomb("tiff: a strip for each of 7,000 rows", Described, || {
            strips(7_000, 7_000, 7_000)
        }),
        bomb("tiff: fewer strips than rows", Damaged, || {
            strips(1_000, 1_000, 10)
        }),
        bomb("tiff: more strips than rows", Damaged, || {
            strips(1_000, 1_000, 1_250)
        }),
        bomb("tiff: cut within its header", Damaged, || {
            small(&[])[..6].to_vec()
        }),
        bomb("tiff: cut within its directory", Damaged, || {
            let whole = small(&[]);
            whole[..whole.len() - 40].to_vec()
        }),
        bomb("tiff: cut at 50 %", Damaged, || {
            cut(strips(1_000, 1_000, 1_000), 50)
        }),
        bomb("tiff: big-endian header on a little-endian file", Damaged, || {
            let mut bytes = small(&[]);
            bytes[..4].copy_from_slice(b"MM\0\x2A");
            bytes
        }),
        bomb("tiff: noise after the header", TooLarge, || {
            [b"II\x2A\0\x08\0\0\0", &noise(100_000)[..]].concat()
        }),
    ]);
    bombs
}

/// Directories, and tags that say too much.
fn tags() -> Vec<Bomb> {
    use Answer::{Damaged, Described, NotAnImage, TooLarge};
    let far = u32::MAX - 3;
    vec![
        bomb("tiff: directory that is its own next", Described, || {
            file(&[0; 64], grey(8, 8, NONE, 64), Some(DATA + 64))
        }),
        bomb("tiff: directory behind the end", Damaged, || {
            b"II\x2A\0\xff\xff\xff\xff".to_vec()
        }),
        bomb("tiff: directory of nothing", Damaged, || {
            file(&[], Vec::new(), None)
        }),
        bomb("tiff: 65,535 tags", NotAnImage, || {
            let mut tags = grey(8, 8, NONE, 64);
            tags.extend((40_000..).take(25_000).map(|tag| (tag, LONG, 1, 0)));
            file(&[0; 64], tags, None)
        }),
        bomb("tiff: strip of 4 GiB", Damaged, || {
            small(&[(STRIP_BYTES, LONG, 1, u32::MAX)])
        }),
        bomb("tiff: strip behind the end", Damaged, move || {
            small(&[(STRIP_OFFSETS, LONG, 1, far)])
        }),
        bomb("tiff: 2^32-1 strips", TooLarge, || {
            small(&[(STRIP_OFFSETS, LONG, u32::MAX, DATA)])
        }),
        bomb("tiff: 2^32-1 values of bits", TooLarge, || {
            small(&[(BITS, SHORT, u32::MAX, DATA)])
        }),
        bomb("tiff: 8,000,000 strips that are there", TooLarge, || {
            let count = 8_000_000;
            let other = [
                (STRIP_OFFSETS, LONG, count, DATA),
                (STRIP_BYTES, LONG, count, DATA),
            ];
            picture(8, 8, NONE, &vec![0; 4 * count as usize], &other)
        }),
        bomb("tiff: 12,000,000 values of a profile", Described, || {
            let data = vec![0; 48_000_000];
            let other = [
                (PROFILE, UNDEFINED, 48_000_000, DATA),
                (PHOTOMETRIC, SHORT, 1, 2),
                (SAMPLES, SHORT, 1, 3),
            ];
            picture(8, 8, NONE, &data, &other)
        }),
        bomb("tiff: orientation of 10,000,000 values", TooLarge, || {
            picture(
                8,
                8,
                NONE,
                &vec![0; 40_000_000],
                &[(ORIENTATION, LONG, 10_000_000, DATA)],
            )
        }),
        bomb("tiff: 65,535 samples", NotAnImage, || {
            small(&[(SAMPLES, SHORT, 1, 65_535)])
        }),
        bomb("tiff: no samples", Damaged, || small(&[(SAMPLES, SHORT, 1, 0)])),
        bomb("tiff: 65,535 bits", NotAnImage, || {
            small(&[(BITS, SHORT, 1, 65_535)])
        }),
        bomb("tiff: no bits", NotAnImage, || small(&[(BITS, SHORT, 1, 0)])),
        bomb("tiff: no rows in a strip", Damaged, || {
            small(&[(ROWS_PER_STRIP, LONG, 1, 0)])
        }),
        bomb("tiff: third way of planes", Damaged, || {
            small(&[(PLANAR, SHORT, 1, 3)])
        }),
        bomb("tiff: unknown compression", NotAnImage, || {
            small(&[(COMPRESSION, SHORT, 1, 60_000)])
        }),
        bomb("tiff: width of an unknown type", Damaged, || {
            small(&[(WIDTH, 999, 1, 8)])
        }),
        bomb("tiff: tiles of one pixel for 64 megapixels", Damaged, || {
            tiled(8_000, 8_000, (1, 1), 1_000)
        }),
        bomb("tiff: 4,000,000 tiles of one pixel", TooLarge, || {
            tiled(2_000, 2_000, (1, 1), 4_000_000)
        }),
        bomb("tiff: tile of 2^31 a side", Damaged, || {
            tiled(8, 8, (1 << 31, 1 << 31), 1)
        }),
        bomb("tiff: tile of no width", Damaged, || tiled(8, 8, (0, 16), 1)),
        bomb("tiff: tile of 60,000 x 60,000 for eight pixels", Damaged, || {
            tiled(8, 8, (60_000, 60_000), 1)
        }),
    ]
}

/// A JPEG file of 16 x 16 pixels that says it has another size.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut file)
        .encode_image(&image::GrayImage::new(16, 16))
        .unwrap();
    let frame = file.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// Tiles of 16 x 16 pixels that are all the same JPEG file.
fn jpeg_tiles(side: u32, jpeg: &[u8]) -> Vec<u8> {
    let count = side.div_ceil(16).pow(2);
    let places = DATA.to_le_bytes().repeat(count as usize);
    let sizes = (jpeg.len() as u32).to_le_bytes().repeat(count as usize);
    let data = [jpeg, &places, &sizes].concat();
    let places = DATA + jpeg.len() as u32;
    let mut tags = grey(side, side, JPEG, 0);
    tags.retain(|tag| ![STRIP_OFFSETS, STRIP_BYTES, ROWS_PER_STRIP].contains(&tag.0));
    tags.extend([
        (TILE_WIDTH, LONG, 1, 16),
        (TILE_HEIGHT, LONG, 1, 16),
        (TILE_OFFSETS, LONG, count, places),
        (TILE_BYTES, LONG, count, places + 4 * count),
    ]);
    file(&data, tags, None)
}

/// Palettes, JPEG within, directories below others.
fn within() -> Vec<Bomb> {
    use Answer::{Damaged, Described, NotAnImage, TooLarge, TooManyPixels};
    vec![
        bomb("tiff: palette, 30,000 x 30,000", TooManyPixels, || {
            picture(
                30_000,
                30_000,
                NONE,
                &[0; 2_000],
                &[(PHOTOMETRIC, SHORT, 1, 3), (320, SHORT, 768, DATA)],
            )
        }),
        bomb("tiff: palette without colours", Damaged, || {
            small(&[(PHOTOMETRIC, SHORT, 1, 3)])
        }),
        bomb("tiff: palette of 2^32-1 colours", TooLarge, || {
            small(&[(PHOTOMETRIC, SHORT, 1, 3), (320, SHORT, u32::MAX, DATA)])
        }),
        bomb("tiff: JPEG, 30,000 x 30,000", TooManyPixels, || {
            picture(30_000, 30_000, JPEG, &jpeg(30_000, 30_000), &[])
        }),
        bomb(
            "tiff: JPEG of 65,535 pixels a side in a strip of 8",
            Damaged,
            || picture(8, 8, JPEG, &jpeg(65_535, 65_535), &[]),
        ),
        bomb("tiff: 10,000 tiles of JPEG", Described, || {
            jpeg_tiles(1_600, &jpeg(16, 16))
        }),
        bomb("tiff: 97,344 tiles of JPEG", Damaged, || {
            jpeg_tiles(4_992, &jpeg(16, 16))
        }),
        bomb("tiff: 62,500 tiles of the same megabyte", Damaged, || {
            let comments = [&b"\xff\xfe\xff\xff"[..], &[0; 65_533]].concat().repeat(16);
            jpeg_tiles(
                4_000,
                &[&jpeg(16, 16)[..2], &comments, &jpeg(16, 16)[2..]].concat(),
            )
        }),
        bomb("tiff: 100,000 directories below, all itself", Described, || {
            small(&[(SUB_DIRECTORIES, LONG, 100_000, 0), (254, LONG, 1, 0)])
        }),
        bomb("raw: JPEG of 65,535 pixels a side", TooManyPixels, || {
            let data = jpeg(65_535, 65_535);
            let tags = [
                (DNG_VERSION, LONG, 1, 1),
                (JPEG_FILE, LONG, 1, DATA),
                (JPEG_FILE_BYTES, LONG, 1, data.len() as u32),
            ];
            file(&data, tags.to_vec(), None)
        }),
        bomb("raw: a JPEG that is not there", NotAnImage, || {
            let tags = [
                (DNG_VERSION, LONG, 1, 1),
                (JPEG_FILE, LONG, 1, DATA),
                (JPEG_FILE_BYTES, LONG, 1, u32::MAX),
            ];
            file(&[0; 64], tags.to_vec(), None)
        }),
        bomb("tiff: BigTIFF of 2^64-1 tags", Damaged, || {
            [&b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0"[..], &[0xFF; 8], &[0; 40]].concat()
        }),
    ]
}
