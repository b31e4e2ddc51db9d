//! Decoded planes of brightness and colour, and the way from them to RGB (ITU-T H.273).

/// Numbers of H.273 that say what the values of a picture mean; 2 is "not said".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cicp {
    pub(super) primaries: u8,
    pub(super) transfer: u8,
    pub(super) matrix: u8,
    /// Whether values go from 0 to the highest; else with room below and above (16 to 235 of 255).
    pub(super) full_range: bool,
}

/// Copies a row of a plane (0: brightness, 1 and 2: colour); none where there is no such row.
pub(super) type Rows = Box<dyn Fn(usize, u32, &mut Vec<u16>) -> Option<()>>;

/// A decoded picture or tile.
pub(super) struct Planes {
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Bits of a value, 8 to 16.
    pub(super) depth: u8,
    /// By how many bits columns and rows of colour are fewer; none for a grey picture.
    pub(super) colour: Option<(u8, u8)>,
    /// What the coded picture says itself.
    pub(super) cicp: Cicp,
    pub(super) rows: Rows,
}

/// Bits behind the point in the numbers below.
const FRACTION: u32 = 16;

/// From three planes to red, green and blue of 0 to 255: the values less `offsets`, times these.
struct Conversion {
    highest: u16,
    offsets: [i32; 3],
    factors: [[i32; 3]; 3],
}

impl Conversion {
    fn new(depth: u8, cicp: Cicp) -> Self {
        let highest = ((1u32 << depth) - 1) as f32;
        let unit = (1u32 << (depth - 8)) as f32;
        let (black, span, colour_span) = match cicp.full_range {
            true => (0.0, highest, highest),
            false => (16.0 * unit, 219.0 * unit, 224.0 * unit),
        };
        let middle = 128.0 * unit;
        let fixed = |factor: f32, span: f32| (factor * 255.0 / span * (1 << FRACTION) as f32).round() as i32;
        let (bright, colour) = (|f| fixed(f, span), |f| fixed(f, colour_span));
        let one = bright(1.0);
        match cicp.matrix {
            // Green, blue and red as they are.
            0 => Self {
                highest: highest as u16,
                offsets: [black as i32; 3],
                factors: [[0, 0, one], [one, 0, 0], [0, one, 0]],
            },
            // YCgCo
            8 => Self {
                highest: highest as u16,
                offsets: [black as i32, middle as i32, middle as i32],
                factors: [
                    [one, -colour(1.0), colour(1.0)],
                    [one, colour(1.0), 0],
                    [one, -colour(1.0), -colour(1.0)],
                ],
            },
            _ => {
                let (red, blue) = weights(cicp);
                let green = 1.0 - red - blue;
                Self {
                    highest: highest as u16,
                    offsets: [black as i32, middle as i32, middle as i32],
                    factors: [
                        [one, 0, colour(2.0 * (1.0 - red))],
                        [
                            one,
                            -colour(2.0 * (1.0 - blue) * blue / green),
                            -colour(2.0 * (1.0 - red) * red / green),
                        ],
                        [one, colour(2.0 * (1.0 - blue)), 0],
                    ],
                }
            }
        }
    }

    fn pixel(&self, values: [u16; 3]) -> [u8; 3] {
        let [a, b, c] =
            [0, 1, 2].map(|plane| i32::from(values[plane].min(self.highest)) - self.offsets[plane]);
        self.factors.map(|[for_a, for_b, for_c]| {
            let sum = for_a * a + for_b * b + for_c * c;
            ((sum + (1 << (FRACTION - 1))) >> FRACTION).clamp(0, 255) as u8
        })
    }
}

/// What red and blue weigh in brightness. ITU-R BT.601 where nothing is said, as other decoders take it.
fn weights(cicp: Cicp) -> (f32, f32) {
    match (cicp.matrix, cicp.primaries) {
        (1, _) | (12, 1) => (0.2126, 0.0722),
        (4, _) => (0.3, 0.11),
        (7, _) | (12, 7) => (0.212, 0.087),
        (9 | 10, _) | (12, 9) => (0.2627, 0.0593),
        // Display P3, by its primaries.
        (12, 11 | 12) => (0.229, 0.0793),
        _ => (0.299, 0.114),
    }
}

/// Whether a matrix of H.273 is one that [`Planes::convert`] knows, or takes BT.601 for.
pub(super) fn is_known(matrix: u8) -> bool {
    matches!(matrix, 0..=10 | 12)
}

impl Planes {
    /// Hands over the RGB pixels of every row from the top, within a width and height. None where the planes end early.
    pub(super) fn convert(
        &self,
        size: (u32, u32),
        cicp: Cicp,
        mut take: impl FnMut(u32, &[[u8; 3]]),
    ) -> Option<()> {
        // A grey picture is one without a matrix, whatever is said of it.
        let matrix = self.colour.map_or(2, |_| cicp.matrix);
        let conversion = Conversion::new(self.depth, Cicp { matrix, ..cicp });
        let width = size.0.min(self.size.0) as usize;
        let mut rows: [Vec<u16>; 3] = Default::default();
        let mut pixels = Vec::with_capacity(width);
        for row in 0..size.1.min(self.size.1) {
            (self.rows)(0, row, &mut rows[0])?;
            pixels.clear();
            if let Some((across, down)) = self.colour {
                if row & ((1 << down) - 1) == 0 {
                    (self.rows)(1, row >> down, &mut rows[1])?;
                    (self.rows)(2, row >> down, &mut rows[2])?;
                }
                let [bright, blue, red] = &rows;
                let pairs = bright.get(..width)?.chunks(1 << across).zip(blue.iter().zip(red));
                for (bright, (blue, red)) in pairs {
                    let values = bright.iter().map(|bright| [*bright, *blue, *red]);
                    pixels.extend(values.map(|values| conversion.pixel(values)));
                }
            } else {
                let middle = 1 << (self.depth - 1);
                let values = rows[0].get(..width)?.iter();
                pixels.extend(values.map(|bright| conversion.pixel([*bright, middle, middle])));
            }
            if pixels.len() != width {
                return None;
            }
            take(row, &pixels);
        }
        Some(())
    }

    /// Hands over how opaque the pixels of every row are, 0 to 255. All values count, whatever range the file names.
    pub(super) fn opacity(&self, size: (u32, u32), mut take: impl FnMut(u32, &[u8])) -> Option<()> {
        let width = size.0.min(self.size.0) as usize;
        let highest = (1u32 << self.depth) - 1;
        let mut values = Vec::new();
        let mut opaque = Vec::with_capacity(width);
        for row in 0..size.1.min(self.size.1) {
            (self.rows)(0, row, &mut values)?;
            opaque.clear();
            // Rounded; at most 255, so `as` loses nothing.
            let scaled = |value: &u16| ((u32::from(*value).min(highest) * 255 + highest / 2) / highest) as u8;
            opaque.extend(values.get(..width)?.iter().map(scaled));
            take(row, &opaque);
        }
        Some(())
    }
}
