//! JPEG (ITU-T T.81), WebP (RFC 9649) and HEIF (ISO/IEC 23008-12) files.

use super::{Bomb, named};

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], content].concat()
}

/// A frame header: 8 bits, these sampling factors.
fn frame(marker: u8, width: u16, height: u16, factors: &[u8]) -> Vec<u8> {
    let mut content = vec![8];
    content.extend(height.to_be_bytes());
    content.extend(width.to_be_bytes());
    content.push(factors.len() as u8);
    for (index, factor) in factors.iter().enumerate() {
        content.extend([index as u8 + 1, *factor, 0]);
    }
    segment(marker, &content)
}

/// A scan of these components and spectral band, with data.
fn scan(components: &[u8], band: [u8; 3], data: &[u8]) -> Vec<u8> {
    let mut content = vec![components.len() as u8];
    content.extend(components.iter().flat_map(|component| [*component, 0]));
    content.extend(band);
    [segment(0xda, &content), data.to_vec()].concat()
}

/// One table of each kind: factors of 1; one code, of one bit, for nothing to come.
fn tables() -> Vec<u8> {
    let mut quantization = vec![0];
    quantization.extend([1; 64]);
    let code = |class: u8| {
        let mut table = vec![class << 4, 1];
        table.extend([0; 16]);
        segment(0xc4, &table)
    };
    [segment(0xdb, &quantization), code(0), code(1)].concat()
}

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"\xff\xd8", &parts.concat()[..], b"\xff\xd9"].concat()
}

pub(super) fn jpeg(whole: &[u8]) -> Vec<Bomb> {
    const BASELINE: u8 = 0xc0;
    const PROGRESSIVE: u8 = 0xc2;
    const ALL: [u8; 3] = [0, 63, 0];
    let data = vec![0; 10_000];
    let three = [0x11, 0x11, 0x11];
    let scans = |count: usize| vec![scan(&[1], [0, 0, 0], &data); count].concat();
    let after_start = |parts: &[Vec<u8>]| [&whole[..2], &parts.concat(), &whole[2..]].concat();
    let mut bombs: Vec<Bomb> = [
        ("largest", BASELINE, 65_535, 65_535, &three[..]),
        ("square", BASELINE, 9_999, 9_999, &three),
        ("within-limits", BASELINE, 7_900, 7_900, &three),
        ("wide", BASELINE, 65_535, 1, &three),
        ("tall", BASELINE, 1, 65_535, &three),
        ("no-height", BASELINE, 100, 0, &three),
        ("no-width", BASELINE, 0, 100, &three),
        ("progressive", PROGRESSIVE, 8_000, 8_000, &three),
        ("progressive-within-limits", PROGRESSIVE, 4_700, 4_700, &three),
        ("progressive-grey", PROGRESSIVE, 6_000, 6_000, &[0x11]),
        ("four-components", BASELINE, 5_000, 5_000, &[0x11; 4]),
        ("factors-4", BASELINE, 7_900, 7_900, &[0x44, 0x11, 0x11]),
        ("factors-0", BASELINE, 100, 100, &[0x00, 0x11, 0x11]),
        ("factors-15", BASELINE, 100, 100, &[0xff, 0xff, 0xff]),
        ("no-components", BASELINE, 100, 100, &[]),
        ("many-components", BASELINE, 100, 100, &[0x11; 255]),
        ("lossless", 0xc3, 5_000, 5_000, &three),
        ("arithmetic", 0xc9, 5_000, 5_000, &three),
    ]
    .into_iter()
    .map(|(name, marker, width, height, factors)| {
        let components: Vec<u8> = (1..=factors.len().min(4) as u8).collect();
        let parts = [
            tables(),
            frame(marker, width, height, factors),
            scan(&components, ALL, &data),
        ];
        named(format!("{name}.jpg"), file(&parts))
    })
    .collect();
    bombs.extend([
        named(
            "thousand-scans.jpg",
            file(&[tables(), frame(PROGRESSIVE, 4_000, 4_000, &three), scans(1_000)]),
        ),
        named(
            "ninety-scans.jpg",
            file(&[tables(), frame(PROGRESSIVE, 4_500, 4_500, &three), scans(90)]),
        ),
        named(
            "no-tables.jpg",
            file(&[frame(BASELINE, 100, 100, &three), scan(&[1, 2, 3], ALL, &data)]),
        ),
        named("no-frame.jpg", file(&[tables(), scan(&[1], ALL, &data)])),
        named(
            "two-frames.jpg",
            file(&[
                tables(),
                frame(BASELINE, 10, 10, &three),
                frame(BASELINE, 60_000, 60_000, &three),
            ]),
        ),
        named(
            "codes.jpg",
            file(&[segment(0xc4, &[0xff; 1_000]), frame(BASELINE, 10, 10, &three)]),
        ),
        named("restarts.jpg", after_start(&[segment(0xdd, &[0, 1])])),
        named(
            "metadata.jpg",
            after_start(&vec![segment(0xe5, &[7; 65_000]); 200]),
        ),
        named("profile.jpg", after_start(&profile())),
        named("exif-loop.jpg", after_start(&[segment(0xe1, &exif_loop())])),
        named("comments.jpg", after_start(&vec![segment(0xfe, b""); 500_000])),
        named("markers.jpg", after_start(&[vec![0xff; 4 << 20]])),
        named("start-only.jpg", b"\xff\xd8\xff".to_vec()),
        named("end-only.jpg", b"\xff\xd8\xff\xd9".to_vec()),
    ]);
    bombs
}

/// A colour profile in as many parts as there can be, none of which is one.
fn profile() -> Vec<Vec<u8>> {
    (1..=255)
        .map(|part: u8| {
            let mut content = b"ICC_PROFILE\0".to_vec();
            content.extend([part, 255]);
            content.resize(40_000, part);
            segment(0xe2, &content)
        })
        .collect()
}

/// EXIF whose directory is followed by itself, with an entry longer than anything.
fn exif_loop() -> Vec<u8> {
    let mut content = b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0".to_vec();
    content.extend(b"\x12\x01\x03\0\xff\xff\xff\xff\x08\0\0\0");
    content.extend(8_u32.to_le_bytes());
    content
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut content = b"WEBP".to_vec();
    for (name, data) in chunks {
        content.extend(*name);
        content.extend((data.len() as u32).to_le_bytes());
        content.extend(data);
        content.resize(content.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &(content.len() as u32).to_le_bytes()[..], &content].concat()
}

/// The head of a file with a canvas; `flags` of what it holds.
fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut content = vec![flags, 0, 0, 0];
    content.extend(&(width - 1).to_le_bytes()[..3]);
    content.extend(&(height - 1).to_le_bytes()[..3]);
    content
}

/// A lossless picture of this size, with data that may mean anything.
fn lossless(width: u32, height: u32, data: u8) -> Vec<u8> {
    let mut content = vec![0x2f];
    content.extend(((width - 1) | (height - 1) << 14).to_le_bytes());
    content.extend([data; 2_000]);
    content
}

/// A lossy key frame of this size, with data that may mean anything.
fn lossy(width: u16, height: u16, data: u8) -> Vec<u8> {
    let mut content = vec![0x10, 0xfa, 0, 0x9d, 0x01, 0x2a];
    content.extend(width.to_le_bytes());
    content.extend(height.to_le_bytes());
    content.extend([data; 2_000]);
    content
}

pub(super) fn webp() -> Vec<Bomb> {
    const ANIMATED: u8 = 2;
    const PROFILE: u8 = 32;
    let animation = || (b"ANIM", vec![0; 6]);
    let animated_frame = |size: u32| {
        let mut content = vec![0; 6];
        content.extend(&size.to_le_bytes()[..3]);
        content.extend(&size.to_le_bytes()[..3]);
        content.extend([0; 4]);
        content.extend(riff(&[(b"VP8L", lossless(16, 16, 0))])[12..].to_vec());
        (b"ANMF", content)
    };
    let mut bombs = Vec::new();
    for data in [0, 0x55, 0xff] {
        bombs.extend([
            named(
                format!("lossless-{data}.webp"),
                riff(&[(b"VP8L", lossless(16_384, 16_384, data))]),
            ),
            named(
                format!("lossless-within-limits-{data}.webp"),
                riff(&[(b"VP8L", lossless(4_900, 4_900, data))]),
            ),
            named(
                format!("lossy-{data}.webp"),
                riff(&[(b"VP8 ", lossy(16_383, 16_383, data))]),
            ),
            named(
                format!("lossy-within-limits-{data}.webp"),
                riff(&[(b"VP8 ", lossy(5_100, 5_100, data))]),
            ),
        ]);
    }
    bombs.extend([
        named(
            "canvas.webp",
            riff(&[
                (b"VP8X", canvas(0, 1 << 24, 1 << 24)),
                (b"VP8L", lossless(16, 16, 0)),
            ]),
        ),
        named(
            "canvas-within-limits.webp",
            riff(&[
                (b"VP8X", canvas(ANIMATED, 4_900, 4_900)),
                animation(),
                animated_frame(15),
            ]),
        ),
        named(
            "frame-larger-than-canvas.webp",
            riff(&[
                (b"VP8X", canvas(ANIMATED, 16, 16)),
                animation(),
                animated_frame(0x00ff_ffff),
            ]),
        ),
        named(
            "many-frames.webp",
            riff(
                &[
                    vec![(b"VP8X", canvas(ANIMATED, 16, 16)), animation()],
                    vec![animated_frame(15); 1_000],
                ]
                .concat(),
            ),
        ),
        named(
            "profile.webp",
            riff(&[
                (b"VP8X", canvas(PROFILE, 16, 16)),
                (b"ICCP", vec![7; 8 << 20]),
                (b"VP8L", lossless(16, 16, 0)),
            ]),
        ),
        named(
            "length.webp",
            b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff\x2f".to_vec(),
        ),
        named("no-chunks.webp", riff(&[])),
        named("many-chunks.webp", riff(&vec![(b"JUNK", vec![]); 200_000])),
    ]);
    bombs
}

/// A box: its length, its name, what is in it.
fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes(), &name[..], content].concat()
}

/// A file of this brand with one item of a kind, which says that it has a size, and which is `data`.
fn item(brand: &[u8; 4], kind: &[u8; 4], size: (u32, u32), data: &[u8]) -> Vec<u8> {
    let file_type = boxed(b"ftyp", &[&brand[..], b"\0\0\0\0", brand, b"mif1"].concat());
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let primary = boxed(b"pitm", b"\0\0\0\0\0\x01");
    let entry = boxed(b"infe", &[b"\x02\0\0\0\0\x01\0\0", &kind[..], b"\0"].concat());
    let items = boxed(b"iinf", &[b"\0\0\0\0\0\x01", &entry[..]].concat());
    let length = u32::try_from(data.len()).unwrap();
    let place = [
        b"\x01\0\0\0\x44\0\0\x01\0\x01\0\x01\0\0\0\x01\0\0\0\0",
        &length.to_be_bytes()[..],
    ]
    .concat();
    let extent = boxed(
        b"ispe",
        &[[0; 4], size.0.to_be_bytes(), size.1.to_be_bytes()].concat(),
    );
    let configuration = boxed(b"av1C", &[0x81, 0, 0x0c, 0]);
    let properties = boxed(
        b"iprp",
        &[
            boxed(b"ipco", &[extent, configuration].concat()),
            boxed(b"ipma", b"\0\0\0\0\0\0\0\x01\0\x01\x02\x01\x02"),
        ]
        .concat(),
    );
    let parts = [
        b"\0\0\0\0".to_vec(),
        handler,
        primary,
        items,
        boxed(b"iloc", &place),
        properties,
        boxed(b"idat", data),
    ];
    [file_type, boxed(b"meta", &parts.concat())].concat()
}

pub(super) fn heif() -> Vec<Bomb> {
    // A grid of 256 x 256 tiles.
    let grid = [
        &[0, 1, 255, 255][..],
        &u32::MAX.to_be_bytes(),
        &u32::MAX.to_be_bytes(),
    ]
    .concat();
    let nested = (0..1_000).fold(Vec::new(), |inner, _| {
        boxed(b"meta", &[b"\0\0\0\0", &inner[..]].concat())
    });
    let avif = |size| {
        item(
            b"avif",
            b"av01",
            size,
            &[0x12, 0, 0x0a, 0x0a, 0, 0, 0, 0, 0xff, 0xff],
        )
    };
    let start = boxed(b"ftyp", b"avif\0\0\0\0avifmif1");
    vec![
        named("largest.avif", avif((u32::MAX, u32::MAX))),
        named("square.avif", avif((65_535, 65_535))),
        named("within-limits.avif", avif((5_000, 5_000))),
        named("no-size.avif", avif((0, 0))),
        named("grid.avif", item(b"avif", b"grid", (60_000, 60_000), &grid)),
        named(
            "grid-within-limits.avif",
            item(b"avif", b"grid", (5_000, 5_000), &grid),
        ),
        named(
            "overlay.heic",
            item(b"heic", b"iovl", (5_000, 5_000), &[0xff; 64]),
        ),
        named("itself.heic", item(b"heic", b"iden", (5_000, 5_000), &[])),
        named("unknown.heic", item(b"heic", b"zzzz", (10, 10), &[0; 64])),
        named("no-meta.heic", boxed(b"ftyp", b"heic\0\0\0\0heicmif1")),
        named("nested.avif", [start.clone(), nested].concat()),
        named(
            "length.avif",
            [start.clone(), b"\xff\xff\xff\xffmeta".to_vec()].concat(),
        ),
        named(
            "long-length.avif",
            [
                start.clone(),
                b"\0\0\0\x01meta\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            ]
            .concat(),
        ),
        named(
            "many-boxes.avif",
            [start, boxed(b"free", b"").repeat(200_000)].concat(),
        ),
    ]
}
