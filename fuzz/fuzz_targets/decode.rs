//! Any bytes as a photo: an answer within its limits, or an error.

#![no_main]

use ai_worker::photo::{DecodeSettings, decode, dimensions};
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
});
