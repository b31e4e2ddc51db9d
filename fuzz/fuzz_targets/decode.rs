//! Any bytes as a photo: an answer within its limits, or an error; as a whole, reduced, and a part of it.

#![no_main]

use ai_worker::domain::Rect;
use ai_worker::photo::{DecodeSettings, Look, Photo, decode, dimensions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let settings = DecodeSettings {
        max_pixels: 1 << 18,
        max_side: 2_048,
        // A small AVIF takes 5 MiB.
        max_memory: 16 << 20,
        max_metadata: 1 << 20,
        max_scans: 10,
    };
    let size = dimensions(bytes, &settings);
    if let Ok(photo) = decode(bytes, &settings) {
        let (width, height) = photo.dimensions();
        assert!(u64::from(width) * u64::from(height) <= settings.max_pixels);
        assert!(width <= settings.max_side && height <= settings.max_side);
        // The room for it is reserved by what its header says; turning it keeps the number of pixels.
        let (said_width, said_height) = size.expect("what can be decoded has a header");
        assert_eq!(said_width * said_height, width * height);
    }
    // Of so small an overview nearly every photo is reduced.
    let look = Look {
        longer: 16,
        shorter: 1,
    };
    if let Ok(photo) = Photo::read(bytes.to_vec().into(), &settings, look) {
        let (width, height) = photo.dimensions();
        // A place that depends on the photo, beyond its edges for some.
        let (left, top) = (width as f32 * 0.4, height as f32 * 0.6);
        let rect = Rect {
            x1: left,
            y1: top,
            x2: left + 40.0,
            y2: top + 30.0,
        };
        for scale in [1.0, 2.0, 4.0] {
            if let Ok(Some(part)) = photo.closer(&rect, scale) {
                assert!(part.pixels().width() > 0 && part.pixels().height() > 0);
            }
        }
    }
});
