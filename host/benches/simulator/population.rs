//! Families in photos, as vectors.
//!
//! A face is `retention * person + rest`, normalised, where the person is a direction of its own with a share that all
//! people have in common, in a space of as few dimensions as spreads strangers as they are measured to be; the retention
//! of a photo gives the similarity of two photos of one person and its spread. A poor face is moved towards one of a few
//! directions that all poor faces share. A person who grows up turns from one direction into another; a sibling is a
//! direction beside the other's. Each of these is set to a measured similarity (`fit.rs`); those that the photos do not
//! show are set to the nearest thing that they do show: a child resembles the adult as little as the least alike two
//! photos of one person, a sibling the other as much as one pair of strangers in a hundred.

use ai_worker::domain::Embedding;

use crate::fit::Figures;
use test_support::measuring::agreement::{Random, shuffle};

const FAMILIES: usize = 90;
/// Photos of a family: this many and up to as many more.
const PHOTOS: usize = 12;
/// Of ten people one grows up in their photos.
const CHILDHOODS: usize = 10;
/// Of ten faces this many are poor.
const POOR_OF_TEN: usize = 2;
/// Directions of blur.
const BLURS: usize = 3;

/// One face in one photo.
pub(crate) struct Shot {
    pub(crate) person: usize,
    /// Shots of one photo follow one another.
    pub(crate) photo: usize,
    pub(crate) quality: f32,
    pub(crate) embedding: Embedding,
}

/// Everybody, in the order in which their photos arrive.
pub(crate) struct Population {
    pub(crate) shots: Vec<Shot>,
    pub(crate) siblings: Vec<(usize, usize)>,
    childhoods: Vec<bool>,
}

struct Person {
    adult: Vec<f64>,
    child: Option<Vec<f64>>,
}

impl Population {
    /// Draws a population; the same number gives the same one.
    pub(crate) fn draw(figures: &Figures, dimension: usize, number: u64) -> Self {
        let mut draw = Draw::new(figures, dimension, number);
        let (mut people, mut families, mut siblings) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..FAMILIES {
            let first = people.len();
            let size = 2 + draw.random.below(4);
            for member in 0..size {
                // The children of a family of three and more are siblings.
                let adult = if member >= 3 {
                    siblings.push((people.len() - 1, people.len()));
                    let elder: &Person = &people[people.len() - 1];
                    draw.beside(&elder.adult.clone(), draw.sibling)
                } else {
                    draw.person()
                };
                let grows = draw.random.below(CHILDHOODS) == 0;
                let child = grows.then(|| draw.beside(&adult.clone(), draw.childhood));
                people.push(Person { adult, child });
            }
            families.push(first..people.len());
        }
        let mut photos: Vec<Vec<(usize, f64)>> = Vec::new();
        for family in &families {
            for _ in 0..PHOTOS + draw.random.below(PHOTOS) {
                let mut members: Vec<usize> = family.clone().collect();
                shuffle(&mut members, &mut draw.random);
                members.truncate(1 + draw.random.below(members.len()));
                if draw.random.below(10) == 0 {
                    // A visitor.
                    let visitor = draw.random.below(people.len());
                    if !members.contains(&visitor) {
                        members.push(visitor);
                    }
                }
                let age = draw.random.below(1_000) as f64 / 1_000.0;
                photos.push(members.into_iter().map(|member| (member, age)).collect());
            }
        }
        shuffle(&mut photos, &mut draw.random);
        let mut shots = Vec::new();
        for (photo, members) in photos.into_iter().enumerate() {
            for (member, age) in members {
                let (quality, embedding) = draw.shot(&people[member], age);
                shots.push(Shot {
                    person: member,
                    photo,
                    quality,
                    embedding,
                });
            }
        }
        Self {
            shots,
            siblings,
            childhoods: people.iter().map(|person| person.child.is_some()).collect(),
        }
    }

    pub(crate) fn people(&self) -> usize {
        self.childhoods.len()
    }

    pub(crate) fn photos(&self) -> usize {
        self.shots.last().map_or(0, |last| last.photo + 1)
    }

    pub(crate) fn has_relatives_or_childhood(&self, person: usize) -> bool {
        let is_sibling = self
            .siblings
            .iter()
            .any(|(one, other)| *one == person || *other == person);
        is_sibling || self.childhoods[person]
    }
}

/// What the figures come to.
struct Draw {
    random: Random,
    dimension: usize,
    /// Dimensions in which people differ.
    spread: usize,
    /// Similarity of two people without their photos' noise.
    common: f64,
    /// Mean and deviation of a photo's retention.
    retention: (f64, f64),
    /// Similarity of the child and the adult, and of siblings, without noise.
    childhood: f64,
    sibling: f64,
    /// Shares of the clear face and of the blur in a poor face.
    poor: (f64, f64),
    blurs: Vec<Vec<f64>>,
    quality: (f64, f64),
}

impl Draw {
    fn new(figures: &Figures, dimension: usize, number: u64) -> Self {
        let same = figures.same.0;
        let kept = figures.poor_share;
        let shift = (figures.poor_different - kept * kept * figures.different.0)
            .max(0.0)
            .sqrt();
        let mut draw = Self {
            random: Random(number * 2 + 1),
            dimension,
            spread: ((same / figures.different.1).powi(2).round() as usize).clamp(8, dimension),
            common: (figures.different.0 / same).max(0.0),
            retention: (same.sqrt(), figures.same.1 / (2.0 * same).sqrt()),
            childhood: figures.least_same / same,
            sibling: figures.most_different / same,
            poor: (kept, shift.min((1.0 - kept * kept).sqrt())),
            blurs: Vec::new(),
            quality: figures.quality,
        };
        draw.blurs = (0..BLURS).map(|_| draw.direction(dimension)).collect();
        // The directions of blur lie near one another: poor strangers resemble each other whatever made them poor.
        let first = draw.blurs[0].clone();
        for blur in &mut draw.blurs[1..] {
            *blur = unit(
                blur.iter()
                    .zip(&first)
                    .map(|(own, first)| 0.3 * own + first)
                    .collect(),
            );
        }
        draw
    }

    /// A standard normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let uniform = |random: &mut Random| (random.below(1 << 30) as f64 + 0.5) / f64::from(1 << 30);
        let (one, other) = (uniform(&mut self.random), uniform(&mut self.random));
        (-2.0 * one.ln()).sqrt() * (2.0 * std::f64::consts::PI * other).cos()
    }

    /// A random direction in the first dimensions.
    fn direction(&mut self, dimensions: usize) -> Vec<f64> {
        let values = (0..self.dimension).map(|index| if index < dimensions { self.normal() } else { 0.0 });
        unit(values.collect())
    }

    /// A new person: what all people share is the last dimension.
    fn person(&mut self) -> Vec<f64> {
        let own = self.direction(self.spread.min(self.dimension - 1));
        let mut person: Vec<f64> = own
            .iter()
            .map(|value| value * (1.0 - self.common).sqrt())
            .collect();
        person[self.dimension - 1] = self.common.sqrt();
        person
    }

    /// A direction with this similarity to another.
    fn beside(&mut self, other: &[f64], similarity: f64) -> Vec<f64> {
        let stranger = self.person();
        let along: f64 = other.iter().zip(&stranger).map(|(a, b)| a * b).sum();
        let away = unit(
            stranger
                .iter()
                .zip(other)
                .map(|(own, other)| own - along * other)
                .collect(),
        );
        let rest = (1.0 - similarity * similarity).sqrt();
        other
            .iter()
            .zip(&away)
            .map(|(other, away)| similarity * other + rest * away)
            .collect()
    }

    /// The quality and the vector of a person's face; `age` is 0 for a child and 1 for an adult, for those who grow up.
    fn shot(&mut self, person: &Person, age: f64) -> (f32, Embedding) {
        let direction = match &person.child {
            Some(child) => unit(
                child
                    .iter()
                    .zip(&person.adult)
                    .map(|(child, adult)| (1.0 - age) * child + age * adult)
                    .collect(),
            ),
            None => person.adult.clone(),
        };
        let retention = (self.retention.0 + self.retention.1 * self.normal()).clamp(0.3, 0.99);
        let noise = self.direction(self.dimension);
        let rest = (1.0 - retention * retention).sqrt();
        let mut face = unit(
            direction
                .iter()
                .zip(&noise)
                .map(|(own, noise)| retention * own + rest * noise)
                .collect(),
        );
        let is_poor = self.random.below(10) < POOR_OF_TEN;
        if is_poor {
            let blur = self.blurs[self.random.below(BLURS)].clone();
            let noise = self.direction(self.dimension);
            let (kept, shift) = self.poor;
            let rest = (1.0 - kept * kept - shift * shift).max(0.0).sqrt();
            let mixed = face
                .iter()
                .zip(&blur)
                .zip(&noise)
                .map(|((face, blur), noise)| kept * face + shift * blur + rest * noise);
            face = unit(mixed.collect());
        }
        let mean = if is_poor { self.quality.1 } else { self.quality.0 };
        let bounds = if is_poor { (0.05, 0.49) } else { (0.5, 1.0) };
        let quality = (mean + 0.1 * self.normal()).clamp(bounds.0, bounds.1);
        let values = face.into_iter().map(|value| value as f32).collect();
        (quality as f32, Embedding::normalised(values).unwrap())
    }
}

fn unit(values: Vec<f64>) -> Vec<f64> {
    let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    values.into_iter().map(|value| value / norm).collect()
}
