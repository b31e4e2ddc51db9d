//! Images to run networks on when there is no photo.

use image::{Rgb, RgbImage};

/// Where the grids of detectors end, a side is a multiple of this many pixels.
pub(super) const COARSEST_CELL: u32 = 32;

/// An image that has smooth parts and noise, always the same for the same seed.
pub(super) fn image(width: u32, height: u32, seed: u32) -> RgbImage {
    let mut state = 0x9e37_79b9 ^ seed;
    RgbImage::from_fn(width, height, |x, y| {
        // Marsaglia's xorshift of 32 bits.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [noise, ..] = state.to_le_bytes();
        // `as` is right: a ramp within a byte.
        let ramp = |place: u32, side: u32| (place * 255 / side) as u8;
        Rgb([
            ramp(x, width),
            ramp(y, height) / 2 + noise / 4,
            noise / (1 + seed as u8),
        ])
    })
}
