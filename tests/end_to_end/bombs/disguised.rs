//! Files of other kinds, which the photo server calls `image/jpeg`.

use std::io::Read;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::bits::noise;
use super::{Answer, Bomb, bomb};

fn gzip(mut content: impl Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut content, &mut encoder).unwrap();
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

/// The boxes of a film, and noise.
fn film() -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftypisom\0\0\0\0iso2avc1".to_vec();
    file.extend(b"\xff\xff\xff\xffmeta");
    file.extend(noise(10_000));
    file
}

pub(super) fn bombs() -> Vec<Bomb> {
    use Answer::{Damaged, Empty, NotAnImage, TooLarge};
    vec![
        bomb("a page", NotAnImage, || {
            b"<!DOCTYPE html><html><body>503</body></html>".to_vec()
        }),
        bomb("a page of 40 MB", NotAnImage, || {
            b"<!DOCTYPE html>".repeat(2_700_000)
        }),
        bomb("a drawing", NotAnImage, || {
            b"<svg xmlns='http://www.w3.org/2000/svg' width='9e9' height='9e9'/>".to_vec()
        }),
        bomb("a billion entities", NotAnImage, entities),
        bomb("a document", NotAnImage, || {
            [b"%PDF-1.7\n".to_vec(), noise(10_000)].concat()
        }),
        bomb("JSON", NotAnImage, || br#"{"error": "not found"}"#.to_vec()),
        bomb("100,000 open brackets", NotAnImage, || vec![b'['; 100_000]),
        bomb("an archive", NotAnImage, || {
            [b"PK\x03\x04".to_vec(), noise(10_000)].concat()
        }),
        bomb("gzip of 1 GiB", NotAnImage, || {
            gzip(std::io::repeat(0).take(1 << 30))
        }),
        bomb("gzip of a photo", NotAnImage, || gzip(&photo()[..])),
        bomb("zstd", NotAnImage, || {
            [b"\x28\xb5\x2f\xfd".to_vec(), noise(10_000)].concat()
        }),
        bomb("a program", NotAnImage, || {
            [b"\x7fELF\x02\x01\x01".to_vec(), noise(10_000)].concat()
        }),
        bomb("WebAssembly", NotAnImage, || b"\0asm\x01\0\0\0".to_vec()),
        bomb("a film", NotAnImage, film),
        bomb("noise", NotAnImage, || noise(10_000_000)),
        bomb("one byte", NotAnImage, || vec![0xff]),
        bomb("a photo after a line feed", NotAnImage, || {
            [b"\n".to_vec(), photo()].concat()
        }),
        bomb("PNM of 2^32 pixels a side", NotAnImage, || {
            b"P6 4294967295 4294967295 255\n".to_vec()
        }),
        bomb("farbfeld of 2^32 pixels a side", NotAnImage, || {
            b"farbfeld\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()
        }),
        bomb("QOI of 2^32 pixels a side", NotAnImage, || {
            b"qoif\xff\xff\xff\xff\xff\xff\xff\xff\x03\0".to_vec()
        }),
        bomb("an icon of 65,535 pictures", NotAnImage, || {
            [&b"\0\0\x01\0\xff\xff"[..], &noise(10_000)].concat()
        }),
        bomb("a texture", NotAnImage, || {
            [b"DDS \x7c\0\0\0".to_vec(), vec![255; 120]].concat()
        }),
        bomb("high dynamic range", NotAnImage, || {
            b"#?RADIANCE\n\n-Y 99999 +X 99999\n".to_vec()
        }),
        bomb("OpenEXR", NotAnImage, || {
            [&b"\x76\x2f\x31\x01"[..], &noise(10_000)].concat()
        }),
        bomb("layers", NotAnImage, || {
            [&b"8BPS\0\x01"[..], &noise(10_000)].concat()
        }),
        bomb("JPEG 2000", NotAnImage, || b"\0\0\0\x0cjP  \r\n\x87\n".to_vec()),
        bomb("a BigTIFF of its header alone", Damaged, || {
            b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec()
        }),
        bomb("nothing", Empty, Vec::new),
        bomb("one byte more than allowed", TooLarge, || vec![0; 52_428_801]),
    ]
}
