#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use image::Rgb;
use proptest::prelude::*;

use super::*;

/// Red grows to the right, green downwards.
fn gradient(width: u32, height: u32) -> RgbImage {
    let share = |at: u32, of: u32| (f64::from(at) / f64::from(of.max(2) - 1) * 255.0) as u8;
    RgbImage::from_fn(width, height, |x, y| Rgb([share(x, width), share(y, height), 77]))
}

#[test]
fn a_letterbox_keeps_the_shape_and_is_black_up_to_the_next_cell() {
    let made = letterbox(&gradient(800, 410), 640).unwrap();
    assert_eq!(made.image.dimensions(), (640, 352));
    assert!((made.scale - 0.8).abs() < 1e-6);
    assert_eq!(made.image.get_pixel(0, 327)[2], 77);
    assert!(made.image.get_pixel(639, 0)[0] >= 254);
    assert_eq!(*made.image.get_pixel(0, 328), Rgb([0, 0, 0]));
    assert_eq!(*made.image.get_pixel(639, 351), Rgb([0, 0, 0]));
    let exact = letterbox(&gradient(300, 400), 640).unwrap();
    assert_eq!(exact.image.dimensions(), (480, 640));
    // Of a network whose side is no multiple.
    let odd = letterbox(&gradient(300, 300), 100).unwrap();
    assert_eq!(odd.image.dimensions(), (100, 100));
}

#[test]
fn a_letterbox_enlarges_small_and_thin_photos() {
    let one = letterbox(&RgbImage::from_pixel(1, 1, Rgb([9, 8, 7])), 64).unwrap();
    assert!(one.image.pixels().all(|pixel| *pixel == Rgb([9, 8, 7])));
    assert_eq!(one.scale, 64.0);

    let thin = letterbox(&RgbImage::from_pixel(10_000, 1, Rgb([9, 8, 7])), 64).unwrap();
    assert_eq!(*thin.image.get_pixel(63, 0), Rgb([9, 8, 7]));
    assert_eq!(*thin.image.get_pixel(63, 1), Rgb([0, 0, 0]));
}

#[test]
fn nothing_is_made_of_no_pixels() {
    assert!(letterbox(&RgbImage::new(0, 0), 64).is_err());
    assert!(letterbox(&gradient(8, 8), 0).is_err());
    assert!(centre_crop(&RgbImage::new(0, 0), 1.0, 64).is_err());
    assert!(encode_jpeg(&RgbImage::new(0, 0), 85).is_err());
}

#[test]
fn shrinking_averages_instead_of_skipping() {
    let stripes = RgbImage::from_fn(640, 640, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
    let made = letterbox(&stripes, 64).unwrap();
    // At the edges the filter sees one more stripe of one kind than of the other.
    let inner = made
        .image
        .enumerate_pixels()
        .filter(|(x, ..)| (1..63).contains(x));
    for (x, y, pixel) in inner {
        assert!(pixel[0].abs_diff(127) <= 1, "{pixel:?} at {x}, {y}");
    }
}

#[test]
fn a_centre_crop_takes_the_middle() {
    // A middle of 50 x 50 in one colour, in a frame of another.
    let photo = RgbImage::from_fn(200, 100, |x, y| {
        let inside = (75..125).contains(&x) && (25..75).contains(&y);
        if inside {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 250])
        }
    });
    let made = centre_crop(&photo, 0.5, 25).unwrap();
    for (x, y, pixel) in made.enumerate_pixels() {
        // Only the outermost pixels see beyond the edge.
        let rim = [x, y].iter().any(|at| [0, 24].contains(at));
        assert!(pixel[0] >= if rim { 150 } else { 250 }, "{pixel:?} at {x}, {y}");
    }
    let whole = centre_crop(&photo, 1.0, 100).unwrap();
    assert_eq!(*whole.get_pixel(0, 0), Rgb([0, 0, 250]));
    for fraction in [0.0, -1.0, 1.5, f32::NAN] {
        assert!(centre_crop(&photo, fraction, 25).is_err());
    }
}

#[test]
fn the_smallest_middle_is_a_pixel() {
    let photo = RgbImage::from_pixel(3, 5, Rgb([9, 8, 7]));
    for fraction in [f32::MIN_POSITIVE, 1e-21, 0.01] {
        let made = centre_crop(&photo, fraction, 25).unwrap();
        assert!(made.pixels().all(|pixel| *pixel == Rgb([9, 8, 7])), "{fraction}");
    }
}

#[test]
fn the_middle_of_a_photo_made_small_and_the_whole_of_one_stretched() {
    // Blue but for a middle of 100 x 100.
    let photo = RgbImage::from_fn(400, 100, |x, _| {
        if (150..250).contains(&x) {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 250])
        }
    });
    let crop = shorter_side_crop(&photo, 50).unwrap();
    // Only the outermost pixels see beyond the edge.
    let inner = crop.enumerate_pixels().filter(|(x, ..)| (2..48).contains(x));
    for (x, y, pixel) in inner {
        assert_eq!(*pixel, Rgb([250, 0, 0]), "{x}, {y}");
    }
    let upright = image::imageops::rotate90(&photo);
    assert_eq!(
        *shorter_side_crop(&upright, 50).unwrap().get_pixel(25, 5),
        Rgb([250, 0, 0])
    );

    let whole = stretch(&photo, 40).unwrap();
    assert_eq!(*whole.get_pixel(5, 20), Rgb([0, 0, 250]));
    assert_eq!(*whole.get_pixel(20, 20), Rgb([250, 0, 0]));
    for made in [shorter_side_crop(&RgbImage::new(0, 0), 50), stretch(&photo, 0)] {
        assert!(made.is_err());
    }
}

#[test]
fn a_square_crop_is_around_the_face() {
    let face = Rect {
        x1: 100.0,
        y1: 100.0,
        x2: 140.0,
        y2: 150.0,
    };
    let made = square_around(&face, 0.3, (400, 400)).unwrap();
    let expected = CropBox {
        left: 80.0,
        top: 85.0,
        width: 80.0,
        height: 80.0,
    };
    for (got, wanted) in [
        (made.left, expected.left),
        (made.top, expected.top),
        (made.width, expected.width),
        (made.height, expected.height),
    ] {
        assert!((got - wanted).abs() < 1e-4, "{made:?}");
    }
    assert!(square_around(&Rect { x1: f32::NAN, ..face }, 0.3, (400, 400)).is_err());
    assert!(square_around(&face, -0.1, (400, 400)).is_err());
    assert!(square_around(&face, f32::INFINITY, (400, 400)).is_err());
}

#[test]
fn a_thumbnail_is_a_jpeg_of_its_size() {
    let face = Rect {
        x1: -20.0,
        y1: 90.0,
        x2: 40.0,
        y2: 130.0,
    };
    let thumbnail = square_crop(&gradient(100, 120), &face, 0.3, 32).unwrap();
    let bytes = encode_jpeg(&thumbnail, 85).unwrap();
    let again = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
    assert_eq!((again.width(), again.height()), (32, 32));
}

#[test]
fn the_middle_of_a_photo_never_reaches_beyond_its_edge() {
    // 900 pixels divided by 224 and multiplied again are a little more than 900.
    assert!(shorter_side_crop(&RgbImage::new(900, 1_600), 224).is_ok());
}

/// 35 x 32 is enlarged seven times, and the first pixel of the result lies on the second of the photo.
#[test]
fn a_pixel_that_lies_on_another_is_no_reason_to_read_elsewhere() {
    for (width, height) in [(35, 32), (32, 35)] {
        let grey = RgbImage::from_pixel(width, height, Rgb([90, 91, 92]));
        let made = shorter_side_crop(&grey, 224).unwrap();
        assert!(made.pixels().all(|pixel| *pixel == Rgb([90, 91, 92])));
    }
}

#[test]
fn a_zoom_shows_its_square_and_black_beyond_the_photo() {
    let photo = gradient(200, 100);
    let inside = zoom(&photo, 40.0, 20.0, 50.0, 100).unwrap();
    assert_eq!(inside.dimensions(), (100, 100));
    assert!(inside.get_pixel(50, 50)[0].abs_diff(photo.get_pixel(65, 45)[0]) <= 2);
    assert!(inside.get_pixel(50, 50)[1].abs_diff(photo.get_pixel(65, 45)[1]) <= 3);
    let beyond = zoom(&photo, 175.0, 0.0, 50.0, 100).unwrap();
    assert_eq!(beyond.get_pixel(49, 99)[2], 77);
    assert_eq!(*beyond.get_pixel(50, 0), Rgb([0, 0, 0]));
    for (left, side) in [
        (200.0, 10.0),
        (-1.0, 10.0),
        (0.0, 0.0),
        (f32::NAN, 10.0),
        (0.0, f32::INFINITY),
    ] {
        assert!(zoom(&photo, left, 0.0, side, 10).is_err());
    }
    assert!(zoom(&photo, 0.0, 0.0, 10.0, 0).is_err());
}

proptest! {
    #[test]
    fn every_photo_has_a_middle(width in 1u32..700, height in 1u32..700) {
        prop_assert!(shorter_side_crop(&RgbImage::new(width, height), 224).is_ok());
    }

    #[test]
    fn letterbox_scale_fits_the_longer_side(width in 1u32..200, height in 1u32..200, size in 1u32..100) {
        let photo = RgbImage::from_pixel(width, height, Rgb([200, 200, 200]));
        let made = letterbox(&photo, size).unwrap();
        prop_assert!((made.scale * width.max(height) as f32 - size as f32).abs() < 1e-3);
        // Every pixel that the scale says is photo is photo, every other one is black.
        let last = |side: u32| ((f64::from(side) * f64::from(size) / f64::from(width.max(height)))
            .round() as u32).max(1);
        for (x, y, pixel) in made.image.enumerate_pixels() {
            let inside = x < last(width) && y < last(height);
            prop_assert_eq!(pixel[0], if inside { 200 } else { 0 });
        }
    }

    #[test]
    fn square_crops_stay_inside_the_photo(
        x1 in -1e5f32..1e5, y1 in -1e5f32..1e5, x2 in -1e5f32..1e5, y2 in -1e5f32..1e5,
        margin in 0f32..3.0, width in 1u32..300, height in 1u32..300,
    ) {
        let face = Rect { x1, y1, x2, y2 };
        let made = square_around(&face, margin, (width, height)).unwrap();
        prop_assert!(made.left >= 0.0 && made.left + made.width <= f64::from(width) + 1e-9);
        prop_assert!(made.top >= 0.0 && made.top + made.height <= f64::from(height) + 1e-9);
        prop_assert!(made.width >= 1.0 && made.width == made.height);
        let photo = RgbImage::from_pixel(width, height, Rgb([1, 2, 3]));
        let image = square_crop(&photo, &face, margin, 8).unwrap();
        prop_assert!(image.pixels().all(|pixel| *pixel == Rgb([1, 2, 3])));
    }
}

#[test]
fn a_letterbox_of_a_part_begins_at_its_corner() {
    let photo = gradient(800, 400);
    let part = Rect {
        x1: 400.0,
        y1: 100.0,
        x2: 600.0,
        y2: 150.0,
    };
    let made = letterbox_part(&photo, &part, 400).unwrap();
    assert_eq!((made.image.dimensions(), made.scale), ((400, 128), 2.0));
    let close = |a: u8, b: u8| a.abs_diff(b) <= 1;
    assert!(close(made.image.get_pixel(0, 0)[0], photo.get_pixel(400, 100)[0]));
    assert!(close(
        made.image.get_pixel(398, 98)[1],
        photo.get_pixel(599, 149)[1]
    ));
    assert_eq!(*made.image.get_pixel(0, 100), Rgb([0, 0, 0]));
    let beyond = Rect { x2: 801.0, ..part };
    assert!(letterbox_part(&photo, &beyond, 400).is_err());
}
