//! Files of other kinds, which the photo server calls `image/jpeg`.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::bits::noise;
use super::{Answer, Bomb, bomb};

fn gzip_run(length: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn photo() -> Vec<u8> {
    let mut file = Vec::new();
    let photo = image::RgbImage::from_raw(64, 64, noise(3 * 64 * 64)).unwrap();
    image::codecs::jpeg::JpegEncoder::new(&mut file)
        .encode_image(&photo)
        .unwrap();
    file
}

/// Entities of entities: a billion of the innermost.
fn entities() -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE svg [<!ENTITY e0 \"lol\">");
    for level in 1..10 {
        let inner = format!("&e{};", level - 1).repeat(10);
        text += &format!("<!ENTITY e{level} \"{inner}\">");
    }
    (text + "]>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><text>&e9;</text></svg>").into_bytes()
}

/// A box file of a brand.
fn boxes(brand: &[u8; 4]) -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftyp".to_vec();
    file.extend(brand);
    file.extend(b"\0\0\0\0mif1miaf");
    file.extend(b"\xff\xff\xff\xffmeta");
    file.extend(noise(10_000));
    file
}

type Make = Box<dyn FnOnce() -> Vec<u8>>;

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Empty, NotAnImage, TooLarge};
    let kinds: Vec<(&'static str, Make)> = vec![
        (
            "a page",
            Box::new(|| b"<!DOCTYPE html><html><body>503</body></html>".to_vec()),
        ),
        (
            "a page of 40 MB",
            Box::new(|| b"<!DOCTYPE html>".repeat(2_700_000)),
        ),
        (
            "a drawing",
            Box::new(|| b"<svg xmlns='http://www.w3.org/2000/svg' width='9e9' height='9e9'/>".to_vec()),
        ),
        ("a billion entities", Box::new(entities)),
        (
            "a document",
            Box::new(|| [b"%PDF-1.7\n".to_vec(), noise(10_000)].concat()),
        ),
        ("JSON", Box::new(|| br#"{"error": "not found"}"#.to_vec())),
        ("100,000 open brackets", Box::new(|| vec![b'['; 100_000])),
        (
            "an archive",
            Box::new(|| [b"PK\x03\x04".to_vec(), noise(10_000)].concat()),
        ),
        ("gzip of 1 GiB", Box::new(|| gzip_run(1 << 30))),
        ("gzip of a photo", Box::new(|| gzip(&photo()))),
        (
            "zstd",
            Box::new(|| [b"\x28\xb5\x2f\xfd".to_vec(), noise(10_000)].concat()),
        ),
        (
            "a program",
            Box::new(|| [b"\x7fELF\x02\x01\x01".to_vec(), noise(10_000)].concat()),
        ),
        ("WebAssembly", Box::new(|| b"\0asm\x01\0\0\0".to_vec())),
        ("a film", Box::new(|| boxes(b"isom"))),
        ("noise", Box::new(|| noise(10_000_000))),
        ("one byte", Box::new(|| vec![0xff])),
        (
            "a photo after a line feed",
            Box::new(|| [b"\n".to_vec(), photo()].concat()),
        ),
        (
            "PNM of 2^32 pixels a side",
            Box::new(|| b"P6 4294967295 4294967295 255\n".to_vec()),
        ),
        (
            "farbfeld of 2^32 pixels a side",
            Box::new(|| b"farbfeld\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ),
        (
            "QOI of 2^32 pixels a side",
            Box::new(|| b"qoif\xff\xff\xff\xff\xff\xff\xff\xff\x03\0".to_vec()),
        ),
        (
            "an icon of 65,535 pictures",
            Box::new(|| [&b"\0\0\x01\0\xff\xff"[..], &noise(10_000)].concat()),
        ),
        (
            "a texture",
            Box::new(|| [b"DDS \x7c\0\0\0".to_vec(), vec![255; 120]].concat()),
        ),
        (
            "high dynamic range",
            Box::new(|| b"#?RADIANCE\n\n-Y 99999 +X 99999\n".to_vec()),
        ),
        (
            "OpenEXR",
            Box::new(|| [&b"\x76\x2f\x31\x01"[..], &noise(10_000)].concat()),
        ),
        (
            "layers",
            Box::new(|| [&b"8BPS\0\x01"[..], &noise(10_000)].concat()),
        ),
        (
            "JPEG XL",
            Box::new(|| [&b"\xff\x0a"[..], &noise(10_000)].concat()),
        ),
        ("JPEG 2000", Box::new(|| b"\0\0\0\x0cjP  \r\n\x87\n".to_vec())),
        (
            "a TIFF of 64 bits",
            Box::new(|| b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec()),
        ),
    ];
    let mut bombs: Vec<Bomb> = kinds
        .into_iter()
        .map(|(name, make)| bomb(name, NotAnImage, make))
        .collect();
    bombs.extend([
        bomb("HEIC", NotAnImage, || boxes(b"heic")),
        bomb("AVIF", NotAnImage, || boxes(b"avif")),
        bomb("nothing", Empty, Vec::new),
        bomb("one byte more than allowed", TooLarge, || vec![0; 52_428_801]),
    ]);
    bombs
}
