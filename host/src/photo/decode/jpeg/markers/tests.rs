#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use super::*;

#[test]
fn the_head_is_as_usual_or_not() {
    let comment = b"\xff\xfe\x00\x04ab";
    let table = [&b"\xff\xdb\xff\xff"[..], &[0; 65_533]].concat();
    let head = |parts: &[u8]| {
        [
            b"\xff\xd8",
            parts,
            b"\xff\xda\x00\x02",
            &[0; 2_000_000],
            b"\xff\xd9",
        ]
        .concat()
    };
    assert!(has_usual_head(&head(&comment.repeat(10_000))));
    assert!(!has_usual_head(&head(&comment.repeat(10_001))));
    assert!(has_usual_head(&head(&table.repeat(15))));
    assert!(!has_usual_head(&head(&table.repeat(17))));
    assert!(!has_usual_head(&head(&[&[0xff; 1 << 20][..], comment].concat())));
    // A large profile.
    let profile = [&b"\xff\xe2\xff\xff"[..], &[0; 65_533]].concat();
    assert!(has_usual_head(&head(&profile.repeat(255))));
}

fn frame_of(marker: u8, factors: &[u8], in_scan: u8) -> Vec<u8> {
    let components = factors.len() as u8;
    let mut file = b"\xff\xd8\xff".to_vec();
    file.extend([marker, 0, 8 + 3 * components, 8, 0, 100, 0, 200, components]);
    for factor in factors {
        file.extend([1, *factor, 0]);
    }
    file.extend([0xff, 0xda, 0, 3, in_scan, 0xff, 0xd9]);
    file
}

#[test]
fn samples_are_counted_in_whole_units() {
    let samples = |factors: &[u8]| Frame::of(&frame_of(0xC0, factors, 3)).unwrap().samples();
    // 4:2:0 of 200 x 100 is 13 x 7 units of 16 x 16, with 6 blocks of 64 samples each.
    assert_eq!(samples(&[0x22, 0x11, 0x11]), 13 * 7 * 6 * 64);
    // 4:4:4 is 25 x 13 units of 8 x 8, with 3 blocks.
    assert_eq!(samples(&[0x11, 0x11, 0x11]), 25 * 13 * 3 * 64);
    assert_eq!(samples(&[0x11]), 25 * 13 * 64);
    let strange = frame_of(0xC2, &[0xff, 0x00, 0x11], 1);
    for length in 0..strange.len() {
        let _ = Frame::of(&strange[..length]).map(|frame| frame.samples());
    }
}

#[test]
fn what_is_not_decoded_is_called_by_its_name() {
    let said = |bytes: &[u8]| match Frame::of(bytes) {
        Err(PhotoError::UnsupportedKind(what)) => what.into_owned(),
        other => panic!("{other:?}"),
    };
    let colour = &[0x22, 0x11, 0x11];
    for marker in [0xC3, 0xCB] {
        assert_eq!(said(&frame_of(marker, colour, 3)), "a lossless JPEG");
    }
    for marker in [0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF] {
        assert_eq!(said(&frame_of(marker, colour, 3)), "a hierarchical JPEG");
    }
    assert_eq!(said(&frame_of(0xF7, colour, 3)), "a JPEG-LS picture");
    let mut deep = frame_of(0xC1, colour, 3);
    deep[6] = 12;
    assert_eq!(said(&deep), "a JPEG with 12 bits per sample");
    let finer = frame_of(0xC0, &[0x11, 0x22, 0x22], 3);
    assert_eq!(said(&finer), "a JPEG whose colour is finer than its brightness");
}

#[test]
fn the_first_exif_segment_counts() {
    let exif = |value: u8| {
        let block = [
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[value, 0, 0, 0][..],
        ]
        .concat();
        [&b"\xff\xe1"[..], &(block.len() as u16 + 2).to_be_bytes(), &block].concat()
    };
    let none = [&b"\xff\xe1\x00\x10"[..], b"Exif\0\0II*\0\x08\0\0\0"].concat();
    let file =
        |segments: &[&[u8]]| [b"\xff\xd8", &segments.concat()[..], b"\xff\xda\0\x03\x01\xff\xd9"].concat();
    for (segments, expected) in [
        (vec![&exif(6)[..], &exif(1)], Orientation::Rotate90),
        (vec![&exif(1)[..], &exif(6)], Orientation::NoTransforms),
        (vec![&exif(6)[..], &none], Orientation::Rotate90),
        (vec![&none[..], &exif(6)], Orientation::NoTransforms),
        (vec![b"\xff\xe1\0\x06http", &exif(8)[..]], Orientation::Rotate270),
        (vec![], Orientation::NoTransforms),
    ] {
        assert_eq!(orientation(&file(&segments)), expected, "{segments:?}");
    }
}

#[test]
fn the_end_marker_may_have_zeros_after_it() {
    assert!(ends(b"ab\xff\xd9") && ends(b"ab\xff\xd9\0\0\0"));
    assert!(!ends(b"ab\xff\xd9c") && !ends(b"ab\xff") && !ends(b"\0\0") && !ends(b""));
}
