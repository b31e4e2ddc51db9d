//! The typeface: how wide text is, where it breaks, and its glyphs' coverage.

use ab_glyph::{Font as _, FontRef, GlyphId, InvalidFont, PxScale, ScaleFont as _, VariableFont as _, point};

/// Plus Jakarta Sans, Latin only (SIL Open Font License 1.1, beside the file).
const FILE: &[u8] = include_bytes!("../../../assets/font/plus-jakarta-sans.ttf");

/// What is added to a space, which is narrow in this typeface, in ems.
const WORD_SPACE: f32 = 0.06;

/// The typeface in one weight and size.
pub(super) struct Face {
    font: FontRef<'static>,
    scale: PxScale,
    /// In pixels.
    word_space: f32,
}

impl Face {
    /// `size` in pixels per em; `weight` 400 to 700.
    pub(super) fn new(size: f32, weight: f32) -> Result<Self, InvalidFont> {
        let mut font = FontRef::try_from_slice(FILE)?;
        font.set_variation(b"wght", weight);
        let per_em = font.units_per_em().unwrap_or(1_000.0);
        let scale = PxScale::from(size * font.height_unscaled() / per_em);
        Ok(Face {
            font,
            scale,
            word_space: WORD_SPACE * size,
        })
    }

    /// From the baseline up to the top of capital letters and digits, in pixels.
    pub(super) fn cap_height(&self) -> f32 {
        let digit = self.glyph('0').with_scale(self.scale);
        let bounds = self.font.outline_glyph(digit).map(|glyph| glyph.px_bounds());
        bounds.map_or(0.0, |bounds| -bounds.min.y)
    }

    /// In pixels.
    pub(super) fn width(&self, text: &str) -> f32 {
        self.walk(text, |_, _| {})
    }

    /// Calls with the place of each pixel that the text covers, and with how much of it, 0 to 1. `left` and `baseline` are
    /// where the text begins.
    pub(super) fn draw(&self, text: &str, left: f32, baseline: f32, mut pixel: impl FnMut(i32, i32, f32)) {
        self.walk(text, |glyph, x| {
            let glyph = glyph.with_scale_and_position(self.scale, point(left + x, baseline));
            if let Some(outline) = self.font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                let (left, top) = (corner.x as i32, corner.y as i32);
                outline.draw(|x, y, cover| pixel(left + x as i32, top + y as i32, cover));
            }
        });
    }

    /// Lines of at most `width` pixels, broken between words, within a word only if it is too wide for a line.
    pub(super) fn wrapped(&self, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.len() - 1;
            let joined = if lines[line].is_empty() {
                word.to_owned()
            } else {
                format!("{} {word}", lines[line])
            };
            if self.width(&joined) <= width {
                lines[line] = joined;
                continue;
            }
            if !lines[line].is_empty() {
                lines.push(String::new());
            }
            for character in word.chars() {
                let line = lines.len() - 1;
                let mut longer = lines[line].clone();
                longer.push(character);
                if lines[line].is_empty() || self.width(&longer) <= width {
                    lines[line] = longer;
                } else {
                    lines.push(character.to_string());
                }
            }
        }
        lines
    }

    /// The glyph of a character, or of a question mark where the typeface lacks it.
    fn glyph(&self, character: char) -> GlyphId {
        match self.font.glyph_id(character) {
            GlyphId(0) => self.font.glyph_id('?'),
            glyph => glyph,
        }
    }

    /// Calls with each glyph and its distance from the start, and returns that of the end.
    fn walk(&self, text: &str, mut visit: impl FnMut(GlyphId, f32)) -> f32 {
        let font = self.font.as_scaled(self.scale);
        let mut x = 0.0;
        let mut last = None;
        for character in text.chars() {
            let glyph = self.glyph(character);
            x += last.map_or(0.0, |last| font.kern(last, glyph));
            visit(glyph, x);
            x += font.h_advance(glyph);
            if character == ' ' {
                x += self.word_space;
            }
            last = Some(glyph);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn bold_text_is_wider_and_pairs_are_kerned() {
        let width = |weight, text: &str| Face::new(100.0, weight).unwrap().width(text);
        assert!(width(700.0, "people") > width(400.0, "people"));
        assert!(width(400.0, "To") < width(400.0, "T") + width(400.0, "o"));
    }

    #[test]
    fn a_character_that_the_typeface_lacks_is_a_question_mark() {
        let face = Face::new(20.0, 600.0).unwrap();
        let drawn = |text: &str| {
            let mut pixels = Vec::new();
            face.draw(text, 0.0, 20.0, |x, y, cover| pixels.push((x, y, cover)));
            pixels
        };
        assert!(!drawn("?").is_empty());
        assert_eq!(drawn("人"), drawn("?"));
        assert_ne!(drawn("é"), drawn("?"));
    }

    #[test]
    fn lines_keep_every_character_and_their_width() {
        let face = Face::new(20.0, 600.0).unwrap();
        let long = "x".repeat(200);
        for text in [
            "",
            "potret seorang laki-laki berpakaian resmi di depan umum",
            &long,
        ] {
            let lines = face.wrapped(text, 180.0);
            assert!(lines.iter().all(|line| face.width(line) <= 180.0), "{lines:?}");
            let joined = lines.join(if text.contains(' ') { " " } else { "" });
            assert_eq!(joined, text);
        }
        assert!(face.wrapped(&long, 180.0).len() > 5);
        // Too narrow for any character: one a line.
        assert_eq!(face.wrapped("abc", 1.0), ["a", "b", "c"]);
    }
}
