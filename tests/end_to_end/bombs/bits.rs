//! Parts that several formats are made of.

use std::io::Read;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Bits, the lowest of each byte first, as WebP and GIF have them.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of a value, at most 32.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().unwrap();
            *last |= ((value >> bit & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// What zlib makes of so many times the same byte.
pub(super) fn zlib_run(byte: u8, length: u64) -> Vec<u8> {
    deflated(std::io::repeat(byte).take(length))
}

/// What zlib makes of these bytes.
pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    deflated(bytes)
}

fn deflated(mut content: impl Read) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut content, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// Bytes without a pattern, the same at each run.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(17);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

/// The first part of a file.
pub(super) fn cut(mut bytes: Vec<u8>, percent: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() * percent / 100);
    bytes
}
