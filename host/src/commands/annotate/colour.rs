//! The colours of annotated pictures. The console and `/docs` have the same.

use image::Rgb;

/// Text on any person's colour.
pub(super) const INK: Rgb<u8> = Rgb([13, 17, 23]);
/// Behind everything that is not photo.
pub(super) const PANEL: Rgb<u8> = Rgb([14, 17, 22]);
/// Behind a tag.
pub(super) const CHIP: Rgb<u8> = Rgb([35, 41, 51]);
/// Text on the panel and on a tag.
pub(super) const TEXT: Rgb<u8> = Rgb([232, 235, 240]);
/// Text on the panel that matters less.
pub(super) const MUTED: Rgb<u8> = Rgb([163, 173, 187]);

/// Degrees of hue from one number to the next: the golden angle, which comes near no earlier hue for as long as possible.
const HUE_STEP: f64 = 137.507_764_050_037_85;
const FIRST_HUE: f64 = 140.0;
/// Lightness wanders through these, so that persons of a like hue differ in it. All of them carry dark text.
const LIGHTNESS: std::ops::Range<f64> = 0.64..0.84;
const LIGHTNESS_STEP: f64 = 0.0615;
const MOST_CHROMA: f64 = 0.17;

/// The colour of a person, by the number that people know them by: different for the first 1,000, and always with a
/// contrast of more than 4.5 to 1 to [`INK`]. Chosen in OKLCH, where equal steps look equal (Ottosson 2020).
pub(super) fn person(number: usize) -> Rgb<u8> {
    let number = number as f64;
    let hue = ((FIRST_HUE + number * HUE_STEP) % 360.0).to_radians();
    let lightness = LIGHTNESS.start + (LIGHTNESS.end - LIGHTNESS.start) * ((number * LIGHTNESS_STEP) % 1.0);
    let mut chroma = MOST_CHROMA;
    if !displayable(linear(lightness, chroma, hue)) {
        let (mut low, mut high) = (0.0, chroma);
        for _ in 0..12 {
            let middle = f64::midpoint(low, high);
            if displayable(linear(lightness, middle, hue)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        chroma = low;
    }
    Rgb(linear(lightness, chroma, hue).map(encoded))
}

/// Linear red, green and blue of OKLCH; beyond 0 to 1 where sRGB does not have the colour.
fn linear(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let middle = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short,
    ]
}

fn displayable(colour: [f64; 3]) -> bool {
    colour.iter().all(|value| (-1e-9..=1.0 + 1e-9).contains(value))
}

fn encoded(value: f64) -> u8 {
    let value = value.clamp(0.0, 1.0);
    let encoded = if value <= 0.003_130_8 {
        12.92 * value
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    };
    (255.0 * encoded).round() as u8
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// After WCAG 2, from 1 to 21.
    fn contrast(one: Rgb<u8>, other: Rgb<u8>) -> f64 {
        let luminance = |colour: Rgb<u8>| {
            let [red, green, blue] = colour.0.map(|byte| {
                let value = f64::from(byte) / 255.0;
                if value <= 0.040_45 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_is_legible_on_the_first_thousand_people_and_no_two_share_a_colour() {
        let mut seen = HashSet::new();
        for number in 0..=1_000 {
            let colour = person(number);
            assert!(contrast(INK, colour) >= 4.5, "{number}: {colour:?}");
            assert!(contrast(PANEL, colour) >= 4.5, "{number}: {colour:?}");
            assert!(number == 0 || seen.insert(colour), "{number}: {colour:?}");
        }
        // Numbers made of cluster ids are as large as this.
        for number in (0..1 << 24).step_by(9_973) {
            assert!(contrast(INK, person(number)) >= 4.5, "{number}");
        }
    }

    #[test]
    fn text_of_the_panel_is_legible() {
        for (text, ground) in [(TEXT, PANEL), (TEXT, CHIP), (MUTED, PANEL)] {
            assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
        }
    }

    /// The console computes the same colours, which this keeps from drifting apart.
    #[test]
    fn the_colours_are_those_of_the_console() {
        for (number, colour) in [
            (0, [0x4b, 0xa4, 0x35]),
            (1, [0x79, 0x81, 0xf5]),
            (2, [0xde, 0x72, 0x00]),
            (30, [0xd3, 0xac, 0xff]),
            (1_000, [0x8c, 0xbe, 0x36]),
            (0xd9_9cff, [0xa6, 0x94, 0xff]),
        ] {
            assert_eq!(person(number), Rgb(colour), "{number}");
        }
    }
}
