//! HEIC, AVIF and JPEG XL.

use super::bits::{Bits, cut, noise};
use super::{Answer, Bomb, bomb};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + body.len()).unwrap();
    [&length.to_be_bytes()[..], kind, body].concat()
}

/// A file of a brand whose box `meta` has these parts.
fn file(brand: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
    let head = part(b"ftyp", &[&brand[..], b"\0\0\0\0mif1"].concat());
    let meta = part(b"meta", &[&[0; 4][..], &parts.concat()].concat());
    [head, meta].concat()
}

/// One item of a kind, which is the primary one.
fn one(kind: &[u8; 4]) -> Vec<Vec<u8>> {
    let entry = part(b"infe", &[b"\x02\0\0\0\0\x01\0\0", &kind[..], b"\0"].concat());
    vec![
        part(b"pitm", b"\0\0\0\0\0\x01"),
        part(b"iinf", &[&b"\0\0\0\0\0\x01"[..], &entry].concat()),
    ]
}

fn with(mut parts: Vec<Vec<u8>>, more: Vec<u8>) -> Vec<u8> {
    parts.push(more);
    file(b"avif", &parts)
}

/// A bare JPEG XL that says it has so many rows and columns, and nothing else.
fn jxl(rows: u32, columns: u32, rest: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x0aff, 16);
    // Not a multiple of eight; 30 bits a side; no ratio.
    bits.put(0, 1);
    bits.put(3, 2);
    bits.put(rows - 1, 30);
    bits.put(0, 3);
    bits.put(3, 2);
    bits.put(columns - 1, 30);
    // The rest is usual: depth, colours, and how colours are transformed.
    bits.put(1, 1);
    bits.put(1, 1);
    let mut bytes = bits.into_bytes();
    bytes.extend_from_slice(rest);
    bytes
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, NotAnImage, TooManyPixels, TooMuchMemory};
    vec![
        bomb("HEIC with boxes of noise", Damaged, || {
            [
                part(b"ftyp", b"heic\0\0\0\0mif1"),
                b"\xff\xff\xff\xffmeta".to_vec(),
                noise(10_000),
            ]
            .concat()
        }),
        bomb("AVIF with boxes of noise", Damaged, || {
            [part(b"ftyp", b"avif\0\0\0\0mif1"), part(b"meta", &noise(10_000))].concat()
        }),
        bomb("HEIC of boxes without a size", Damaged, || {
            [part(b"ftyp", b"heic\0\0\0\0mif1"), vec![0; 10_000_000]].concat()
        }),
        bomb("HEIC whose boxes say 60,000 pixels a side", Damaged, || {
            fixture("heic-bomb-size.heic")
        }),
        bomb("HEIC of a grid of 28,000 pixels a side", TooManyPixels, || {
            fixture("heic-bomb-grid.heic")
        }),
        bomb("HEIC with more pixels coded than said", Damaged, || {
            fixture("heic-bomb-coded.heic")
        }),
        bomb("AVIF whose boxes say 60,000 pixels a side", TooManyPixels, || {
            fixture("avif-bomb-size.avif")
        }),
        bomb("AVIF of a grid of 28,000 pixels a side", TooManyPixels, || {
            fixture("avif-bomb-grid.avif")
        }),
        bomb("AVIF with more pixels coded than said", Damaged, || {
            fixture("avif-bomb-coded.avif")
        }),
        bomb("half a HEIC", Damaged, || cut(fixture("noise.heic"), 50)),
        bomb("half an AVIF", Damaged, || cut(fixture("noise.avif"), 50)),
        bomb("half a JPEG XL", Damaged, || cut(fixture("noise.jxl"), 50)),
        bomb("AVIF that is itself, turned", Damaged, || {
            let link = part(b"dimg", b"\0\x01\0\x01\0\x01");
            with(one(b"iden"), part(b"iref", &[vec![0; 4], link].concat()))
        }),
        bomb("AVIF of itself as its tile", Damaged, || {
            let link = part(b"dimg", b"\0\x01\0\x01\0\x01");
            with(one(b"grid"), part(b"iref", &[vec![0; 4], link].concat()))
        }),
        bomb("AVIF with places of 2^32 items", Damaged, || {
            with(one(b"av01"), part(b"iloc", b"\x02\0\0\0\0\0\0\0\xff\xff\xff\xff"))
        }),
        bomb("AVIF with a million pieces of nothing", Damaged, || {
            let places = [&b"\0\0\0\0\0\0\0\x10"[..], &b"\0\x01\0\0\xff\xff".repeat(16)].concat();
            with(one(b"av01"), part(b"iloc", &places))
        }),
        bomb(
            "AVIF with pieces that are the whole file, 60,000 times",
            Damaged,
            || {
                let piece = b"\0\0\0\0\0\0\x40\0".repeat(60_000);
                let places = [&b"\0\0\0\0\x44\0\0\x01\0\x01\0\0\xea\x60"[..], &piece].concat();
                with(one(b"av01"), part(b"iloc", &places))
            },
        ),
        bomb("AVIF with properties of 2^32 items", Damaged, || {
            let owners = part(b"ipma", b"\0\0\0\0\xff\xff\xff\xff");
            with(one(b"av01"), part(b"iprp", &owners))
        }),
        bomb("AVIF with a million properties", Damaged, || {
            let properties = part(b"ipco", &part(b"free", b"").repeat(1_000_000));
            with(one(b"av01"), part(b"iprp", &properties))
        }),
        bomb("AVIF with a million items", Damaged, || {
            let entry = part(b"infe", b"\x03\0\0\0\0\0\0\x01\0\0av01\0");
            let mut entries = Vec::with_capacity(entry.len() * 1_000_000);
            for number in 0..1_000_000u32 {
                let start = entries.len();
                entries.extend_from_slice(&entry);
                entries[start + 12..start + 16].copy_from_slice(&number.to_be_bytes());
            }
            file(
                b"avif",
                &[part(
                    b"iinf",
                    &[&b"\x01\0\0\0\0\x0f\x42\x40"[..], &entries].concat(),
                )],
            )
        }),
        bomb("HEIF with something else in it", NotAnImage, || {
            file(b"mif1", &one(b"zzzz"))
        }),
        bomb("an image sequence", NotAnImage, || {
            [part(b"ftyp", b"msf1\0\0\0\0hevc"), part(b"moov", &noise(10_000))].concat()
        }),
        bomb("JPEG XL of 2^30 pixels a side", TooManyPixels, || {
            jxl(1 << 30, 1 << 30, &noise(10_000))
        }),
        bomb("JPEG XL of 2^30 pixels in a row", TooManyPixels, || {
            jxl(1, 1 << 30, &noise(10_000))
        }),
        bomb("JPEG XL of 9,000 pixels a side and noise", TooMuchMemory, || {
            jxl(9_000, 9_000, &noise(10_000))
        }),
        bomb("JPEG XL of 1,000 pixels a side and noise", Damaged, || {
            jxl(1_000, 1_000, &noise(10_000))
        }),
        bomb("the header of a JPEG XL", Damaged, || jxl(32, 32, &[])),
    ]
}
