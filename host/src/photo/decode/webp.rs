//! Lossless pictures in WebP files (RFC 9649), as far as it tells how large the tables of their codes are.
//!
//! A file says how many groups of codes it has by the pixels of a small picture within it, up to 65,536 for a picture
//! of any size, and the decoder makes tables of all before it looks at a pixel: gigabytes of a megabyte.

/// The first symbols of green that are lengths, and numbers of the colour cache.
const LENGTHS: u32 = 256;
const CACHE: u32 = LENGTHS + 24;
const MAX_CACHE_BITS: u32 = 11;

/// The order in which lengths of the code for lengths are written.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Bytes of the tables of all codes of the picture that is decoded, or more than `limit`; `None` when it is damaged, also
/// by a part of another size than the picture has: passing over one takes time by its size, not by its bytes.
pub(super) fn code_bytes(bytes: &[u8], size: (u32, u32), limit: u64) -> Option<u64> {
    const HEADER: usize = 12;
    let of_file = bytes.get(HEADER..)?;
    let (of_frame, frame_size) = first_frame(of_file).unwrap_or((&[], size));
    if frame_size.0 > size.0 || frame_size.1 > size.1 {
        return None;
    }
    let mut most = 0;
    for (place, size) in [(of_file, size), (of_frame, frame_size)] {
        // The decoder reads no more than the first of a kind.
        if let Some((_, content)) = chunks(place).find(|(kind, _)| *kind == b"VP8L") {
            most = most.max(lossless(content, size, limit)?);
        }
        if let Some((_, content)) = chunks(place).find(|(kind, _)| *kind == b"ALPH") {
            most = most.max(transparency(content, size, limit)?);
        }
    }
    Some(most)
}

/// Whether a file says that it is an animation, which is drawn on a canvas.
pub(super) fn is_animated(bytes: &[u8]) -> bool {
    const ANIMATION: u8 = 0x02;
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & ANIMATION != 0)
}

/// The chunks of the first frame of an animation, and its width and height.
fn first_frame(bytes: &[u8]) -> Option<(&[u8], (u32, u32))> {
    /// Place, size, time and flags.
    const HEADER: usize = 16;
    let (_, content) = chunks(bytes).find(|(kind, _)| *kind == b"ANMF")?;
    let (header, frame) = content.split_at_checked(HEADER)?;
    let side = |place: usize| {
        let bytes = [header[place], header[place + 1], header[place + 2], 0];
        u32::from_le_bytes(bytes) + 1
    };
    Some((frame, (side(6), side(9))))
}

/// Chunks in order, the last one perhaps cut off.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let content = &after[..length.min(after.len())];
        // Padded to an even length.
        rest = after.get(length + length % 2..).unwrap_or_default();
        Some((kind, content))
    })
}

/// Of a picture with its own header.
fn lossless(content: &[u8], size: (u32, u32), limit: u64) -> Option<u64> {
    const SIGNATURE: u32 = 0x2F;
    let mut bits = Bits::new(content);
    if bits.take(8)? != SIGNATURE {
        return None;
    }
    let (width, height) = (bits.take(14)? + 1, bits.take(14)? + 1);
    if (width, height) != size {
        return None;
    }
    // Whether there is transparency, and the version.
    bits.take(1 + 3)?;
    bits.table_bytes(width, height, limit)
}

/// Of the picture that holds the transparency of a lossy one; it has its size and no header.
fn transparency(content: &[u8], (width, height): (u32, u32), limit: u64) -> Option<u64> {
    const COMPRESSED: u8 = 1;
    let (head, rest) = content.split_first()?;
    if head & 3 == COMPRESSED {
        Bits::new(rest).table_bytes(width, height, limit)
    } else {
        Some(0)
    }
}

/// Bits, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.place / 8)?;
        let bit = byte >> (self.place % 8) & 1;
        self.place += 1;
        Some(u32::from(bit))
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, place| Some(value | self.bit()? << place))
    }

    /// Passes over the transforms of a picture (section 4), and adds up its groups of codes (section 6.2.2).
    fn table_bytes(&mut self, width: u32, height: u32, limit: u64) -> Option<u64> {
        let mut width = width;
        let mut transforms = 0;
        while self.bit()? == 1 {
            transforms += 1;
            if transforms > 4 {
                return None;
            }
            match self.take(2)? {
                // Predictor and colour, with a value for each block of pixels.
                0 | 1 => {
                    let block = 1 << (self.take(3)? + 2);
                    self.highest_group(width.div_ceil(block), height.div_ceil(block))?;
                }
                // Green is subtracted.
                2 => {}
                // A palette; of a small one, several pixels are in one.
                _ => {
                    let colours = self.take(8)? + 1;
                    self.highest_group(colours, 1)?;
                    width = match colours {
                        0..=2 => width.div_ceil(8),
                        3..=4 => width.div_ceil(4),
                        5..=16 => width.div_ceil(2),
                        _ => width,
                    };
                }
            }
        }
        let cache_bits = self.cache_bits()?;
        let groups = if self.bit()? == 0 {
            1
        } else {
            let block = 1 << (self.take(3)? + 2);
            u64::from(self.highest_group(width.div_ceil(block), height.div_ceil(block))?) + 1
        };
        let mut lengths = [0; CACHE as usize + (1 << MAX_CACHE_BITS)];
        let mut taken = 0;
        for _ in 0..groups {
            for alphabet in alphabets(cache_bits) {
                taken += self.code_bytes(lengths.get_mut(..alphabet)?)?;
            }
            if taken > limit {
                break;
            }
        }
        Some(taken)
    }

    /// Passes over a picture within the file. Gives the highest group that its pixels name by red and green: one that
    /// is written out, since all others are copies of such.
    fn highest_group(&mut self, width: u32, height: u32) -> Option<u32> {
        let cache_bits = self.cache_bits()?;
        let [green, others @ ..] = alphabets(cache_bits);
        let green = self.code(green)?;
        let [red, blue, transparency, distances] = others.map(|alphabet| self.code(alphabet));
        let (red, blue, transparency, distances) = (red?, blue?, transparency?, distances?);
        let mut left = u64::from(width) * u64::from(height);
        let mut highest = 0;
        while left > 0 {
            let symbol = green.read(self)?;
            let pixels = match symbol {
                0..LENGTHS => {
                    let named = red.read(self)? << 8 | symbol;
                    blue.read(self)?;
                    transparency.read(self)?;
                    highest = highest.max(named);
                    1
                }
                LENGTHS..CACHE => {
                    let length = self.prefixed(symbol - LENGTHS)?;
                    let distance = distances.read(self)?;
                    self.prefixed(distance)?;
                    length
                }
                _ => 1,
            };
            left = left.saturating_sub(u64::from(pixels));
        }
        Some(highest)
    }

    /// Bits of the numbers of a colour cache; 0 when there is none.
    fn cache_bits(&mut self) -> Option<u32> {
        if self.bit()? == 0 {
            return Some(0);
        }
        let bits = self.take(4)?;
        (1..=MAX_CACHE_BITS).contains(&bits).then_some(bits)
    }

    /// A length or a distance, whose first bits are a symbol (section 5.2.2).
    fn prefixed(&mut self, symbol: u32) -> Option<u32> {
        if symbol < 4 {
            return Some(symbol + 1);
        }
        let more = (symbol - 2) >> 1;
        let offset = (2 + (symbol & 1)) << more;
        Some(offset + self.take(more)? + 1)
    }

    /// Passes over a code and gives the bytes of its tables; `lengths` is room for its alphabet.
    fn code_bytes(&mut self, lengths: &mut [u8]) -> Option<u64> {
        if self.bit()? == 0 {
            lengths.fill(0);
            self.lengths(lengths)?;
            return Some(table_bytes(&counts(lengths)));
        }
        self.one_bit_symbols(lengths.len())?;
        Some(FIXED_BYTES)
    }

    fn code(&mut self, alphabet: usize) -> Option<Code> {
        if self.bit()? == 0 {
            let mut lengths = vec![0; alphabet];
            self.lengths(&mut lengths)?;
            return Some(Code::new(&lengths));
        }
        let symbols = self.one_bit_symbols(alphabet)?;
        let mut counts = [0; 16];
        counts[1] = symbols.len() as u32;
        Some(Code { counts, symbols })
    }

    /// One symbol, or two of a bit each, the first of which is 0.
    fn one_bit_symbols(&mut self, alphabet: usize) -> Option<Vec<u32>> {
        let two = self.bit()? == 1;
        let first = if self.bit()? == 1 {
            self.take(8)?
        } else {
            self.bit()?
        };
        let mut symbols = vec![first];
        if two {
            symbols.push(self.take(8)?);
        }
        let known = symbols.iter().all(|symbol| (*symbol as usize) < alphabet);
        known.then_some(symbols)
    }

    /// The lengths of a code, themselves coded (section 6.2.1).
    fn lengths(&mut self, lengths: &mut [u8]) -> Option<()> {
        let mut of_lengths = [0; ORDER.len()];
        let written = self.take(4)? as usize + 4;
        for place in ORDER.get(..written)? {
            of_lengths[*place] = self.take(3)? as u8;
        }
        let code = Code::new(&of_lengths);
        let mut symbols = if self.bit()? == 1 {
            let bits = 2 + 2 * self.take(3)?;
            self.take(bits)? + 2
        } else {
            u32::MAX
        };
        let (mut place, mut previous) = (0, 8);
        while place < lengths.len() && symbols > 0 {
            symbols -= 1;
            let symbol = code.read(self)? as u8;
            let (length, times) = match symbol {
                16 => (previous, 3 + self.take(2)?),
                17 => (0, 3 + self.take(3)?),
                18 => (0, 11 + self.take(7)?),
                length => (length, 1),
            };
            let end = place + times as usize;
            lengths.get_mut(place..end)?.fill(length);
            place = end;
            if (1..16).contains(&symbol) {
                previous = symbol;
            }
        }
        Some(())
    }
}

/// The alphabets of green with lengths and the colour cache, red, blue, transparency and distances.
fn alphabets(cache_bits: u32) -> [usize; 5] {
    let cache = if cache_bits == 0 { 0 } else { 1 << cache_bits };
    [CACHE as usize + cache, 256, 256, 256, 40]
}

/// How many symbols have each length.
fn counts(lengths: &[u8]) -> [u32; 16] {
    let mut counts = [0; 16];
    for length in lengths {
        counts[usize::from(*length)] += 1;
    }
    counts[0] = 0;
    counts
}

/// What the decoder keeps of a code besides its tables.
const FIXED_BYTES: u64 = 64;

/// What it keeps of one: a table of up to 1,024 entries, and a tree of what is longer than ten bits.
fn table_bytes(counts: &[u32; 16]) -> u64 {
    const ENTRY: u64 = 4;
    const NODE: u64 = 16;
    const TABLE_BITS: usize = 10;
    if counts.iter().sum::<u32>() < 2 {
        return FIXED_BYTES;
    }
    let longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
    let longer: u32 = counts[TABLE_BITS + 1..].iter().sum();
    FIXED_BYTES + (ENTRY << longest.min(TABLE_BITS)) + 2 * NODE * u64::from(longer)
}

/// A canonical prefix code.
struct Code {
    counts: [u32; 16],
    /// Symbols by their length, then by their value.
    symbols: Vec<u32>,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut symbols: Vec<u32> = (0..)
            .take(lengths.len())
            .filter(|symbol| lengths[*symbol as usize] > 0)
            .collect();
        symbols.sort_by_key(|symbol| lengths[*symbol as usize]);
        Self {
            counts: counts(lengths),
            symbols,
        }
    }

    fn read(&self, bits: &mut Bits<'_>) -> Option<u32> {
        // The only symbol takes no bits.
        if let [only] = self.symbols[..] {
            return Some(only);
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.bit()?;
            if code < first + count {
                return self.symbols.get((index + code - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use image::codecs::webp::WebPEncoder;
    use image::{ImageEncoder as _, RgbaImage};

    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    const LIMIT: u64 = 1 << 30;

    #[test]
    fn pictures_of_encoders_are_read() {
        for (name, size) in [("animated.webp", (48, 32)), ("orientation-6.webp", (32, 48))] {
            let taken = code_bytes(&fixture(name), size, LIMIT).unwrap();
            assert!((320..100_000).contains(&taken), "{name}: {taken}");
        }
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_fn(90, 70, |x, y| image::Rgba([x as u8, y as u8, (x * y) as u8, 255]));
        WebPEncoder::new_lossless(&mut bytes)
            .write_image(&picture, 90, 70, image::ExtendedColorType::Rgba8)
            .unwrap();
        let taken = code_bytes(&bytes, (90, 70), LIMIT).unwrap();
        assert!((320..100_000).contains(&taken), "{taken}");
    }

    /// Bits of numbers, each with its count.
    fn packed(numbers: &[(u32, u32)]) -> Vec<u8> {
        let bits: Vec<u8> = numbers
            .iter()
            .flat_map(|(number, count)| (0..*count).map(move |place| (number >> place & 1) as u8))
            .collect();
        bits.chunks(8)
            .map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit))
            .collect()
    }

    #[test]
    fn every_group_up_to_the_highest_counts() {
        let head = [
            (0x2F, 8),
            (3, 14),
            (3, 14),
            (0, 5),
            (0, 1),
            (1, 1),
            (7, 3),
            (0, 1),
        ];
        // One block of 512 x 512 whose red is 1 and green 2: 259 groups, each of five codes of one symbol.
        let single = |symbol: u32| (0b101 | symbol << 3, 11);
        let block = [single(2), single(1), single(0), single(0), single(0)];
        let groups = [single(0); 5 * 259];
        let whole = packed(&[&head[..], &block, &groups].concat());
        assert_eq!(lossless(&whole, (4, 4), LIMIT), Some(64 * 5 * 259));
        assert!(lossless(&whole, (4, 4), 1_000).is_some_and(|taken| taken > 1_000));
        assert_eq!(lossless(&whole[..whole.len() - 2], (4, 4), LIMIT), None);
        // A distance that there is not, found by a fuzz target.
        let block = [single(2), single(1), single(0), single(0), single(255)];
        assert_eq!(
            lossless(&packed(&[&head[..], &block, &groups].concat()), (4, 4), LIMIT),
            None
        );
    }

    #[test]
    fn long_codes_take_a_tree() {
        // 2,048 symbols of 11 bits.
        assert_eq!(table_bytes(&counts(&[11; 2_048])), 64 + 4_096 + 2_048 * 32);
        assert_eq!(table_bytes(&counts(&[8; 256])), 64 + 1_024);
    }

    #[test]
    fn what_is_cut_off_is_damaged() {
        let whole = fixture("animated.webp");
        assert_eq!(code_bytes(&whole[..100], (48, 32), LIMIT), None);
        assert_eq!(code_bytes(&whole[..10], (48, 32), LIMIT), None);
        for length in 0..whole.len() {
            code_bytes(&whole[..length], (48, 32), LIMIT);
        }
    }
}
