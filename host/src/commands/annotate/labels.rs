//! The labels of faces: what they say, how large they are, and how they are drawn.

use ab_glyph::InvalidFont;
use image::Rgb;

use super::area::Area;
use super::canvas::Canvas;
use super::colour;
use super::placement;
use super::typeface::Face;
use crate::http::answers::{DescribedFace, Gender};

/// Pixels between a label and the edge of the photo.
const MARGIN: i32 = 4;

/// How labels are tried, until all of them find a place: pixels per em, and wording. In the last way, a label that finds
/// none becomes a number beside the face, or nothing.
const WAYS: [(f32, Wording); 4] = [
    (20.0, Wording::Full),
    (17.0, Wording::Full),
    (17.0, Wording::Short),
    (14.0, Wording::Short),
];

#[derive(Clone, Copy)]
enum Wording {
    /// `Person 3  male, 52`
    Full,
    /// `3  M52`
    Short,
}

/// What a label says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    /// The number that people know the person by, alone or in words.
    pub(super) number: String,
    /// Gender and age, as far as known and shown.
    pub(super) details: String,
}

impl Text {
    /// Everything that is known of a face.
    pub(super) fn full(number: usize, face: &DescribedFace) -> Self {
        Text::new(number, face, Wording::Full)
    }

    fn new(number: usize, face: &DescribedFace, wording: Wording) -> Self {
        let (gender, between) = match (wording, face.gender) {
            (Wording::Full, Some(Gender::Female)) => ("female", ", "),
            (Wording::Full, Some(Gender::Male)) => ("male", ", "),
            (Wording::Short, Some(Gender::Female)) => ("F", ""),
            (Wording::Short, Some(Gender::Male)) => ("M", ""),
            (_, None) => ("", ""),
        };
        let age = face.age.map(|age| format!("{between}{age:.0}"));
        let number = match wording {
            Wording::Full => format!("Person {number}"),
            Wording::Short => number.to_string(),
        };
        Text {
            number,
            details: format!("{gender}{}", age.unwrap_or_default()),
        }
    }
}

/// The labels of all faces of a picture, in one size.
pub(super) struct Labels {
    size: f32,
    number: Face,
    details: Face,
    /// For each face its label and the label's place, if it has one.
    pub(super) placed: Vec<Option<(Text, Area)>>,
}

impl Labels {
    /// Places the labels of faces in these areas, within `bounds`.
    pub(super) fn new(
        bounds: Area,
        faces: &[(&DescribedFace, usize)],
        areas: &[Area],
    ) -> Result<Self, InvalidFont> {
        let mut labels = Labels::empty(WAYS[0].0)?;
        for (size, wording) in WAYS {
            labels = Labels::empty(size)?;
            let texts = faces
                .iter()
                .map(|(face, number)| Text::new(*number, face, wording));
            labels.place(bounds, areas, texts.map(Some).collect());
            if labels.placed.iter().all(Option::is_some) {
                return Ok(labels);
            }
        }
        let numbers = faces.iter().zip(&labels.placed).map(|((_, number), label)| {
            label.is_none().then(|| Text {
                number: number.to_string(),
                details: String::new(),
            })
        });
        labels.place(bounds, areas, numbers.collect());
        Ok(labels)
    }

    fn empty(size: f32) -> Result<Self, InvalidFont> {
        Ok(Labels {
            size,
            number: Face::new(size, 700.0)?,
            details: Face::new(size, 500.0)?,
            placed: Vec::new(),
        })
    }

    /// Places those that are given beside those that have a place.
    fn place(&mut self, bounds: Area, areas: &[Area], texts: Vec<Option<Text>>) {
        self.placed.resize(areas.len(), None);
        let taken: Vec<Area> = self.placed.iter().flatten().map(|(_, area)| *area).collect();
        let sizes: Vec<_> = texts
            .iter()
            .map(|text| text.as_ref().map(|text| self.area(text)))
            .collect();
        let places = placement::place(bounds.inflated(-MARGIN), areas, &taken, &sizes);
        for ((label, text), place) in self.placed.iter_mut().zip(texts).zip(places) {
            if let (Some(text), Some(place)) = (text, place) {
                *label = Some((text, place));
            }
        }
    }

    /// Width and height of a label.
    fn area(&self, text: &Text) -> (i32, i32) {
        let width =
            self.number.width(&text.number) + self.before_details(text) + self.details.width(&text.details);
        let height = (1.5 * self.size).round() as i32;
        let width = (width + 2.0 * self.padding()).ceil() as i32;
        (width.max(height), height)
    }

    fn padding(&self) -> f32 {
        0.4 * self.size
    }

    fn before_details(&self, text: &Text) -> f32 {
        if text.details.is_empty() {
            0.0
        } else {
            0.4 * self.size
        }
    }

    /// Draws the label of one face.
    pub(super) fn draw(&self, canvas: &mut Canvas, text: &Text, area: Area, colour: Rgb<u8>) {
        canvas.fill(area, 0.3 * self.size, colour);
        let mut left = area.left as f32 + self.padding();
        if text.details.is_empty() {
            left = area.left as f32 + (area.width() as f32 - self.number.width(&text.number)) / 2.0;
        }
        let baseline = area.top as f32 + (area.height() as f32 + self.number.cap_height()) / 2.0;
        canvas.text(&self.number, &text.number, (left, baseline), colour::INK);
        left += self.number.width(&text.number) + self.before_details(text);
        canvas.text(&self.details, &text.details, (left, baseline), colour::INK);
    }
}
