//! Whatever the bytes are, decoding ends without a panic and within its limits.
#![no_main]

use ai_worker::photo::{DecodeSettings, decode};
use libfuzzer_sys::fuzz_target;

const SETTINGS: DecodeSettings = DecodeSettings {
    max_pixels: 1 << 20,
    max_side: 4_096,
    max_memory: 32 << 20,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(photo) = decode(bytes, &SETTINGS) {
        let (width, height) = photo.dimensions();
        assert!(width > 0 && height > 0);
        assert!(width <= SETTINGS.max_side && height <= SETTINGS.max_side);
        assert!(u64::from(width) * u64::from(height) <= SETTINGS.max_pixels);
    }
});
